package chattest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"parley/app/chat"
)

func testPeople(t *testing.T, s chat.Store) {
	me := account(t, s, "Maryam Viewer")
	for _, name := range []string{
		"Marta Kowalczyk",
		"Piet Marlow",
		"Anna-Sophie Amaranthe",
		"Jürgen Schön",
		"Ana-Lucía Fernández",
		"渡辺 健二",
		"יעל בר־לב",
		"100% Real_Name",
		"Omar Siddiqui",
	} {
		account(t, s, name)
	}

	for text, want := range map[string][]string{
		"mar":      {"Piet Marlow", "Marta Kowalczyk", "Omar Siddiqui", "Anna-Sophie Amaranthe"},
		"MARTA":    {"Marta Kowalczyk"},
		"jurgen":   {"Jürgen Schön"},
		"SCHÖN":    {"Jürgen Schön"},
		"lucia f":  {"Ana-Lucía Fernández"},
		"健二":       {"渡辺 健二"},
		"בר":       {"יעל בר־לב"},
		"%":        {}, // one character is a whole name
		"0% r":     {"100% Real_Name"},
		"l_n":      {"100% Real_Name"},
		"__":       {},
		"%%":       {},
		"％％":       {}, // full-width
		`\`:        {},
		"\u0301":   {},
		"maryam":   {}, // oneself
		"nobody":   {},
		"' or 1=1": {},
	} {
		people, err := s.SearchPeople(ctx, me.ID, text, noon, 20)
		if err != nil {
			t.Fatal(err)
		}

		names := make([]string, len(people))
		for i, p := range people {
			names[i] = p.Name
			if p.State != chat.StateNone || p.RequestID != nil {
				t.Errorf("state of %s: got %s, want none", p.Name, p.State)
			}
		}

		wantNames(t, text, names, nil, want)
	}

	for i := range 25 {
		account(t, s, fmt.Sprintf("Zed %c", 'a'+i))
	}

	if people, err := s.SearchPeople(ctx, me.ID, "zed", noon, 20); err != nil || len(people) != 20 ||
		people[0].Name != "Zed a" || people[19].Name != "Zed t" {
		t.Errorf("25 matches: got %d people, %v, want the first 20", len(people), err)
	}

	if people, err := s.SearchPeople(ctx, me.ID, strings.Repeat("x", 100), noon, 20); err != nil || len(people) != 0 {
		t.Errorf("long text: got %v, %v, want nobody", people, err)
	}
}

func wantNames(t *testing.T, text string, got []string, err error, want []string) {
	t.Helper()
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("search for %q: got %q, %v, want %q", text, got, err, want)
	}
}

func testStates(t *testing.T, s chat.Store) {
	me := account(t, s, "Maryam")
	people := map[string]chat.Person{}
	for _, state := range []string{
		chat.StateNone,
		chat.StateRequested,
		chat.StateIncoming,
		chat.StateFriends,
		chat.StateBlocked,
	} {
		people[state] = account(t, s, "Zed "+state)
	}

	requested := requestFriend(t, s, me, people[chat.StateRequested], noon)
	incoming := requestFriend(t, s, people[chat.StateIncoming], me, noon)
	Befriend(t, s, me, people[chat.StateFriends])
	if _, err := s.Block(ctx, me.ID, people[chat.StateBlocked].ID, noon); err != nil {
		t.Fatal(err)
	}

	found, err := s.SearchPeople(ctx, me.ID, "zed", noon, 20)
	if err != nil || len(found) != 5 {
		t.Fatalf("got %+v, %v, want 5 people", found, err)
	}
	if first, last := found[0], found[len(found)-1]; first.State != chat.StateFriends || last.State != chat.StateBlocked {
		t.Errorf("found %s first and %s last, want the friend and the blocked person", first.Name, last.Name)
	}

	for _, f := range found {
		if (f.ConversationID != nil) != (f.State == chat.StateFriends) {
			t.Errorf("conversation with %s: got %v", f.Name, f.ConversationID)
		}
		alone, err := s.ViewPerson(ctx, me.ID, f.ID, noon)
		if "Zed "+f.State != f.Name || err != nil || alone.State != f.State {
			t.Errorf("state of %s: got %s, from ViewPerson %s, %v", f.Name, f.State, alone.State, err)
		}

		switch f.State {
		case chat.StateRequested:
			if *f.RequestID != requested.ID || !f.ChangedAt.Equal(noon) {
				t.Errorf("requested person: got %+v, want request %v", f, requested.ID)
			}
		case chat.StateIncoming:
			if *f.RequestID != incoming.ID {
				t.Errorf("person with an incoming request: got %+v, want request %v", f, incoming.ID)
			}
		default:
			if f.RequestID != nil {
				t.Errorf("state %s: got request %v, want none", f.State, f.RequestID)
			}
		}
	}

	_, err = s.ViewPerson(ctx, me.ID, chat.NewID(), noon)
	wantKind(t, "unknown person", err, chat.KindNotFound)
	_, err = s.ViewPerson(ctx, me.ID, unconfirmed(t, s, "Zed unconfirmed").ID, noon)
	wantKind(t, "unconfirmed person", err, chat.KindNotFound)
}

// unconfirmed returns an account of a provider whose person has not confirmed their name.
func unconfirmed(t *testing.T, s chat.Store, name string) chat.Person {
	t.Helper()
	p, err := s.Account(ctx, chat.Identity{Provider: "google", Subject: name, Name: name})
	if err != nil {
		t.Fatal(err)
	}
	return p
}
