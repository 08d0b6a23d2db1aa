package postgres_test

import (
	"context"
	"fmt"
	"testing"

	"parley/app/chat"
	"parley/app/postgres/postgrestest"
)

// TestAWriterKnowsWhatItDidNotStore: one that has long met nothing that was stored before, and so doesn't ask, finds what somebody else stored since, and, once that made it
// forget, what it stored itself; and the numbers go on without a gap.
func TestAWriterKnowsWhatItDidNotStore(t *testing.T) {
	ctx := context.Background()
	s := postgrestest.New(t)
	people := postgrestest.People(t, s, "Ada", "Bob")
	talk := postgrestest.Direct(t, s, people[0], people[1])
	w := s.NewWriter()
	defer w.Close()
	offset := int64(0)
	stores := func(want int64, messages ...chat.Message) {
		t.Helper()
		for i := range messages {
			at := offset
			messages[i].LogOffset = &at
			offset++
		}
		stored, err := w.StoreBatch(ctx, messages)
		if err != nil {
			t.Fatal(err)
		}
		for i, m := range messages {
			if seq := stored[0].Seq(m.ID); seq == nil || *seq != want+int64(i) {
				t.Fatalf("message %d is stored as %v, want %d", i, seq, want+int64(i))
			}
		}
	}
	first := logged(talk, people[0], "the first", 1)
	stores(1, first...)
	seq := int64(2)
	for ; seq < 40; seq++ { // until it doesn't ask any more
		stores(seq, logged(talk, people[0], fmt.Sprint(seq), 1)...)
	}
	elsewhere := direct(talk, people[1], "stored directly")
	if _, err := s.StoreDirect(ctx, talk, elsewhere); err != nil {
		t.Fatal(err)
	}
	stores(40, append(elsewhere, logged(talk, people[0], "after it", 1)...)...)
	stores(40, elsewhere...) // again

	// Another writer had the partition meanwhile: what this one remembers is of no use.
	other := s.NewWriter()
	defer other.Close()
	theirs := logged(talk, people[1], "by another writer", 1)
	if _, err := other.StoreBatch(ctx, theirs); err != nil {
		t.Fatal(err)
	}
	stores(42, theirs[0], logged(talk, people[0], "and on", 1)[0])
	stores(1, first...) // from the beginning
	stores(44, logged(talk, people[0], "the last", 1)...)
}
