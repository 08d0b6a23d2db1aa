package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

const (
	restartReplicas = 3
	restartStreams  = 600
	restartSenders  = 16
	restartPause    = 200 * time.Millisecond // between a sender's messages
)

// restart stops and starts three replicas one after the other, while streams are open and people send: what was lost or refused, and how the streams
// came back. Who finds nobody listening goes to another replica, as a balancer would have it.
func restart(ctx context.Context, l *local) error {
	if l.set == nil {
		return errors.New("it restarts replicas: not with a target")
	}
	r := &rolling{replicas: []*local{l}, people: make([]*client, restartStreams), talks: make([]string, restartSenders)}
	for i := 1; i < restartReplicas; i++ {
		other := &local{dir: filepath.Join(l.dir, strconv.Itoa(i)), program: l.program, set: l.set}
		if err := errors.Join(os.Mkdir(other.dir, 0o755), other.start()); err != nil {
			return err
		}
		defer other.stop()
		r.replicas = append(r.replicas, other)
	}
	if err := r.signIn(); err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	defer stop()
	var all sync.WaitGroup
	for i := range r.people {
		all.Go(func() { r.listens(running, i) })
	}
	if err := r.allReady(ctx); err != nil {
		return err
	}
	for i := range r.talks {
		all.Go(func() { r.sends(running, i) })
	}
	for _, replica := range r.replicas {
		replica.stop()
		if err := replica.start(); err != nil {
			return err
		}
		if err := r.allReady(ctx); err != nil {
			return err
		}
	}
	stop()
	all.Wait()
	return r.report(ctx, l.set.Postgres.URL)
}

// rolling is who is there, and what happened to them.
type rolling struct {
	replicas              []*local
	people                []*client
	talks                 []string
	ready                 atomic.Int64 // streams that are
	taken, moved, refused atomic.Int64 // sends: at all, at the second replica or later, never

	mu     sync.Mutex // guards the fields below
	back   []time.Time
	absent []time.Duration // how long each of back had been away
	first  error           // the first refusal
}

func (r *rolling) signIn() error {
	if err := each(len(r.people), 16, func(i int) (err error) {
		r.people[i], err = signIn(r.replicas[i%restartReplicas].base, fmt.Sprintf("Person %d", i))
		return err
	}); err != nil {
		return err
	}
	return each(len(r.talks), 8, func(i int) (err error) {
		r.talks[i], err = r.people[i].opens(r.people[restartSenders+i])
		return err
	})
}

func (r *rolling) allReady(ctx context.Context) error {
	for deadline := time.Now().Add(time.Minute); r.ready.Load() < restartStreams; {
		if time.Now().After(deadline) || ctx.Err() != nil {
			return fmt.Errorf("only %d of %d streams are ready", r.ready.Load(), restartStreams)
		}
		time.Sleep(20 * time.Millisecond)
	}
	return nil
}

// listens keeps a stream open, as a browser does: it comes back after the time that the stream named, to any replica.
func (r *rolling) listens(ctx context.Context, i int) {
	retry, gone := time.Second, time.Time{}
	for at := i; ctx.Err() == nil; at += 1 + rand.IntN(restartReplicas-1) {
		if r.follows(ctx, r.people[i], r.base(at), &retry, gone) {
			gone = time.Now()
		}
		select {
		case <-time.After(retry):
		case <-ctx.Done():
		}
	}
}

// base is where a replica answers: after a restart it is another port.
func (r *rolling) base(at int) string { return r.replicas[at%restartReplicas].address() }

// follows reads one stream to its end, and tells whether it was ever ready.
func (r *rolling) follows(ctx context.Context, c *client, base string, retry *time.Duration, gone time.Time) (ready bool) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/events?format=json", nil)
	if err != nil {
		return false
	}
	req.Header.Set("Cookie", c.cookie)
	res, err := transport.RoundTrip(req)
	if err != nil {
		return false
	}
	defer res.Body.Close()
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		if ms, err := strconv.Atoi(strings.TrimPrefix(lines.Text(), "retry: ")); err == nil {
			*retry = time.Duration(ms) * time.Millisecond
		}
		if lines.Text() != "event: ready" || ready {
			continue
		}
		ready = true
		r.ready.Add(1)
		defer r.ready.Add(-1)
		if !gone.IsZero() {
			r.mu.Lock()
			r.back, r.absent = append(r.back, time.Now()), append(r.absent, time.Since(gone))
			r.mu.Unlock()
		}
	}
	return ready
}

// sends says one thing after the other, each until it is taken.
func (r *rolling) sends(ctx context.Context, i int) {
	for n := 0; ctx.Err() == nil; n++ {
		form := url.Values{"body": {fmt.Sprintf("Rolling on, %d", n)}, "client_id": {uuid.Must(uuid.NewV7()).String()}}
		for at := i; ; at++ {
			c := *r.people[i]
			c.base = r.base(at)
			res, answer, err := c.post(r.talks[i]+"/messages", form)
			if err == nil && res.StatusCode == http.StatusCreated {
				r.taken.Add(1)
				break
			}
			if err == nil {
				r.refused.Add(1)
				r.mu.Lock()
				if r.first == nil {
					r.first = fmt.Errorf("%s: %s", res.Status, answer)
				}
				r.mu.Unlock()
				time.Sleep(restartPause)
			}
			r.moved.Add(1)
		}
		select {
		case <-time.After(restartPause):
		case <-ctx.Done():
		}
	}
}

func (r *rolling) report(ctx context.Context, database string) error {
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if _, _, err := awaitRows(ctx, conn, r.taken.Load(), r.taken.Load()); err != nil {
		return err
	}
	stored, err := storedRows(ctx, conn)
	if err != nil {
		return err
	}
	if r.first != nil {
		fmt.Printf("  the first refusal: %v\n", r.first)
	}
	fmt.Printf("  %d sends taken, %d of them by another replica than the first asked, %d refused; %d stored\n", r.taken.Load(), r.moved.Load()-r.refused.Load(), r.refused.Load(), stored)
	fmt.Printf("  %d reconnects of %d streams: back after p50 %v, p99 %v; the fullest second has %.0f %% of them\n", len(r.back), restartStreams,
		quantile(r.absent, .5).Round(time.Millisecond), quantile(r.absent, .99).Round(time.Millisecond), 100*fullest(r.back, time.Second))
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
