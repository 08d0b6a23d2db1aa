package chattest

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

// request is a friend request and the time of its answer, if any.
type request struct {
	chat.RequestOutcome
	answered time.Time
}

// answeredStates are the states that answers set.
var answeredStates = map[chat.RequestAnswer]string{
	chat.Accept:  chat.RequestAccepted,
	chat.Decline: chat.RequestDeclined,
	chat.Cancel:  chat.RequestCancelled,
}

// looksPending reports whether a request is pending or looks so to its asker, because
// it was declined after silentSince.
func (r *request) looksPending(silentSince time.Time) bool {
	return r.State == chat.RequestPending || r.State == chat.RequestDeclined && r.answered.After(silentSince)
}

func (r *request) between(a, b uuid.UUID) bool {
	return r.Asker.ID == a && r.Asked.ID == b || r.Asker.ID == b && r.Asked.ID == a
}

// RequestFriend implements chat.Store.
func (s *Store) RequestFriend(_ context.Context, a chat.FriendRequest) (chat.RequestOutcome, error) {
	unlock, err := s.lock()
	if err != nil {
		return chat.RequestOutcome{}, err
	}
	defer unlock()
	asker, _ := s.person(a.Asker)
	asked, known := s.person(a.Asked)
	switch {
	case a.Asker == a.Asked:
		return chat.RequestOutcome{}, chat.Invalid("person", "It takes two.")
	case !known || s.deleted(a.Asker):
		return chat.RequestOutcome{}, chat.ErrNotFound()
	case s.blocks[[2]uuid.UUID{a.Asker, a.Asked}]:
		return chat.RequestOutcome{}, chat.Invalid("person", "blocked")
	}

	_, friends := s.friendships[pair(a.Asker, a.Asked)]
	for _, r := range slices.Backward(s.requests) {
		switch {
		case !r.between(a.Asker, a.Asked):
		case friends && r.State == chat.RequestAccepted,
			!friends && r.looksPending(a.At.Add(-chat.DeclineHiddenFor)) && r.Asker.ID == a.Asker:
			return s.outcome(r), nil
		case !friends && r.looksPending(a.At.Add(-chat.DeclineHiddenFor)):
			return s.accept(r, a.At), nil
		}
	}

	if err := s.checkDailyLimit(a); err != nil {
		return chat.RequestOutcome{}, err
	}

	r := &request{
		RequestOutcome: chat.RequestOutcome{
			ID:        a.ID,
			Asker:     asker,
			Asked:     asked,
			State:     chat.RequestPending,
			CreatedAt: a.At,
		},
	}

	s.requests = append(s.requests, r)
	return s.changed(r), nil
}

// checkDailyLimit returns TooFast if the asker has reached the limit of the last 24 hours.
func (s *Store) checkDailyLimit(a chat.FriendRequest) error {
	var today []time.Time
	for _, r := range s.requests {
		if r.Asker.ID == a.Asker && r.CreatedAt.After(a.At.Add(-24*time.Hour)) {
			today = append(today, r.CreatedAt)
		}
	}
	for _, at := range s.spentRequests[a.Asker] {
		if at.After(a.At.Add(-24 * time.Hour)) {
			today = append(today, at)
		}
	}

	slices.SortFunc(today, time.Time.Compare)

	if a.PerDay == 0 || len(today) < a.PerDay {
		return nil
	}

	return chat.TooManyRequests(a.PerDay, today[len(today)-a.PerDay].Add(24*time.Hour).Sub(a.At))
}

// accept makes the two people of a request friends with a conversation.
func (s *Store) accept(r *request, at time.Time) chat.RequestOutcome {
	r.State, r.answered = chat.RequestAccepted, at
	s.friendships[pair(r.Asker.ID, r.Asked.ID)] = at
	s.dropLastViews(r.Asker.ID, r.Asked.ID)
	o := s.changed(r)
	t, _ := s.open(o.Asker, o.Asked)
	o.ConversationID = &t.id
	return o
}

// outcome returns a request with each person as the other one sees them.
func (s *Store) outcome(r *request) chat.RequestOutcome {
	o := r.RequestOutcome
	asker, _ := s.person(o.Asker.ID)
	asked, _ := s.person(o.Asked.ID)
	o.Asker, o.Asked = s.as(asked.ID, asker), s.as(asker.ID, asked)
	o.Undelivered = s.blocks[[2]uuid.UUID{asked.ID, asker.ID}]
	return o
}

func (s *Store) changed(r *request) chat.RequestOutcome {
	o := s.outcome(r)
	o.Changed = true
	return o
}

// AnswerRequest implements chat.Store.
func (s *Store) AnswerRequest(
	_ context.Context,
	person, id uuid.UUID,
	answer chat.RequestAnswer,
	at time.Time,
) (chat.RequestOutcome, error) {
	unlock, err := s.lock()
	if err != nil {
		return chat.RequestOutcome{}, err
	}
	defer unlock()
	i := slices.IndexFunc(s.requests, func(r *request) bool { return r.ID == id })
	if i < 0 || answer == chat.Cancel && s.requests[i].Asker.ID != person ||
		answer != chat.Cancel && s.requests[i].Asked.ID != person {
		return chat.RequestOutcome{}, chat.ErrNotFound()
	}

	r := s.requests[i]
	state := answeredStates[answer]
	switch {
	case r.State == state:
		return s.outcome(r), nil
	case !r.looksPending(at.Add(-chat.DeclineHiddenFor)) || answer != chat.Cancel && s.outcome(r).Undelivered:
		return chat.RequestOutcome{}, chat.ErrAnswered()
	case answer == chat.Accept:
		return s.accept(r, at), nil
	}

	r.State, r.answered = state, at
	return s.changed(r), nil
}

// Requests implements chat.Store.
func (s *Store) Requests(
	_ context.Context,
	person uuid.UUID,
	silentSince time.Time,
	answered []uuid.UUID,
) (chat.Requests, error) {
	list := chat.Requests{Incoming: []chat.Request{}, Outgoing: []chat.Request{}}
	unlock, err := s.lock()
	if err != nil {
		return list, err
	}
	defer unlock()
	for _, r := range slices.Backward(s.requests) {
		switch {
		case r.Asker.ID == person && r.looksPending(silentSince):
			list.Outgoing = append(list.Outgoing, s.outcome(r).As(person))
		case r.Asked.ID == person && !s.outcome(r).Undelivered && (r.State == chat.RequestPending ||
			r.State != chat.RequestCancelled && slices.Contains(answered, r.ID)):
			list.Incoming = append(list.Incoming, s.outcome(r).As(person))
		}
	}

	return list, nil
}
