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

// TestRewind: refused while a writer is at work; then what was appended since comes again, and nothing older.
func TestRewind(t *testing.T) {
	o := ownLog(t)
	p := newProducer(t, o)
	append10 := func(what string) {
		for i := range 10 {
			if _, err := p.Append(ctx, message(uuid.New(), fmt.Sprintf("%s %d", what, i))); err != nil {
				t.Fatal(err)
			}
		}
	}
	read := func(until int) *shelf {
		s := &shelf{}
		stop := runWriter(t, o, s, s, p, 0)
		defer stop()
		wait.Until(t, fmt.Sprintf("%d are stored", until), s.has(until))
		if _, err := Rewind(ctx, o, time.Time{}); !errors.Is(err, ErrGroupAtWork) {
			t.Errorf("with a writer at work: %v", err)
		}
		return s
	}
	append10("old")
	between := time.Now().Add(5 * time.Millisecond)
	wait.Until(t, "time passes", func() bool { return time.Now().After(between) })
	append10("new")
	read(20)

	for _, tt := range []struct {
		since time.Time
		want  int
	}{{time.Time{}, 20}, {between, 10}} {
		records, err := Rewind(ctx, o, tt.since)
		if err != nil || records != int64(tt.want) {
			t.Fatalf("since %v: %d records, %v; want %d", tt.since, records, err, tt.want)
		}
		if records, err = Rewind(ctx, o, tt.since); err != nil || records != int64(tt.want) { // said twice, it is done once
			t.Fatalf("since %v, again: %d records, %v", tt.since, records, err)
		}
		for _, body := range read(tt.want).bodies {
			if tt.want == 10 && !strings.HasPrefix(body, "new") {
				t.Errorf("since %v: %s", tt.since, body)
			}
		}
	}
	if records, err := Rewind(ctx, o, time.Now().Add(time.Hour)); err != nil || records != 0 {
		t.Errorf("since a time to come: %d records, %v", records, err)
	}
	o.Topic += "-not-there"
	if _, err := Rewind(ctx, o, time.Time{}); err == nil {
		t.Error("a topic that isn't there was rewound")
	}
}
