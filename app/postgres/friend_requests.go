package postgres

import (
	"context"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/db/queries"
)

// requestLimitPeriod is the period over which the limit of requests is counted.
const requestLimitPeriod = 24 * time.Hour

// maxRequests bounds the requests that one page lists in each direction.
const maxRequests = 200

func errSamePerson() error {
	return chat.Invalid("person", "It takes two. Choose somebody else.")
}

// RequestFriend stores a request, or makes two people friends if the other one has asked
// first. It runs behind the lock of the asker, because of the limit per day, and
// that of the two people.
func (s *Store) RequestFriend(ctx context.Context, r chat.FriendRequest) (o chat.RequestOutcome, err error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	if r.Asker == r.Asked {
		return chat.RequestOutcome{}, errSamePerson()
	}

	err = s.tx(ctx, func(q *queries.Queries) error {
		if err := q.LockKey(ctx, "asker "+r.Asker.String()); err != nil {
			return err
		}
		if err := requirePair(ctx, q, r.Asker, r.Asked); err != nil {
			return err
		}
		o, err = requestFriendship(ctx, q, r)
		return err
	})
	return o, err
}

func requestFriendship(ctx context.Context, q *queries.Queries, r chat.FriendRequest) (chat.RequestOutcome, error) {
	person, err := q.PersonToAsk(ctx, queries.PersonToAskParams{Viewer: r.Asker, Person: r.Asked})
	if err != nil {
		return chat.RequestOutcome{}, err
	}
	if person.Blocked {
		return chat.RequestOutcome{}, chat.Invalid("person", "You have blocked this person. Unblock them first.")
	}

	id, friends, err := currentRequest(ctx, q, r)
	switch {
	case chat.KindOf(mapError(err)) == chat.KindNotFound:
		return createRequest(ctx, q, r)
	case err != nil:
		return chat.RequestOutcome{}, err
	}

	o, err := requestOutcome(q.RequestByID(ctx, id))
	if err != nil || friends || o.Asker.ID == r.Asker {
		return o, err
	}
	return acceptRequest(ctx, q, o, r.At) // the other one has asked first
}

// currentRequest finds the request that made two friends, or else the one that is
// pending between the two.
func currentRequest(
	ctx context.Context, q *queries.Queries, r chat.FriendRequest,
) (id uuid.UUID, friends bool, err error) {
	low, high := pair(r.Asker, r.Asked)
	friends, err = q.AreFriends(ctx, queries.AreFriendsParams{Low: low, High: high})
	if err != nil {
		return uuid.Nil, false, err
	}
	if friends {
		id, err = q.AcceptedBetween(ctx, queries.AcceptedBetweenParams{One: r.Asker, Other: r.Asked})
	} else {
		id, err = q.RequestBetween(ctx, queries.RequestBetweenParams{
			One:         r.Asker,
			Other:       r.Asked,
			SilentSince: r.At.Add(-chat.DeclineHiddenFor),
		})
	}
	return id, friends, err
}

// createRequest stores a new request unless the asker has reached the limit.
func createRequest(ctx context.Context, q *queries.Queries, r chat.FriendRequest) (chat.RequestOutcome, error) {
	if r.PerDay > 0 {
		oldest, err := q.RequestLimitReached(ctx, queries.RequestLimitReachedParams{
			Asker:   r.Asker,
			Since:   r.At.Add(-requestLimitPeriod),
			Skipped: int32(r.PerDay) - 1,
		})
		if err == nil {
			retryAfter := oldest.Add(requestLimitPeriod).Sub(r.At)
			return chat.RequestOutcome{}, chat.TooManyRequests(r.PerDay, retryAfter)
		}
		if chat.KindOf(mapError(err)) != chat.KindNotFound {
			return chat.RequestOutcome{}, err
		}
	}

	err := q.CreateRequest(ctx, queries.CreateRequestParams{ID: r.ID, Asker: r.Asker, Asked: r.Asked, At: r.At})
	if err != nil {
		return chat.RequestOutcome{}, err
	}
	o, err := requestOutcome(q.RequestByID(ctx, r.ID))
	o.Changed = err == nil
	return o, err
}

// acceptRequest accepts a request, makes the two people friends and opens their
// conversation.
func acceptRequest(
	ctx context.Context, q *queries.Queries, o chat.RequestOutcome, at time.Time,
) (chat.RequestOutcome, error) {
	low, high := pair(o.Asker.ID, o.Asked.ID)
	answer := queries.AnswerRequestParams{ID: o.ID, State: chat.RequestAccepted, At: at}
	if err := q.AnswerRequest(ctx, answer); err != nil {
		return o, err
	}
	if err := q.Befriend(ctx, queries.BefriendParams{Low: low, High: high, Since: at}); err != nil {
		return o, err
	}
	if err := dropLastViews(ctx, q, low, high); err != nil {
		return o, err
	}
	id, _, err := openDirect(ctx, q, low, high)
	if err != nil {
		return o, err
	}

	// As friends the two see each other's present names.
	o, err = requestOutcome(q.RequestByID(ctx, o.ID))
	o.Changed, o.ConversationID = err == nil, &id
	return o, err
}

// AnswerRequest accepts, declines or cancels a request, behind the lock of the two
// people.
func (s *Store) AnswerRequest(
	ctx context.Context, person, id uuid.UUID, answer chat.RequestAnswer, at time.Time,
) (o chat.RequestOutcome, err error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	err = s.tx(ctx, func(q *queries.Queries) error {
		// The people of a request never change, so they can be read before the lock.
		row, err := q.RequestByID(ctx, id)
		if err != nil {
			return err
		}
		if own := row.AskerID == person; !own && row.AskedID != person || own != (answer == chat.Cancel) {
			return chat.ErrNotFound()
		}

		if err := requirePair(ctx, q, row.AskerID, row.AskedID); err != nil {
			return err
		}
		if row, err = q.RequestByID(ctx, id); err != nil {
			return err
		}
		o, err = answerRequest(ctx, q, row, answer, at)
		return err
	})
	return o, err
}

// stateAfter is the state of a request after an answer.
var stateAfter = map[chat.RequestAnswer]string{
	chat.Accept:  chat.RequestAccepted,
	chat.Decline: chat.RequestDeclined,
	chat.Cancel:  chat.RequestCancelled,
}

// answerRequest applies an answer to a request. A declined request can still be
// accepted or cancelled while it looks pending to its asker.
func answerRequest(
	ctx context.Context, q *queries.Queries, row queries.RequestByIDRow, answer chat.RequestAnswer, at time.Time,
) (chat.RequestOutcome, error) {
	o, _ := requestOutcome(row, nil)
	state := stateAfter[answer]
	if row.State == state {
		return o, nil
	}

	looksPending := row.State == chat.RequestPending ||
		row.State == chat.RequestDeclined && row.AnsweredAt.After(at.Add(-chat.DeclineHiddenFor))
	if !looksPending || row.Undelivered && answer != chat.Cancel {
		return o, chat.ErrAnswered()
	}
	if answer == chat.Accept {
		return acceptRequest(ctx, q, o, at)
	}

	err := q.AnswerRequest(ctx, queries.AnswerRequestParams{ID: o.ID, State: state, At: at})
	o.State, o.Changed = state, err == nil
	return o, err
}

func requestOutcome(row queries.RequestByIDRow, err error) (chat.RequestOutcome, error) {
	return chat.RequestOutcome{
		ID:          row.ID,
		State:       row.State,
		CreatedAt:   row.CreatedAt,
		Asker:       chat.Person{ID: row.AskerID, Name: row.AskerName, Picture: row.AskerPicture},
		Asked:       chat.Person{ID: row.AskedID, Name: row.AskedName, Picture: row.AskedPicture},
		Undelivered: row.Undelivered,
	}, err
}

// Requests reads a person's requests, newest first. Of the incoming ones it reads
// those that are pending or in answered.
func (s *Store) Requests(
	ctx context.Context, person uuid.UUID, silentSince time.Time, answered []uuid.UUID,
) (chat.Requests, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	list := chat.Requests{Incoming: []chat.Request{}, Outgoing: []chat.Request{}}
	if answered == nil {
		answered = []uuid.UUID{}
	}

	incoming, err := s.q.IncomingRequests(ctx, queries.IncomingRequestsParams{
		Person:   person,
		Answered: answered,
		MaxRows:  maxRequests,
	})
	if err != nil {
		return list, mapError(err)
	}
	for _, row := range incoming {
		list.Incoming = append(list.Incoming, chat.Request{
			ID:        row.ID,
			Person:    chat.Person{ID: row.PersonID, Name: row.Name, Picture: row.Picture},
			State:     row.State,
			CreatedAt: chat.At(row.CreatedAt),
		})
	}

	outgoing, err := s.q.OutgoingRequests(ctx, queries.OutgoingRequestsParams{
		Person:      person,
		SilentSince: silentSince,
		MaxRows:     maxRequests,
	})
	for _, row := range outgoing {
		list.Outgoing = append(list.Outgoing, chat.Request{
			ID:        row.ID,
			Person:    chat.Person{ID: row.PersonID, Name: row.Name, Picture: row.Picture},
			State:     chat.RequestPending,
			CreatedAt: chat.At(row.CreatedAt),
		})
	}
	return list, mapError(err)
}

// pair orders two people as the tables do that are keyed by two.
func pair(a, b uuid.UUID) (low, high uuid.UUID) {
	if compareIDs(a, b) > 0 {
		return b, a
	}
	return a, b
}

// lockPair waits for the lock of two people, and returns those of them who exist.
// None of them is deleted before the transaction ends.
func lockPair(ctx context.Context, q *queries.Queries, a, b uuid.UUID) ([]uuid.UUID, error) {
	low, high := pair(a, b)
	if err := q.LockKey(ctx, "pair "+low.String()+high.String()); err != nil {
		return nil, err
	}
	return q.LockPeople(ctx, queries.LockPeopleParams{Low: low, High: high})
}

// requirePair is lockPair, and NotFound unless both exist.
func requirePair(ctx context.Context, q *queries.Queries, a, b uuid.UUID) error {
	people, err := lockPair(ctx, q, a, b)
	if err == nil && len(people) < 2 {
		return chat.ErrNotFound()
	}
	return err
}
