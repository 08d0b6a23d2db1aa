package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
)

var outageLasts = flag.Duration("outage", 10*time.Minute, "how long the program outage keeps PostgreSQL away")

const outageRate = 20 // sends a second

// outage takes PostgreSQL away for minutes while people send, and tells what failed, and how long the writer took after its return.
func outage(ctx context.Context, l *local) error {
	if l.set == nil {
		return errors.New("it takes PostgreSQL away: not with a target")
	}
	ada, err := signIn(l.base, "Ada")
	if err != nil {
		return err
	}
	var talks []string
	for i := range 10 {
		bob, err := signIn(l.base, fmt.Sprintf("Bob %d", i))
		if err != nil {
			return err
		}
		talk, err := ada.opens(bob)
		if err != nil {
			return err
		}
		if err := ada.sends(talk, "before"); err != nil {
			return err
		}
		talks = append(talks, talk)
	}
	l.set.Postgres.Kill()
	s := steady{ada: ada, talks: talks}
	s.run(ctx, *outageLasts)
	if err := l.set.Postgres.Start(ctx); err != nil {
		return err
	}
	back := time.Now()
	conn, err := pgx.Connect(ctx, l.set.Postgres.URL)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	want := s.taken.Load() + int64(len(talks))
	if _, _, err := awaitRows(ctx, conn, want, want); err != nil {
		return err
	}
	fmt.Printf("  PostgreSQL away for %v, %d sends a second: %d taken, %d failed; longest send %v\n  all stored %v after its return, the numbers without a gap\n",
		*outageLasts, outageRate, s.taken.Load(), s.failed.Load(), time.Duration(s.longest.Load()).Round(time.Millisecond), time.Since(back).Round(time.Millisecond))
	return nil
}

// steady sends at a rate, whatever the answers take.
type steady struct {
	ada            *client
	talks          []string
	taken, failed  atomic.Int64
	longest, first atomic.Int64 // a send's time in nanoseconds; whether a failure was printed
}

func (s *steady) run(ctx context.Context, lasts time.Duration) {
	var all sync.WaitGroup
	defer all.Wait()
	begin := time.Now()
	for i := range int(lasts.Seconds() * outageRate) {
		select {
		case <-time.After(time.Until(begin.Add(time.Duration(i) * time.Second / outageRate))):
		case <-ctx.Done():
			return
		}
		all.Go(func() { s.send(i) })
	}
}

func (s *steady) send(i int) {
	begin := time.Now()
	if err := s.ada.sends(s.talks[i%len(s.talks)], fmt.Sprintf("Are you there? %d", i)); err != nil {
		s.failed.Add(1)
		if s.first.CompareAndSwap(0, 1) {
			fmt.Printf("  the first failure: %v\n", err)
		}
		return
	}
	s.taken.Add(1)
	for took := int64(time.Since(begin)); ; {
		longest := s.longest.Load()
		if took <= longest || s.longest.CompareAndSwap(longest, took) {
			return
		}
	}
}
