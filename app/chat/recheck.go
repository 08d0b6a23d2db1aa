package chat

import (
	"context"
	"slices"

	"github.com/google/uuid"
)

// recheckBatch bounds one query.
const recheckBatch = 1000

// RecheckMemberships reads again, many in one query, the cached memberships of people (those who have streams here): what a lost InvalidateEvent
// would have said. It answers how many had changed unheard; those are forgotten everywhere.
func (s *Service) RecheckMemberships(ctx context.Context, people []uuid.UUID) (changed int, err error) {
	for batch := range slices.Chunk(s.authority.membershipsOf(people), recheckBatch) {
		n, err := s.recheck(ctx, batch)
		changed += n
		if err != nil {
			return changed, err
		}
	}
	return changed, nil
}

func (s *Service) recheck(ctx context.Context, batch []Membership) (changed int, err error) {
	ids := make([]uuid.UUID, len(batch))
	for i, m := range batch {
		ids[i] = m.ConversationID
	}
	list, err := s.store.Memberships(ctx, ids)
	if err != nil {
		return 0, err
	}
	now := make(map[uuid.UUID]Membership, len(list))
	for _, m := range list {
		now[m.ConversationID] = m
	}
	for _, m := range batch {
		if !m.Same(now[m.ConversationID]) {
			s.forget(ctx, InvalidateEvent{Conversation: &m.ConversationID})
			changed++
		}
	}
	return changed, nil
}

// membershipsOf are those cached here that name one of the people.
func (a *accessCache) membershipsOf(people []uuid.UUID) (list []Membership) {
	wanted := make(map[uuid.UUID]bool, len(people))
	for _, id := range people {
		wanted[id] = true
	}
	for _, entry := range a.memberships.here.Values() {
		if slices.ContainsFunc(entry.value.Members, func(p MemberSettings) bool { return wanted[p.ID] }) {
			list = append(list, entry.value)
		}
	}
	return list
}
