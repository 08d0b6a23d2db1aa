package chaos

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/client"
)

func stored(n int) client.Message {
	m := pending(n)
	m.Seq = int64(n)
	return m
}

func pending(n int) client.Message {
	offset := int64(100 + n)
	return client.Message{ID: uuid.NewSHA1(uuid.Nil, []byte{byte(n)}), Body: fmt.Sprint(n), LogOffset: &offset}
}

func numbers(from, to int) (e client.StoredEvent) {
	e.From, e.To = int64(from), int64(to)
	for n := from; n <= to; n++ {
		e.Messages = append(e.Messages, client.StoredID{ID: pending(n).ID, Seq: int64(n)})
	}

	return e
}

func (o *order) String() (s string) {
	for _, row := range o.sorted() {
		s += fmt.Sprintf("%s:%d ", row.Body, row.Seq)
	}

	return s + fmt.Sprintf("S=%d", o.last)
}

// complete is the newest page, with nothing pending.
func complete(messages ...client.Message) client.Page {
	return client.Page{Messages: messages, Pending: []client.Message{}, Complete: true, Newest: true}
}

// TestOrderFollowsTheStream covers the cases of DESIGN.md, point 8.
func TestOrderFollowsTheStream(t *testing.T) {
	now := time.Now()
	shown := 0
	o := newOrder(func(uuid.UUID, string) { shown++ })
	expect := func(want string) {
		t.Helper()

		if got := o.String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}

	o.fetched(complete(stored(1), stored(2)), now)
	expect("1:1 2:2 S=2")
	o.add(pending(4), now)
	o.add(pending(3), now)
	o.add(pending(3), now)
	expect("1:1 2:2 3:0 4:0 S=2")

	if o.stored(numbers(1, 2)) {
		t.Error("known numbers make the tab fetch")
	}

	if o.stored(numbers(3, 4)) {
		t.Error("a run that fits makes the tab fetch")
	}

	expect("1:1 2:2 3:3 4:4 S=4")
	o.add(pending(6), now)

	if !o.stored(numbers(5, 6)) {
		t.Error("a run with a row missing doesn't make the tab fetch")
	}

	expect("1:1 2:2 3:3 4:4 6:6 S=4")
	o.fetched(complete(stored(5), stored(6)), now)
	expect("1:1 2:2 3:3 4:4 5:5 6:6 S=6")
	o.add(pending(7), now)

	if o.overdue(now.Add(time.Second)) || !o.overdue(now.Add(10*time.Second)) {
		t.Error("a row is overdue after 10 s")
	}

	o.fetched(client.Page{Complete: false, Pending: []client.Message{}}, now)
	expect("1:1 2:2 3:3 4:4 5:5 6:6 7:0 S=6")
	o.fetched(complete(), now)
	expect("1:1 2:2 3:3 4:4 5:5 6:6 S=6")

	if shown != 7 {
		t.Errorf("%d rows appeared", shown)
	}
}
