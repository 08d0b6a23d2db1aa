package kafka

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/test/wait"
)

// TestFind: partitions have the same offsets, so it is the id that tells.
func TestFind(t *testing.T) {
	o := ownLog(t)
	o.Replica = "here:8000"
	p, ctx := newProducer(t, o), context.Background()
	var all []chat.Message
	for range 12 { // conversations: each partition has some of them
		m := message(uuid.New(), "words")
		offset, err := p.Append(ctx, m)
		if err != nil {
			t.Fatal(err)
		}
		m.LogOffset = &offset
		all = append(all, m)
	}
	for _, m := range all {
		found, ok, err := Locate(ctx, o, m.ID, *m.LogOffset)
		if err != nil || !ok || found.ConversationID != m.ConversationID || found.SenderID != m.Sender.ID || found.Replica != "here:8000" || found.At.IsZero() || !found.SentAt.Equal(m.SentAt.Time) {
			t.Errorf("found %+v, %t, %v of %+v", found, ok, err, m)
		}
	}
	for what, offset := range map[string]int64{"another's place": *all[0].LogOffset + 1, "after the end": 1000} {
		if found, ok, err := Locate(ctx, o, all[0].ID, offset); ok || err != nil {
			t.Errorf("%s: %+v, %t, %v", what, found, ok, err)
		}
	}
	gone := o
	gone.Brokers = "127.0.0.1:1"
	if _, ok, err := Locate(ctx, gone, all[0].ID, 0); ok || err == nil {
		t.Errorf("without a log: %t, %v", ok, err)
	}
}

// TestLag: what nobody has stored yet, with and without a place of the group.
func TestLag(t *testing.T) {
	o := ownLog(t)
	p, s := newProducer(t, o), &shelf{}
	talk := uuid.New()
	append3 := func() {
		for range 3 {
			if _, err := p.Append(context.Background(), message(talk, "words")); err != nil {
				t.Fatal(err)
			}
		}
	}
	append3()
	ctx, stop := context.WithCancel(context.Background())
	var mu sync.Mutex
	var latest map[int32]int64
	ended := make(chan error, 1)
	go func() {
		ended <- WatchLag(ctx, o, 200*time.Millisecond, func(lags map[int32]int64) { mu.Lock(); latest = lags; mu.Unlock() })
	}()
	waits := func(n int64) func() bool {
		return func() bool {
			mu.Lock()
			defer mu.Unlock()
			var sum int64
			for _, lag := range latest {
				sum += lag
			}
			return len(latest) == 3 && sum == n
		}
	}
	wait.Until(t, "three wait, though there was never a writer", waits(3))
	end := runWriter(t, o, s, s, p, 0)
	wait.Until(t, "none waits", waits(0))
	end()
	append3()
	wait.Until(t, "three wait for the next writer", waits(3))
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
