package postgres

import (
	"context"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/db/queries"
)

// Membership reads what a person may do in a conversation, or NotFound if it doesn't exist or
// the person never was a member.
func (s *Store) Membership(ctx context.Context, key chat.MembershipKey) (chat.Membership, error) {
	list, err := s.Memberships(ctx, []chat.MembershipKey{key})
	if err == nil && len(list) == 0 {
		err = chat.ErrNotFound()
	}
	if err != nil {
		return chat.Membership{}, err
	}
	return list[0], nil
}

// Memberships reads memberships in one query. One that doesn't exist is missing from the result.
func (s *Store) Memberships(ctx context.Context, keys []chat.MembershipKey) ([]chat.Membership, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	var params queries.MembershipsParams
	for _, k := range keys {
		params.Conversations = append(params.Conversations, k.Conversation)
		params.People = append(params.People, k.Person)
	}

	rows, err := s.q.Memberships(ctx, params)
	if err != nil {
		return nil, mapError(err)
	}

	list := make([]chat.Membership, len(rows))
	for i, row := range rows {
		list[i] = membership(row)
	}
	return list, nil
}

func membership(row queries.MembershipsRow) chat.Membership {
	m := chat.Membership{
		ConversationID: row.ConversationID,
		CreatedAt:      chat.At(row.CreatedAt),
		Person: chat.MemberSettings{
			Person:        chat.Person{ID: row.ID, Name: row.Name, Picture: row.Picture},
			ShareRead:     row.ShareRead,
			SharePresence: row.SharePresence,
			ShareTyping:   row.ShareTyping,
		},
		Kind:     chat.ConversationKind(row.Kind),
		Name:     row.Title,
		Role:     chat.Role(row.Role),
		Writable: row.Writable,
		FromSeq:  row.FromSeq,
		ToSeq:    row.ToSeq,
		Audience: audience(row.ConversationID, row.Channel, row.Audience),
	}

	if row.PeerID != uuid.Nil {
		m.Peer = &chat.MemberSettings{
			Person:        chat.Person{ID: row.PeerID, Name: row.PeerName, Picture: row.PeerPicture},
			ShareRead:     row.PeerShareRead,
			SharePresence: row.PeerSharePresence,
			ShareTyping:   row.PeerShareTyping,
		}
	}
	return m
}

// Followed reads which conversations with a channel of their own people follow, in one query.
func (s *Store) Followed(ctx context.Context, people []uuid.UUID) (map[uuid.UUID][]uuid.UUID, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()
	rows, err := s.q.Followed(ctx, people)
	if err != nil {
		return nil, mapError(err)
	}

	followed := map[uuid.UUID][]uuid.UUID{}
	for _, row := range rows {
		followed[row.UserID] = append(followed[row.UserID], row.ConversationID)
	}
	return followed, nil
}

// Counts counts what is new to a person.
func (s *Store) Counts(ctx context.Context, person, current uuid.UUID) (chat.Counts, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()
	row, err := s.q.Counts(ctx, queries.CountsParams{Person: person, Current: current})
	return chat.Counts(row), mapError(err)
}

// MarkRead moves a member's read mark forward, and the delivered mark with it. It removes
// the mark as unread that it reaches.
func (s *Store) MarkRead(ctx context.Context, person, conversation uuid.UUID, seq int64) (chat.ReadMark, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()
	row, err := s.q.MarkRead(ctx, queries.MarkReadParams{
		UserID:         person,
		ConversationID: conversation,
		Seq:            seq,
	})
	if err = mapError(err); chat.KindOf(err) == chat.KindNotFound {
		return chat.ReadMark{}, nil
	}
	return chat.ReadMark{Seq: row.ReadSeq, Moved: row.Moved, Unmarked: row.Unmarked}, err
}

// MarkDelivered moves a member's delivered mark forward. It returns the new mark, and
// false if the mark did not move.
func (s *Store) MarkDelivered(ctx context.Context, person, conversation uuid.UUID, seq int64) (int64, bool, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()
	return movedMark(s.q.MarkDelivered(ctx, queries.MarkDeliveredParams{
		UserID:         person,
		ConversationID: conversation,
		Seq:            seq,
	}))
}

func movedMark(seq int64, err error) (int64, bool, error) {
	if err = mapError(err); chat.KindOf(err) == chat.KindNotFound {
		return 0, false, nil
	}
	return seq, err == nil, err
}
