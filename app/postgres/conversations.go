package postgres

import (
	"context"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/db/queries"
)

// OpenDirect finds or makes the conversation of two friends; of two that make it at once one wins.
func (s *Store) OpenDirect(ctx context.Context, person, friend uuid.UUID) (uuid.UUID, bool, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	if person == friend {
		return uuid.Nil, false, chat.Invalid("person", "It takes two. Choose somebody else.")
	}
	row, err := s.q.DirectAccess(ctx, queries.DirectAccessParams{Person: person, Friend: friend})
	switch {
	case err != nil:
		return uuid.Nil, false, mapError(err)
	case !row.Friends && !row.Known:
		return uuid.Nil, false, chat.ErrNotFound()
	case !row.Friends:
		return uuid.Nil, false, &chat.Error{Kind: chat.KindReadOnly, Detail: "You can talk once you are friends."}
	}
	low, high := pair(person, friend)
	var id uuid.UUID
	var made bool
	err = s.tx(ctx, func(q *queries.Queries) error {
		id, made, err = openDirect(ctx, q, low, high)
		return err
	})
	return id, made && err == nil, err
}

// openDirect waits for another transaction that is making the same conversation, and then finds its.
func openDirect(ctx context.Context, q *queries.Queries, low, high uuid.UUID) (id uuid.UUID, made bool, err error) {
	key := queries.DirectConversationParams{Low: low, High: high}
	if id, err = q.DirectConversation(ctx, key); chat.KindOf(mapError(err)) != chat.KindNotFound {
		return id, false, err
	}
	id = chat.NewID()
	n, err := q.CreateDirectConversation(ctx, queries.CreateDirectConversationParams{ID: id, Low: low, High: high})
	if err != nil {
		return id, false, err
	}
	if n == 0 {
		id, err = q.DirectConversation(ctx, key)
		return id, false, err
	}
	return id, true, q.AddMembers(ctx, queries.AddMembersParams{ConversationID: id, People: []uuid.UUID{low, high}})
}

// Membership reads who is in a conversation.
func (s *Store) Membership(ctx context.Context, id uuid.UUID) (chat.Membership, error) {
	found, err := s.Memberships(ctx, []uuid.UUID{id})
	if err == nil && len(found) == 0 {
		err = chat.ErrNotFound()
	}
	if err != nil {
		return chat.Membership{}, err
	}
	return found[0], nil
}

// Memberships reads who is in conversations, in one query.
func (s *Store) Memberships(ctx context.Context, ids []uuid.UUID) ([]chat.Membership, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	rows, err := s.q.Memberships(ctx, ids)
	if err != nil {
		return nil, mapError(err)
	}
	var list []chat.Membership
	for _, row := range rows {
		if n := len(list); n == 0 || list[n-1].ConversationID != row.ConversationID {
			list = append(list, chat.Membership{ConversationID: row.ConversationID, Writable: row.Writable, CreatedAt: chat.At(row.CreatedAt)})
		}
		m := &list[len(list)-1]
		m.Members = append(m.Members, chat.MemberSettings{
			Person:    chat.Person{ID: row.ID, Name: row.Name, Picture: row.Picture},
			ShareRead: row.ShareRead, SharePresence: row.SharePresence, ShareTyping: row.ShareTyping,
		})
	}
	return list, nil
}

// Conversation reads one as the viewer sees it.
func (s *Store) Conversation(ctx context.Context, viewer, id uuid.UUID) (chat.Conversation, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	row, err := s.q.Conversation(ctx, queries.ConversationParams{Viewer: viewer, ID: id})
	if err != nil {
		return chat.Conversation{}, mapError(err)
	}
	list := []chat.Conversation{conversation(viewer, row)}
	err = addMembers(ctx, s.q, viewer, list)
	return list[0], err
}

type conversationKeyset struct {
	Time time.Time `json:"t"`
	ID   uuid.UUID `json:"i"`
}

// Conversations reads a part of the viewer's list, newest first.
func (s *Store) Conversations(ctx context.Context, viewer uuid.UUID, q chat.ConversationQuery) (chat.ConversationPage, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	before := conversationKeyset{Time: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}
	if q.Page != "" {
		var err error
		if before, err = decodePage[conversationKeyset](q.Page); err != nil {
			return chat.ConversationPage{}, err
		}
	}
	var page chat.ConversationPage
	err := s.read(ctx, func(from *queries.Queries) (err error) {
		page, err = conversations(ctx, from, viewer, before, q)
		return err
	})
	return page, err
}

func conversations(ctx context.Context, from *queries.Queries, viewer uuid.UUID, before conversationKeyset, q chat.ConversationQuery) (chat.ConversationPage, error) {
	rows, err := from.Conversations(ctx, queries.ConversationsParams{
		Viewer: viewer, BeforeTime: before.Time, BeforeID: before.ID, Filter: q.Filter, MaxRows: int32(q.Limit) + 1,
	})
	if err != nil {
		return chat.ConversationPage{}, mapError(err)
	}
	page := chat.ConversationPage{Conversations: []chat.Conversation{}}
	for i, row := range rows {
		if i == q.Limit {
			page.Next = encodePage(conversationKeyset{rows[i-1].MovedAt, rows[i-1].ID})
			break
		}
		page.Conversations = append(page.Conversations, conversation(viewer, row))
	}
	return page, addMembers(ctx, from, viewer, page.Conversations)
}

func conversation(viewer uuid.UUID, row queries.MemberConversation) chat.Conversation {
	c := chat.Conversation{
		ID: row.ID, LastSeq: row.LastSeq, ReadSeq: row.ReadSeq, CreatedAt: chat.At(row.CreatedAt), Writable: row.Writable,
	}
	if row.LastSeq == 0 {
		return c
	}
	if row.LastSenderID != viewer {
		c.Unread = row.LastSeq - row.ReadSeq
	}
	c.LastMessage = &chat.Message{
		ID: row.LastID, ConversationID: row.ID, Seq: &row.LastSeq, LogOffset: row.LastLogOffset, ClientID: row.LastClientID,
		Sender: chat.Person{ID: row.LastSenderID, Name: row.LastSenderName, Picture: row.LastSenderPicture}, Body: row.LastBody, SentAt: chat.At(row.MovedAt),
	}
	return c
}

// Counts counts what is new to a person.
func (s *Store) Counts(ctx context.Context, person uuid.UUID) (chat.Counts, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	row, err := s.q.Counts(ctx, person)
	return chat.Counts{Unread: row.Unread, Requests: row.Requests}, mapError(err)
}

// addMembers fills in the members and the titles that follow from them.
func addMembers(ctx context.Context, q *queries.Queries, viewer uuid.UUID, list []chat.Conversation) error {
	if len(list) == 0 {
		return nil
	}
	ids := make([]uuid.UUID, len(list))
	at := make(map[uuid.UUID]*chat.Conversation, len(list))
	for i := range list {
		ids[i] = list[i].ID
		at[list[i].ID] = &list[i]
	}
	rows, err := q.MembersOf(ctx, ids)
	if err != nil {
		return mapError(err)
	}
	tells := make(map[uuid.UUID]bool, len(rows))
	for _, row := range rows {
		tells[row.UserID] = row.ShareRead
		c := at[row.ConversationID]
		c.Members = append(c.Members, chat.Member{
			Person:  chat.Person{ID: row.UserID, Name: row.Name, Picture: row.Picture},
			ReadSeq: &row.ReadSeq, DeliveredSeq: &row.DeliveredSeq,
		})
		if row.UserID != viewer {
			c.Title = row.Name
		}
	}
	for i := range list {
		list[i].HideReading(viewer, tells)
	}
	return nil
}

// MarkRead moves the read mark, and the delivered one with it.
func (s *Store) MarkRead(ctx context.Context, person, conversation uuid.UUID, seq int64) (int64, bool, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	return moved(s.q.MarkRead(ctx, queries.MarkReadParams{UserID: person, ConversationID: conversation, Seq: seq}))
}

// MarkDelivered moves the delivered mark.
func (s *Store) MarkDelivered(ctx context.Context, person, conversation uuid.UUID, seq int64) (int64, bool, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	return moved(s.q.MarkDelivered(ctx, queries.MarkDeliveredParams{UserID: person, ConversationID: conversation, Seq: seq}))
}

func moved(now int64, err error) (int64, bool, error) {
	if err = mapError(err); chat.KindOf(err) == chat.KindNotFound {
		return 0, false, nil
	}
	return now, err == nil, err
}
