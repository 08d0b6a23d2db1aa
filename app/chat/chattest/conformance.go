package chattest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

// TestStore is what every chat.Store must do; open gives an empty one.
func TestStore(t *testing.T, open func(t *testing.T) chat.Store) {
	for name, test := range map[string]func(*testing.T, chat.Store){
		"accounts": testAccounts, "sessions": testSessions, "direct conversations": testOpenDirect, "the list": testList,
		"pages": testPages, "direct writes": testStoreDirect, "marks": testMarks, "friends": testFriends,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

var ctx = context.Background()

func account(t *testing.T, s chat.Store, name string) chat.Person {
	t.Helper()
	p, err := s.Account(ctx, chat.Identity{Provider: chat.ProviderDev, Subject: chat.FoldName(name), Name: name})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func direct(t *testing.T, s chat.Store, a, b chat.Person) uuid.UUID {
	t.Helper()
	id, _, err := s.OpenDirect(ctx, a.ID, b.ID)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// said makes a message; what is said at a later minute is newer.
func said(by chat.Person, in uuid.UUID, body string, minute int) chat.Message {
	client := chat.NewID()
	return chat.Message{ID: chat.MessageID(by.ID, in, client, body), ConversationID: in, ClientID: client, Sender: by, Body: body,
		SentAt: chat.At(time.Now().Add(time.Duration(minute) * time.Minute))}
}

func wants(t *testing.T, what string, err error, kind chat.Kind) {
	t.Helper()
	if chat.KindOf(err) != kind {
		t.Errorf("%s: %v, want %s", what, err, kind)
	}
}

func testAccounts(t *testing.T, s chat.Store) {
	var wg sync.WaitGroup
	people := make([]chat.Person, 8)
	for i := range people {
		wg.Add(1)
		go func() { defer wg.Done(); people[i] = account(t, s, "Ada") }()
	}
	wg.Wait()
	for _, p := range people {
		if p != people[0] || p.Name != "Ada" {
			t.Errorf("eight sign-ins at once made %v and %v", people[0], p)
		}
	}
	other, err := s.Account(ctx, chat.Identity{Provider: "google", Subject: "ada", Name: "Ada"})
	if err != nil || other.ID == people[0].ID {
		t.Errorf("the same subject at another provider: %v, %v", other, err)
	}
}

func testSessions(t *testing.T, s chat.Store) {
	ada, hash := account(t, s, "Ada"), chat.TokenHash("secret")
	want := chat.Session{ID: chat.SessionID(hash), Person: ada, Device: "Firefox", CreatedAt: time.Now().Truncate(time.Millisecond), ExpiresAt: time.Now().Add(time.Hour).Truncate(time.Millisecond)}
	if err := s.CreateSession(ctx, want, hash); err != nil {
		t.Fatal(err)
	}
	got, err := s.Session(ctx, hash)
	if err != nil || got.ID != want.ID || got.Person != ada || got.Device != "Firefox" || !got.ExpiresAt.Equal(want.ExpiresAt) {
		t.Errorf("got %+v, %v", got, err)
	}
	_, err = s.Session(ctx, chat.TokenHash("guess"))
	wants(t, "an unknown token", err, chat.KindNotFound)
	for range 2 {
		if err := s.DeleteSession(ctx, want.ID); err != nil {
			t.Errorf("ended: %v", err)
		}
	}
	_, err = s.Session(ctx, hash)
	wants(t, "an ended session", err, chat.KindNotFound)
}

func testOpenDirect(t *testing.T, s chat.Store) {
	ada, bob := account(t, s, "Ada"), account(t, s, "Bob")
	real, err := s.Account(ctx, chat.Identity{Provider: "google", Subject: "1", Name: "Real"})
	if err != nil {
		t.Fatal(err)
	}
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
	creations := 0
	for i := range ids {
		if ids[i] != ids[0] {
			t.Errorf("opened at once by both, it is %s and %s", ids[0], ids[i])
		}
		if made[i] {
			creations++
		}
	}
	if creations != 1 {
		t.Errorf("%d of eight made it", creations)
	}
	_, _, err = s.OpenDirect(ctx, ada.ID, ada.ID)
	wants(t, "with oneself", err, chat.KindInvalid)
	_, _, err = s.OpenDirect(ctx, ada.ID, uuid.New())
	wants(t, "with nobody", err, chat.KindNotFound)
	_, _, err = s.OpenDirect(ctx, ada.ID, real.ID)
	wants(t, "with a stranger", err, chat.KindNotFriends)
	m, err := s.Membership(ctx, ids[0])
	if err != nil || len(m.Members) != 2 || !m.Has(ada.ID) || !m.Has(bob.ID) || m.Has(real.ID) || !m.Writable {
		t.Errorf("membership %+v, %v", m, err)
	}
	_, err = s.Membership(ctx, uuid.New())
	wants(t, "membership of nothing", err, chat.KindNotFound)
	_, err = s.Conversation(ctx, real.ID, ids[0])
	wants(t, "somebody else's", err, chat.KindNotFound)
}

func testList(t *testing.T, s chat.Store) {
	ada := account(t, s, "Ada")
	var talks []uuid.UUID
	for i := range 5 {
		friend := account(t, s, fmt.Sprintf("Friend %d", i))
		id := direct(t, s, ada, friend)
		talks = append(talks, id)
		if _, err := s.StoreDirect(ctx, id, []chat.Message{said(friend, id, fmt.Sprintf("Word %d", i), i)}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.StoreDirect(ctx, talks[1], []chat.Message{said(ada, talks[1], "Mine is the last", 10)}); err != nil {
		t.Fatal(err)
	}
	slices.Reverse(talks) // newest first: 4 3 2 1 0, and 1 has moved to the front
	want := append([]uuid.UUID{talks[3]}, slices.Delete(slices.Clone(talks), 3, 4)...)
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
				t.Errorf("unread %d of %d", c.Unread, c.LastSeq)
			}
			got = append(got, c.ID)
		}
		if page = p.Next; page == "" {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("the list is %v, want %v", got, want)
	}
	if first.Title != "Friend 1" || first.LastMessage == nil || first.LastMessage.Body != "Mine is the last" || first.LastMessage.Sender != ada || first.Unread != 0 {
		t.Errorf("the first is %+v", first)
	}
	for filter, n := range map[string]int{"friend 3": 1, "WORD": 4, "mine is": 1, "nothing of the kind": 0} {
		if p, err := s.Conversations(ctx, ada.ID, chat.ConversationQuery{Filter: filter, Limit: 50}); err != nil || len(p.Conversations) != n {
			t.Errorf("%q finds %d, %v; want %d", filter, len(p.Conversations), err, n)
		}
	}
	_, err := s.Conversations(ctx, ada.ID, chat.ConversationQuery{Page: "!", Limit: 2})
	wants(t, "a page that nobody handed out", err, chat.KindInvalid)
}

func testPages(t *testing.T, s chat.Store) {
	ada, bob := account(t, s, "Ada"), account(t, s, "Bob")
	id := direct(t, s, ada, bob)
	var all []chat.Message
	for i := range 10 {
		all = append(all, said(ada, id, fmt.Sprint(i+1), i))
	}
	if _, err := s.StoreDirect(ctx, id, all); err != nil {
		t.Fatal(err)
	}
	at := func(n int64) *int64 { return &n }
	for name, tt := range map[string]struct {
		r      chat.Range
		from   int64
		to     int64
		newest bool
	}{
		"newest":               {chat.Range{Limit: 4}, 7, 10, true},
		"all":                  {chat.Range{Limit: 50}, 1, 10, true},
		"before":               {chat.Range{Before: at(7), Limit: 4}, 3, 6, false},
		"before, at the start": {chat.Range{Before: at(3), Limit: 4}, 1, 2, false},
		"after":                {chat.Range{After: at(2), Limit: 4}, 3, 6, false},
		"after, at the end":    {chat.Range{After: at(6), Limit: 4}, 7, 10, true},
		"around":               {chat.Range{At: at(5), Limit: 4}, 3, 6, false},
	} {
		got, newest, err := s.Messages(ctx, id, tt.r)
		if err != nil || newest != tt.newest || int64(len(got)) != tt.to-tt.from+1 || *got[0].Seq != tt.from || *got[len(got)-1].Seq != tt.to {
			t.Errorf("%s: %d messages, newest %v, %v", name, len(got), newest, err)
		}
	}
	got, newest, err := s.Messages(ctx, id, chat.Range{After: at(10), Limit: 4})
	if err != nil || len(got) != 0 || !newest {
		t.Errorf("after the last: %v, %v, %v", got, newest, err)
	}
	one, _, err := s.Messages(ctx, id, chat.Range{Limit: 1})
	if err != nil || one[0].ID != all[9].ID || one[0].Sender != ada || one[0].Body != "10" || one[0].ClientID != all[9].ClientID || one[0].LogOffset != nil || !one[0].SentAt.Equal(all[9].SentAt.Time) {
		t.Errorf("what was stored came back as %+v, %v", one, err)
	}
}

func testStoreDirect(t *testing.T, s chat.Store) {
	ada, bob := account(t, s, "Ada"), account(t, s, "Bob")
	id := direct(t, s, ada, bob)
	tail, direct := said(bob, id, "acknowledged earlier", 0), said(ada, id, "now", 1)
	offset := int64(7)
	tail.LogOffset = &offset
	for range 2 { // whatever is retried: once
		got, err := s.StoreDirect(ctx, id, []chat.Message{tail, direct})
		if err != nil || *got.Seq(tail.ID) != 1 || *got.Seq(direct.ID) != 2 || !slices.Equal(got.Offsets, []int64{7}) || got.Through != nil || len(got.Members) != 2 {
			t.Fatalf("got %+v, %v", got, err)
		}
	}
	known, err := s.Known(ctx, id, []uuid.UUID{tail.ID, uuid.New()})
	if err != nil || !known[tail.ID] || len(known) > 2 {
		t.Errorf("known %v, %v", known, err)
	}
	var wg sync.WaitGroup
	for range 20 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			m := said(ada, id, "at once", 2)
			for range 2 {
				if _, err := s.StoreDirect(ctx, id, []chat.Message{m}); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	wg.Wait()
	all, _, err := s.Messages(ctx, id, chat.Range{Limit: 100})
	if err != nil || len(all) != 22 {
		t.Fatalf("%d are stored, %v; want 22", len(all), err)
	}
	for i, m := range all {
		if *m.Seq != int64(i+1) {
			t.Errorf("the %d. has seq %d", i+1, *m.Seq)
		}
	}
	nowhere := uuid.New()
	if _, err := s.StoreDirect(ctx, nowhere, []chat.Message{said(ada, nowhere, "hi", 0)}); !errors.Is(err, chat.ErrContent) {
		t.Errorf("in no conversation: %v", err)
	}
}

func testMarks(t *testing.T, s chat.Store) {
	ada, bob := account(t, s, "Ada"), account(t, s, "Bob")
	id := direct(t, s, ada, bob)
	if _, err := s.StoreDirect(ctx, id, []chat.Message{said(bob, id, "a", 0), said(bob, id, "b", 1), said(bob, id, "c", 2)}); err != nil {
		t.Fatal(err)
	}
	for i, tt := range []struct {
		mark  func(context.Context, uuid.UUID, uuid.UUID, int64) (int64, bool, error)
		seq   int64
		now   int64
		moved bool
	}{
		{s.MarkDelivered, 2, 2, true}, {s.MarkRead, 1, 1, true}, {s.MarkRead, 1, 0, false}, {s.MarkDelivered, 1, 0, false},
		{s.MarkRead, 99, 3, true}, {s.MarkDelivered, 3, 0, false}, // reading is also having
	} {
		now, moved, err := tt.mark(ctx, ada.ID, id, tt.seq)
		if err != nil || moved != tt.moved || moved && now != tt.now {
			t.Errorf("step %d: %d, %v, %v", i, now, moved, err)
		}
	}
	c, err := s.Conversation(ctx, bob.ID, id)
	if err != nil || *c.Peer(bob.ID).ReadSeq != 3 || *c.Peer(bob.ID).DeliveredSeq != 3 || c.ReadSeq != 0 || c.Unread != 0 {
		t.Errorf("as the other sees it: %+v, %v", c, err)
	}
	if _, moved, err := s.MarkRead(ctx, uuid.New(), id, 1); moved || err != nil {
		t.Errorf("a stranger's mark: %v, %v", moved, err)
	}
}

func testFriends(t *testing.T, s chat.Store) {
	ada := account(t, s, "Ada")
	for _, name := range []string{"cleo", "Bob", "Dan"} {
		account(t, s, name)
	}
	id := direct(t, s, ada, account(t, s, "Bob"))
	var names []string
	for page, rounds := "", 0; rounds < 4; rounds++ {
		p, err := s.Friends(ctx, ada.ID, page, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range p.Friends {
			names = append(names, f.Name)
			if (f.ConversationID != nil) != (f.Name == "Bob") || f.ConversationID != nil && *f.ConversationID != id {
				t.Errorf("%s has conversation %v", f.Name, f.ConversationID)
			}
		}
		if page = p.Next; page == "" {
			break
		}
	}
	if !slices.Equal(names, []string{"Bob", "cleo", "Dan"}) {
		t.Errorf("friends %v", names)
	}
	_, err := s.Friends(ctx, ada.ID, "!", 2)
	wants(t, "a page that nobody handed out", err, chat.KindInvalid)
}
