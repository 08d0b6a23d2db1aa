package chat

import (
	"context"
	"sync"

	"github.com/google/uuid"
)

// sessionWork has the work of this replica that goes on after its request was answered
// and that ends with its session, as streams do.
type sessionWork struct {
	mu      sync.Mutex
	cancels map[uuid.UUID]map[*context.CancelCauseFunc]struct{} // by session
}

func newSessionWork() *sessionWork {
	return &sessionWork{cancels: map[uuid.UUID]map[*context.CancelCauseFunc]struct{}{}}
}

func (w *sessionWork) add(id uuid.UUID, cancel *context.CancelCauseFunc) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cancels[id] == nil {
		w.cancels[id] = map[*context.CancelCauseFunc]struct{}{}
	}
	w.cancels[id][cancel] = struct{}{}
}

func (w *sessionWork) remove(id uuid.UUID, cancel *context.CancelCauseFunc) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if delete(w.cancels[id], cancel); len(w.cancels[id]) == 0 {
		delete(w.cancels, id)
	}
}

// end cancels the session's work.
func (w *sessionWork) end(id uuid.UUID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for cancel := range w.cancels[id] {
		(*cancel)(ErrSignedOut())
	}
}

func (w *sessionWork) sessions() []uuid.UUID {
	w.mu.Lock()
	defer w.mu.Unlock()
	ids := make([]uuid.UUID, 0, len(w.cancels))
	for id := range w.cancels {
		ids = append(ids, id)
	}
	return ids
}

// WithSession returns a context that ends, with the cause SignedOut, when the session
// ends on any replica. It is for work that outlives its request. The caller calls stop
// when the work is done.
func (s *Accounts) WithSession(ctx context.Context, session Session) (working context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	s.access.work.add(session.ID, &cancel)
	return ctx, func() {
		s.access.work.remove(session.ID, &cancel)
		cancel(nil)
	}
}

// WorkingSessions returns the sessions with work in this replica. EndedSessions ends the
// work of those that have ended, in case an InvalidateEvent was lost.
func (s *Accounts) WorkingSessions() []uuid.UUID { return s.access.work.sessions() }

// alive returns SignedOut if the session has ended in the store.
func (a *Access) alive(ctx context.Context, session uuid.UUID) error {
	live, err := a.store.LiveSessions(ctx, []uuid.UUID{session}, a.now())
	if err != nil {
		return err
	}
	if len(live) == 0 {
		return ErrSignedOut()
	}
	return nil
}
