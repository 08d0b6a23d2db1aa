package chat

import (
	"context"

	"github.com/google/uuid"
)

// Invalidate makes this replica's cache read again what an event of any replica names: a
// session; a person's sessions, which have their name and settings, and the memberships
// that name them; a conversation. The goroutine that delivers events may call it, because
// it takes the same short time however much is cached.
func (a *Access) Invalidate(e InvalidateEvent) {
	if e.Session != nil {
		a.changes.add(*e.Session)
		a.sessions.local.Remove(*e.Session)
		a.work.end(*e.Session)
	}

	if e.Person != nil {
		a.changes.add(*e.Person)
	}

	if e.Conversation != nil {
		a.changes.add(*e.Conversation)
	}
}

// forget invalidates the shared cache before this replica's, so that this replica
// can't read the old value again.
func (a *Access) forget(ctx context.Context, events ...InvalidateEvent) {
	var ids []uuid.UUID
	for _, e := range events {
		for _, id := range []*uuid.UUID{e.Session, e.Person, e.Conversation} {
			if id != nil {
				ids = append(ids, *id)
			}
		}
	}

	if len(ids) > 0 {
		a.shared.Forget(ctx, ids...)
	}

	for _, e := range events {
		a.Invalidate(e)
	}
}

// changed invalidates the caches of all replicas.
func (a *Access) changed(ctx context.Context, events ...InvalidateEvent) {
	a.forget(ctx, events...)
	for _, e := range events {
		a.bus.Broadcast(ctx, e)
	}
}

// personChanged invalidates a person in the caches of all replicas.
func (a *Access) personChanged(ctx context.Context, id uuid.UUID) {
	a.changed(ctx, InvalidateEvent{Person: &id})
}

// sessionsEnded invalidates sessions in the caches of all replicas, which close
// their streams. If the process ends before the broadcast, Accounts.EndedSessions
// finds the streams.
func (a *Access) sessionsEnded(ctx context.Context, sessions ...uuid.UUID) {
	events := make([]InvalidateEvent, len(sessions))
	for i := range sessions {
		events[i].Session = &sessions[i]
	}
	a.changed(ctx, events...)
}
