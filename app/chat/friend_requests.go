package chat

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// FriendRequestStore keeps friend requests. Of concurrent changes between two people
// exactly one wins.
type FriendRequestStore interface {
	// RequestFriend records a request, or returns the pending one between the two. When
	// the other person had sent one (or received one that the asker declined less than
	// DeclineHiddenFor ago), the two become friends and get a conversation. Errors: Invalid
	// (field person: oneself, or a person whom the asker has blocked), NotFound (an
	// unknown person or a deleted account), TooFast. A request to a person who has blocked
	// the asker is kept and not delivered.
	RequestFriend(ctx context.Context, r FriendRequest) (RequestOutcome, error)
	// AnswerRequest applies an answer; a repeated call changes nothing. Errors: NotFound
	// (no such request, or not this person's to answer this way), Conflict (it was
	// answered differently).
	AnswerRequest(ctx context.Context, person, id uuid.UUID, answer RequestAnswer, at time.Time) (RequestOutcome, error)
	// Requests returns the pending requests, newest first. answered names requests to
	// the person that are included although they were answered.
	Requests(ctx context.Context, person uuid.UUID, silentSince time.Time, answered []uuid.UUID) (Requests, error)
}

// DeclineHiddenFor is how long a declined request looks pending to its asker, from the time
// when it was declined.
const DeclineHiddenFor = 24 * time.Hour

// States of a request.
const (
	RequestPending   = "pending"   // not answered
	RequestAccepted  = "accepted"  // by the asked person
	RequestDeclined  = "declined"  // by the asked person
	RequestCancelled = "cancelled" // by the asker
)

// RequestAnswer is an answer to a request.
type RequestAnswer string

// Answers to a request.
const (
	Accept  RequestAnswer = "accept"  // by the asked person
	Decline RequestAnswer = "decline" // by the asked person
	Cancel  RequestAnswer = "cancel"  // by the asker
)

// FriendRequest is a new request.
type FriendRequest struct {
	ID           uuid.UUID // used if the request is recorded
	Asker, Asked uuid.UUID
	At           time.Time
	PerDay       int // limit of the asker's requests in 24 hours; 0: unlimited
}

// RequestOutcome is a request after a change, as the store has it. The asker may not
// see State: use As.
type RequestOutcome struct {
	ID             uuid.UUID
	Asker, Asked   Person // each as the other one may see them
	State          string
	CreatedAt      time.Time
	Changed        bool       // false: the call changed nothing
	Undelivered    bool       // the asked person has blocked the asker, and is not notified
	ConversationID *uuid.UUID // of the two, if the call made them friends
}

// Request is a request as one of its two people sees it.
type Request struct {
	ID        uuid.UUID `json:"id"`
	Person    Person    `json:"person"` // the other one
	State     string    `json:"state"`
	CreatedAt Timestamp `json:"created_at"`
}

// Requests are the requests to and by a person.
type Requests struct {
	Incoming []Request `json:"incoming"`
	Outgoing []Request `json:"outgoing"`
}

// As returns the request as the viewer sees it: its asker does not see that it was
// declined.
func (o RequestOutcome) As(viewer uuid.UUID) Request {
	r := Request{ID: o.ID, Person: o.Asker, State: o.State, CreatedAt: At(o.CreatedAt)}
	if viewer == o.Asker.ID {
		r.Person = o.Asked
		if r.State == RequestDeclined {
			r.State = RequestPending
		}
	}
	return r
}

// TooManyRequests returns the TooFast error of the daily limit. after is the time
// until the next request is allowed.
func TooManyRequests(perDay int, after time.Duration) *Error {
	after = max(after.Round(time.Minute), time.Minute)
	return &Error{
		Kind:       KindTooFast,
		RetryAfter: after,
		Detail: fmt.Sprintf(
			"You have asked %s since this time yesterday, which is as many as a day allows. You can ask again in %s.",
			plural(perDay, "person", "people"), hoursOrMinutes(after)),
	}
}

func hoursOrMinutes(d time.Duration) string {
	if d < time.Hour {
		return plural(int(d/time.Minute), "minute", "minutes")
	}
	return plural(int((d+time.Hour-1)/time.Hour), "hour", "hours")
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// ErrAnswered returns the error for a request that was answered differently.
func ErrAnswered() *Error {
	return &Error{
		Kind:   KindConflict,
		Detail: "This request isn’t waiting any more. Look at your requests again to see how things stand.",
	}
}

func (s *People) silentSince() time.Time { return s.now().Add(-DeclineHiddenFor) }

// Requests returns the viewer's requests. answered names incoming requests that are
// included although they were answered.
func (s *People) Requests(ctx context.Context, viewer Person, answered []uuid.UUID) (Requests, error) {
	return s.store.Requests(ctx, viewer.ID, s.silentSince(), answered)
}

// RequestFriend sends a friend request to a person. changed is false when a request
// was pending or the two are friends.
func (s *People) RequestFriend(
	ctx context.Context, viewer Person, person uuid.UUID,
) (r Request, changed bool, err error) {
	if person == viewer.ID {
		return Request{}, false, Invalid("person", "It takes two. Choose somebody else.")
	}

	o, err := s.store.RequestFriend(ctx, FriendRequest{
		ID:     NewID(),
		Asker:  viewer.ID,
		Asked:  person,
		At:     s.now(),
		PerDay: s.requestsPerDay,
	})
	if err != nil {
		return Request{}, false, err
	}

	s.publishRequest(ctx, o, viewer.ID)
	return o.As(viewer.ID), o.Changed, nil
}

// AnswerRequest accepts, declines or cancels a request. A repeated call is no error.
func (s *People) AnswerRequest(
	ctx context.Context, viewer Person, id uuid.UUID, answer RequestAnswer,
) (Request, error) {
	o, err := s.store.AnswerRequest(ctx, viewer.ID, id, answer, s.now())
	if err != nil {
		return Request{}, err
	}
	s.publishRequest(ctx, o, viewer.ID)
	return o.As(viewer.ID), nil
}

// publishRequest notifies both people's pages of what one of them did, except the asker
// of a declined request and a person who has blocked the asker.
func (s *People) publishRequest(ctx context.Context, o RequestOutcome, by uuid.UUID) {
	if !o.Changed {
		return
	}

	ctx = context.WithoutCancel(ctx)
	for _, person := range []Person{o.Asker, o.Asked} {
		mine := person.ID == o.Asker.ID
		if mine && o.State == RequestDeclined || !mine && o.Undelivered {
			continue
		}
		counts, err := s.store.Counts(ctx, person.ID, uuid.Nil)
		if err != nil { // the pages read the request when they are loaded
			s.logger.WarnContext(ctx, "friend request not published", "error", err)
			continue
		}
		r := o.As(person.ID)
		e := RequestEvent{
			Request:  RequestChange{ID: r.ID, Person: r.Person, State: r.State, Mine: mine},
			Incoming: counts.Requests,
			Unread:   counts.Unread,
		}
		s.bus.Publish(ctx, e, ToPeople(person.ID))
	}

	if o.State == RequestAccepted {
		s.publishFriendship(ctx, by, [2]Person{o.Asker, o.Asked}, StateFriends, o.ConversationID)
	}
}
