package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"parley/app/client"
	"parley/app/loop"
	"parley/test/parley"
)

const (
	restartReplicas = 3
	restartStreams  = 600
	restartSenders  = 16
	restartPause    = 200 * time.Millisecond // between a sender's messages
)

// restart restarts three replicas one after the other while streams are open and
// people send: it prints which sends were lost or rejected, and how the streams
// reconnected. Like behind a balancer, people whose replica doesn't listen go to
// another one.
func restart(ctx context.Context, in *installation) error {
	if in.set == nil {
		return errTarget
	}
	r := &rollingRestart{replicas: []*parley.Replica{in.replica}}
	for i := 1; i < restartReplicas; i++ {
		other, err := in.newReplica(fmt.Sprintf("replica-%d.log", i+1))
		if err == nil {
			err = other.Start(ctx)
		}
		if err != nil {
			return err
		}
		defer other.Kill()
		r.replicas = append(r.replicas, other)
	}

	if err := r.signIn(ctx); err != nil {
		return err
	}

	running, stop := context.WithCancel(ctx)
	defer stop()
	var people sync.WaitGroup
	for i := range r.people {
		people.Go(func() { r.listen(running, i) })
	}
	if err := r.awaitStreams(ctx); err != nil {
		return err
	}

	for i := range r.conversations {
		people.Go(func() { r.write(running, i) })
	}
	for _, replica := range r.replicas {
		if err := replica.Stop(); err != nil {
			return err
		}
		if err := replica.Start(ctx); err != nil {
			return err
		}
		if err := r.awaitStreams(ctx); err != nil {
			return err
		}
	}

	stop()
	people.Wait()
	return r.report(ctx, in.set.Postgres.URL)
}

// rollingRestart is the people, and what happened to them.
type rollingRestart struct {
	replicas      []*parley.Replica
	people        []*client.Client
	conversations []uuid.UUID
	ready         atomic.Int64 // streams

	mu            sync.Mutex // guards the fields below
	taken         int        // sends
	moved         int        // attempts that went to another replica for want of an answer
	rejected      int        // attempts
	firstRejected error
	reconnected   []time.Time
	absent        []time.Duration // how long each of reconnected took
}

// signIn signs people in at all replicas. The first ones have conversations with
// the next.
func (r *rollingRestart) signIn(ctx context.Context) error {
	r.people = make([]*client.Client, restartStreams)
	if err := each(len(r.people), 16, func(i int) (err error) {
		r.people[i], err = signIn(ctx, r.base(i), fmt.Sprintf("Person %d", i))
		return err
	}); err != nil {
		return err
	}

	r.conversations = make([]uuid.UUID, restartSenders)
	return each(len(r.conversations), 8, func(i int) (err error) {
		r.conversations[i], err = r.people[i].Befriend(ctx, r.people[restartSenders+i])
		return err
	})
}

func (r *rollingRestart) base(n int) string { return r.replicas[n%restartReplicas].Base }

// awaitStreams waits until every stream is ready.
func (r *rollingRestart) awaitStreams(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for r.ready.Load() < restartStreams {
		if !loop.Sleep(ctx, 20*time.Millisecond) {
			return fmt.Errorf("only %d of %d streams are ready", r.ready.Load(), restartStreams)
		}
	}
	return nil
}

// listen keeps a stream open, as a browser does: it reconnects to any other
// replica after the time that the stream named.
func (r *rollingRestart) listen(ctx context.Context, i int) {
	retry, lost := time.Second, time.Time{}
	for n := i; ; n += 1 + rand.IntN(restartReplicas-1) {
		stream, err := r.people[i].At(r.base(n)).OpenStream(ctx)
		if err == nil {
			if r.follow(stream, lost) {
				lost = time.Now()
			}
			retry = stream.Retry
		}
		if !loop.Sleep(ctx, retry) {
			return
		}
	}
}

// follow reads one stream to its end, and reports whether it was ever ready.
func (r *rollingRestart) follow(stream *client.Stream, lost time.Time) (ready bool) {
	defer stream.Close()
	for e := range stream.Events() {
		if e.Name != client.EventReady || ready {
			continue
		}
		ready = true
		r.ready.Add(1)
		defer r.ready.Add(-1)
		if !lost.IsZero() {
			r.mu.Lock()
			r.reconnected, r.absent = append(r.reconnected, time.Now()), append(r.absent, time.Since(lost))
			r.mu.Unlock()
		}
	}
	return ready
}

// write sends one message after the other, each until it is taken, even if ctx
// has ended.
func (r *rollingRestart) write(ctx context.Context, i int) {
	for n := 0; ; n++ {
		m := client.Write(r.conversations[i], fmt.Sprintf("Rolling on, %d", n))
		for attempt := i; ; attempt++ {
			_, err := r.people[i].At(r.base(attempt)).Send(context.Background(), m)
			r.count(err)
			if err == nil {
				break
			}
			if client.Status(err) != 0 {
				time.Sleep(restartPause)
			}
		}
		if !loop.Sleep(ctx, restartPause) {
			return
		}
	}
}

// count counts one attempt to send.
func (r *rollingRestart) count(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case err == nil:
		r.taken++
	case client.Status(err) == 0:
		r.moved++
	default:
		r.rejected++
		if r.firstRejected == nil {
			r.firstRejected = err
		}
	}
}

func (r *rollingRestart) report(ctx context.Context, database string) error {
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if _, _, err := awaitRows(ctx, conn, int64(r.taken), int64(r.taken)); err != nil {
		return err
	}

	stored, err := storedRows(ctx, conn)
	if err != nil {
		return err
	}

	if r.firstRejected != nil {
		fmt.Printf("  the first refusal: %v\n", r.firstRejected)
	}
	fmt.Printf("  %d sends taken, %d of them by another replica than the first asked, %d refused; %d stored\n",
		r.taken, r.moved, r.rejected, stored)
	fmt.Printf("  %d reconnects of %d streams: back after p50 %v, p99 %v; the fullest second has %.0f %% of them\n",
		len(r.reconnected), restartStreams,
		quantile(r.absent, .5).Round(time.Millisecond), quantile(r.absent, .99).Round(time.Millisecond),
		100*fullest(r.reconnected, time.Second))
	return nil
}

// fullest is the largest share of the moments that fall into one window.
func fullest(moments []time.Time, window time.Duration) float64 {
	slices.SortFunc(moments, time.Time.Compare)
	most := 0
	for i := range moments {
		end, _ := slices.BinarySearchFunc(moments, moments[i].Add(window), time.Time.Compare)
		most = max(most, end-i)
	}
	return float64(most) / float64(max(1, len(moments)))
}
