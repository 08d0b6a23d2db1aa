package chaos

import (
	"context"
	"math/rand/v2"
	"net/http"
	"sync/atomic"

	"github.com/google/uuid"

	"parley/app/client"
	"parley/app/drill/verify"
)

// browser is a person's session, and the replica that it was last sent to. It is
// safe for concurrent use.
type browser struct {
	*client.Client
	person  int
	run     string
	own     map[int]bool // the person's conversations
	history *History
	bases   []string
	at      atomic.Int64 // in bases
}

func newBrowser(
	ctx context.Context, name string, person int, o WorkloadOptions, bases []string, history *History,
) (b *browser, err error) {
	b = &browser{person: person, run: o.Run, own: map[int]bool{}, history: history, bases: bases}
	b.at.Store(rand.Int64N(int64(len(bases))))
	b.Client, err = client.SignIn(ctx, b.base(), name, client.Options{Timeout: o.Timeout, Inspect: b.inspect})
	return b, err
}

func (b *browser) base() string { return b.bases[int(b.at.Load())%len(b.bases)] }

// here is the client of the current replica.
func (b *browser) here() *client.Client { return b.At(b.base()) }

// move goes to the next replica, as a balancer does when one doesn't answer.
func (b *browser) move() { b.at.Add(1) }

// inspect looks through every response and event for messages of others.
func (b *browser) inspect(where string, raw []byte) {
	for _, marker := range foreign(raw, b.run, b.own) {
		b.history.Find(Leaked, "%s reached person %d by %s", marker, b.person, where)
	}
}

// note reacts to the error of a request: without an answer the next one goes to
// another replica. An answer that no member may get, whatever is down, is a
// finding.
func (b *browser) note(err error, during string) {
	switch status := client.Status(err); status {
	case 0:
		if err != nil {
			b.move()
		}
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		b.history.Find(Misled, "person %d was answered %d when %s", b.person, status, during)
	}
}

// page reads a page of a conversation.
func (b *browser) page(ctx context.Context, conversation uuid.UUID, after int64, limit int) (client.Page, error) {
	p, err := b.here().History(ctx, conversation, after, limit)
	b.note(err, "reading "+conversation.String())
	return p, err
}

// send posts a message once at a replica, and returns what the sender then
// knows.
func (b *browser) send(ctx context.Context, base string, m client.NewMessage) (client.Message, verify.Outcome) {
	sent, err := b.At(base).Send(ctx, m)
	b.note(err, "sending to "+m.Conversation.String())

	switch {
	case err == nil:
		return sent, verify.OK
	case client.NotSent(err):
		return sent, verify.Rejected
	}

	return sent, verify.Unknown
}
