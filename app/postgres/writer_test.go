package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"parley/app/chat"
	"parley/app/postgres/postgrestest"
)

// TestWriterRefusesSendersWhoAreNoMembers: whoever can write into the log must not speak in
// conversations of others. The messages of members are stored.
func TestWriterRefusesSendersWhoAreNoMembers(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := postgrestest.New(t)
	ada, _, conversation := friends(t, s)
	stranger := postgrestest.People(t, s, "Eve")[0]
	w := s.NewWriter()
	defer w.Close()

	good, forged := loggedMessage(conversation, ada, "hello", 1), loggedMessage(conversation, stranger, "I am Ada", 1)
	if _, err := w.StoreBatch(ctx, append(good[:1:1], forged...)); !errors.Is(err, chat.ErrContent) ||
		!errors.Is(err, chat.ErrNotMember) {
		t.Errorf("a batch with a stranger's message: %v, want ErrContent and ErrNotMember", err)
	}
	stored, err := w.StoreBatch(ctx, good)
	must(t, err)
	if seq := stored[0].Seq(good[0].ID); seq == nil || *seq != 1 {
		t.Errorf("a member's message has the seq %v, want 1", seq)
	}
}

// TestWriterFindsDuplicatesThatItDoesNotRemember checks a writer that no longer
// verifies its batches: it must find messages that another process has stored and,
// after its cache was dropped because of that, those that it stored itself. The
// seqs must have no gap.
func TestWriterFindsDuplicatesThatItDoesNotRemember(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := postgrestest.New(t)
	ada, bob, conversation := friends(t, s)
	w := s.NewWriter()
	defer w.Close()

	offset := int64(0)
	stores := func(firstSeq int64, messages ...chat.Message) {
		t.Helper()
		for i := range messages {
			at := offset
			messages[i].LogOffset = &at
			offset++
		}
		stored, err := w.StoreBatch(ctx, messages)
		must(t, err)
		for i, m := range messages {
			if seq := stored[0].Seq(m.ID); seq == nil || *seq != firstSeq+int64(i) {
				t.Fatalf("message %d is stored with seq %v, want %d", i, seq, firstSeq+int64(i))
			}
		}
	}

	first := loggedMessage(conversation, ada, "the first", 1)
	stores(1, first...)
	for seq := int64(2); seq < 40; seq++ { // more batches than it verifies
		stores(seq, loggedMessage(conversation, ada, fmt.Sprint(seq), 1)...)
	}

	direct := directMessage(conversation, bob, "stored directly")
	_, err := s.StoreDirect(ctx, conversation, direct)
	must(t, err)
	stores(40, append(direct, loggedMessage(conversation, ada, "after it", 1)...)...)
	stores(40, direct...)

	// Another writer has had the partition, so this one's cached seq is too low.
	other := s.NewWriter()
	defer other.Close()
	theirs := loggedMessage(conversation, bob, "by another writer", 1)
	_, err = other.StoreBatch(ctx, theirs)
	must(t, err)
	stores(42, theirs[0], loggedMessage(conversation, ada, "the next", 1)[0])
	stores(1, first...)
	stores(44, loggedMessage(conversation, ada, "the last", 1)...)
}
