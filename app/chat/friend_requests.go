package chat

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// FriendRequestStore keeps who asked whom to be friends. Of everything that happens between two people at once exactly one thing wins.
type FriendRequestStore interface {
	// Ask records a request, or finds the one that waits between the two. When the other one had asked (or was asked, and the asker had
	// declined less than SilentFor ago), they are friends now and have a conversation. Errors: Invalid (field person: oneself, or somebody
	// whom the asker has blocked), NotFound (nobody, a deleted account, or one that blocked the asker), TooFast.
	Ask(ctx context.Context, a FriendRequest) (RequestOutcome, error)
	// AnswerRequest does what RequestAnswer says; done twice it changes nothing. Errors: NotFound (no such request, or not this person's to
	// answer so), Conflict (it was answered otherwise).
	AnswerRequest(ctx context.Context, person, id uuid.UUID, answer RequestAnswer, at time.Time) (RequestOutcome, error)
	// Requests lists what waits, newest first; answered names requests to the person that are listed although they have been answered.
	Requests(ctx context.Context, person uuid.UUID, silentSince time.Time, answered []uuid.UUID) (Requests, error)
}

// SilentFor is how long a declined request looks to its asker as if it waited, from when it was declined.
const SilentFor = 24 * time.Hour

// States of a request.
const (
	RequestPending   = "pending"
	RequestAccepted  = "accepted"
	RequestDeclined  = "declined"
	RequestCancelled = "cancelled"
)

// RequestAnswer is what may be done to a request: the first two by who was asked, the last by who asked.
type RequestAnswer string

const (
	Accept  RequestAnswer = "accept"
	Decline RequestAnswer = "decline"
	Cancel  RequestAnswer = "cancel"
)

// Ask is a wish to be friends.
type FriendRequest struct {
	ID           uuid.UUID // for the request, if it becomes one
	Asker, Asked uuid.UUID
	At           time.Time
	PerDay       int // how many the asker may ask in a day, 0: any
}

// RequestOutcome is what became of a request, as the store knows it: State is not yet what the asker may see.
type RequestOutcome struct {
	ID             uuid.UUID
	Asker, Asked   Person
	State          string
	CreatedAt      time.Time
	Changed        bool       // false: it was so before
	ConversationID *uuid.UUID // of the two, when they have just become friends
}

// Request is one as one of its two people sees it.
type Request struct {
	ID        uuid.UUID `json:"id"`
	Person    Person    `json:"person"` // the other one
	State     string    `json:"state"`
	CreatedAt Timestamp `json:"created_at"`
}

// Requests are those to a person and those by them.
type Requests struct {
	Incoming []Request `json:"incoming"`
	Outgoing []Request `json:"outgoing"`
}

// As shows a request to one of its people: its asker isn't told that it was declined.
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

// TooManyRequests tells how many one may ask in a day, and when again.
func TooManyRequests(perDay int, after time.Duration) *Error {
	after = max(after.Round(time.Minute), time.Minute)
	return &Error{Kind: KindTooFast, RetryAfter: after,
		Detail: fmt.Sprintf("You have asked %s since this time yesterday, which is as many as a day allows. You can ask again in %s.", plural(perDay, "person", "people"), inWords(after))}
}

func inWords(d time.Duration) string {
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

// ErrAnswered refuses an answer to a request that was answered otherwise.
func ErrAnswered() *Error {
	return &Error{Kind: KindConflict, Detail: "This request isn’t waiting any more. Look at your requests again to see how things stand."}
}

func (s *Service) silentSince() time.Time { return s.now().Add(-SilentFor) }

// Requests lists the viewer's requests, in and out; answered names some that are listed although they have been answered.
func (s *Service) Requests(ctx context.Context, viewer Person, answered []uuid.UUID) (Requests, error) {
	return s.store.Requests(ctx, viewer.ID, s.silentSince(), answered)
}

// Ask asks a person to be friends. asked is false when that changed nothing: it was asked before, or they are friends.
func (s *Service) Ask(ctx context.Context, viewer Person, person uuid.UUID) (r Request, asked bool, err error) {
	if person == viewer.ID {
		return Request{}, false, Invalid("person", "It takes two. Choose somebody else.")
	}
	o, err := s.store.Ask(ctx, FriendRequest{ID: NewID(), Asker: viewer.ID, Asked: person, At: s.now(), PerDay: s.limits.requestsPerDay})
	if err != nil {
		return Request{}, false, err
	}
	s.tellRequest(ctx, o)
	return o.As(viewer.ID), o.Changed, nil
}

// AnswerRequest accepts, declines or cancels. Doing it twice is no error.
func (s *Service) AnswerRequest(ctx context.Context, viewer Person, id uuid.UUID, answer RequestAnswer) (Request, error) {
	o, err := s.store.AnswerRequest(ctx, viewer.ID, id, answer, s.now())
	if err != nil {
		return Request{}, err
	}
	s.tellRequest(ctx, o)
	return o.As(viewer.ID), nil
}

// tellRequest tells both people's pages, except an asker of having been declined.
func (s *Service) tellRequest(ctx context.Context, o RequestOutcome) {
	if !o.Changed {
		return
	}
	ctx = context.WithoutCancel(ctx)
	for _, person := range []Person{o.Asker, o.Asked} {
		mine := person.ID == o.Asker.ID
		if mine && o.State == RequestDeclined {
			continue
		}
		counts, err := s.store.Counts(ctx, person.ID)
		if err != nil { // the pages have it when they are loaded
			s.logger.WarnContext(ctx, "people not told of a request", "error", err)
			continue
		}
		r := o.As(person.ID)
		e := RequestEvent{Request: RequestChange{ID: r.ID, Person: r.Person, State: r.State, Mine: mine}, Incoming: counts.Requests, Unread: counts.Unread}
		s.bus.Publish(ctx, e, []uuid.UUID{person.ID})
	}
	if o.State == RequestAccepted {
		s.tellFriends(ctx, o.Asker, o.Asked, StateFriends, o.ConversationID)
	}
}
