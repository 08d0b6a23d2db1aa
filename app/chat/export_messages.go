package chat

import (
	"context"
	"fmt"
	"iter"
)

// Export returns the messages of an exported conversation in order, up to its LastSeq.
// It ends with the first error. A missing message is an error too, and so is a session
// that has ended, which is read from the store before each page of messages.
func (s *Messages) Export(ctx context.Context, session Session, c ExportedConversation) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		if _, err := s.access.member(ctx, session.Person.ID, c.ID); err != nil {
			yield(Message{}, err)
			return
		}

		for done := c.FromSeq - 1; done < c.LastSeq; {
			r := Range{After: &done, Limit: int(min(exportPage, c.LastSeq-done))}
			page, err := s.exportPage(ctx, session, c, r)
			if err == nil && len(page) == 0 {
				err = fmt.Errorf("conversation %s ends at message %d, want %d", c.ID, done, c.LastSeq)
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

func (s *Messages) exportPage(
	ctx context.Context, session Session, c ExportedConversation, r Range,
) ([]Message, error) {
	if err := s.access.alive(ctx, session.ID); err != nil {
		return nil, err
	}
	page, _, err := s.store.Messages(ctx, session.Person.ID, c.ID, r)
	return page, err
}
