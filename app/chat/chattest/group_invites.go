package chattest

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

// groupInvite is an invite link of a group.
type groupInvite struct {
	chat.GroupInvite
	revoked bool
}

func (i *groupInvite) works(now time.Time) bool {
	return !i.revoked && i.Uses < i.MaxUses && now.Before(i.ExpiresAt.Time)
}

// manage changes a group for an actor who manages it.
func (s *Store) manage(actor, id uuid.UUID, f func(g *groupTx) error) (chat.GroupChange, error) {
	return s.changeGroup(actor, id, func(g *groupTx, role chat.Role) error {
		if !role.Manages() {
			return chat.ErrNotAllowed("admins")
		}
		return f(g)
	})
}

// AddGroupInvite implements chat.Store.
func (s *Store) AddGroupInvite(_ context.Context, i chat.GroupInvite, now time.Time) error {
	_, err := s.manage(i.CreatedBy.ID, i.ConversationID, func(g *groupTx) error {
		if len(g.t.group.working(now)) >= chat.MaxGroupInvites {
			return &chat.Error{Kind: chat.KindFull}
		}
		g.t.group.invites = append(g.t.group.invites, &groupInvite{GroupInvite: i})
		return nil
	})
	return err
}

// working returns the links that work, the newest first.
func (g *group) working(now time.Time) []chat.GroupInvite {
	list := []chat.GroupInvite{}
	for _, i := range slices.Backward(g.invites) {
		if i.works(now) {
			list = append(list, i.GroupInvite)
		}
	}
	return list
}

// GroupInvites implements chat.Store.
func (s *Store) GroupInvites(
	_ context.Context, actor, conversation uuid.UUID, now time.Time,
) (list []chat.GroupInvite, err error) {
	_, err = s.manage(actor, conversation, func(g *groupTx) error {
		list = g.t.group.working(now)
		return nil
	})
	return list, err
}

// findInvite returns a link and its group, or nil.
func (s *Store) findInvite(id uuid.UUID) (*groupInvite, *storedConversation) {
	for _, t := range s.conversations {
		if t.group == nil {
			continue
		}
		for _, i := range t.group.invites {
			if i.ID == id {
				return i, t
			}
		}
	}
	return nil, nil
}

// RevokeGroupInvite implements chat.Store.
func (s *Store) RevokeGroupInvite(_ context.Context, actor, id uuid.UUID) error {
	unlock, err := s.lock()
	if err != nil {
		return err
	}
	invite, t := s.findInvite(id)
	unlock()
	if invite == nil {
		return chat.ErrNotFound()
	}
	_, err = s.manage(actor, t.id, func(*groupTx) error {
		invite.revoked = true
		return nil
	})
	return err
}

// ViewGroupInvite implements chat.Store.
func (s *Store) ViewGroupInvite(
	_ context.Context, viewer, id uuid.UUID, now time.Time,
) (chat.InvitedGroup, error) {
	unlock, err := s.lock()
	if err != nil {
		return chat.InvitedGroup{}, err
	}
	defer unlock()
	_, t, err := s.invited(viewer, id, now)
	if err != nil {
		return chat.InvitedGroup{}, err
	}

	i, _ := s.findInvite(id)
	inviter, _ := s.person(i.CreatedBy.ID)
	return chat.InvitedGroup{
		ConversationID: t.id,
		Name:           t.group.Name,
		About:          t.group.About,
		Members:        len(t.present()),
		Inviter:        inviter,
		Approval:       i.Approval,
		Present:        t.role(viewer) != chat.RoleNone,
		Waiting:        slices.Contains(t.group.waiting, viewer),
	}, nil
}

// invited returns the link that works for a person, and its group.
func (s *Store) invited(person, id uuid.UUID, now time.Time) (*groupInvite, *storedConversation, error) {
	i, t := s.findInvite(id)
	if i == nil || i.revoked || !now.Before(i.ExpiresAt.Time) || len(t.present()) == 0 {
		return nil, nil, chat.ErrInviteOver()
	}
	m := t.group.members[person]
	if m != nil && m.removed || i.Uses >= i.MaxUses && t.role(person) == chat.RoleNone {
		return nil, nil, chat.ErrInviteOver()
	}
	return i, t, nil
}

// JoinByInvite implements chat.Store.
func (s *Store) JoinByInvite(
	_ context.Context, person, id uuid.UUID, now time.Time, maxMembers int,
) (chat.Joining, error) {
	unlock, err := s.lock()
	if err != nil {
		return chat.Joining{}, err
	}
	defer unlock()
	i, t, err := s.invited(person, id, now)
	if err != nil {
		return chat.Joining{}, err
	}

	g := &groupTx{s: s, t: t, actor: person, change: chat.GroupChange{ConversationID: t.id, Audience: t.audience()}}
	joining := chat.Joining{ConversationID: t.id, Change: g.change}
	switch {
	case t.role(person) != chat.RoleNone:
		return joining, nil
	case i.Approval:
		joining.Waiting = true
		if !slices.Contains(t.group.waiting, person) {
			t.group.waiting = append(t.group.waiting, person)
		}
		return joining, nil
	}
	if err := g.admit(person, maxMembers); err != nil {
		return chat.Joining{}, err
	}
	i.Uses++
	g.change.Audience = t.audience()
	joining.Change = g.change
	return joining, nil
}

func (g *groupTx) admit(person uuid.UUID, maxMembers int) error {
	if len(g.t.present()) >= maxMembers {
		return chat.ErrGroupFull(maxMembers)
	}
	g.t.group.waiting = slices.DeleteFunc(g.t.group.waiting, func(id uuid.UUID) bool { return id == person })
	g.say(chat.SystemJoined, &person, "")
	g.join(person, chat.RoleMember)
	return nil
}

// JoinRequests implements chat.Store.
func (s *Store) JoinRequests(_ context.Context, actor, conversation uuid.UUID) (list []chat.JoinRequest, err error) {
	_, err = s.manage(actor, conversation, func(g *groupTx) error {
		list = []chat.JoinRequest{}
		for _, id := range g.t.group.waiting {
			p, _ := s.person(id)
			list = append(list, chat.JoinRequest{Person: p, At: chat.At(time.Now())})
		}
		return nil
	})
	return list, err
}

// AnswerJoinRequest implements chat.Store.
func (s *Store) AnswerJoinRequest(
	_ context.Context, actor, conversation, person uuid.UUID, accept bool, maxMembers int,
) (chat.GroupChange, error) {
	return s.manage(actor, conversation, func(g *groupTx) error {
		if !slices.Contains(g.t.group.waiting, person) {
			return chat.ErrNotFound()
		}
		if accept && g.t.role(person) == chat.RoleNone {
			return g.admit(person, maxMembers)
		}
		g.t.group.waiting = slices.DeleteFunc(g.t.group.waiting, func(id uuid.UUID) bool { return id == person })
		return nil
	})
}
