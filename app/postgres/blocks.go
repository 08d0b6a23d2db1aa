package postgres

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/db/queries"
)

// Block ends the friendship and the requests between two people and stores the
// block, behind the lock of the two. A deleted account blocks nobody.
func (s *Store) Block(ctx context.Context, person, other uuid.UUID, at time.Time) (chat.FriendshipEnd, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	if person == other {
		return chat.FriendshipEnd{}, errSamePerson()
	}

	var end chat.FriendshipEnd
	err := s.tx(ctx, func(q *queries.Queries) error {
		people, err := lockPair(ctx, q, person, other)
		if err != nil {
			return err
		}
		if !slices.Contains(people, person) {
			return chat.ErrNotFound()
		}
		known, err := q.Blockable(ctx, queries.BlockableParams{Viewer: person, Person: other})
		if err != nil {
			return err
		}
		if !known {
			return chat.ErrNotFound()
		}

		if end, err = endFriendship(ctx, q, person, other); err != nil {
			return err
		}
		end.Requests, err = block(ctx, q, person, other, at)
		return err
	})
	return end, err
}

// block stores a block and cancels the blocker's requests. The blocked person's
// pending request stays; to the blocker it is as declined.
func block(
	ctx context.Context, q *queries.Queries, blocker, blocked uuid.UUID, at time.Time,
) ([]chat.RequestOutcome, error) {
	added, err := q.Block(ctx, queries.BlockParams{Blocker: blocker, Blocked: blocked, At: at})
	if err != nil || added == 0 {
		return nil, err
	}

	cancelled, err := q.CancelRequests(ctx, queries.CancelRequestsParams{Asker: blocker, Asked: blocked, At: at})
	if err != nil {
		return nil, err
	}
	hidden, err := q.PendingRequests(ctx, queries.PendingRequestsParams{Asker: blocked, Asked: blocker})
	if err != nil {
		return nil, err
	}

	var ended []chat.RequestOutcome
	for _, id := range append(cancelled, hidden...) {
		o, err := requestOutcome(q.RequestByID(ctx, id))
		if chat.KindOf(mapError(err)) == chat.KindNotFound {
			continue // one of the accounts is deleted
		}
		if err != nil {
			return nil, err
		}
		if o.Asker.ID == blocked {
			o.State, o.Undelivered = chat.RequestDeclined, false
		}
		o.Changed = true
		ended = append(ended, o)
	}
	return ended, nil
}

// Unblock removes a block. Without one it does nothing.
func (s *Store) Unblock(ctx context.Context, person, other uuid.UUID) error {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()
	return mapError(s.q.Unblock(ctx, queries.UnblockParams{Blocker: person, Blocked: other}))
}

// Blocked lists the people whom a person has blocked, by name.
func (s *Store) Blocked(ctx context.Context, person uuid.UUID) ([]chat.Person, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	rows, err := s.q.Blocked(ctx, person)
	people := make([]chat.Person, len(rows))
	for i, row := range rows {
		people[i] = chat.Person(row)
	}
	return people, mapError(err)
}
