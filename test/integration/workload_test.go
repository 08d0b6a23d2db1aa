package integration

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/app/chat"
	"parley/test/wait"
)

// sender sends numbered messages to a conversation, one after the other, and retries
// each until it is acknowledged.
type sender struct {
	from, to     *person
	conversation string
	sent         []string // acknowledged, in order; not to be read before the sender has stopped
	inLog        atomic.Int64
	direct       atomic.Int64
}

func (s *sender) run(stop <-chan struct{}) {
	for n := 0; ; n++ {
		body := fmt.Sprint(n)
		form := messageForm(body)
		for {
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
			}
			r := s.from.post(s.conversation+"/messages", form)
			if r.status == http.StatusServiceUnavailable {
				continue
			}
			var a struct{ Message chat.Message }
			if err := json.Unmarshal([]byte(r.body), &a); err != nil || r.status != http.StatusCreated {
				s.from.t.Errorf("send %s: status %d, error %v: %s", body, r.status, err, r.body)
				return
			}
			if a.Message.LogOffset != nil {
				s.inLog.Add(1)
			} else {
				s.direct.Add(1)
			}
			break
		}
		s.sent = append(s.sent, body)
	}
}

// workload is several senders on both replicas, in conversations of all partitions.
type workload struct {
	t       *testing.T
	senders []*sender
	stop    func()
}

func startWorkload(t *testing.T, one, two *instance, pairs int) *workload {
	t.Helper()
	l := &workload{t: t}
	for i := range pairs {
		from, to := one.signIn(fmt.Sprint("From ", i)), two.signIn(fmt.Sprint("To ", i))
		if i%2 == 1 {
			from, to = to, from
		}
		l.senders = append(l.senders, &sender{from: from, to: to, conversation: from.openConversation(to)})
	}

	stop := make(chan struct{})
	var running sync.WaitGroup
	for _, s := range l.senders {
		running.Go(func() { s.run(stop) })
	}

	l.stop = sync.OnceFunc(func() { close(stop); running.Wait() })
	t.Cleanup(l.stop)
	return l
}

// waitForProgress waits until more messages of each sender are acknowledged, in the
// log or as direct writes.
func (l *workload) waitForProgress(what string, more int64, count func(*sender) *atomic.Int64) {
	l.t.Helper()
	until := make([]int64, len(l.senders))
	for i, s := range l.senders {
		until[i] = count(s).Load() + more
	}

	for i, s := range l.senders {
		wait.Until(l.t, what, func() bool { return count(s).Load() >= until[i] })
	}
}

func inLog(s *sender) *atomic.Int64  { return &s.inLog }
func direct(s *sender) *atomic.Int64 { return &s.direct }

// check stops the senders and compares the messages they sent with the stored ones.
func (l *workload) check() {
	l.t.Helper()
	l.stop()
	for _, s := range l.senders {
		var read []string
		wait.Until(l.t, "all messages are stored", func() bool {
			var complete bool
			read, complete = s.to.readAll(s.conversation)
			return complete && len(read) >= len(s.sent)
		})
		if len(read) == len(s.sent)+1 { // a send that was not acknowledged may be stored
			read = read[:len(s.sent)]
		}
		if !slices.Equal(read, s.sent) {
			l.t.Errorf("%s sent %v, stored are %v", s.from.Name, s.sent, read)
		}
	}
}
