package chat

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/google/uuid"
)

// Role is what a present member of a group may do.
type Role string

// Roles.
const (
	RoleOwner  Role = "owner"  // may do everything
	RoleAdmin  Role = "admin"  // changes the group, adds members, and removes those without a role like it
	RoleMember Role = "member" // reads, and writes where members may
	RoleNone   Role = ""       // no longer present
)

// Manages reports whether the role may change the group and its members.
func (r Role) Manages() bool { return r == RoleOwner || r == RoleAdmin }

// Limits of groups.
const (
	MaxGroupMembers   = 10_000 // whatever the setting says
	MaxGroupNameRunes = 80     // of a name
	MaxAboutRunes     = 500    // of a description
	// MaxSmallGroup is the most members of a group whose events go to each member's channel. A
	// group that ever had more has a channel of its own.
	MaxSmallGroup = 8
	// MaxReceipts and MaxTyping are the most members of a group in which reading and typing are
	// published.
	MaxReceipts = 20
	MaxTyping   = 50
)

// Posting says who may write in a group.
type Posting string

// Values of Posting.
const (
	PostingAll    Posting = "all"    // every member
	PostingAdmins Posting = "admins" // announcements
)

// HistoryRule says what newcomers of a group may read.
type HistoryRule string

// Values of HistoryRule.
const (
	HistoryJoined HistoryRule = "joined" // from when they joined
	HistoryAll    HistoryRule = "all"    // from the first message
)

// GroupSettings are what the admins of a group choose.
type GroupSettings struct {
	Name    string
	About   string
	Posting Posting
	History HistoryRule
}

// Normalize cleans the settings and fills in defaults. Errors: Invalid (fields name, about,
// posting, history).
func (g *GroupSettings) Normalize() (err error) {
	if g.Name, err = normalizeName(g.Name, MaxGroupNameRunes); err != nil {
		return err
	}

	if g.About, err = normalizeAbout(g.About); err != nil {
		return err
	}

	switch g.Posting {
	case "":
		g.Posting = PostingAll
	case PostingAll, PostingAdmins:
	default:
		return Invalid("posting", "Choose who may write: everybody or admins.")
	}

	switch g.History {
	case "":
		g.History = HistoryJoined
	case HistoryJoined, HistoryAll:
	default:
		return Invalid("history", "Choose what newcomers may read.")
	}
	return nil
}

func normalizeAbout(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	about, err := NormalizeBody(text)
	if err != nil {
		return "", Invalid("about", "This description can’t be kept as it is.")
	}
	if n := utf8.RuneCountInString(about); n > MaxAboutRunes {
		return "", Invalid("about", fmt.Sprintf("A description can have %d characters; this one has %d.", MaxAboutRunes, n))
	}
	return about, nil
}

// NewGroup is a group to be created.
type NewGroup struct {
	GroupSettings
	Members []uuid.UUID // friends of its owner, who is not among them
}

// GroupStore keeps groups. Every change numbers a system message for each thing that it says,
// behind the conversation's lock. An actor who is no present member gets NotFound, and one
// whose role does not suffice NotAllowed.
type GroupStore interface {
	// CreateGroup creates a group of its owner and the owner's friends. NotAllowed: somebody
	// is no friend.
	CreateGroup(ctx context.Context, owner uuid.UUID, g NewGroup) (GroupChange, error)
	// ChangeGroup changes the settings. Equal ones change nothing.
	ChangeGroup(ctx context.Context, actor, id uuid.UUID, g GroupSettings) (GroupChange, error)
	// AddMember adds a friend of the actor. A present member stays as they are. Errors:
	// NotAllowed, also for a person who is no friend; Full.
	AddMember(ctx context.Context, actor, id, person uuid.UUID, maxMembers int) (GroupChange, error)
	// RemoveMember removes a member, whom only an owner removes if they manage the group.
	// NotFound: no present member. Invalid (field person): oneself.
	RemoveMember(ctx context.Context, actor, id, person uuid.UUID) (GroupChange, error)
	// ChangeRole gives a present member a role, which only an owner does. Conflict: the group
	// would have no owner.
	ChangeRole(ctx context.Context, actor, id, person uuid.UUID, role Role) (GroupChange, error)
	// LeaveGroup ends a person's presence. The last owner's role passes to the successor, or
	// with uuid.Nil to the admin, or else the member, who is there longest. NotFound: the
	// successor is no present member.
	LeaveGroup(ctx context.Context, person, id, successor uuid.UUID) (GroupChange, error)
	// GroupMembers returns a page of the present members, by folded name. It is empty for a
	// viewer who is no present member, and Invalid (field page) for a foreign cursor.
	GroupMembers(ctx context.Context, viewer, id uuid.UUID, page string, limit int) (MemberPage, error)
	// GroupMember returns a present member. NotFound: they, or the viewer, are not present.
	GroupMember(ctx context.Context, viewer, id, person uuid.UUID) (GroupMember, error)
	// MembersWhoShare returns the other present members of a group of at most maxMembers who
	// share what the person does; of a larger group nobody. what is "read" or
	// "typing".
	MembersWhoShare(ctx context.Context, id, person uuid.UUID, what string, maxMembers int) ([]uuid.UUID, error)
}

// GroupChange is what one transaction changed in a group.
type GroupChange struct {
	ConversationID uuid.UUID
	Audience       Audience       // after the change
	Messages       []Message      // the system messages, ascending by seq
	Members        []MemberChange // whose membership changed
	Reached        []uuid.UUID    // members who are reached by the new channel of the group
}

// MemberChange is the new state of a member.
type MemberChange struct {
	Person Person
	Role   Role // RoleNone: no longer present
	State  string
}

// States of a member in a MemberChange and a MemberEvent.
const (
	MemberJoined  = "joined"  // added, or let in
	MemberLeft    = "left"    // went
	MemberRemoved = "removed" // by an admin
	MemberChanged = "changed" // the role
)

// GroupMember is a present member of a group.
type GroupMember struct {
	Person    Person    `json:"person"`
	Role      Role      `json:"role"`
	JoinedSeq int64     `json:"joined_seq"` // the message that says so
	JoinedAt  Timestamp `json:"joined_at"`
}

// MemberPage is a page of a group's members.
type MemberPage struct {
	Members []GroupMember
	Next    string // cursor of the next page; "": this is the last one
}

// membersPage is how many members a page has.
const membersPage = 50

// CreateGroup creates a group of the viewer and some of their friends. Errors: Invalid
// (fields name, about, posting, history, member), NotAllowed, Full.
func (s *Messages) CreateGroup(ctx context.Context, viewer Person, g NewGroup) (Conversation, error) {
	if err := g.Normalize(); err != nil {
		return Conversation{}, err
	}

	g.Members = distinct(g.Members, viewer.ID)
	if len(g.Members)+1 > s.maxMembers {
		return Conversation{}, ErrGroupFull(s.maxMembers)
	}

	change, err := s.store.CreateGroup(ctx, viewer.ID, g)
	if err != nil {
		return Conversation{}, err
	}
	s.PublishGroupChange(ctx, change)
	return s.store.Conversation(ctx, viewer.ID, change.ConversationID)
}

// ChangeGroup changes the settings of a group, and returns it. change gets the settings as
// they are. Errors: Invalid, NotFound, NotAllowed.
func (s *Messages) ChangeGroup(
	ctx context.Context, viewer Person, id uuid.UUID, change func(g *GroupSettings),
) (Conversation, error) {
	c, err := s.store.Conversation(ctx, viewer.ID, id)
	if err == nil && c.Role == RoleNone {
		err = ErrNotFound()
	}
	if err != nil {
		return Conversation{}, err
	}

	g := GroupSettings{Name: c.Name, About: c.About, Posting: c.Posting, History: c.History}
	change(&g)
	if err := g.Normalize(); err != nil {
		return Conversation{}, err
	}
	err = s.changeGroup(ctx, viewer, id, func() (GroupChange, error) { return s.store.ChangeGroup(ctx, viewer.ID, id, g) })
	if err != nil {
		return Conversation{}, err
	}
	return s.store.Conversation(ctx, viewer.ID, id)
}

// AddMember adds a friend of the viewer to a group, and returns the member.
func (s *Messages) AddMember(ctx context.Context, viewer Person, id, person uuid.UUID) (GroupMember, error) {
	err := s.changeGroup(ctx, viewer, id, func() (GroupChange, error) {
		return s.store.AddMember(ctx, viewer.ID, id, person, s.maxMembers)
	})
	if err != nil {
		return GroupMember{}, err
	}
	return s.store.GroupMember(ctx, viewer.ID, id, person)
}

// RemoveMember removes a member from a group.
func (s *Messages) RemoveMember(ctx context.Context, viewer Person, id, person uuid.UUID) error {
	return s.changeGroup(ctx, viewer, id, func() (GroupChange, error) {
		return s.store.RemoveMember(ctx, viewer.ID, id, person)
	})
}

// ChangeRole gives a member of a group a role, and returns the member.
func (s *Messages) ChangeRole(
	ctx context.Context, viewer Person, id, person uuid.UUID, role Role,
) (GroupMember, error) {
	switch role {
	case RoleOwner, RoleAdmin, RoleMember:
	default:
		return GroupMember{}, Invalid("role", "A role is owner, admin or member.")
	}

	err := s.changeGroup(ctx, viewer, id, func() (GroupChange, error) {
		return s.store.ChangeRole(ctx, viewer.ID, id, person, role)
	})
	if err != nil {
		return GroupMember{}, err
	}
	return s.store.GroupMember(ctx, viewer.ID, id, person)
}

// LeaveGroup ends the viewer's presence in a group. They may read up to then. successor owns
// the group if the viewer was its last owner; uuid.Nil: whoever manages it longest.
func (s *Messages) LeaveGroup(ctx context.Context, viewer Person, id, successor uuid.UUID) error {
	return s.changeGroup(ctx, viewer, id, func() (GroupChange, error) {
		return s.store.LeaveGroup(ctx, viewer.ID, id, successor)
	})
}

// GroupMembers returns a page of a group's members. page is the Next of a previous page, or "".
// NotFound: the viewer is not present in the group.
func (s *Messages) GroupMembers(ctx context.Context, viewer Person, id uuid.UUID, page string) (MemberPage, error) {
	m, err := s.access.member(ctx, viewer.ID, id)
	if err == nil && m.Role == RoleNone {
		err = ErrNotFound()
	}
	if err != nil {
		return MemberPage{}, err
	}
	return s.store.GroupMembers(ctx, viewer.ID, id, page, membersPage)
}

// distinct returns ids once each, without one of them.
func distinct(ids []uuid.UUID, without uuid.UUID) []uuid.UUID {
	seen := map[uuid.UUID]bool{without: true}
	var list []uuid.UUID
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			list = append(list, id)
		}
	}
	return list
}

// ErrNotAllowed returns the error for an act that the person's role does not permit.
func ErrNotAllowed(detail string) *Error { return &Error{Kind: KindNotAllowed, Detail: detail} }

// ErrGroupFull returns the error for a group that has as many members as it can.
func ErrGroupFull(maxMembers int) *Error {
	return &Error{Kind: KindFull, Detail: fmt.Sprintf("A group can have %d members.", maxMembers)}
}
