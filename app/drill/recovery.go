package drill

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// recovery knows what works again since a moment: messages written after it that
// reached people, and that a replica's producer appended to the log; and which
// replicas are ready.
type recovery struct {
	bases  []string
	people int

	mu      sync.Mutex           // guards the fields below
	since   time.Time            // the moment
	begun   map[string]time.Time // when each message was written, by body
	live    map[int]time.Time    // when each person first received one written after since
	logging map[string]bool      // the replicas that appended one written after since
	ready   map[string]bool      // the replicas that a balancer would use
	whole   map[string]bool      // the replicas that reach every dependency
}

func newRecovery(bases []string, people int) *recovery {
	return &recovery{
		bases:   bases,
		people:  people,
		begun:   map[string]time.Time{},
		live:    map[int]time.Time{},
		logging: map[string]bool{},
		ready:   map[string]bool{},
		whole:   map[string]bool{},
	}
}

// probed notes the result of a health check.
func (r *recovery) probed(base string, ready, whole bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ready[base], r.whole[base] = ready, whole
}

// written notes when a message was written.
func (r *recovery) written(body string, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.begun[body] = at
}

// received notes that a person's stream brought a message.
func (r *recovery) received(person int, body string) {
	r.mu.Lock()
	defer r.mu.Unlock()

	if begun, ok := r.begun[body]; ok && begun.After(r.since) && r.live[person].IsZero() {
		r.live[person] = time.Now()
	}
}

// logged notes that a replica appended a message to the log.
func (r *recovery) logged(base string, begun time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()

	if begun.After(r.since) {
		r.logging[base] = true
	}
}

// replica returns the nth of the replicas that are ready, or of all while none
// is.
func (r *recovery) replica(n int) string {
	r.mu.Lock()
	defer r.mu.Unlock()

	var ready []string
	for _, base := range r.bases {
		if r.ready[base] {
			ready = append(ready, base)
		}
	}

	if len(ready) == 0 {
		ready = r.bases
	}

	return ready[n%len(ready)]
}

// await returns when everybody has received a message written after since, every
// replica has appended one to the log, and every replica reaches every
// dependency.
func (r *recovery) await(ctx context.Context, since time.Time) error {
	r.mu.Lock()
	r.since = since
	clear(r.live)
	clear(r.logging)
	r.mu.Unlock()

	ctx, cancel := context.WithTimeout(ctx, recoveryTimeout)
	defer cancel()

	for {
		live, logging, whole := r.counts()
		if live == r.people && logging == len(r.bases) && whole == len(r.bases) {
			return nil
		}

		select {
		case <-ctx.Done():
			return fmt.Errorf("no recovery within %s: %d of %d people receive messages, "+
				"%d of %d replicas reach the log, %d reach every dependency",
				recoveryTimeout, live, r.people, logging, len(r.bases), whole)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func (r *recovery) counts() (live, logging, whole int) {
	r.mu.Lock()
	defer r.mu.Unlock()

	for _, base := range r.bases {
		if r.whole[base] {
			whole++
		}
	}

	return len(r.live), len(r.logging), whole
}

// liveAfter is the time from the recovery until the last person received a
// message written after it.
func (r *recovery) liveAfter(recovered time.Time) (longest time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()

	for _, at := range r.live {
		longest = max(longest, at.Sub(recovered))
	}

	return longest
}
