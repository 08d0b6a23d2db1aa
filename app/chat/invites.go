package chat

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// InviteStore keeps what invite links depend on, and makes friends of the two people of
// a link.
type InviteStore interface {
	// InviteKey returns the installation's secret key of invite links. It is made with its
	// first use, and is the same on every replica.
	InviteKey(ctx context.Context) ([]byte, error)
	// InviteVersion returns the version of a person's link, from 0. NotFound: there is no
	// such person.
	InviteVersion(ctx context.Context, person uuid.UUID) (int32, error)
	// RenewInvite makes a person's links of the present version invalid, and returns the
	// next version. NotFound: there is no such person.
	RenewInvite(ctx context.Context, person uuid.UUID) (int32, error)
	// CheckInvite returns InviteOver if a link of this version doesn't work for the guest:
	// the inviter doesn't exist, has made a new link, or has blocked the guest.
	CheckInvite(ctx context.Context, inviter, guest uuid.UUID, version int32) error
	// AcceptInvite makes the inviter and the guest friends, and opens their conversation:
	// it accepts the request between the two, or one that it records for the guest. It
	// always returns their conversation; Changed is false for friends. Errors: InviteOver,
	// as CheckInvite; Invalid (field person: oneself, or a person whom the guest has
	// blocked); TooFast, as RequestFriend for the guest, and when the inviter has as many
	// new friends within 24 hours.
	AcceptInvite(ctx context.Context, a InviteAcceptance) (RequestOutcome, error)
}

// InviteAcceptance is a guest's use of an invite link.
type InviteAcceptance struct {
	ID             uuid.UUID // of the request, if one is recorded
	Inviter, Guest uuid.UUID
	Version        int32 // of the link
	At             time.Time
	PerDay         int // limit of the guest's requests and of the inviter's new friends; 0: unlimited
}

// Invite is a person's invite link.
type Invite struct {
	Token     string    // the secret part of its address
	ExpiresAt time.Time // a full hour
}

// ErrInviteOver returns the error for an invite link that doesn't work, whatever the
// reason is, so that it does not reveal a block.
func ErrInviteOver() *Error {
	return &Error{
		Kind:   KindInviteOver,
		Detail: "Ask whoever sent it for a new one, or find them by their name.",
	}
}

// TooManyGuests returns the TooFast error of an inviter's daily limit. after is the time
// until the link makes friends again.
func TooManyGuests(after time.Duration) *Error {
	after = max(after.Round(time.Minute), time.Minute)
	return &Error{
		Kind:       KindTooFast,
		RetryAfter: after,
		Detail: "Many people have followed this link since this time yesterday. It works again in " +
			hoursOrMinutes(after) + ".",
	}
}

// Invite returns the viewer's invite link, valid for inviteLife from this hour on.
func (s *People) Invite(ctx context.Context, viewer Person) (Invite, error) {
	return s.invite(ctx, viewer, s.store.InviteVersion)
}

// RenewInvite returns a new invite link of the viewer's. Their earlier links stop working.
func (s *People) RenewInvite(ctx context.Context, viewer Person) (Invite, error) {
	return s.invite(ctx, viewer, s.store.RenewInvite)
}

func (s *People) invite(
	ctx context.Context, viewer Person, version func(context.Context, uuid.UUID) (int32, error),
) (Invite, error) {
	key, err := s.inviteKey.get(ctx, s.store.InviteKey)
	if err != nil {
		return Invite{}, err
	}
	v, err := version(ctx, viewer.ID)
	if err != nil {
		return Invite{}, err
	}

	expires := s.now().Truncate(time.Hour).Add(inviteLife)
	link := inviteLink{inviter: viewer.ID, expires: expires, version: v}
	return Invite{Token: link.token(key), ExpiresAt: expires}, nil
}

// ViewInvite returns the person who invites by a link, as the viewer sees them. It
// changes nothing. The viewer's own link has the state StateSelf. Errors: InviteOver.
func (s *People) ViewInvite(ctx context.Context, viewer Person, token string) (PersonView, error) {
	link, err := s.parseInvite(ctx, token)
	if err != nil {
		return PersonView{}, err
	}
	if err := s.store.CheckInvite(ctx, link.inviter, viewer.ID, link.version); err != nil {
		return PersonView{}, err
	}

	view, err := s.ViewPerson(ctx, viewer, link.inviter)
	if KindOf(err) == KindNotFound { // deleted meanwhile
		return PersonView{}, ErrInviteOver()
	}
	if link.inviter == viewer.ID {
		view.State = StateSelf
	}
	return view, err
}

// AcceptInvite makes the viewer and the inviter of a link friends, and returns their
// conversation. For friends it changes nothing. Errors: InviteOver, Invalid (field
// person: oneself, or a person whom the viewer has blocked), TooFast.
func (s *People) AcceptInvite(ctx context.Context, viewer Person, token string) (conversation uuid.UUID, err error) {
	link, err := s.parseInvite(ctx, token)
	if err != nil {
		return uuid.Nil, err
	}
	if link.inviter == viewer.ID {
		return uuid.Nil, Invalid("person", "This is your own link. Send it to somebody else.")
	}

	o, err := s.store.AcceptInvite(ctx, InviteAcceptance{
		ID:      NewID(),
		Inviter: link.inviter,
		Guest:   viewer.ID,
		Version: link.version,
		At:      s.now(),
		PerDay:  s.requestsPerDay,
	})
	if err != nil {
		return uuid.Nil, err
	}

	s.publishRequest(ctx, o, viewer.ID)
	return *o.ConversationID, nil
}

// parseInvite returns a link that is genuine and has not expired.
func (s *People) parseInvite(ctx context.Context, token string) (inviteLink, error) {
	key, err := s.inviteKey.get(ctx, s.store.InviteKey)
	if err != nil {
		return inviteLink{}, err
	}
	link, ok := parseInviteToken(key, token)
	if !ok || !s.now().Before(link.expires) {
		return inviteLink{}, ErrInviteOver()
	}
	return link, nil
}
