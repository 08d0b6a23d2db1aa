package main

import (
	"context"
	"flag"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"parley/app/client"
)

var outageDuration = flag.Duration("outage", 10*time.Minute, "how long the benchmark outage keeps PostgreSQL down")

const outageRate = 20 // sends per second

// outage keeps PostgreSQL down for minutes while people send, and prints which
// sends failed, and how long the writer took after the recovery.
func outage(ctx context.Context, in *installation) error {
	if in.set == nil {
		return errTarget
	}
	ada, ids, err := conversations(ctx, in.base, 10)
	if err != nil {
		return err
	}

	for _, id := range ids {
		if _, err := ada.Send(ctx, client.Write(id, "before")); err != nil {
			return err
		}
	}

	in.set.Postgres.Kill()
	s := steadySender{ada: ada, conversations: ids}
	s.run(ctx, *outageDuration)
	if err := in.set.Postgres.Start(ctx); err != nil {
		return err
	}

	recovered := time.Now()
	conn, err := pgx.Connect(ctx, in.set.Postgres.URL)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	want := s.taken.Load() + int64(len(ids))
	if _, _, err := awaitRows(ctx, conn, want, want); err != nil {
		return err
	}

	fmt.Printf("  PostgreSQL away for %v, %d sends a second: %d taken, %d failed; longest send %v\n",
		*outageDuration, outageRate, s.taken.Load(), s.failed.Load(), s.longest.Round(time.Millisecond))
	took := time.Since(recovered).Round(time.Millisecond)
	fmt.Printf("  all stored %v after its return, the numbers without a gap\n", took)
	return nil
}

// steadySender sends at a fixed rate, however long the answers take.
type steadySender struct {
	ada           *client.Client
	conversations []uuid.UUID
	taken, failed atomic.Int64
	firstFailure  sync.Once

	mu      sync.Mutex // guards longest
	longest time.Duration
}

func (s *steadySender) run(ctx context.Context, during time.Duration) {
	var sends sync.WaitGroup
	defer sends.Wait()
	for i := range paced(ctx, outageRate, during) {
		sends.Go(func() { s.send(ctx, i) })
	}
}

func (s *steadySender) send(ctx context.Context, i int) {
	begin := time.Now()
	id := s.conversations[i%len(s.conversations)]
	_, err := s.ada.Send(ctx, client.Write(id, fmt.Sprintf("Are you there? %d", i)))
	if err != nil {
		s.failed.Add(1)
		s.firstFailure.Do(func() { fmt.Printf("  the first failure: %v\n", err) })
		return
	}

	s.taken.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.longest = max(s.longest, time.Since(begin))
}
