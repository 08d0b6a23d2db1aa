package e2e

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/client"
	"parley/test/parley"
	"parley/test/wait"
)

// apiUser is a person who uses the JSON interface.
type apiUser struct {
	*client.Client
	t testing.TB

	failures atomic.Int64 // attempts to send that were not acknowledged
}

// newAPIUser signs a person in, whose name is unique to the test.
func newAPIUser(t testing.TB, name, base string) *apiUser {
	t.Helper()
	c, err := client.SignIn(t.Context(), base, unique(t, name), client.Options{
		Timeout: 10 * time.Second,
		Transport: &http.Transport{
			TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, // nginx has a self-signed certificate
			ForceAttemptHTTP2: true,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return &apiUser{Client: c, t: t}
}

// befriends makes two people friends, and opens their conversation.
func (u *apiUser) befriends(friend *apiUser) (conversation uuid.UUID) {
	u.t.Helper()
	conversation, err := u.Befriend(u.t.Context(), friend.Client)
	if err != nil {
		u.t.Fatal(err)
	}
	return conversation
}

const (
	maxSendAttempts = 400
	sendRetryDelay  = 50 * time.Millisecond
)

// sends sends one message until it is acknowledged, at one address after the other. It returns the
// id of the message.
func (u *apiUser) sends(bases []string, conversation uuid.UUID, body string) uuid.UUID {
	message := client.Write(conversation, body)
	for attempt := range maxSendAttempts {
		sent, err := u.At(bases[attempt%len(bases)]).Send(u.t.Context(), message)
		if err == nil {
			return sent.ID
		}

		u.failures.Add(1)
		if status := client.Status(err); status >= 400 && status < 500 {
			u.t.Errorf("%s: rejected: %v", body, err)
			return uuid.Nil
		}

		<-time.After(sendRetryDelay)
	}

	u.t.Errorf("%s: not acknowledged in %d attempts", body, maxSendAttempts)
	return uuid.Nil
}

// hasStored reports whether a conversation has a number of stored messages, and none pending.
func (u *apiUser) hasStored(base string, conversation uuid.UUID, n int) bool {
	stored, pending, err := u.At(base).HistoryAfter(u.t.Context(), conversation, 0)
	return err == nil && len(stored) == n && len(pending) == 0
}

// workload has pairs of people write in their conversations concurrently, and checks that each
// acknowledged message is stored once.
type workload struct {
	people        []*apiUser
	conversations []uuid.UUID // of people 0 and 1, 2 and 3, …
	sent          sync.Map    // message id → conversation
}

func newWorkload(t testing.TB, base string, pairs int) *workload {
	t.Helper()
	w := &workload{}
	for i := range pairs {
		a, b := newAPIUser(t, fmt.Sprintf("A%d", i), base), newAPIUser(t, fmt.Sprintf("B%d", i), base)
		w.people = append(w.people, a, b)
		w.conversations = append(w.conversations, a.befriends(b))
	}
	return w
}

// run has each person send a number of messages. meanwhile is called once, after a third of them.
func (w *workload) run(bases []string, messages int, meanwhile func()) {
	var all sync.WaitGroup
	third, once := make(chan struct{}), sync.Once{}
	for i, person := range w.people {
		all.Go(func() {
			conversation := w.conversations[i/2]
			for n := range messages {
				if n == messages/3 {
					once.Do(func() { close(third) })
				}

				id := person.sends(bases, conversation, fmt.Sprintf("%s, %d", person.User.Name, n))
				w.sent.Store(id, conversation)
			}
		})
	}

	<-third
	meanwhile()
	all.Wait()
}

// hasNoFailures fails the test for people whose messages were not all acknowledged at the first
// attempt.
func (w *workload) hasNoFailures(t *testing.T) {
	t.Helper()
	for _, p := range w.people {
		if n := p.failures.Load(); n > 0 {
			t.Errorf("%d attempts of %s to send a message failed", n, p.User.Name)
		}
	}
}

// check waits until all messages are stored, and compares what a replica returns: each
// acknowledged message once, with seqs that ascend without a gap.
func (w *workload) check(t *testing.T, base string) {
	t.Helper()
	acknowledged := map[uuid.UUID]map[uuid.UUID]bool{} // by conversation
	for _, c := range w.conversations {
		acknowledged[c] = map[uuid.UUID]bool{}
	}

	w.sent.Range(func(id, conversation any) bool {
		acknowledged[conversation.(uuid.UUID)][id.(uuid.UUID)] = true
		return true
	})

	total := 0
	for i, conversation := range w.conversations {
		want, reader := acknowledged[conversation], w.people[2*i].At(base)
		var stored []client.Message
		wait.Until(t, fmt.Sprintf("conversation %s is stored", conversation), func() bool {
			var pending []client.Message
			var err error
			stored, pending, err = reader.HistoryAfter(t.Context(), conversation, 0)
			return err == nil && len(pending) == 0 && len(stored) >= len(want)
		})

		for n, m := range stored {
			if m.Seq != int64(n+1) {
				t.Fatalf("conversation %s: seq %d at position %d", conversation, m.Seq, n+1)
			}
			if !want[m.ID] {
				t.Errorf("conversation %s: %q is duplicated or was never acknowledged", conversation, m.Body)
			}

			delete(want, m.ID)
		}
		if len(want) > 0 {
			t.Errorf("conversation %s: %d acknowledged messages are lost", conversation, len(want))
		}

		total += len(stored)
	}

	t.Logf("%d messages acknowledged, each stored once, no gap", total)
}

// bases are the addresses of replicas.
func bases(replicas ...*parley.Replica) (list []string) {
	for _, r := range replicas {
		list = append(list, r.Base)
	}
	return list
}
