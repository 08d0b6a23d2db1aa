package postgres

import (
	"context"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/db/queries"
)

// CreateGroup creates a group of its owner and the owner's friends.
func (s *Store) CreateGroup(
	ctx context.Context, owner uuid.UUID, n chat.NewGroup,
) (change chat.GroupChange, err error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	err = s.tx(ctx, func(q *queries.Queries) error {
		g := &groupTx{ctx: ctx, q: q, actor: owner, change: chat.GroupChange{ConversationID: chat.NewID()}}
		g.group.History = string(n.History)
		if err := g.requireFriends(n.Members); err != nil {
			return err
		}

		err := q.CreateGroup(ctx, queries.CreateGroupParams{
			ID:           g.change.ConversationID,
			Name:         n.Name,
			FoldedName:   chat.Fold(n.Name),
			About:        n.About,
			Posting:      string(n.Posting),
			History:      string(n.History),
			MembersCount: int32(len(n.Members)) + 1, // #nosec G115 -- at most 10,000
			Channel:      len(n.Members)+1 > chat.MaxSmallGroup,
		})
		if err != nil {
			return err
		}
		if err := g.say(chat.SystemCreated, nil, n.Name); err != nil {
			return err
		}
		if err := g.join(owner, chat.RoleOwner); err != nil {
			return err
		}
		for _, p := range n.Members { // all read from the first message
			if err := g.join(p, chat.RoleMember); err != nil {
				return err
			}
		}

		change, err = g.finish()
		return err
	})
	return change, err
}

// ChangeGroup changes the settings of a group.
func (s *Store) ChangeGroup(
	ctx context.Context, actor, id uuid.UUID, n chat.GroupSettings,
) (chat.GroupChange, error) {
	return s.changeGroup(ctx, actor, id, func(g *groupTx) error {
		if !g.role.Manages() {
			return chat.ErrNotAllowed("Only admins change a group.")
		}

		old := g.group
		if old.Name != n.Name {
			if err := g.say(chat.SystemRenamed, nil, n.Name); err != nil {
				return err
			}
		}
		if old.About != n.About {
			if err := g.say(chat.SystemChanged, nil, "about"); err != nil {
				return err
			}
		}
		if chat.Posting(old.Posting) != n.Posting {
			if err := g.say(chat.SystemChanged, nil, "posting="+string(n.Posting)); err != nil {
				return err
			}
		}
		if chat.HistoryRule(old.History) != n.History {
			if err := g.say(chat.SystemChanged, nil, "history="+string(n.History)); err != nil {
				return err
			}
		}

		return g.q.UpdateGroup(g.ctx, queries.UpdateGroupParams{
			ID:         id,
			Name:       n.Name,
			FoldedName: chat.Fold(n.Name),
			About:      n.About,
			Posting:    string(n.Posting),
			History:    string(n.History),
		})
	})
}

// AddMember adds a friend of the actor to a group.
func (s *Store) AddMember(
	ctx context.Context, actor, id, person uuid.UUID, maxMembers int,
) (chat.GroupChange, error) {
	return s.changeGroup(ctx, actor, id, func(g *groupTx) error {
		if !g.role.Manages() {
			return chat.ErrNotAllowed("Only admins add people to a group.")
		}
		if role, err := g.roleOf(person); err != nil || role != chat.RoleNone {
			return err
		}
		if err := g.requireFriends([]uuid.UUID{person}); err != nil {
			return err
		}
		return g.admit(person, maxMembers)
	})
}

// RemoveMember removes a member from a group.
func (s *Store) RemoveMember(ctx context.Context, actor, id, person uuid.UUID) (chat.GroupChange, error) {
	return s.changeGroup(ctx, actor, id, func(g *groupTx) error {
		if actor == person {
			return chat.Invalid("person", "To go yourself, leave the group.")
		}
		role, err := g.presentRoleOf(person)
		if err != nil {
			return err
		}
		if !g.role.Manages() || role.Manages() && g.role != chat.RoleOwner {
			return chat.ErrNotAllowed("You can’t remove this person: admins remove members, and owners remove admins too.")
		}

		if err := g.say(chat.SystemRemoved, &person, ""); err != nil {
			return err
		}
		return g.leave(person, true)
	})
}

// ChangeRole gives a member of a group a role.
func (s *Store) ChangeRole(
	ctx context.Context, actor, id, person uuid.UUID, role chat.Role,
) (chat.GroupChange, error) {
	return s.changeGroup(ctx, actor, id, func(g *groupTx) error {
		before, err := g.presentRoleOf(person)
		switch {
		case err != nil:
			return err
		case g.role != chat.RoleOwner:
			return chat.ErrNotAllowed("Only owners change what others may do.")
		case before == role:
			return nil
		}

		if before == chat.RoleOwner {
			if other, err := g.successor(person); err != nil || other.Role != string(chat.RoleOwner) {
				return orElse(err, &chat.Error{
					Kind:   chat.KindConflict,
					Detail: "A group needs an owner. Make somebody else an owner first.",
				})
			}
		}
		return g.setRole(person, role)
	})
}

func (g *groupTx) setRole(person uuid.UUID, role chat.Role) error {
	if err := g.say(chat.SystemRole, &person, string(role)); err != nil {
		return err
	}
	g.changed(person, role, chat.MemberChanged)
	return g.q.SetRole(g.ctx, queries.SetRoleParams{
		ConversationID: g.change.ConversationID,
		UserID:         person,
		Role:           string(role),
	})
}

// successor returns who could own the group after a person: an owner if there is another one.
// Without other members it is the zero value.
func (g *groupTx) successor(after uuid.UUID) (queries.SuccessorsRow, error) {
	rows, err := g.q.Successors(g.ctx, queries.SuccessorsParams{ConversationID: g.change.ConversationID, UserID: after})
	if err != nil || len(rows) == 0 {
		return queries.SuccessorsRow{}, err
	}
	return rows[0], nil
}

// LeaveGroup ends a person's presence in a group.
func (s *Store) LeaveGroup(ctx context.Context, person, id, successor uuid.UUID) (chat.GroupChange, error) {
	return s.changeGroup(ctx, person, id, func(g *groupTx) error { return g.leaveTo(successor) })
}

// leaveGroups ends a person's presence in all groups, in the order of their ids.
func leaveGroups(ctx context.Context, q *queries.Queries, person uuid.UUID) (changes []chat.GroupChange, err error) {
	groups, err := q.GroupsOf(ctx, person)
	for _, id := range groups {
		change, err := inGroup(ctx, q, person, id, func(g *groupTx) error {
			if g.role == chat.RoleNone { // they have left it meanwhile
				return nil
			}
			return g.leaveTo(uuid.Nil)
		})
		if err != nil {
			return nil, err
		}
		if len(change.Members) > 0 {
			changes = append(changes, change)
		}
	}
	return changes, err
}

// leaveTo ends the actor's presence, and passes on what they own.
func (g *groupTx) leaveTo(successor uuid.UUID) error {
	if err := g.passOn(g.actor, successor); err != nil {
		return err
	}
	if err := g.say(chat.SystemLeft, nil, ""); err != nil {
		return err
	}
	return g.leave(g.actor, false)
}

// passOn makes somebody else an owner, if a person is the last one and others are present:
// the chosen successor, or with uuid.Nil the best one.
func (g *groupTx) passOn(from, chosen uuid.UUID) error {
	if chosen != uuid.Nil {
		if role, err := g.presentRoleOf(chosen); err != nil || role == chat.RoleOwner {
			return err
		}
	}
	if g.role != chat.RoleOwner {
		return nil
	}

	next, err := g.successor(from)
	if err != nil || next.UserID == uuid.Nil || next.Role == string(chat.RoleOwner) {
		return err
	}
	if chosen == uuid.Nil || chosen == from {
		chosen = next.UserID
	}
	return g.setRole(chosen, chat.RoleOwner)
}

// memberKeyset is the last member of a page.
type memberKeyset struct {
	Name string    `json:"n"`
	ID   uuid.UUID `json:"i"`
}

// GroupMembers reads a page of a group's present members, by folded name.
func (s *Store) GroupMembers(
	ctx context.Context, viewer, id uuid.UUID, page string, limit int,
) (chat.MemberPage, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	after, err := decodePage[memberKeyset](page)
	if err != nil {
		return chat.MemberPage{}, err
	}
	rows, err := s.q.GroupMembers(ctx, queries.GroupMembersParams{
		ConversationID: id,
		Viewer:         viewer,
		AfterName:      after.Name,
		AfterID:        after.ID,
		MaxRows:        int32(limit) + 1, // #nosec G115 -- a page
	})
	if err != nil {
		return chat.MemberPage{}, mapError(err)
	}

	list := chat.MemberPage{Members: []chat.GroupMember{}}
	for i, row := range rows {
		if i == limit {
			list.Next = encodePage(memberKeyset{rows[i-1].FoldedName, rows[i-1].ID})
			break
		}
		list.Members = append(list.Members, chat.GroupMember{
			Person:    chat.Person{ID: row.ID, Name: row.Name, Picture: row.Picture},
			Role:      chat.Role(row.Role),
			JoinedSeq: row.JoinedSeq,
			JoinedAt:  chat.At(row.JoinedAt),
		})
	}
	return list, nil
}

// GroupMember reads a present member of a group.
func (s *Store) GroupMember(ctx context.Context, viewer, id, person uuid.UUID) (chat.GroupMember, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()
	row, err := s.q.PresentMember(ctx, queries.PresentMemberParams{ConversationID: id, Person: person, Viewer: viewer})
	return chat.GroupMember{
		Person:    chat.Person{ID: row.ID, Name: row.Name, Picture: row.Picture},
		Role:      chat.Role(row.Role),
		JoinedSeq: row.JoinedSeq,
		JoinedAt:  chat.At(row.JoinedAt),
	}, mapError(err)
}

// MembersWhoShare reads the other present members of a small group who share something.
func (s *Store) MembersWhoShare(
	ctx context.Context, id, person uuid.UUID, what string, maxMembers int,
) ([]uuid.UUID, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()
	people, err := s.q.MembersWhoShare(ctx, queries.MembersWhoShareParams{
		ConversationID: id,
		Person:         person,
		What:           what,
		MaxMembers:     int32(maxMembers), // #nosec G115 -- a constant
	})
	return people, mapError(err)
}

// orElse returns err, or other without one.
func orElse(err, other error) error {
	if err != nil {
		return err
	}
	return other
}
