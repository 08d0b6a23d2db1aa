package main

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"

	"parley/app/client"
)

// loadConnections is how many sends can wait for an answer at once: enough for
// what is offered while rejections take their time.
const loadConnections = 4096

// load is the outcome of the sends that were offered.
type load struct {
	mu       sync.Mutex // guards the fields up to failed
	accepted []time.Duration
	rejected []time.Duration
	silent   int // rejected without a Retry-After
	failed   int // without an answer, or with another one

	offered int
	unsent  int // no connection was free when the send was due
	took    time.Duration
}

// offer sends at a rate for overloadDuration. A send that finds no free
// connection when it is due is left out, and each is timed from when it was
// sent: that the load itself lacks processor time is no fault of the replica.
func offer(ctx context.Context, c *client.Client, ids []uuid.UUID, perSecond float64) (*load, error) {
	l, due := &load{}, make(chan uuid.UUID)
	var senders sync.WaitGroup
	defer senders.Wait()
	defer close(due)
	for range loadConnections {
		s, err := newRawSender(c)
		if err != nil {
			return nil, err
		}
		senders.Go(func() {
			defer s.conn.Close()
			for id := range due {
				l.send(s, id)
			}
		})
	}

	begin := time.Now()
	for i := 0; time.Since(begin) < overloadDuration && ctx.Err() == nil; i++ {
		at := begin.Add(time.Duration(float64(i) / perSecond * float64(time.Second)))
		if wait := time.Until(at); wait > 0 {
			time.Sleep(wait)
		}
		select {
		case due <- ids[i%len(ids)]:
			l.offered++
		default:
			l.unsent++
		}
	}
	l.took = time.Since(begin)
	return l, nil
}

func (l *load) send(s *rawSender, conversation uuid.UUID) {
	begin := time.Now()
	a, err := s.send(conversation, "Is anybody getting through?")
	took := time.Since(begin)
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case err == nil && a.status == http.StatusCreated:
		l.accepted = append(l.accepted, took)
	case err == nil && (a.status == http.StatusServiceUnavailable || a.status == http.StatusTooManyRequests):
		l.rejected = append(l.rejected, took)
		if !a.retryAfter {
			l.silent++
		}
	default:
		l.failed++
	}
}

func (l *load) print(name string) {
	seconds := l.took.Seconds()
	fmt.Printf("    %-14s offered %.0f/s (%d more found no connection)  accepted %d (%.0f/s)  "+
		"refused %d, %d without Retry-After  failed %d\n",
		name, float64(l.offered)/seconds, l.unsent, len(l.accepted), float64(len(l.accepted))/seconds,
		len(l.rejected), l.silent, l.failed)
	fmt.Printf("    %-14s accepted p50 %v p99 %v  refused p50 %v p99 %v\n", "",
		quantile(l.accepted, .5), quantile(l.accepted, .99), quantile(l.rejected, .5), quantile(l.rejected, .99))
}
