package chattest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
)

func testOpenDirect(t *testing.T, s chat.Store) {
	ada, bob, eve := account(t, s, "Ada"), account(t, s, "Bob"), account(t, s, "Eve")
	Befriend(t, s, ada, bob)
	var wg sync.WaitGroup
	ids, made := make([]uuid.UUID, 8), make([]bool, 8)
	for i := range ids {
		wg.Add(1)
		go func() {
			defer wg.Done()
			a, b := ada, bob
			if i%2 == 1 {
				a, b = bob, ada
			}

			var err error
			if ids[i], made[i], err = s.OpenDirect(ctx, a.ID, b.ID); err != nil {
				t.Error(err)
			}
		}()
	}

	wg.Wait()
	for i := range ids {
		if ids[i] != ids[0] || made[i] {
			t.Errorf("concurrent OpenDirect: got %s and %s, created %v, want one existing", ids[0], ids[i], made[i])
		}
	}

	_, _, err := s.OpenDirect(ctx, ada.ID, ada.ID)
	wantKind(t, "OpenDirect with oneself", err, chat.KindInvalid)
	_, _, err = s.OpenDirect(ctx, ada.ID, uuid.New())
	wantKind(t, "OpenDirect with an unknown person", err, chat.KindNotFound)
	_, _, err = s.OpenDirect(ctx, ada.ID, eve.ID)
	wantKind(t, "OpenDirect with a stranger", err, chat.KindReadOnly)
	m, err := s.Membership(ctx, chat.MembershipKey{Conversation: ids[0], Person: ada.ID})
	if err != nil || m.Person.ID != ada.ID || m.Peer == nil || m.Peer.ID != bob.ID || !m.Writable ||
		!m.Audience.Same(chat.ToPeople(bob.ID, ada.ID)) {
		t.Errorf("membership: got %+v, %v, want that of Ada with Bob, writable", m, err)
	}

	for _, key := range []chat.MembershipKey{
		{Conversation: uuid.New(), Person: ada.ID},
		{Conversation: ids[0], Person: eve.ID},
		{Conversation: ids[0], Person: uuid.New()},
	} {
		_, err = s.Membership(ctx, key)
		wantKind(t, "membership of nobody", err, chat.KindNotFound)
	}
	_, err = s.Conversation(ctx, eve.ID, ids[0])
	wantKind(t, "conversation of other people", err, chat.KindNotFound)
}

func testList(t *testing.T, s chat.Store) {
	ada := account(t, s, "Ada")
	var conversations []uuid.UUID
	for i := range 5 {
		friend := account(t, s, fmt.Sprintf("Friend %d", i))
		id := openDirect(t, s, ada, friend)
		conversations = append(conversations, id)
		storeMessages(t, s, id, newMessage(friend, id, fmt.Sprintf("Word %d", i), i))
	}

	storeMessages(t, s, conversations[1], newMessage(ada, conversations[1], "Mine is the last", 10))

	slices.Reverse(conversations) // newest first: 4 3 2 1 0, then 1 moves to the front
	want := append([]uuid.UUID{conversations[3]}, slices.Delete(slices.Clone(conversations), 3, 4)...)
	var got []uuid.UUID
	var first chat.Conversation
	for page, rounds := "", 0; rounds < 5; rounds++ {
		p, err := s.Conversations(ctx, ada.ID, chat.ConversationQuery{Page: page, Limit: 2})
		if err != nil {
			t.Fatal(err)
		}

		for _, c := range p.Conversations {
			if len(got) == 0 {
				first = c
			} else if c.Unread != 1 || c.LastSeq != 1 {
				t.Errorf("got %d unread, last seq %d, want 1 and 1", c.Unread, c.LastSeq)
			}

			got = append(got, c.ID)
		}

		if page = p.Next; page == "" {
			break
		}
	}

	if !slices.Equal(got, want) {
		t.Errorf("got list %v, want %v", got, want)
	}

	if first.Title != "Friend 1" || first.LastMessage == nil ||
		first.LastMessage.Body != "Mine is the last" || first.LastMessage.Sender != ada || first.Unread != 0 {
		t.Errorf("first conversation: got %+v, want Friend 1 with the last message", first)
	}

	for filter, n := range map[string]int{"friend 3": 1, "WORD": 4, "mine is": 1, "nothing of the kind": 0} {
		p, err := s.Conversations(ctx, ada.ID, chat.ConversationQuery{Filter: filter, Limit: 50})
		if err != nil || len(p.Conversations) != n {
			t.Errorf("filter %q: got %d conversations, %v, want %d", filter, len(p.Conversations), err, n)
		}
	}

	_, err := s.Conversations(ctx, ada.ID, chat.ConversationQuery{Page: "!", Limit: 2})
	wantKind(t, "unknown page token", err, chat.KindInvalid)
}

func testFilter(t *testing.T, s chat.Store) {
	ada, zoe := account(t, s, "Ada"), account(t, s, "Zoë Ångström")
	for friend, word := range map[chat.Person]string{
		zoe:                            "Ça va à l’école?",
		account(t, s, "Straße 100% _"): "ﬁne, NAÏVE İstanbul",
	} {
		id := openDirect(t, s, ada, friend)
		storeMessages(t, s, id, newMessage(ada, id, "an earlier secret", 0), newMessage(friend, id, word, 1))
	}

	for filter, n := range map[string]int{
		"":                   2,
		"zoe":                1,
		"ZOE\u0308 angstrom": 1,
		"zoë":                1,
		"ca va":              1,
		"ECOLE":              1,
		"naive":              1,
		"naïve ıst":          1,
		"fine":               1,
		"strasse":            1,
		"100%":               1,
		"%":                  1,
		"0_":                 0,
		"secret":             0,
		"ada":                0,
		"\\":                 0,
	} {
		p, err := s.Conversations(ctx, ada.ID, chat.ConversationQuery{Filter: filter, Limit: 50})
		if err != nil || len(p.Conversations) != n {
			t.Errorf("filter %q: got %d conversations, %v, want %d", filter, len(p.Conversations), err, n)
		}
	}
}

func testMarks(t *testing.T, s chat.Store) {
	ada, bob := account(t, s, "Ada"), account(t, s, "Bob")
	id := openDirect(t, s, ada, bob)
	storeMessages(t, s, id, newMessage(bob, id, "a", 0), newMessage(bob, id, "b", 1), newMessage(bob, id, "c", 2))

	markRead := func(ctx context.Context, person, id uuid.UUID, seq int64) (int64, bool, error) {
		mark, err := s.MarkRead(ctx, person, id, seq)
		return mark.Seq, mark.Moved, err
	}
	for i, tt := range []struct {
		mark  func(context.Context, uuid.UUID, uuid.UUID, int64) (int64, bool, error)
		seq   int64
		now   int64
		moved bool
	}{
		{s.MarkDelivered, 2, 2, true},
		{markRead, 1, 1, true},
		{markRead, 1, 0, false},
		{s.MarkDelivered, 1, 0, false},
		{markRead, 99, 3, true},
		{s.MarkDelivered, 3, 0, false}, // read includes delivered
	} {
		now, moved, err := tt.mark(ctx, ada.ID, id, tt.seq)
		if err != nil || moved != tt.moved || moved && now != tt.now {
			t.Errorf("step %d: got %d, %v, %v, want %d, %v", i, now, moved, err, tt.now, tt.moved)
		}
	}

	c, err := s.Conversation(ctx, bob.ID, id)
	if err != nil || *c.Peer(bob.ID).ReadSeq != 3 || *c.Peer(bob.ID).DeliveredSeq != 3 || c.ReadSeq != 0 ||
		c.Unread != 0 {
		t.Errorf("conversation of the other person: got %+v, %v, want marks at 3", c, err)
	}

	if mark, err := s.MarkRead(ctx, uuid.New(), id, 1); mark.Moved || mark.Unmarked || err != nil {
		t.Errorf("mark by a stranger: got %+v, %v, want no change", mark, err)
	}
}

// testUnread: messages count as unread from the read mark, or from one's own last
// message if that is later, in lists and in sums. Sending moves no mark.
func testUnread(t *testing.T, s chat.Store) {
	ada, bob := account(t, s, "Ada"), account(t, s, "Bob")
	id := openDirect(t, s, ada, bob)
	minute := 0
	send := func(by chat.Person) {
		storeMessages(t, s, id, newMessage(by, id, fmt.Sprint("m", minute), minute))
		minute++
	}
	check := func(step string, want, mark int64) {
		t.Helper()
		c, err := s.Conversation(ctx, ada.ID, id)
		counts, err2 := s.Counts(ctx, ada.ID, uuid.Nil)
		page, err3 := s.Conversations(ctx, ada.ID, chat.ConversationQuery{Limit: 5})
		if err := errors.Join(err, err2, err3); err != nil {
			t.Fatal(err)
		}
		if c.Unread != want || counts.Unread != want || page.Conversations[0].Unread != want || c.ReadSeq != mark {
			t.Errorf("%s: got %d unread, %d in Counts, %d in the list, mark %d; want %d and mark %d",
				step, c.Unread, counts.Unread, page.Conversations[0].Unread, c.ReadSeq, want, mark)
		}
	}

	check("empty", 0, 0)
	send(bob)
	send(bob)
	check("two messages of the other", 2, 0)
	for range 5 {
		send(ada)
	}
	check("five own messages", 0, 0)
	send(bob)
	check("an answer to them", 1, 0)
	if _, err := s.MarkRead(ctx, ada.ID, id, 8); err != nil {
		t.Fatal(err)
	}
	check("all is read", 0, 8)
	send(ada)
	send(bob)
	send(bob)
	check("answers after the mark", 2, 8)
	c, err := s.Conversation(ctx, bob.ID, id)
	if err != nil || c.Unread != 0 {
		t.Errorf("the other one: got %d unread, %v, want 0, because the last message is theirs", c.Unread, err)
	}
}

// testMemberships: Memberships returns the same values as Membership.
func testMemberships(t *testing.T, s chat.Store) {
	ada, bob, eve := account(t, s, "Ada"), account(t, s, "Bob"), account(t, s, "Eve")
	one, two := openDirect(t, s, ada, bob), openDirect(t, s, eve, ada)
	if _, err := s.Unfriend(ctx, ada.ID, bob.ID); err != nil {
		t.Fatal(err)
	}

	list, err := s.Memberships(ctx, []chat.MembershipKey{
		{Conversation: two, Person: ada.ID},
		{Conversation: uuid.New(), Person: ada.ID},
		{Conversation: one, Person: bob.ID},
		{Conversation: one, Person: eve.ID},
		{Conversation: two, Person: eve.ID},
	})
	if err != nil || len(list) != 3 {
		t.Fatalf("got %+v, %v, want 3 memberships", list, err)
	}

	for _, m := range list {
		alone, err := s.Membership(ctx, m.Key())
		if err != nil || !m.Same(alone) || m.Writable != (m.ConversationID == two) {
			t.Errorf("got %+v, want %+v, %v", m, alone, err)
		}
	}

	if none, err := s.Memberships(ctx, nil); err != nil || len(none) != 0 {
		t.Errorf("no ids: got %+v, %v, want none", none, err)
	}
}
