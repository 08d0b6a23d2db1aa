package demo_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/app/chat"
	"parley/app/demo"
	"parley/app/postgres"
	"parley/app/postgres/postgrestest"
	"parley/test/wait"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// messagesOf reads all messages of a person of the cast, each as
// "title|seq|sender|body|time before noon", and checks their order and texts.
func messagesOf(t *testing.T, s *postgres.Store, name string) (all []string) {
	t.Helper()
	ctx := context.Background()

	who := person(t, s, name).ID
	list, err := s.Conversations(ctx, who, chat.ConversationQuery{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}

	for _, c := range list.Conversations {
		var previous time.Time

		for after := int64(0); after < c.LastSeq; {
			page, _, err := s.Messages(ctx, who, c.ID, chat.Range{After: &after, Limit: 100})
			if err != nil {
				t.Fatal(err)
			}

			for _, m := range page {
				if *m.Seq != after+1 || m.SentAt.Before(previous) || m.SentAt.After(noon) {
					t.Fatalf("%s: seq %d at %v follows seq %d at %v", c.Title, *m.Seq, m.SentAt, after, previous)
				}

				if strings.ContainsAny(m.Body, "{}") {
					t.Errorf("a slot is left in %q", m.Body)
				}

				after, previous = *m.Seq, m.SentAt.Time
				all = append(all, fmt.Sprint(c.Title, "|", after, "|", m.Sender.Name, "|", m.Body, "|", noon.Sub(previous)))
			}
		}
	}

	return all
}

func person(t *testing.T, s *postgres.Store, name string) chat.Person {
	t.Helper()
	identity := chat.Identity{Provider: chat.ProviderDev, Subject: chat.FoldName(name), Name: name}

	p, err := s.Account(context.Background(), identity)
	if err != nil {
		t.Fatal(err)
	}

	return p
}

func TestSeed(t *testing.T) {
	t.Parallel()

	ctx, s := context.Background(), postgrestest.New(t)
	if err := demo.Seed(ctx, s, noon); err != nil {
		t.Fatal(err)
	}

	total := 0
	for _, m := range demo.Cast {
		total += len(messagesOf(t, s, m.Name))
	}

	if total != 2*5000 || len(demo.Cast) != 30 { // each message is read by two people
		t.Errorf("%d messages of %d people, want 5000 of 30", total/2, len(demo.Cast))
	}

	checkNoor(t, s)

	before := messagesOf(t, s, "Noor Haddad")
	if err := demo.Seed(ctx, s, noon.Add(time.Hour)); !errors.Is(err, demo.ErrSeeded) {
		t.Errorf("second run: error %v, want ErrSeeded", err)
	}

	if after := messagesOf(t, s, "Noor Haddad"); !slices.Equal(before, after) {
		t.Error("a second run changed the messages")
	}
}

// checkNoor checks what a visitor sees who signs in as Noor.
func checkNoor(t *testing.T, s *postgres.Store) {
	t.Helper()
	ctx, noor := context.Background(), person(t, s, "Noor Haddad")

	counts, err := s.Counts(ctx, noor.ID, noor.ID)
	if err != nil || counts.Unread != 4 || counts.Requests != 2 {
		t.Errorf("counts %+v, error %v; want 4 unread messages and 2 requests", counts, err)
	}

	requests, err := s.Requests(ctx, noor.ID, noon.Add(-chat.DeclineHiddenFor), nil)
	if err != nil || len(requests.Incoming) != 2 || requests.Incoming[0].Person.Name != "Maryam Nazari" ||
		len(requests.Outgoing) != 1 {
		t.Errorf("requests %+v, error %v", requests, err)
	}

	if blocked, err := s.Blocked(ctx, noor.ID); err != nil || len(blocked) != 1 {
		t.Errorf("blocked %v, error %v; want one person", blocked, err)
	}

	list, err := s.Conversations(ctx, noor.ID, chat.ConversationQuery{Limit: 3})
	if err != nil || list.Conversations[0].Title != "Ida Brandt" ||
		!strings.HasSuffix(list.Conversations[0].LastMessage.Body, "second hook") || list.Conversations[1].Unread != 3 {
		t.Errorf("first conversations %+v, error %v", list.Conversations, err)
	}
}

// TestSeedCompletesAnInterruptedRun checks that the result is that of a run which
// was not interrupted.
func TestSeedCompletesAnInterruptedRun(t *testing.T) {
	t.Parallel()

	whole, interrupted := postgrestest.New(t), postgrestest.New(t)
	if err := demo.Seed(context.Background(), whole, noon); err != nil {
		t.Fatal(err)
	}

	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- demo.Seed(ctx, interrupted, noon) }()
	noor := person(t, interrupted, "Noor Haddad")
	wait.Until(t, "half of the seed is stored", func() bool {
		list, err := interrupted.Conversations(context.Background(), noor.ID, chat.ConversationQuery{Limit: 50})
		return err == nil && len(list.Conversations) >= 5
	})
	cancel()

	if err := <-ended; err == nil {
		t.Fatal("the run was not interrupted")
	}

	if err := demo.Seed(context.Background(), interrupted, noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}

	got, want := messagesOf(t, interrupted, "Noor Haddad"), messagesOf(t, whole, "Noor Haddad")
	if !slices.Equal(got, want) {
		t.Errorf("%d messages, want the same %d as from one run", len(got), len(want))
	}
}

// TestOthersAreThePeopleBesideTheCast in an empty database, in a seeded one, and with
// one person more.
func TestOthersAreThePeopleBesideTheCast(t *testing.T) {
	ctx := t.Context()
	s := postgrestest.New(t)
	expect := func(want int64) {
		t.Helper()
		if n, err := demo.Others(ctx, s); err != nil || n != want {
			t.Errorf("%d others, %v, want %d", n, err, want)
		}
	}

	expect(0)

	noor := chat.Identity{Provider: chat.ProviderDev, Subject: chat.FoldName(demo.Cast[0].Name), Name: "Noor Haddad"}
	if _, err := s.Account(ctx, noor); err != nil {
		t.Fatal(err)
	}
	expect(0)

	noor.Provider = "google"
	if _, err := s.Account(ctx, noor); err != nil {
		t.Fatal(err)
	}
	expect(1)
}
