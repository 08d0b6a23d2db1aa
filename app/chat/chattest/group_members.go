package chattest

import (
	"cmp"
	"context"
	"slices"

	"github.com/google/uuid"

	"parley/app/chat"
)

// GroupMembers implements chat.Store.
func (s *Store) GroupMembers(
	_ context.Context, viewer, id uuid.UUID, page string, limit int,
) (chat.MemberPage, error) {
	unlock, err := s.lock()
	if err != nil {
		return chat.MemberPage{}, err
	}
	defer unlock()
	from, err := position(page)
	t := s.find(id)
	if err != nil || t == nil || t.group == nil || t.role(viewer) == chat.RoleNone {
		return chat.MemberPage{Members: []chat.GroupMember{}}, err
	}

	var all []chat.GroupMember
	for _, p := range t.present() {
		m := t.group.members[p.ID]
		all = append(all, chat.GroupMember{Person: p, Role: m.role, JoinedSeq: m.joined, JoinedAt: chat.At(m.at)})
	}
	slices.SortFunc(all, func(a, b chat.GroupMember) int {
		return cmp.Compare(chat.Fold(a.Person.Name), chat.Fold(b.Person.Name))
	})
	members, next := paged(all, from, limit)
	return chat.MemberPage{Members: members, Next: next}, nil
}

// GroupMember implements chat.Store.
func (s *Store) GroupMember(_ context.Context, viewer, id, person uuid.UUID) (chat.GroupMember, error) {
	unlock, err := s.lock()
	if err != nil {
		return chat.GroupMember{}, err
	}
	defer unlock()
	t := s.find(id)
	if t == nil || t.group == nil || t.role(viewer) == chat.RoleNone || t.role(person) == chat.RoleNone {
		return chat.GroupMember{}, chat.ErrNotFound()
	}
	p, _ := s.person(person)
	m := t.group.members[person]
	return chat.GroupMember{Person: p, Role: m.role, JoinedSeq: m.joined, JoinedAt: chat.At(m.at)}, nil
}

// MembersWhoShare implements chat.Store.
func (s *Store) MembersWhoShare(
	_ context.Context, id, person uuid.UUID, what string, maxMembers int,
) (people []uuid.UUID, err error) {
	unlock, err := s.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	t := s.find(id)
	if t == nil || t.group == nil || len(t.present()) > maxMembers {
		return nil, nil
	}
	for _, p := range t.present() {
		shares := s.memberSettings(p)
		if p.ID != person && (what == "read" && shares.ShareRead || what == "typing" && shares.ShareTyping) {
			people = append(people, p.ID)
		}
	}
	return people, nil
}
