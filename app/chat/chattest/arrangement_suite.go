package chattest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

// conversationsOf makes a person with n conversations, the newest first. Each has one
// message of its friend.
func conversationsOf(t *testing.T, s chat.Store, n int) (ada chat.Person, ids []uuid.UUID) {
	t.Helper()
	ada = account(t, s, "Ada")
	for i := range n {
		friend := account(t, s, fmt.Sprintf("Friend %d", i))
		id := openDirect(t, s, ada, friend)
		storeMessages(t, s, id, newMessage(friend, id, fmt.Sprintf("Word %d", i), i))
		ids = append([]uuid.UUID{id}, ids...)
	}
	return ada, ids
}

// must fails the test unless a change succeeded and reports what is expected.
func must(t *testing.T, what string, want bool) func(changed bool, err error) {
	t.Helper()
	return func(changed bool, err error) {
		t.Helper()
		if err != nil || changed != want {
			t.Errorf("%s: got changed %v, %v, want %v", what, changed, err, want)
		}
	}
}

// wantList checks a list, page by page of two rows, against conversations by their place
// in all.
func wantList(t *testing.T, s chat.Store, viewer chat.Person, q chat.ConversationQuery, all []uuid.UUID, want string) {
	t.Helper()
	var got []string
	q.Limit = 2
	for range 20 {
		page, err := s.Conversations(ctx, viewer.ID, q)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range page.Conversations {
			got = append(got, fmt.Sprint(slices.Index(all, c.ID)))
		}
		if q.Page = page.Next; q.Page == "" {
			break
		}
	}
	if text := strings.Join(got, " "); text != want {
		t.Errorf("list %+v: got %q, want %q", q, text, want)
	}
}

// testPins: pinned conversations stand first, the one pinned last at the top, on every
// page of the list and whatever is said elsewhere. They are at most chat.MaxPins.
func testPins(t *testing.T, s chat.Store) {
	ada, ids := conversationsOf(t, s, 5)
	all := chat.ConversationQuery{}
	must(t, "pin", true)(s.Pin(ctx, ada.ID, ids[3], true))
	must(t, "pin", true)(s.Pin(ctx, ada.ID, ids[4], true))
	must(t, "pin again", false)(s.Pin(ctx, ada.ID, ids[3], true))
	must(t, "pin of a stranger", false)(s.Pin(ctx, uuid.New(), ids[0], true))
	wantList(t, s, ada, all, ids, "4 3 0 1 2")
	wantList(t, s, ada, chat.ConversationQuery{Filter: "word"}, ids, "4 3 0 1 2")

	friend, err := s.Conversation(ctx, ada.ID, ids[2])
	if err != nil {
		t.Fatal(err)
	}
	peer := friend.Peer(ada.ID).Person
	storeMessages(t, s, ids[2], newMessage(peer, ids[2], "Word again", 30))
	wantList(t, s, ada, all, ids, "4 3 2 0 1")

	c, err := s.Conversation(ctx, ada.ID, ids[3])
	if other, err2 := s.Conversation(ctx, c.Peer(ada.ID).ID, ids[3]); errors.Join(err, err2) != nil ||
		!c.Pinned || other.Pinned {
		t.Errorf("got pinned %v for Ada, %v for the other, %v; want a pin of Ada's only", c.Pinned, other.Pinned, err)
	}

	must(t, "unpin", true)(s.Pin(ctx, ada.ID, ids[4], false))
	must(t, "unpin again", false)(s.Pin(ctx, ada.ID, ids[4], false))
	wantList(t, s, ada, all, ids, "3 2 0 1 4")
}

// testMaxPins: concurrent pins never exceed the bound.
func testMaxPins(t *testing.T, s chat.Store) {
	ada, ids := conversationsOf(t, s, chat.MaxPins+4)
	var wg sync.WaitGroup
	var mu sync.Mutex
	pinned := 0
	for _, id := range ids {
		wg.Add(1)
		go func() {
			defer wg.Done()
			changed, err := s.Pin(ctx, ada.ID, id, true)
			if err != nil && chat.KindOf(err) != chat.KindConflict {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			if changed {
				pinned++
			}
		}()
	}
	wg.Wait()
	if pinned != chat.MaxPins {
		t.Errorf("got %d pins, want %d", pinned, chat.MaxPins)
	}
}

// testArchive: an archived conversation is in the archive only, until it has another
// message. A muted one stays there.
func testArchive(t *testing.T, s chat.Store) {
	ada, ids := conversationsOf(t, s, 3)
	all, archive := chat.ConversationQuery{}, chat.ConversationQuery{Archived: true}
	say := func(i, minute int) {
		c, err := s.Conversation(ctx, ada.ID, ids[i])
		if err != nil {
			t.Fatal(err)
		}
		storeMessages(t, s, ids[i], newMessage(c.Peer(ada.ID).Person, ids[i], "Word", minute))
	}

	must(t, "pin", true)(s.Pin(ctx, ada.ID, ids[1], true))
	must(t, "archive", true)(s.Archive(ctx, ada.ID, ids[1], true))
	must(t, "archive", true)(s.Archive(ctx, ada.ID, ids[2], true))
	must(t, "mute", true)(s.ChangeNotifications(ctx, ada.ID, ids[2], notify(t, "", "always")))
	wantList(t, s, ada, all, ids, "0")
	wantList(t, s, ada, archive, ids, "1 2")
	wantList(t, s, ada, chat.ConversationQuery{Filter: "word"}, ids, "0 1 2")
	wantList(t, s, ada, chat.ConversationQuery{Filter: "word 1", Archived: true}, ids, "1")
	if counts, err := s.Counts(ctx, ada.ID, ids[1]); err != nil ||
		counts.Archived != 2 || counts.Unread != 1 || counts.Here != 0 || counts.Conversations != 1 {
		t.Errorf("got %+v, %v, want 2 archived, which don't count as unread", counts, err)
	}

	say(1, 40)
	say(2, 41)
	wantList(t, s, ada, all, ids, "1 0")
	wantList(t, s, ada, archive, ids, "2")
	must(t, "unmute", true)(s.ChangeNotifications(ctx, ada.ID, ids[2], notify(t, "", "off")))
	wantList(t, s, ada, all, ids, "2 1 0")

	must(t, "archive again", true)(s.Archive(ctx, ada.ID, ids[2], true))
	must(t, "unarchive", true)(s.Archive(ctx, ada.ID, ids[2], false))
	must(t, "archive", true)(s.Archive(ctx, ada.ID, ids[0], true))
	must(t, "pin what is archived", true)(s.Pin(ctx, ada.ID, ids[0], true))
	wantList(t, s, ada, all, ids, "0 2 1")
	must(t, "archive of a stranger", false)(s.Archive(ctx, uuid.New(), ids[0], true))
}

func notify(t *testing.T, level, mute string) chat.NotifyChange {
	t.Helper()
	change, err := chat.NewNotifyChange(level, mute)
	if err != nil {
		t.Fatal(err)
	}
	return change
}

// testMute: muted conversations stay in the list and keep their own number, but don't
// count.
func testMute(t *testing.T, s chat.Store) {
	ada, ids := conversationsOf(t, s, 3)
	check := func(step string, unread int64, muted ...uuid.UUID) {
		t.Helper()
		counts, err := s.Counts(ctx, ada.ID, ids[0])
		if err != nil || counts.Unread != unread || counts.Conversations != unread ||
			!slices.Equal(sorted(counts.Muted), sorted(muted)) {
			t.Errorf("%s: got %+v, %v, want %d unread and muted %v", step, counts, err, unread, muted)
		}
		if here := int64(1); slices.Contains(muted, ids[0]) != (counts.Here != here) {
			t.Errorf("%s: got %d in the open conversation", step, counts.Here)
		}
	}

	check("at first", 3)
	must(t, "mute", true)(s.ChangeNotifications(ctx, ada.ID, ids[0], notify(t, "", "always")))
	must(t, "level", true)(s.ChangeNotifications(ctx, ada.ID, ids[1], notify(t, "none", "")))
	must(t, "mute by a stranger", false)(s.ChangeNotifications(ctx, uuid.New(), ids[2], notify(t, "none", "")))
	check("two muted", 1, ids[0], ids[1])
	for i, want := range []chat.Arrangement{{Notify: "all", Muted: true}, {Notify: "none", Muted: true}, {Notify: "all"}} {
		c, err := s.Conversation(ctx, ada.ID, ids[i])
		forever := c.MutedUntil != nil && c.MutedUntil.Equal(chat.Forever)
		if err != nil || c.Notify != want.Notify || c.Muted != want.Muted || forever != (i == 0) || c.Unread != 1 {
			t.Errorf("conversation %d: got %+v, %d unread, %v, want %+v", i, c.Arrangement, c.Unread, err, want)
		}
	}

	past := time.Now().Add(-time.Minute)
	must(t, "a mute that has ended", true)(s.ChangeNotifications(ctx, ada.ID, ids[0], chat.NotifyChange{MutedUntil: &past}))
	check("one muted", 2, ids[1])
	must(t, "both", true)(s.ChangeNotifications(ctx, ada.ID, ids[1], notify(t, "all", "off")))
	check("none muted", 3)
	wantList(t, s, ada, chat.ConversationQuery{}, ids, "0 1 2")
}

func sorted(ids []uuid.UUID) []uuid.UUID {
	ids = slices.Clone(ids)
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	return ids
}

// testMarkUnread: what is marked as unread counts until it is read, and no read mark moves.
func testMarkUnread(t *testing.T, s chat.Store) {
	ada, bob := account(t, s, "Ada"), account(t, s, "Bob")
	id := openDirect(t, s, ada, bob)
	must(t, "nothing to mark", false)(s.MarkUnread(ctx, ada.ID, id, 1))
	for i, by := range []chat.Person{bob, ada, bob, ada} {
		storeMessages(t, s, id, newMessage(by, id, fmt.Sprint("m", i), i))
	}
	check := func(step string, unread, seen int64, marked bool) {
		t.Helper()
		c, err := s.Conversation(ctx, ada.ID, id)
		counts, err2 := s.Counts(ctx, ada.ID, id)
		other, err3 := s.Conversation(ctx, bob.ID, id)
		if err := errors.Join(err, err2, err3); err != nil {
			t.Fatal(err)
		}
		if c.Unread != unread || counts.Unread != unread || counts.Here != unread || c.MarkedUnread != marked ||
			c.SeenSeq() != seen || c.ReadSeq != 4 || *other.Peer(bob.ID).ReadSeq != 4 || other.MarkedUnread {
			t.Errorf("%s: got %d unread, %d counted, marked %v, seen %d, read %d, to the other %d; want %d, seen %d, read 4",
				step, c.Unread, counts.Unread, c.MarkedUnread, c.SeenSeq(), c.ReadSeq, *other.Peer(bob.ID).ReadSeq, unread, seen)
		}
	}

	mark := func(step string, seq int64, want chat.ReadMark) {
		t.Helper()
		got, err := s.MarkRead(ctx, ada.ID, id, seq)
		if err != nil || got.Moved != want.Moved || got.Unmarked != want.Unmarked {
			t.Errorf("%s: got %+v, %v, want %+v", step, got, err, want)
		}
	}

	mark("read", 4, chat.ReadMark{Moved: true})
	must(t, "mark", true)(s.MarkUnread(ctx, ada.ID, id, 1))
	check("from the first", 2, 0, true)
	must(t, "mark", true)(s.MarkUnread(ctx, ada.ID, id, 99))
	check("one's own last message", 1, 3, true)
	must(t, "mark", true)(s.MarkUnread(ctx, ada.ID, id, 3))
	check("the other's last message", 1, 2, true)
	must(t, "by a stranger", false)(s.MarkUnread(ctx, uuid.New(), id, 1))
	mark("not that far", 2, chat.ReadMark{})
	check("still marked", 1, 2, true)
	mark("read again", 4, chat.ReadMark{Unmarked: true})
	check("read", 0, 4, false)
}
