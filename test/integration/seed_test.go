package integration

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

var seedNoon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// everythingOf reads all that a person of the seed has: each message as "title|seq|sender|body|minutes before the end".
func everythingOf(t *testing.T, s *postgres.Store, name string) (all []string) {
	t.Helper()
	ctx := context.Background()
	p := seeded(t, s, name)
	list, err := s.Conversations(ctx, p.ID, chat.ConversationQuery{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list.Conversations {
		var previous time.Time
		for after := int64(0); after < c.LastSeq; {
			messages, _, err := s.Messages(ctx, c.ID, chat.Range{After: &after, Limit: 100})
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range messages {
				if *m.Seq != after+1 || m.SentAt.Before(previous) || m.SentAt.After(seedNoon) {
					t.Fatalf("%s, %d after %d: said at %v after %v", c.Title, *m.Seq, after, m.SentAt, previous)
				}
				if strings.ContainsAny(m.Body, "{}") {
					t.Errorf("a slot is left in %q", m.Body)
				}
				after, previous = *m.Seq, m.SentAt.Time
				all = append(all, fmt.Sprint(c.Title, "|", after, "|", m.Sender.Name, "|", m.Body, "|", seedNoon.Sub(previous)))
			}
		}
	}
	return all
}

func seeded(t *testing.T, s *postgres.Store, name string) chat.Person {
	t.Helper()
	p, err := s.Account(context.Background(), chat.Identity{Provider: chat.ProviderDev, Subject: chat.FoldName(name), Name: name})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestSeed(t *testing.T) {
	t.Parallel()
	ctx, s := context.Background(), postgrestest.New(t)
	if err := demo.Seed(ctx, s, seedNoon); err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, m := range demo.Cast {
		total += len(everythingOf(t, s, m.Name))
	}
	if total != 2*5000 || len(demo.Cast) != 30 { // each message is read by two
		t.Errorf("%d messages of %d people", total/2, len(demo.Cast))
	}
	noor := seeded(t, s, "Noor Haddad")
	counts, err := s.Counts(ctx, noor.ID)
	if err != nil || counts.Unread != 4 || counts.Requests != 2 {
		t.Errorf("new to Noor: %+v, %v", counts, err)
	}
	requests, err := s.Requests(ctx, noor.ID, seedNoon.Add(-chat.SilentFor), nil)
	if err != nil || len(requests.Incoming) != 2 || requests.Incoming[0].Person.Name != "Maryam Nazari" || len(requests.Outgoing) != 1 {
		t.Errorf("requests %+v, %v", requests, err)
	}
	if blocked, err := s.Blocked(ctx, noor.ID); err != nil || len(blocked) != 1 {
		t.Errorf("blocked: %v, %v", blocked, err)
	}
	list, err := s.Conversations(ctx, noor.ID, chat.ConversationQuery{Limit: 3})
	if err != nil || list.Conversations[0].Title != "Ida Brandt" || !strings.HasSuffix(list.Conversations[0].LastMessage.Body, "second hook") ||
		list.Conversations[1].Unread != 3 {
		t.Errorf("her list begins with %+v, %v", list.Conversations, err)
	}
	before := everythingOf(t, s, "Noor Haddad")
	if err := demo.Seed(ctx, s, seedNoon.Add(time.Hour)); !errors.Is(err, demo.ErrSeeded) {
		t.Errorf("again: %v", err)
	}
	if after := everythingOf(t, s, "Noor Haddad"); !slices.Equal(before, after) {
		t.Error("seeding again changed what was said")
	}
}

// TestASeedThatWasInterruptedIsFinished, and says what one says that wasn't.
func TestASeedThatWasInterruptedIsFinished(t *testing.T) {
	t.Parallel()
	one, other := postgrestest.New(t), postgrestest.New(t)
	if err := demo.Seed(context.Background(), one, seedNoon); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- demo.Seed(ctx, other, seedNoon) }()
	noor := seeded(t, other, "Noor Haddad")
	wait.Until(t, "half of the seed is there", func() bool {
		list, err := other.Conversations(context.Background(), noor.ID, chat.ConversationQuery{Limit: 50})
		return err == nil && len(list.Conversations) >= 5
	})
	cancel()
	if err := <-ended; err == nil {
		t.Fatal("it wasn't interrupted")
	}
	if err := demo.Seed(context.Background(), other, seedNoon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got, want := everythingOf(t, other, "Noor Haddad"), everythingOf(t, one, "Noor Haddad"); !slices.Equal(got, want) {
		t.Errorf("%d messages, want the same %d", len(got), len(want))
	}
}
