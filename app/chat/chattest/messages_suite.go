package chattest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
)

func testPages(t *testing.T, s chat.Store) {
	ada, bob := account(t, s, "Ada"), account(t, s, "Bob")
	id := openDirect(t, s, ada, bob)
	var all []chat.Message
	for i := range 10 {
		all = append(all, newMessage(ada, id, fmt.Sprint(i+1), i))
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
		got, newest, err := s.Messages(ctx, ada.ID, id, tt.r)
		if err != nil || newest != tt.newest || int64(len(got)) != tt.to-tt.from+1 ||
			*got[0].Seq != tt.from || *got[len(got)-1].Seq != tt.to {
			t.Errorf("%s: got %d messages, newest %v, %v, want seq %d to %d, newest %v",
				name, len(got), newest, err, tt.from, tt.to, tt.newest)
		}
	}

	got, newest, err := s.Messages(ctx, ada.ID, id, chat.Range{After: at(10), Limit: 4})
	if err != nil || len(got) != 0 || !newest {
		t.Errorf("after the last: got %v, newest %v, %v, want none", got, newest, err)
	}

	one, _, err := s.Messages(ctx, ada.ID, id, chat.Range{Limit: 1})
	if err != nil || one[0].ID != all[9].ID || one[0].Sender != ada || one[0].Body != "10" ||
		one[0].ClientID != all[9].ClientID || one[0].LogOffset != nil ||
		!one[0].SentAt.Equal(all[9].SentAt.Time) {
		t.Errorf("last message: got %+v, %v, want %+v", one, err, all[9])
	}
}

func testStoreDirect(t *testing.T, s chat.Store) {
	ada, bob := account(t, s, "Ada"), account(t, s, "Bob")
	id := openDirect(t, s, ada, bob)
	tail, direct := newMessage(bob, id, "acknowledged earlier", 0), newMessage(ada, id, "now", 1)
	offset := int64(7)
	tail.LogOffset = &offset
	for range 2 { // a retry stores nothing new
		got, err := s.StoreDirect(ctx, id, []chat.Message{tail, direct})
		if err != nil || *got.Seq(tail.ID) != 1 || *got.Seq(direct.ID) != 2 ||
			!slices.Equal(got.Offsets, []int64{7}) || got.Through != nil || len(got.Audience.People) != 2 {
			t.Fatalf("got %+v, %v", got, err)
		}
	}

	known, err := s.Known(ctx, id, []uuid.UUID{tail.ID, uuid.New()})
	if err != nil || !known[tail.ID] || len(known) > 2 {
		t.Errorf("Known: got %v, %v, want %v", known, err, tail.ID)
	}

	var wg sync.WaitGroup
	for range 20 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			m := newMessage(ada, id, "at once", 2)
			for range 2 {
				if _, err := s.StoreDirect(ctx, id, []chat.Message{m}); err != nil {
					t.Error(err)
				}
			}
		}()
	}

	wg.Wait()
	all, _, err := s.Messages(ctx, ada.ID, id, chat.Range{Limit: 100})
	if err != nil || len(all) != 22 {
		t.Fatalf("got %d stored messages, %v, want 22", len(all), err)
	}

	for i, m := range all {
		if *m.Seq != int64(i+1) {
			t.Errorf("message %d: got seq %d, want %d", i, *m.Seq, i+1)
		}
	}

	nowhere := uuid.New()
	_, err = s.StoreDirect(ctx, nowhere, []chat.Message{newMessage(ada, nowhere, "hi", 0)})
	if !errors.Is(err, chat.ErrContent) {
		t.Errorf("unknown conversation: got %v, want ErrContent", err)
	}

	stranger := chat.Person{ID: uuid.New()}
	_, err = s.StoreDirect(ctx, id, []chat.Message{newMessage(ada, id, "hi", 0), newMessage(stranger, id, "I am Ada", 0)})
	if !errors.Is(err, chat.ErrContent) || !errors.Is(err, chat.ErrNotMember) {
		t.Errorf("a sender who is no member: got %v, want ErrContent and ErrNotMember", err)
	}
}
