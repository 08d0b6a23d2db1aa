package postgres

import (
	"context"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/db/queries"
)

// OpenDirect returns the conversation of two friends and creates it if there is
// none. created is true for one of several concurrent calls.
func (s *Store) OpenDirect(ctx context.Context, person, friend uuid.UUID) (id uuid.UUID, created bool, err error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	if person == friend {
		return uuid.Nil, false, errSamePerson()
	}

	access, err := s.q.DirectAccess(ctx, queries.DirectAccessParams{Person: person, Friend: friend})
	switch {
	case err != nil:
		return uuid.Nil, false, mapError(err)
	case !access.Friends && !access.Known:
		return uuid.Nil, false, chat.ErrNotFound()
	case !access.Friends:
		return uuid.Nil, false, &chat.Error{Kind: chat.KindReadOnly, Detail: "You can talk once you are friends."}
	}

	low, high := pair(person, friend)
	err = s.tx(ctx, func(q *queries.Queries) error {
		if _, err := q.LockPeople(ctx, queries.LockPeopleParams{Low: low, High: high}); err != nil {
			return err
		}
		id, created, err = openDirect(ctx, q, low, high)
		return err
	})
	return id, created && err == nil, err
}

// openDirect needs the locks of LockPeople. It waits for another transaction that
// creates the same conversation, and then returns that one.
func openDirect(ctx context.Context, q *queries.Queries, low, high uuid.UUID) (id uuid.UUID, created bool, err error) {
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

// Conversation reads a conversation as the viewer sees it, or NotFound if the
// viewer is no member.
func (s *Store) Conversation(ctx context.Context, viewer, id uuid.UUID) (chat.Conversation, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	row, err := s.q.Conversation(ctx, queries.ConversationParams{Viewer: viewer, ID: id})
	if err != nil {
		return chat.Conversation{}, mapError(err)
	}
	list := []chat.Conversation{conversation(row)}
	err = addMembers(ctx, s.q, viewer, list)
	return list[0], err
}

// conversationKeyset is the last conversation of a page of the list.
type conversationKeyset struct {
	Pin  time.Time `json:"p"` // when it was pinned; the epoch: it is not
	Time time.Time `json:"t"`
	ID   uuid.UUID `json:"i"`
}

// Conversations reads a page of the viewer's list.
func (s *Store) Conversations(
	ctx context.Context, viewer uuid.UUID, query chat.ConversationQuery,
) (page chat.ConversationPage, err error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	before := conversationKeyset{Pin: chat.Forever}
	if query.Page != "" {
		if before, err = decodePage[conversationKeyset](query.Page); err != nil {
			return chat.ConversationPage{}, err
		}
	}

	err = s.read(ctx, func(q *queries.Queries) (err error) {
		page, err = conversationPage(ctx, q, viewer, before, query)
		return err
	})
	return page, err
}

// conversationPage reads one row more than the page has, to know whether another
// page follows.
func conversationPage(
	ctx context.Context, q *queries.Queries, viewer uuid.UUID, before conversationKeyset, query chat.ConversationQuery,
) (chat.ConversationPage, error) {
	rows, err := q.Conversations(ctx, queries.ConversationsParams{
		Viewer:     viewer,
		Archived:   query.Archived,
		BeforePin:  before.Pin,
		BeforeTime: before.Time,
		BeforeID:   before.ID,
		Filter:     chat.Fold(query.Filter),
		MaxRows:    int32(query.Limit) + 1,
	})
	if err != nil {
		return chat.ConversationPage{}, mapError(err)
	}

	page := chat.ConversationPage{Conversations: []chat.Conversation{}}
	for i, row := range rows {
		if i == query.Limit {
			page.Next = encodePage(conversationKeyset{rows[i-1].PinnedAt, rows[i-1].MovedAt, rows[i-1].ID})
			break
		}
		page.Conversations = append(page.Conversations, conversation(row))
	}
	return page, addMembers(ctx, q, viewer, page.Conversations)
}

func conversation(row queries.MemberConversation) chat.Conversation {
	c := chat.Conversation{
		ID:          row.ID,
		LastSeq:     row.LastSeq,
		ReadSeq:     row.ReadSeq,
		Unread:      row.Unread,
		CreatedAt:   chat.At(row.CreatedAt),
		Writable:    row.Writable,
		Arrangement: arrangement(row),

		Kind:         chat.ConversationKind(row.Kind),
		MembersCount: int(row.MembersCount),
	}
	if c.Kind == chat.GroupConversation {
		c.Title, c.Name, c.About = row.Name, row.Name, row.About
		c.Posting, c.History = chat.Posting(row.Posting), chat.HistoryRule(row.History)
		c.Role, c.FromSeq = chat.Role(row.Role), row.FromSeq
	}
	if row.LastSeq == 0 {
		return c
	}

	c.LastMessage = &chat.Message{
		ID:             row.LastID,
		ConversationID: row.ID,
		Seq:            &row.LastSeq,
		LogOffset:      row.LastLogOffset,
		ClientID:       row.LastClientID,
		Sender:         chat.Person{ID: row.LastSenderID, Name: row.LastSenderName, Picture: row.LastSenderPicture},
		Body:           row.LastBody,
		SentAt:         chat.At(row.MovedAt),
	}
	setKind(c.LastMessage, row.LastKind, row.LastEvent, chat.Person{ID: row.LastPersonID, Name: row.LastPersonName})
	return c
}

// addMembers sets the members of conversations, and their titles: the name of the
// other member. Marks that a member hides are removed.
func addMembers(ctx context.Context, q *queries.Queries, viewer uuid.UUID, list []chat.Conversation) error {
	if len(list) == 0 {
		return nil
	}
	ids := make([]uuid.UUID, len(list))
	byID := make(map[uuid.UUID]*chat.Conversation, len(list))
	for i := range list {
		ids[i] = list[i].ID
		byID[list[i].ID] = &list[i]
	}

	rows, err := q.MembersOf(ctx, queries.MembersOfParams{Viewer: viewer, Ids: ids})
	if err != nil {
		return mapError(err)
	}
	settings := make(map[uuid.UUID][]chat.MemberSettings, len(list))
	for _, row := range rows {
		member := chat.Member{
			Person:       chat.Person{ID: row.UserID, Name: row.Name, Picture: row.Picture},
			ReadSeq:      &row.ReadSeq,
			DeliveredSeq: &row.DeliveredSeq,
		}
		if row.Parted {
			member.ReadSeq, member.DeliveredSeq = row.LastReadSeq, row.LastDeliveredSeq
		}

		c := byID[row.ConversationID]
		c.Members = append(c.Members, member)
		settings[c.ID] = append(settings[c.ID], chat.MemberSettings{
			Person:        member.Person,
			ShareRead:     row.ShareRead,
			SharePresence: row.SharePresence,
		})
		if row.UserID != viewer {
			c.Title = row.Name
		}
	}

	for i := range list {
		list[i].HideMarks(viewer, settings[list[i].ID])
	}
	return nil
}
