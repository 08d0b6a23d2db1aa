package postgres

import (
	"context"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/db/queries"
)

// manage runs f behind the group's locks for an actor who manages the group.
func (s *Store) manage(ctx context.Context, actor, id uuid.UUID, f func(g *groupTx) error) (chat.GroupChange, error) {
	return s.changeGroup(ctx, actor, id, func(g *groupTx) error {
		if !g.role.Manages() {
			return chat.ErrNotAllowed("Only admins let people into a group.")
		}
		return f(g)
	})
}

// AddGroupInvite keeps a new link of a group.
func (s *Store) AddGroupInvite(ctx context.Context, i chat.GroupInvite, now time.Time) error {
	_, err := s.manage(ctx, i.CreatedBy.ID, i.ConversationID, func(g *groupTx) error {
		working, err := g.invites(now)
		if err != nil {
			return err
		}
		if len(working) >= chat.MaxGroupInvites {
			return &chat.Error{Kind: chat.KindFull, Detail: "This group has 20 links. Revoke one of them first."}
		}
		return g.q.AddGroupInvite(g.ctx, queries.AddGroupInviteParams{
			ID:             i.ID,
			ConversationID: i.ConversationID,
			CreatedBy:      i.CreatedBy.ID,
			ExpiresAt:      i.ExpiresAt.Time,
			MaxUses:        int32(i.MaxUses), // #nosec G115 -- at most MaxInviteUses
			Approval:       i.Approval,
		})
	})
	return err
}

func (g *groupTx) invites(now time.Time) ([]queries.GroupInvitesRow, error) {
	return g.q.GroupInvites(g.ctx, queries.GroupInvitesParams{ConversationID: g.change.ConversationID, Now: now})
}

// GroupInvites reads the links of a group that work, newest first.
func (s *Store) GroupInvites(
	ctx context.Context, actor, conversation uuid.UUID, now time.Time,
) (list []chat.GroupInvite, err error) {
	_, err = s.manage(ctx, actor, conversation, func(g *groupTx) error {
		rows, err := g.invites(now)
		list = []chat.GroupInvite{}
		for _, r := range rows {
			list = append(list, chat.GroupInvite{
				ID:             r.ID,
				ConversationID: r.ConversationID,
				CreatedBy:      chat.Person{ID: r.CreatedBy, Name: r.Name, Picture: r.Picture},
				ExpiresAt:      chat.At(r.ExpiresAt),
				MaxUses:        int(r.MaxUses),
				Uses:           int(r.Uses),
				Approval:       r.Approval,
			})
		}
		return err
	})
	return list, err
}

// RevokeGroupInvite ends a link.
func (s *Store) RevokeGroupInvite(ctx context.Context, actor, id uuid.UUID) error {
	conversation, err := s.conversationOfInvite(ctx, id)
	if err != nil {
		return err
	}
	_, err = s.manage(ctx, actor, conversation, func(g *groupTx) error { return g.q.RevokeGroupInvite(g.ctx, id) })
	return err
}

func (s *Store) conversationOfInvite(ctx context.Context, id uuid.UUID) (uuid.UUID, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()
	conversation, err := s.q.GroupInviteConversation(ctx, id)
	return conversation, mapError(err)
}

// ViewGroupInvite reads the group of a link that works for the viewer.
func (s *Store) ViewGroupInvite(
	ctx context.Context, viewer, id uuid.UUID, now time.Time,
) (chat.InvitedGroup, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()
	return invitedGroup(ctx, s.q, viewer, id, now)
}

func invitedGroup(
	ctx context.Context, q *queries.Queries, viewer, id uuid.UUID, now time.Time,
) (chat.InvitedGroup, error) {
	row, err := q.InvitedGroup(ctx, queries.InvitedGroupParams{ID: id, Person: viewer, Now: now})
	if err = mapError(err); chat.KindOf(err) == chat.KindNotFound {
		err = chat.ErrInviteOver()
	}
	if err != nil {
		return chat.InvitedGroup{}, err
	}
	return chat.InvitedGroup{
		ConversationID: row.ConversationID,
		Name:           row.Name,
		About:          row.About,
		Members:        int(row.MembersCount),
		Inviter:        chat.Person{ID: row.InviterID, Name: row.InviterName, Picture: row.InviterPicture},
		Approval:       row.Approval,
		Present:        row.Present,
		Waiting:        row.Waiting,
	}, nil
}

// JoinByInvite makes a person a member by a link, or lets them wait for an admin.
func (s *Store) JoinByInvite(
	ctx context.Context, person, id uuid.UUID, now time.Time, maxMembers int,
) (joining chat.Joining, err error) {
	conversation, err := s.conversationOfInvite(ctx, id)
	if chat.KindOf(err) == chat.KindNotFound {
		err = chat.ErrInviteOver()
	}
	if err != nil {
		return chat.Joining{}, err
	}

	change, err := s.lockedGroup(ctx, person, conversation, func(g *groupTx) error {
		joining = chat.Joining{ConversationID: conversation}
		group, err := invitedGroup(g.ctx, g.q, person, id, now) // behind the locks, so that nobody else uses it
		switch {
		case err != nil || group.Present:
			return err
		case group.Approval:
			joining.Waiting = true
			return g.q.AddJoinRequest(g.ctx, queries.AddJoinRequestParams{ConversationID: conversation, UserID: person})
		}
		if err := g.q.UseGroupInvite(g.ctx, id); err != nil {
			return err
		}
		return g.admit(person, maxMembers)
	})
	joining.Change = change
	return joining, err
}

// admit makes a person who is not present a member.
func (g *groupTx) admit(person uuid.UUID, maxMembers int) error {
	if int(g.group.MembersCount) >= maxMembers {
		return chat.ErrGroupFull(maxMembers)
	}
	request := queries.DeleteJoinRequestParams{ConversationID: g.change.ConversationID, UserID: person}
	if _, err := g.q.DeleteJoinRequest(g.ctx, request); err != nil {
		return err
	}
	if err := g.say(chat.SystemJoined, &person, ""); err != nil {
		return err
	}
	if err := g.join(person, chat.RoleMember); err != nil {
		return err
	}
	return g.count(1)
}

// JoinRequests reads who waits to be let into a group.
func (s *Store) JoinRequests(ctx context.Context, actor, conversation uuid.UUID) (list []chat.JoinRequest, err error) {
	_, err = s.manage(ctx, actor, conversation, func(g *groupTx) error {
		rows, err := g.q.JoinRequests(g.ctx, conversation)
		list = []chat.JoinRequest{}
		for _, r := range rows {
			list = append(list, chat.JoinRequest{
				Person: chat.Person{ID: r.ID, Name: r.Name, Picture: r.Picture},
				At:     chat.At(r.CreatedAt),
			})
		}
		return err
	})
	return list, err
}

// AnswerJoinRequest lets a person into a group, or sends them away.
func (s *Store) AnswerJoinRequest(
	ctx context.Context, actor, conversation, person uuid.UUID, accept bool, maxMembers int,
) (chat.GroupChange, error) {
	return s.manage(ctx, actor, conversation, func(g *groupTx) error {
		request := queries.DeleteJoinRequestParams{ConversationID: conversation, UserID: person}
		if err := requireRow(g.q.DeleteJoinRequest(g.ctx, request)); err != nil || !accept {
			return err
		}
		if role, err := g.roleOf(person); err != nil || role != chat.RoleNone {
			return err
		}
		return g.admit(person, maxMembers)
	})
}
