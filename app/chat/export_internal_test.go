package chat

import (
	"testing"
	"time"

	"github.com/google/uuid"
)

// TestExportHidesDeclines: the export of the asker shows a declined request as pending
// for a day.
func TestExportHidesDeclines(t *testing.T) {
	now, ada, bob := time.Now(), uuid.New(), uuid.New()
	ago := func(d time.Duration) *Timestamp { at := At(now.Add(-d)); return &at }
	request := func(asker, asked uuid.UUID, state string, answered *Timestamp) ExportedRequest {
		return ExportedRequest{
			ID:         uuid.New(),
			Asker:      Person{ID: asker},
			Asked:      Person{ID: asked},
			State:      state,
			AnsweredAt: answered,
		}
	}

	all := []ExportedRequest{
		request(ada, bob, "pending", nil),
		request(ada, bob, "declined", ago(time.Hour)),
		request(ada, bob, "declined", ago(25*time.Hour)),
		request(ada, bob, "accepted", ago(time.Hour)),
		request(bob, ada, "declined", ago(time.Hour)),
	}

	got := visibleRequests(all, ada, now)
	if len(got) != 4 || got[0].State != "pending" || got[1].State != "pending" || got[1].AnsweredAt != nil ||
		got[2].State != "accepted" || got[3].State != "declined" || got[3].AnsweredAt == nil {
		t.Errorf("got %+v, want 2 pending, 1 accepted, 1 declined", got)
	}
}
