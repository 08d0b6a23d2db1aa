package chat

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/google/uuid"

	"parley/app/limit"
)

// ExportStore reads everything that is kept of one person.
type ExportStore interface {
	// Export reads, at one moment, all but the conversations; NotFound: no such person. Requests come as they are kept.
	Export(ctx context.Context, person uuid.UUID, now time.Time) (Export, error)
	// ExportConversations reads some of a person's conversations, ascending by id, those after the given one.
	ExportConversations(ctx context.Context, person, after uuid.UUID, limit int) ([]ExportedConversation, error)
}

// Export is everything that Parley keeps of a person, in the shape of data.json. The messages come by Service.ExportMessages. What it promises: account, sessions,
// friends, requests, blocks, drafts and returned messages are those of one moment; each conversation has its messages 1 to LastSeq, none missing, where LastSeq is the
// last one that was stored when the export began.
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
	Conversations []ExportedConversation `json:"-"` // written one by one, with their messages
}

type (
	// ExportedAccount is what is kept of the person alone.
	ExportedAccount struct {
		ID         uuid.UUID          `json:"id"`
		Name       string             `json:"name"`
		CreatedAt  Timestamp          `json:"created_at"`
		Identities []ExportedIdentity `json:"identities"`
		Settings   Settings           `json:"settings"`
		Picture    string             `json:"picture"` // the name of a file beside this one; "": none
		Content    []byte             `json:"-"`       // of that file
	}
	// ExportedIdentity is who a provider says the person is.
	ExportedIdentity struct {
		Provider string `json:"provider"`
		Subject  string `json:"subject"`
	}
	// ExportedSession is one signed-in browser; never its token.
	ExportedSession struct {
		ID        uuid.UUID `json:"id"`
		Device    string    `json:"device"`
		CreatedAt Timestamp `json:"created_at"`
		SeenAt    Timestamp `json:"seen_at"`
		ExpiresAt Timestamp `json:"expires_at"`
	}
	// ExportedPerson is somebody else: a friend, or one who is blocked, since then.
	ExportedPerson struct {
		ID    uuid.UUID `json:"id"`
		Name  string    `json:"name"`
		Since Timestamp `json:"since"`
	}
	// ExportedRequest is a friend request, as this person may know it.
	ExportedRequest struct {
		ID         uuid.UUID  `json:"id"`
		Asker      Person     `json:"asker"`
		Asked      Person     `json:"asked"`
		State      string     `json:"state"`
		CreatedAt  Timestamp  `json:"created_at"`
		AnsweredAt *Timestamp `json:"answered_at"`
	}
	// ExportedDraft is text that was typed and not sent.
	ExportedDraft struct {
		ConversationID uuid.UUID `json:"conversation_id"`
		Body           string    `json:"body"`
		UpdatedAt      Timestamp `json:"updated_at"`
	}
	// ExportedReturn is a message that couldn't be stored.
	ExportedReturn struct {
		ConversationID uuid.UUID `json:"conversation_id"`
		Body           string    `json:"body"`
		Reason         string    `json:"reason"`
		SentAt         Timestamp `json:"sent_at"`
	}
	// ExportedConversation is one, without its messages.
	ExportedConversation struct {
		ID        uuid.UUID `json:"id"`
		Title     string    `json:"title"`
		CreatedAt Timestamp `json:"created_at"`
		Members   []Person  `json:"members"`
		LastSeq   int64     `json:"last_seq"`
		ReadSeq   int64     `json:"read_seq"` // the person's own
	}
)

// exportLimit: an export reads everything twice.
var exportLimit = limit.Rate{Burst: 4, PerSecond: 1.0 / 60}

// How much is read at once.
const (
	exportConversations = 200
	exportMessages      = 200
)

// Export reads everything that is kept of the viewer but their messages. TooFast: they had several a moment ago.
func (s *Service) Export(ctx context.Context, viewer Person) (Export, error) {
	if err := s.exports.Take(ctx, viewer.ID); err != nil {
		return Export{}, tooFast(err)
	}
	now := s.now()
	e, err := s.store.Export(ctx, viewer.ID, now)
	if err != nil {
		return Export{}, err
	}
	e.Format, e.Version, e.ExportedAt = "parley-export", 1, At(now)
	e.Requests = requestsAsKnown(e.Requests, viewer.ID, now)
	for after := (uuid.UUID{}); ; {
		page, err := s.store.ExportConversations(ctx, viewer.ID, after, exportConversations)
		if err != nil {
			return Export{}, err
		}
		e.Conversations = append(e.Conversations, page...)
		if len(page) < exportConversations {
			return e, nil
		}
		after = page[len(page)-1].ID
	}
}

// requestsAsKnown keeps the silence of declining: to the asker a declined request waits for a day, then it is gone.
func requestsAsKnown(all []ExportedRequest, viewer uuid.UUID, now time.Time) []ExportedRequest {
	known := make([]ExportedRequest, 0, len(all))
	for _, r := range all {
		if r.State == "declined" && r.Asker.ID == viewer {
			if r.AnsweredAt == nil || now.Sub(r.AnsweredAt.Time) >= SilentFor {
				continue
			}
			r.State, r.AnsweredAt = "pending", nil
		}
		known = append(known, r)
	}
	return known
}

// ExportMessages reads the messages of an exported conversation in order, a page at a time, to its LastSeq. It ends with the first error: one that
// isn't there where the numbers say so is an error too.
func (s *Service) ExportMessages(ctx context.Context, viewer Person, c ExportedConversation) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		if _, err := s.member(ctx, viewer.ID, c.ID); err != nil {
			yield(Message{}, err)
			return
		}
		for done := int64(0); done < c.LastSeq; {
			page, _, err := s.store.Messages(ctx, c.ID, Range{After: &done, Limit: int(min(exportMessages, c.LastSeq-done))})
			if err == nil && len(page) == 0 {
				err = fmt.Errorf("conversation %s ends at %d, not at %d", c.ID, done, c.LastSeq)
			}
			if err != nil {
				yield(Message{}, err)
				return
			}
			for _, m := range page {
				if *m.Seq != done+1 {
					yield(Message{}, fmt.Errorf("conversation %s has no message %d", c.ID, done+1))
					return
				}
				done++
				if !yield(m, nil) {
					return
				}
			}
		}
	}
}
