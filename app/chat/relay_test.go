package chat_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
)

func people(n int) []uuid.UUID {
	ids := make([]uuid.UUID, n)
	for i := range ids {
		ids[i] = uuid.New()
	}
	return ids
}

// TestRelayEventsFitTheirRecords: records have a maximum size for any number of events
// and people, and lose none.
func TestRelayEventsFitTheirRecords(t *testing.T) {
	session := uuid.New()
	var events []chat.RelayEvent
	for i := range 300 {
		events = append(events, chat.RelayEvent{To: people(2), ConversationID: uuid.New(), Seq: int64(i)})
	}

	large := chat.RelayEvent{To: people(1000), ConversationID: uuid.New(), Seq: 7}
	events = append(events, chat.RelayEvent{Event: chat.InvalidateEvent{Session: &session}}, large)
	records, err := chat.EncodeRelayEvents(events, 7900)
	if err != nil {
		t.Fatal(err)
	}

	var got []chat.RelayEvent
	for _, r := range records {
		if len(r) > 7900 {
			t.Errorf("a record has %d bytes", len(r))
		}

		part, err := chat.DecodeRelayEvents(r)
		if err != nil {
			t.Fatal(err)
		}

		got = append(got, part...)
	}

	if len(records) > 15 {
		t.Errorf("%d records", len(records))
	}

	if !reflect.DeepEqual(got[:301], events[:301]) {
		t.Error("events changed")
	}

	var recipients []uuid.UUID
	for _, h := range got[301:] {
		if h.ConversationID != large.ConversationID || h.Seq != 7 {
			t.Errorf("an entry of the large event is %+v", h)
		}

		recipients = append(recipients, h.To...)
	}

	if !reflect.DeepEqual(recipients, large.To) {
		t.Error("the people of the large event changed")
	}
}

func TestAnEventThatIsTooLongIsFetched(t *testing.T) {
	ada := uuid.New()
	long := chat.RequestEvent{Request: chat.RequestChange{Person: chat.Person{Name: strings.Repeat("x", 9000)}}}
	records, err := chat.EncodeRelayEvents([]chat.RelayEvent{{To: []uuid.UUID{ada}, Event: long}}, 7900)
	if err != nil || len(records) != 1 {
		t.Fatal(records, err)
	}

	if got, err := chat.DecodeRelayEvents(records[0]); err != nil ||
		got[0].StreamEvent() != (chat.ResyncEvent{}) || got[0].To[0] != ada {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestRelayEventsOfANewerRelease(t *testing.T) {
	got, err := chat.DecodeRelayEvents(`{"v":2,"hints":[42]}`)
	if err != nil || len(got) != 1 || got[0].To != nil || got[0].StreamEvent() != (chat.ResyncEvent{}) {
		t.Errorf("%+v, %v", got, err)
	}

	for _, bad := range []string{
		"",
		"[]",
		`{"v":1,"hints":[42]}`,
		`{"v":1,"hints":[{"event":{"v":1,"kind":"request","data":7}}]}`,
	} {
		if got, err := chat.DecodeRelayEvents(bad); err == nil {
			t.Errorf("%s is read as %+v", bad, got)
		}
	}
}
