package kafka

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/test/wait"
)

// TestRewind: refused while a consumer runs. Afterwards the records that were appended since
// then are read again, and no older ones.
func TestRewind(t *testing.T) {
	o := newLog(t)
	p := newProducer(t, o)
	append10 := func(what string) {
		for i := range 10 {
			mustAppend(t, p, message(uuid.New(), fmt.Sprintf("%s %d", what, i)))
		}
	}
	read := func(n int) *memoryStore {
		s := &memoryStore{}
		stop := runWriter(t, o, s, p)
		defer stop()
		wait.Until(t, fmt.Sprintf("%d messages are stored", n), s.has(n))
		if _, err := Rewind(ctx, o, time.Time{}); !errors.Is(err, ErrGroupActive) {
			t.Errorf("while a consumer runs: %v", err)
		}
		return s
	}

	append10("old")
	between := time.Now().Add(5 * time.Millisecond)
	wait.Until(t, "5 ms pass", func() bool { return time.Now().After(between) })
	append10("new")
	read(20)

	for _, c := range []struct {
		since time.Time
		want  int
	}{{time.Time{}, 20}, {between, 10}} {
		for range 2 { // the second time changes nothing
			records, err := Rewind(ctx, o, c.since)
			if err != nil || records != int64(c.want) {
				t.Fatalf("since %v: %d records, %v; want %d", c.since, records, err, c.want)
			}
		}
		for _, body := range read(c.want).bodies {
			if c.want == 10 && !strings.HasPrefix(body, "new") {
				t.Errorf("since %v: %s", c.since, body)
			}
		}
	}

	if records, err := Rewind(ctx, o, time.Now().Add(time.Hour)); err != nil || records != 0 {
		t.Errorf("since a time in the future: %d records, %v", records, err)
	}
	o.Topic += "-missing"
	if _, err := Rewind(ctx, o, time.Time{}); err == nil {
		t.Error("a topic that does not exist was rewound")
	}
}
