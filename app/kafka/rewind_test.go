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
	t.Parallel()
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
		if _, err := Rewind(ctx, o, RewindTo{}); !errors.Is(err, ErrGroupActive) {
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
			done, err := Rewind(ctx, o, RewindTo{Since: c.since})
			if err != nil || done != (Rewound{Records: int64(c.want)}) {
				t.Fatalf("since %v: %+v, %v; want %d records", c.since, done, err, c.want)
			}
		}
		for _, body := range read(c.want).bodies {
			if c.want == 10 && !strings.HasPrefix(body, "new") {
				t.Errorf("since %v: %s", c.since, body)
			}
		}
	}

	future := time.Now().Add(time.Hour)
	if _, err := Rewind(ctx, o, RewindTo{Since: future}); !errors.Is(err, ErrFuture) {
		t.Errorf("since a time in the future: %v", err)
	}
	o.Topic += "-missing"
	if _, err := Rewind(ctx, o, RewindTo{}); err == nil {
		t.Error("a topic that does not exist was rewound")
	}
}

// TestRewindNeverSkipsUnasked: neither a time in the future nor one between two records that
// are not stored moves the group forward.
func TestRewindNeverSkipsUnasked(t *testing.T) {
	t.Parallel()
	o := newLog(t)
	p := newProducer(t, o)
	conversation := uuid.New()
	mustAppend(t, p, message(conversation, "first"))
	between := time.Now().Add(5 * time.Millisecond)
	wait.Until(t, "5 ms pass", func() bool { return time.Now().After(between) })
	mustAppend(t, p, message(conversation, "second"))

	var skip *SkipError
	if _, err := Rewind(ctx, o, RewindTo{Since: between}); !errors.As(err, &skip) || skip.Records != 1 {
		t.Errorf("past a record that is not stored: %v", err)
	}
	future := time.Now().Add(24 * time.Hour)
	if _, err := Rewind(ctx, o, RewindTo{Since: future}); !errors.Is(err, ErrFuture) {
		t.Errorf("to a time in the future: %v", err)
	}
	now := time.Now()
	if _, err := Rewind(ctx, o, RewindTo{Since: now}); !errors.As(err, &skip) || skip.Records != 2 {
		t.Errorf("to the present: %v", err)
	}

	done, err := Rewind(ctx, o, RewindTo{Since: between, SkipUnstored: true})
	if err != nil || done != (Rewound{Records: 1, Skipped: 1}) {
		t.Errorf("allowed to skip: %+v, %v", done, err)
	}
	s := &memoryStore{}
	runWriter(t, o, s, p)
	wait.Until(t, "the rest is stored", s.has(1))
	if s.bodies[0] != "second" {
		t.Errorf("stored: %q", s.bodies)
	}
}
