package chat

import (
	"context"
	"time"

	"github.com/google/uuid"

	"parley/app/limit"
)

// exportRate is low because an export reads all messages twice.
var exportRate = limit.Rate{Burst: 4, PerSecond: 1.0 / 60}

// exportPage is how many conversations or messages one query reads.
const exportPage = 200

// Export returns all data of the viewer but their messages. Errors: TooFast.
func (s *Accounts) Export(ctx context.Context, viewer Person) (Export, error) {
	if err := s.exports.Take(ctx, viewer.ID); err != nil {
		return Export{}, tooFast(err)
	}

	now := s.now()
	e, err := s.store.Export(ctx, viewer.ID, now)
	if err != nil {
		return Export{}, err
	}

	e.Format, e.Version, e.ExportedAt = "parley-export", 1, At(now)
	e.Requests = visibleRequests(e.Requests, viewer.ID, now)

	for after := (uuid.UUID{}); ; {
		page, err := s.store.ExportConversations(ctx, viewer.ID, after, exportPage)
		if err != nil {
			return Export{}, err
		}
		e.Conversations = append(e.Conversations, page...)
		if len(page) < exportPage {
			return e, nil
		}
		after = page[len(page)-1].ID
	}
}

// visibleRequests hides that requests were declined: to its asker a declined request
// looks pending for DeclineHiddenFor, then it is removed.
func visibleRequests(all []ExportedRequest, viewer uuid.UUID, now time.Time) []ExportedRequest {
	visible := make([]ExportedRequest, 0, len(all))
	for _, r := range all {
		if r.State == RequestDeclined && r.Asker.ID == viewer {
			if r.AnsweredAt == nil || now.Sub(r.AnsweredAt.Time) >= DeclineHiddenFor {
				continue
			}
			r.State, r.AnsweredAt = RequestPending, nil
		}
		visible = append(visible, r)
	}

	return visible
}
