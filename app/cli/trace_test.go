package cli

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/status"
)

func TestTraceIsPrintedWithItsGaps(t *testing.T) {
	printed := func(m status.MessageTrace) string {
		var out strings.Builder
		if err := printTrace(&out, m); err != nil {
			t.Fatal(err)
		}
		return strings.Join(strings.Fields(out.String()), " ")
	}

	at, offset, one, none := time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC), int64(7), int64(1), int64(0)
	complete := status.MessageTrace{
		ID:           uuid.New(),
		Conversation: uuid.New(),
		Sender:       uuid.New(),
		SentAt:       at,
		TraceID:      "abc",
		Noted:        true,
		AcceptedBy:   "a:8000",
		AcceptedAt:   at,
		InLog:        true,
		Partition:    2,
		Offset:       &offset,
		LoggedAt:     at,
		PublishedAt:  at,
		Deliveries:   []status.Delivery{{Replica: "b:8001", Streams: 3, At: at}},
		Stored:       true,
		Seq:          1,
		StoredAt:     at,
		StoredBy:     "b:8001",
		Marks:        []status.Mark{{Person: uuid.New(), Delivered: &one, Read: &none}, {Person: uuid.New()}},
	}

	for _, want := range []string{
		complete.ID.String(),
		"accepted 2026-11-25T08:00:00.000Z, by a:8000",
		"log partition 2, offset 7, 2026",
		"published 2026",
		"delivered 2026-11-25T08:00:00.000Z, by b:8001 to 3 streams",
		"stored 2026-11-25T08:00:00.000Z, as number 1, by b:8001",
		"delivered, not read (when isn't kept; delivered to 1)",
		"they don't show what they have read",
		"trace abc",
	} {
		if got := printed(complete); !strings.Contains(got, want) {
			t.Errorf("%q isn't in %s", want, got)
		}
	}

	for want, m := range map[string]status.MessageTrace{
		"are kept for an hour; of this message there are none": {Stored: true, Seq: 1},
		"it was at offset 7; the record isn't there any more":  {Offset: &offset},
		"stored not yet, or not known":                         {Noted: true},
		"Kafka doesn't answer":                                 {Unknown: []string{"Kafka doesn't answer"}},
	} {
		if got := printed(m); !strings.Contains(got, want) {
			t.Errorf("%q isn't in %s", want, got)
		}
	}
}

func TestTraceRefusesWhatIsNoID(t *testing.T) {
	for _, line := range []string{
		"trace",
		"trace nonsense",
		"trace " + uuid.NewString() + " " + uuid.NewString(),
		"trace " + uuid.Nil.String(),
	} {
		refused(t, strings.Fields(line), traceUsage)
	}
}
