package postgres

import (
	"context"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/db/queries"
)

// day is what the limit of requests is counted over.
const day = 24 * time.Hour

// mostRequests bounds what one page of requests lists, in each direction.
const mostRequests = 200

// Ask records a request or makes two people friends, behind the lock of the asker (for the limit) and that of the two.
func (s *Store) Ask(ctx context.Context, a chat.FriendRequest) (chat.RequestOutcome, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	if a.Asker == a.Asked {
		return chat.RequestOutcome{}, chat.Invalid("person", "It takes two. Choose somebody else.")
	}
	var o chat.RequestOutcome
	err := s.tx(ctx, func(q *queries.Queries) error {
		if err := q.LockKey(ctx, "asker "+a.Asker.String()); err != nil {
			return err
		}
		if err := lockPair(ctx, q, a.Asker, a.Asked); err != nil {
			return err
		}
		var err error
		o, err = ask(ctx, q, a)
		return err
	})
	return o, err
}

func ask(ctx context.Context, q *queries.Queries, a chat.FriendRequest) (chat.RequestOutcome, error) {
	person, err := q.PersonToAsk(ctx, queries.PersonToAskParams{Viewer: a.Asker, Person: a.Asked})
	if err != nil {
		return chat.RequestOutcome{}, err
	}
	if person.Blocked {
		return chat.RequestOutcome{}, chat.Invalid("person", "You have blocked this person. Unblock them first.")
	}
	low, high := pair(a.Asker, a.Asked)
	friends, err := q.AreFriends(ctx, queries.AreFriendsParams{Low: low, High: high})
	if err != nil {
		return chat.RequestOutcome{}, err
	}
	var id uuid.UUID
	if friends {
		id, err = q.AcceptedBetween(ctx, queries.AcceptedBetweenParams{One: a.Asker, Other: a.Asked})
	} else {
		id, err = q.RequestBetween(ctx, queries.RequestBetweenParams{One: a.Asker, Other: a.Asked, SilentSince: a.At.Add(-chat.SilentFor)})
	}
	switch {
	case chat.KindOf(mapError(err)) == chat.KindNotFound:
		return create(ctx, q, a)
	case err != nil:
		return chat.RequestOutcome{}, err
	}
	o, err := outcome(q.RequestByID(ctx, id))
	if err != nil || friends || o.Asker.ID == a.Asker {
		return o, err
	}
	return befriend(ctx, q, o, a.At) // the other one asked first
}

// create makes a new request, if the asker may ask again today.
func create(ctx context.Context, q *queries.Queries, a chat.FriendRequest) (chat.RequestOutcome, error) {
	if a.PerDay > 0 {
		before, err := q.RequestLimitReached(ctx, queries.RequestLimitReachedParams{Asker: a.Asker, Since: a.At.Add(-day), Skipped: int32(a.PerDay) - 1})
		if err == nil {
			return chat.RequestOutcome{}, chat.TooManyRequests(a.PerDay, before.Add(day).Sub(a.At))
		}
		if chat.KindOf(mapError(err)) != chat.KindNotFound {
			return chat.RequestOutcome{}, err
		}
	}
	if err := q.CreateRequest(ctx, queries.CreateRequestParams{ID: a.ID, Asker: a.Asker, Asked: a.Asked, At: a.At}); err != nil {
		return chat.RequestOutcome{}, err
	}
	o, err := outcome(q.RequestByID(ctx, a.ID))
	o.Changed = err == nil
	return o, err
}

// befriend accepts a request: they are friends and have a conversation.
func befriend(ctx context.Context, q *queries.Queries, o chat.RequestOutcome, at time.Time) (chat.RequestOutcome, error) {
	low, high := pair(o.Asker.ID, o.Asked.ID)
	if err := q.AnswerRequest(ctx, queries.AnswerRequestParams{ID: o.ID, State: chat.RequestAccepted, At: at}); err != nil {
		return o, err
	}
	if err := q.Befriend(ctx, queries.BefriendParams{Low: low, High: high, Since: at}); err != nil {
		return o, err
	}
	id, _, err := openDirect(ctx, q, low, high)
	o.State, o.Changed, o.ConversationID = chat.RequestAccepted, err == nil, &id
	return o, err
}

// AnswerRequest accepts, declines or cancels, behind the lock of the two.
func (s *Store) AnswerRequest(ctx context.Context, person, id uuid.UUID, answer chat.RequestAnswer, at time.Time) (chat.RequestOutcome, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	var o chat.RequestOutcome
	err := s.tx(ctx, func(q *queries.Queries) error {
		row, err := q.RequestByID(ctx, id) // whose it is never changes; how it stands may, until the lock is held
		if err != nil {
			return err
		}
		if mine := row.AskerID == person; !mine && row.AskedID != person || mine != (answer == chat.Cancel) {
			return chat.ErrNotFound()
		}
		if err := lockPair(ctx, q, row.AskerID, row.AskedID); err != nil {
			return err
		}
		if row, err = q.RequestByID(ctx, id); err != nil {
			return err
		}
		o, err = settle(ctx, q, row, answer, at)
		return err
	})
	return o, err
}

// settle does what an answer does to a request as it stands. One that was declined in silence can be accepted or cancelled while its asker
// sees it wait.
func settle(ctx context.Context, q *queries.Queries, row queries.RequestByIDRow, answer chat.RequestAnswer, at time.Time) (chat.RequestOutcome, error) {
	o, _ := outcome(row, nil)
	state := map[chat.RequestAnswer]string{chat.Accept: chat.RequestAccepted, chat.Decline: chat.RequestDeclined, chat.Cancel: chat.RequestCancelled}[answer]
	if row.State == state {
		return o, nil
	}
	waits := row.State == chat.RequestPending || row.State == chat.RequestDeclined && row.AnsweredAt.After(at.Add(-chat.SilentFor))
	if !waits || row.Blocked {
		return o, chat.ErrAnswered()
	}
	if answer == chat.Accept {
		return befriend(ctx, q, o, at)
	}
	err := q.AnswerRequest(ctx, queries.AnswerRequestParams{ID: o.ID, State: state, At: at})
	o.State, o.Changed = state, err == nil
	return o, err
}

func outcome(row queries.RequestByIDRow, err error) (chat.RequestOutcome, error) {
	return chat.RequestOutcome{
		ID: row.ID, State: row.State, CreatedAt: row.CreatedAt,
		Asker: chat.Person{ID: row.AskerID, Name: row.AskerName, Picture: row.AskerPicture},
		Asked: chat.Person{ID: row.AskedID, Name: row.AskedName, Picture: row.AskedPicture},
	}, err
}

// Requests lists a person's requests, newest first.
func (s *Store) Requests(ctx context.Context, person uuid.UUID, silentSince time.Time, answered []uuid.UUID) (chat.Requests, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	list := chat.Requests{Incoming: []chat.Request{}, Outgoing: []chat.Request{}}
	if answered == nil {
		answered = []uuid.UUID{}
	}
	in, err := s.q.IncomingRequests(ctx, queries.IncomingRequestsParams{Person: person, Answered: answered, MaxRows: mostRequests})
	if err != nil {
		return list, mapError(err)
	}
	for _, row := range in {
		asker := chat.Person{ID: row.PersonID, Name: row.Name, Picture: row.Picture}
		list.Incoming = append(list.Incoming, chat.Request{ID: row.ID, Person: asker, State: row.State, CreatedAt: chat.At(row.CreatedAt)})
	}
	out, err := s.q.OutgoingRequests(ctx, queries.OutgoingRequestsParams{Person: person, SilentSince: silentSince, MaxRows: mostRequests})
	for _, row := range out {
		asked := chat.Person{ID: row.PersonID, Name: row.Name, Picture: row.Picture}
		list.Outgoing = append(list.Outgoing, chat.Request{ID: row.ID, Person: asked, State: chat.RequestPending, CreatedAt: chat.At(row.CreatedAt)})
	}
	return list, mapError(err)
}

// pair orders two people as tables do that name something by the two.
func pair(a, b uuid.UUID) (low, high uuid.UUID) {
	if compareIDs(a, b) > 0 {
		return b, a
	}
	return a, b
}

func lockPair(ctx context.Context, q *queries.Queries, a, b uuid.UUID) error {
	low, high := pair(a, b)
	return q.LockKey(ctx, "pair "+low.String()+high.String())
}
