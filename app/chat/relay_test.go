package chat_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
)

// people returns n new ids.
func people(n int) []uuid.UUID {
	ids := make([]uuid.UUID, n)
	for i := range ids {
		ids[i] = uuid.New()
	}
	return ids
}

// TestRelayRecordsHaveAMaximumSize: any number of events and people fits records of at
// most 7,900 bytes, without a loss.
func TestRelayRecordsHaveAMaximumSize(t *testing.T) {
	session := uuid.New()
	var events []chat.RelayEvent
	for i := range 299 {
		events = append(events, chat.RelayEvent{To: chat.ToPeople(people(2)...), ConversationID: uuid.New(), Seq: int64(i)})
	}
	group := uuid.New()
	events = append(events, chat.RelayEvent{To: chat.ToConversation(group), ConversationID: group, Seq: 5})

	large := chat.RelayEvent{To: chat.ToPeople(people(1000)...), ConversationID: uuid.New(), Seq: 7}
	events = append(events, chat.RelayEvent{Event: chat.InvalidateEvent{Session: &session}}, large)
	records, err := chat.EncodeRelayEvents(events, 7900)
	if err != nil {
		t.Fatal(err)
	}

	var got []chat.RelayEvent
	for _, r := range records {
		if len(r) > 7900 {
			t.Errorf("got a record of %d bytes, want at most 7900", len(r))
		}

		part, err := chat.DecodeRelayEvents(r)
		if err != nil {
			t.Fatal(err)
		}

		got = append(got, part...)
	}

	if len(records) > 15 {
		t.Errorf("got %d records, want at most 15", len(records))
	}

	if !reflect.DeepEqual(got[:301], events[:301]) {
		t.Error("decoded events differ from the encoded ones")
	}

	var recipients []uuid.UUID
	for _, h := range got[301:] {
		if h.ConversationID != large.ConversationID || h.Seq != 7 {
			t.Errorf("entry of the large event: got %+v", h)
		}

		recipients = append(recipients, h.To.People...)
	}

	if !reflect.DeepEqual(recipients, large.To.People) {
		t.Error("recipients of the large event differ from the encoded ones")
	}
}

// TestManyMembersAreRelayed: none of those who read again what they follow is left out.
func TestManyMembersAreRelayed(t *testing.T) {
	group, members := uuid.New(), people(1000)
	e := chat.InvalidateEvent{Conversation: &group, Members: members}
	records, err := chat.EncodeRelayEvents([]chat.RelayEvent{{Event: e}}, 7900)
	if err != nil {
		t.Fatal(err)
	}

	var got []uuid.UUID
	for _, record := range records {
		events, err := chat.DecodeRelayEvents(record)
		if err != nil || len(record) > 7900 {
			t.Fatalf("a record of %d bytes: %v", len(record), err)
		}
		for _, r := range events {
			e, ok := r.Event.(chat.InvalidateEvent)
			if !ok || !r.To.Empty() || *e.Conversation != group {
				t.Fatalf("got %+v, want an invalidation for every replica", r)
			}
			got = append(got, e.Members...)
		}
	}
	if !reflect.DeepEqual(got, members) {
		t.Errorf("%d members, want %d in their order", len(got), len(members))
	}
}

func TestLongRelayEventBecomesResync(t *testing.T) {
	ada := uuid.New()
	long := chat.RequestEvent{Request: chat.RequestChange{Person: chat.Person{Name: strings.Repeat("x", 9000)}}}
	records, err := chat.EncodeRelayEvents([]chat.RelayEvent{{To: chat.ToPeople(ada), Event: long}}, 7900)
	if err != nil || len(records) != 1 {
		t.Fatal(records, err)
	}

	if got, err := chat.DecodeRelayEvents(records[0]); err != nil ||
		got[0].StreamEvent() != (chat.ResyncEvent{}) || got[0].To.People[0] != ada {
		t.Errorf("got %+v, %v, want a resync event", got, err)
	}
}

func TestRelayEventsOfNewerReleaseBecomeResync(t *testing.T) {
	got, err := chat.DecodeRelayEvents(`{"v":2,"hints":[42]}`)
	if err != nil || len(got) != 1 || !got[0].To.Empty() || got[0].StreamEvent() != (chat.ResyncEvent{}) {
		t.Errorf("got %+v, %v, want a resync event", got, err)
	}

	for _, bad := range []string{
		"",
		"[]",
		`{"v":1,"hints":[42]}`,
		`{"v":1,"hints":[{"event":{"v":1,"kind":"request","data":7}}]}`,
	} {
		if got, err := chat.DecodeRelayEvents(bad); err == nil {
			t.Errorf("%q: got %+v, want an error", bad, got)
		}
	}
}
