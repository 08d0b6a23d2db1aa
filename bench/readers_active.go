package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"parley/app/client"
)

const (
	activeCount = 40
	activeRate  = 160 // messages per second for all of them
)

// activeReaders are people who read their streams, and Ada's conversations with
// them.
type activeReaders struct {
	ada           *client.Client
	conversations []uuid.UUID
	conns         []net.Conn

	mu        sync.Mutex           // guards the fields below
	posted    map[string]time.Time // the messages under way, by the id in their body
	latencies []time.Duration      // from POST to event
	rejected  int
}

func newActiveReaders(ctx context.Context, base string) (*activeReaders, error) {
	ada, err := signIn(ctx, base, "Ada")
	if err != nil {
		return nil, err
	}

	people, err := signInMany(ctx, base, "Bob", activeCount)
	if err != nil {
		return nil, err
	}

	a := &activeReaders{ada: ada, posted: map[string]time.Time{}, conns: make([]net.Conn, activeCount)}
	if a.conversations, err = befriend(ctx, ada, people); err != nil {
		return nil, err
	}

	for i, p := range people {
		if a.conns[i], err = openStream(&net.Dialer{}, p); err != nil {
			return nil, err
		}
		go a.read(a.conns[i])
	}
	return a, nil
}

func (a *activeReaders) close() { closeAll(a.conns) }

// bodyPrefix begins the messages to active readers; an id follows.
const bodyPrefix = "Heard from "

// read times each message's event.
func (a *activeReaders) read(stream io.Reader) {
	for e := range client.NewStream(stream).Events() {
		_, id, ok := strings.Cut(string(e.Data), bodyPrefix)
		if !ok || len(id) < 36 {
			continue
		}
		now := time.Now()
		a.mu.Lock()
		if posted, ok := a.posted[id[:36]]; ok {
			delete(a.posted, id[:36])
			a.latencies = append(a.latencies, now.Sub(posted))
		}
		a.mu.Unlock()
	}
}

// phase sends at the rate for a phase, and returns every message's latency. A
// message that doesn't arrive is an error.
func (a *activeReaders) phase(ctx context.Context) ([]time.Duration, error) {
	errs := make(chan error, int(phaseDuration.Seconds()*activeRate))
	var sends sync.WaitGroup
	for i := range paced(ctx, activeRate, phaseDuration) {
		sends.Go(func() { errs <- a.send(ctx, i) })
	}

	sends.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			return nil, err
		}
	}

	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		missing, latencies := a.take()
		if missing == 0 {
			return latencies, ctx.Err()
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("%d messages did not arrive", missing)
		}
	}
}

// take returns the latencies, and begins anew, once no message is under way.
func (a *activeReaders) take() (missing int, latencies []time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.posted) > 0 {
		return len(a.posted), nil
	}
	latencies, a.latencies = a.latencies, nil
	return 0, latencies
}

// send sends one message. A rejection, by a replica that sheds load, is counted.
func (a *activeReaders) send(ctx context.Context, i int) error {
	id := uuid.NewString()
	a.mu.Lock()
	a.posted[id] = time.Now()
	a.mu.Unlock()
	_, err := a.ada.Send(ctx, client.Write(a.conversations[i%activeCount], bodyPrefix+id))
	if client.Status(err) == 0 {
		return err
	}

	a.mu.Lock()
	defer a.mu.Unlock()
	a.rejected++
	delete(a.posted, id)
	return nil
}
