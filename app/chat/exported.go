package chat

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// ExportStore reads all data of one person.
type ExportStore interface {
	// Export returns all data but the conversations, in one snapshot, with the requests
	// as they are stored. NotFound: there is no such person.
	Export(ctx context.Context, person uuid.UUID, now time.Time) (Export, error)
	// ExportConversations returns some of a person's conversations, ascending by id,
	// after the given one.
	ExportConversations(ctx context.Context, person, after uuid.UUID, limit int) ([]ExportedConversation, error)
}

// Export is all data that Parley keeps of a person, in the shape of data.json.
// Messages.Export returns the messages. Account, sessions, friends, requests, blocks,
// drafts and returned messages are of one snapshot. Each conversation has its messages
// FromSeq to LastSeq without gaps, where LastSeq is the last one that was stored when the
// export began.
type Export struct {
	Format        string                 `json:"format"` // "parley-export"
	Version       int                    `json:"version"`
	ExportedAt    Timestamp              `json:"exported_at"`
	Account       ExportedAccount        `json:"account"`
	Sessions      []ExportedSession      `json:"sessions"`
	Friends       []ExportedPerson       `json:"friends"`
	Requests      []ExportedRequest      `json:"requests"`
	Blocked       []ExportedPerson       `json:"blocked"`
	Drafts        []ExportedDraft        `json:"drafts"`
	Returned      []ExportedReturn       `json:"returned"`
	Conversations []ExportedConversation `json:"-"` // written one by one with their messages
}

type (
	// ExportedAccount is the account itself.
	ExportedAccount struct {
		ID         uuid.UUID          `json:"id"`
		Name       string             `json:"name"`
		CreatedAt  Timestamp          `json:"created_at"`
		Identities []ExportedIdentity `json:"identities"`
		Settings   Settings           `json:"settings"`
		Picture    string             `json:"picture"` // name of a file beside this one; "": none
		Content    []byte             `json:"-"`       // of that file
	}
	// ExportedIdentity is an identity at a provider.
	ExportedIdentity struct {
		Provider string `json:"provider"`
		Subject  string `json:"subject"`
	}
	// ExportedSession is a signed-in browser, without its token.
	ExportedSession struct {
		ID        uuid.UUID `json:"id"`
		Device    string    `json:"device"`
		CreatedAt Timestamp `json:"created_at"`
		SeenAt    Timestamp `json:"seen_at"`
		ExpiresAt Timestamp `json:"expires_at"`
	}
	// ExportedPerson is a friend or a blocked person.
	ExportedPerson struct {
		ID    uuid.UUID `json:"id"`
		Name  string    `json:"name"`
		Since Timestamp `json:"since"`
	}
	// ExportedRequest is a friend request as this person may see it.
	ExportedRequest struct {
		ID         uuid.UUID  `json:"id"`
		Asker      Person     `json:"asker"`
		Asked      Person     `json:"asked"`
		State      string     `json:"state"`
		CreatedAt  Timestamp  `json:"created_at"`
		AnsweredAt *Timestamp `json:"answered_at"`
	}
	// ExportedDraft is the text of an unsent message.
	ExportedDraft struct {
		ConversationID uuid.UUID `json:"conversation_id"`
		Body           string    `json:"body"`
		UpdatedAt      Timestamp `json:"updated_at"`
	}
	// ExportedReturn is a message that could not be stored.
	ExportedReturn struct {
		ConversationID uuid.UUID `json:"conversation_id"`
		Body           string    `json:"body"`
		Reason         string    `json:"reason"`
		SentAt         Timestamp `json:"sent_at"`
	}
	// ExportedConversation is a conversation without its messages.
	ExportedConversation struct {
		ID        uuid.UUID `json:"id"`
		Title     string    `json:"title"`
		CreatedAt Timestamp `json:"created_at"`
		Members   []Person  `json:"members"`
		FromSeq   int64     `json:"from_seq"` // the first message that the person may read; from 1
		LastSeq   int64     `json:"last_seq"`
		ReadSeq   int64     `json:"read_seq"` // the person's own
	}
)
