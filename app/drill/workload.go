package drill

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"parley/app/client"
	"parley/app/drill/verify"
	"parley/app/loop"
)

// The pace of the workload.
const (
	sendPause     = 25 * time.Millisecond  // between a person's messages
	retryDelay    = 50 * time.Millisecond  // before a message is sent again, or a stream opened again
	sendTimeout   = 6 * time.Second        // of a request: longer than a replica needs to reject a message
	probeInterval = 200 * time.Millisecond // of the balancer's health checks
)

// workload is conversations of two people, both of whom write without end. Like
// a balancer it uses the replicas whose /readyz says that they are ready.
type workload struct {
	bases        []string
	people       []*person // two by two
	history      *verify.History
	probe        *client.Client     // signed out
	recovery     *recovery          // what has worked since the last fault
	check        *check             // what is stored
	sendDeadline time.Duration      // the age at which an unacknowledged message is given up
	stopping     chan struct{}      // closed to end the senders of a phase
	senders      sync.WaitGroup     // of a phase
	watchers     sync.WaitGroup     // of streams and of replicas
	cancel       context.CancelFunc // ends the watchers
}

// person is a member of the conversation with the number index/2.
type person struct {
	*client.Client
	index        int
	name         string
	conversation uuid.UUID
	written      int // messages
}

// newWorkload signs people in and opens their conversations.
func newWorkload(ctx context.Context, bases []string) (*workload, error) {
	w := &workload{
		bases:        bases,
		history:      verify.NewHistory(),
		probe:        client.New("", client.Options{Timeout: time.Second}),
		sendDeadline: 2 * recoveryTimeout,
	}

	for i, name := range []string{"Ada", "Bob", "Cleo", "Dan"} {
		c, err := client.SignIn(ctx, bases[0], "Drill "+name, client.Options{Timeout: sendTimeout})
		if err != nil {
			return nil, err
		}

		w.people = append(w.people, &person{Client: c, index: i, name: name})
	}

	for i := 0; i < len(w.people); i += 2 {
		a, b := w.people[i], w.people[i+1]

		id, err := a.Befriend(ctx, b.Client)
		if err != nil {
			return nil, err
		}

		a.conversation, b.conversation = id, id
	}

	w.recovery = newRecovery(bases, len(w.people))
	w.check = newCheck(w.people)
	return w, nil
}

// watch follows everybody's stream and probes the replicas until close.
func (w *workload) watch() {
	ctx, cancel := context.WithCancel(context.Background())

	w.cancel = cancel
	for _, base := range w.bases {
		w.watchers.Go(func() {
			for ok := true; ok; ok = loop.Sleep(ctx, probeInterval) {
				down, err := w.probe.At(base).Ready(ctx)
				w.recovery.probed(base, err == nil, err == nil && len(down) == 0)
			}
		})
	}

	for _, p := range w.people {
		w.watchers.Go(func() {
			for n := p.index; ; n++ {
				w.follow(ctx, p, w.recovery.replica(n))

				if !loop.Sleep(ctx, retryDelay) {
					return
				}
			}
		})
	}
}

// follow reads one stream of a person to its end.
func (w *workload) follow(ctx context.Context, p *person, base string) {
	stream, err := p.At(base).OpenStream(ctx)
	if err != nil {
		return
	}
	defer stream.Close()

	for event := range stream.Events() {
		var e client.MessageEvent
		if event.Name == client.EventMessage && json.Unmarshal(event.Data, &e) == nil {
			w.recovery.received(p.index, e.Message.Body)
		}
	}
}

// close ends what watch began.
func (w *workload) close() {
	w.cancel()
	w.watchers.Wait()
}

// begin starts a phase: everybody writes until stop.
func (w *workload) begin() {
	w.history.Begin(w.history.Round() + 1)

	w.stopping = make(chan struct{})
	for _, p := range w.people {
		w.senders.Go(func() { w.write(p, w.stopping) })
	}
}

// stop ends the writing, and returns when the messages under way are
// acknowledged or given up.
func (w *workload) stop() {
	select {
	case <-w.stopping:
	default:
		close(w.stopping)
	}

	w.senders.Wait()
}

func (w *workload) write(p *person, stopping <-chan struct{}) {
	for {
		select {
		case <-stopping:
			return
		case <-time.After(sendPause):
		}

		p.written++
		w.send(p, fmt.Sprintf("%s %d", p.name, p.written))
	}
}

// send sends one message until it is acknowledged, at one replica after the
// other.
func (w *workload) send(p *person, body string) {
	ctx, cancel := context.WithTimeout(context.Background(), w.sendDeadline)
	defer cancel()
	op, begun := w.history.Invoke(p.index, p.index/2, body), time.Now()
	w.recovery.written(body, begun)

	base := ""

	m, err := p.SendRetrying(ctx, client.Write(p.conversation, body), retryDelay, func(n int) string {
		base = w.recovery.replica(p.written + n)
		return base
	})
	if err != nil {
		return // given up: whether it is stored is unknown
	}

	w.history.Finish(op, verify.OK)

	if m.LogOffset != nil {
		w.recovery.logged(base, begun)
	}
}

// row waits until everything acknowledged is stored, and returns the cost of the
// phase.
func (w *workload) row(ctx context.Context, fault string, recovered time.Time) (Row, error) {
	answers := w.history.Answers()
	found, err := w.check.await(ctx, w.history, w.recovery.replica)
	r := Row{
		Fault: fault, Outage: answers.Longest, Acknowledged: answers.OK, LiveAgain: w.recovery.liveAfter(recovered),
	}

	for _, f := range found {
		switch f.Kind {
		case verify.Lost:
			r.Lost++
		case verify.Duplicated:
			r.Duplicated++
		case verify.Inverted, verify.Gapped:
			r.OutOfOrder++
		}
	}

	return r, err
}
