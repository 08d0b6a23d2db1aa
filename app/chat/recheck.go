package chat

import (
	"context"
	"slices"

	"github.com/google/uuid"
)

// recheckBatch is how many memberships one query reads.
const recheckBatch = 1000

// RecheckMemberships reads again the cached memberships of people (those with
// streams on this replica), many in one query, because an InvalidateEvent may have
// been lost. It returns how many had changed. Those are forgotten on all replicas.
func (a *Access) RecheckMemberships(ctx context.Context, people []uuid.UUID) (changed int, err error) {
	for batch := range slices.Chunk(a.membershipsOf(people), recheckBatch) {
		n, err := a.recheck(ctx, batch)
		changed += n
		if err != nil {
			return changed, err
		}
	}
	return changed, nil
}

func (a *Access) recheck(ctx context.Context, batch []Membership) (changed int, err error) {
	keys := make([]MembershipKey, len(batch))
	for i, m := range batch {
		keys[i] = m.Key()
	}

	list, err := a.store.Memberships(ctx, keys)
	if err != nil {
		return 0, err
	}

	current := make(map[MembershipKey]Membership, len(list))
	for _, m := range list {
		current[m.Key()] = m
	}

	for _, m := range batch {
		if !m.Same(current[m.Key()]) {
			a.changed(ctx, InvalidateEvent{Conversation: &m.ConversationID})
			changed++
		}
	}

	return changed, nil
}

// membershipsOf returns the memberships of people in this replica's cache.
func (a *Access) membershipsOf(people []uuid.UUID) (list []Membership) {
	wanted := make(map[uuid.UUID]bool, len(people))
	for _, id := range people {
		wanted[id] = true
	}

	for _, entry := range a.memberships.local.Values() {
		if wanted[entry.value.Person.ID] && a.memberships.valid(entry) {
			list = append(list, entry.value)
		}
	}

	return list
}
