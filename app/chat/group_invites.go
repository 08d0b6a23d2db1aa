package chat

import (
	"context"
	"crypto/hmac"
	"encoding/base64"
	"slices"
	"time"

	"github.com/google/uuid"
)

// Bounds of a group's invite links.
const (
	DefaultInviteLife = 7 * 24 * time.Hour  // without a wish of its maker
	MaxInviteLife     = 30 * 24 * time.Hour // whatever its maker wishes
	DefaultInviteUses = 50                  // without a wish of its maker
	MaxInviteUses     = 1000                // whatever its maker wishes
	// MaxGroupInvites is how many links of a group work at a time.
	MaxGroupInvites = 20
)

// GroupInvite is an invite link of a group, which its admins see.
type GroupInvite struct {
	ID             uuid.UUID
	ConversationID uuid.UUID
	Token          string // the secret part of its address; set by Messages
	CreatedBy      Person
	ExpiresAt      Timestamp
	MaxUses        int
	Uses           int
	Approval       bool // an admin lets people in
}

// NewGroupInvite is a link to be made.
type NewGroupInvite struct {
	Life     time.Duration // 0: DefaultInviteLife
	MaxUses  int           // 0: DefaultInviteUses
	Approval bool
}

// InvitedGroup is a group as whoever has a link to it sees it.
type InvitedGroup struct {
	ConversationID uuid.UUID
	Name           string
	About          string
	Members        int
	Inviter        Person // who made the link
	Approval       bool
	Present        bool // the viewer is a member
	Waiting        bool // the viewer waits for an admin
}

// JoinRequest is a person who waits for an admin to let them into a group.
type JoinRequest struct {
	Person Person
	At     Timestamp
}

// GroupInviteStore keeps the invite links of groups. An actor who is no present member gets
// NotFound, and one who does not manage the group NotAllowed. A link that is unknown, expired,
// revoked or used up, and one of a group that has removed the person or has no members, is
// InviteOver, so that it does not reveal which.
type GroupInviteStore interface {
	// InviteKey is that of InviteStore.
	InviteKey(ctx context.Context) ([]byte, error)
	// AddGroupInvite keeps a new link. Full: the group has MaxGroupInvites that work.
	AddGroupInvite(ctx context.Context, i GroupInvite, now time.Time) error
	// GroupInvites returns the links that work, the newest first.
	GroupInvites(ctx context.Context, actor, conversation uuid.UUID, now time.Time) ([]GroupInvite, error)
	// RevokeGroupInvite ends a link. A repeated call is no error. NotFound: there is none that
	// the actor may end.
	RevokeGroupInvite(ctx context.Context, actor, id uuid.UUID) error
	// ViewGroupInvite returns the group of a link, and changes nothing.
	ViewGroupInvite(ctx context.Context, viewer, id uuid.UUID, now time.Time) (InvitedGroup, error)
	// JoinByInvite makes a person a member, or lets them wait for an admin. A present member
	// and one who waits already stay as they are, and use nothing up. Errors: InviteOver, Full.
	JoinByInvite(ctx context.Context, person, id uuid.UUID, now time.Time, maxMembers int) (Joining, error)
	// JoinRequests returns who waits, the longest first.
	JoinRequests(ctx context.Context, actor, conversation uuid.UUID) ([]JoinRequest, error)
	// AnswerJoinRequest makes a person who waits a member, or sends them away. NotFound: they
	// don't wait. Full.
	AnswerJoinRequest(
		ctx context.Context, actor, conversation, person uuid.UUID, accept bool, maxMembers int,
	) (GroupChange, error)
}

// Joining is the result of JoinByInvite.
type Joining struct {
	ConversationID uuid.UUID
	Waiting        bool // for an admin
	Change         GroupChange
}

// CreateGroupInvite makes an invite link of a group. Errors: Invalid (fields expires_in,
// max_uses), NotFound, NotAllowed, Full.
func (s *Messages) CreateGroupInvite(
	ctx context.Context, viewer Person, conversation uuid.UUID, n NewGroupInvite,
) (GroupInvite, error) {
	switch {
	case n.Life < 0 || n.Life > MaxInviteLife || n.Life > 0 && n.Life < time.Minute:
		return GroupInvite{}, Invalid("expires_in", "A link works for a minute to 30 days.")
	case n.MaxUses < 0 || n.MaxUses > MaxInviteUses:
		return GroupInvite{}, Invalid("max_uses", "A link can be used 1 to 1,000 times.")
	}
	if n.Life == 0 {
		n.Life = DefaultInviteLife
	}
	if n.MaxUses == 0 {
		n.MaxUses = DefaultInviteUses
	}

	i := GroupInvite{
		ID:             NewID(),
		ConversationID: conversation,
		CreatedBy:      viewer,
		ExpiresAt:      At(s.now().Add(n.Life)),
		MaxUses:        n.MaxUses,
		Approval:       n.Approval,
	}
	if err := s.store.AddGroupInvite(ctx, i, s.now()); err != nil {
		return GroupInvite{}, err
	}
	key, err := s.inviteKey.get(ctx, s.store.InviteKey)
	i.Token = groupToken(key, i.ID)
	return i, err
}

// GroupInvites returns the links of a group that work.
func (s *Messages) GroupInvites(ctx context.Context, viewer Person, conversation uuid.UUID) ([]GroupInvite, error) {
	list, err := s.store.GroupInvites(ctx, viewer.ID, conversation, s.now())
	if err != nil {
		return nil, err
	}
	key, err := s.inviteKey.get(ctx, s.store.InviteKey)
	for i := range list {
		list[i].Token = groupToken(key, list[i].ID)
	}
	return list, err
}

// RevokeGroupInvite ends a link of a group.
func (s *Messages) RevokeGroupInvite(ctx context.Context, viewer Person, id uuid.UUID) error {
	return s.store.RevokeGroupInvite(ctx, viewer.ID, id)
}

// ViewGroupInvite returns the group of a link. It changes nothing.
func (s *Messages) ViewGroupInvite(ctx context.Context, viewer Person, token string) (InvitedGroup, error) {
	id, err := s.parseGroupToken(ctx, token)
	if err != nil {
		return InvitedGroup{}, err
	}
	return s.store.ViewGroupInvite(ctx, viewer.ID, id, s.now())
}

// JoinGroup makes the viewer a member of a link's group, or lets them wait for an admin.
func (s *Messages) JoinGroup(ctx context.Context, viewer Person, token string) (Joining, error) {
	id, err := s.parseGroupToken(ctx, token)
	if err != nil {
		return Joining{}, err
	}
	group, err := s.store.ViewGroupInvite(ctx, viewer.ID, id, s.now())
	if err != nil {
		return Joining{}, err
	}

	var joining Joining
	err = s.changeAfterTail(ctx, group.ConversationID, func() (GroupChange, error) {
		joining, err = s.store.JoinByInvite(ctx, viewer.ID, id, s.now(), s.maxMembers)
		return joining.Change, err
	})
	return joining, err
}

// JoinRequests returns who waits to be let into a group.
func (s *Messages) JoinRequests(ctx context.Context, viewer Person, conversation uuid.UUID) ([]JoinRequest, error) {
	return s.store.JoinRequests(ctx, viewer.ID, conversation)
}

// AnswerJoinRequest lets a person into a group, or sends them away.
func (s *Messages) AnswerJoinRequest(
	ctx context.Context, viewer Person, conversation, person uuid.UUID, accept bool,
) error {
	return s.changeGroup(ctx, viewer, conversation, func() (GroupChange, error) {
		return s.store.AnswerJoinRequest(ctx, viewer.ID, conversation, person, accept, s.maxMembers)
	})
}

// groupToken is the token of a group's link: its id, and the first half of an HMAC-SHA-256 of
// it, in URL-safe base64. Links can be shown again, and their ids alone let nobody in.
func groupToken(key []byte, id uuid.UUID) string {
	return base64.RawURLEncoding.EncodeToString(append(id[:], signGroup(key, id)...))
}

func signGroup(key []byte, id uuid.UUID) []byte {
	return signInvite(key, slices.Concat([]byte("group "), id[:]))
}

func (s *Messages) parseGroupToken(ctx context.Context, token string) (id uuid.UUID, err error) {
	key, err := s.inviteKey.get(ctx, s.store.InviteKey)
	if err != nil {
		return uuid.Nil, err
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(b) != len(id)+inviteMAC {
		return uuid.Nil, ErrInviteOver()
	}
	copy(id[:], b)
	if !hmac.Equal(b[len(id):], signGroup(key, id)) {
		return uuid.Nil, ErrInviteOver()
	}
	return id, nil
}
