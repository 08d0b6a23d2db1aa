package chat

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

var (
	someone      = uuid.MustParse("01890a5d-ac96-774b-bcce-b302099a8057")
	another      = uuid.MustParse("01890a5d-ac96-774b-bcce-b302099a8058")
	conversation = uuid.MustParse("01890a5d-ac96-774b-bcce-b302099a8059")
	clientID     = uuid.MustParse("0198a3c2-7d1e-7c44-9e0b-5b1f8e2d9a10")
)

func TestMessageIDIsDeterministic(t *testing.T) {
	id := MessageID(someone, conversation, clientID, "hi")
	if id != MessageID(someone, conversation, clientID, "hi") {
		t.Error("same message: got another id")
	}

	if id.Version() != 8 || id.Variant() != uuid.RFC4122 || string(id[:6]) != string(clientID[:6]) {
		t.Errorf("got %s, want a UUIDv8 with the time of the client id", id)
	}

	for name, other := range map[string]uuid.UUID{
		"sender":       MessageID(another, conversation, clientID, "hi"),
		"conversation": MessageID(someone, another, clientID, "hi"),
		"client id":    MessageID(someone, conversation, another, "hi"),
		"body":         MessageID(someone, conversation, clientID, "hi "),
	} {
		if other == id {
			t.Errorf("other %s: got the same id", name)
		}
	}
}

func TestParseClientID(t *testing.T) {
	for s, ok := range map[string]bool{
		"0198a3c2-7d1e-7c44-9e0b-5b1f8e2d9a10":          true,
		"00000000-0000-7000-8000-000000000000":          true,
		"0198A3C2-7D1E-7C44-9E0B-5B1F8E2D9A10":          true,
		"":                                              false,
		"3f2a8c8e-9a4b-4c1d-8e2f-0123456789ab":          false, // version 4
		"0198a3c2-7d1e-7c44-1e0b-5b1f8e2d9a10":          false, // another variant
		"urn:uuid:0198a3c2-7d1e-7c44-9e0b-5b1f8e2d9a10": false,
		"{0198a3c2-7d1e-7c44-9e0b-5b1f8e2d9a10}":        false,
		"0198a3c27d1e7c449e0b5b1f8e2d9a10":              false,
	} {
		if _, err := ParseClientID(s); (err == nil) != ok {
			t.Errorf("%q: got %v, want valid %v", s, err, ok)
		}
	}
}

func TestNormalizeBody(t *testing.T) {
	for name, tt := range map[string]struct {
		in, out string
		ok      bool
	}{
		"plain":               {"hi", "hi", true},
		"CRLF":                {"a\r\nb", "a\nb", true},
		"spaces kept":         {"  a ", "  a ", true},
		"blank":               {" \r\n\t", "", false},
		"only joiners":        {"\u200b\u200d\ufeff", "", false},
		"NUL":                 {"a\x00", "", false},
		"not UTF-8":           {"\xc3\x28", "", false},
		"4,000 code points":   {strings.Repeat("é", 4000), strings.Repeat("é", 4000), true},
		"4,001 code points":   {strings.Repeat("é", 4001), "", false},
		"16,000 bytes":        {strings.Repeat("🎹", 4000), strings.Repeat("🎹", 4000), true},
		"CRLF counts as one":  {strings.Repeat("a\r\n", 2000), strings.Repeat("a\n", 2000), true},
		"right-to-left marks": {"שלום\u200f", "שלום\u200f", true},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := NormalizeBody(tt.in)
			if (err == nil) != tt.ok || out != tt.out {
				t.Errorf("got %.20q, %v, want %.20q", out, err, tt.out)
			}

			if err != nil && KindOf(err) != KindInvalid {
				t.Errorf("got kind %q, want %q", KindOf(err), KindInvalid)
			}
		})
	}
}

func TestNormalizeName(t *testing.T) {
	for in, want := range map[string]string{
		"  Ada   Lovelace ":     "Ada Lovelace",
		"Åsa":                   "Åsa",
		"渡辺 健二":                 "渡辺 健二",
		"7":                     "7",
		"":                      "",
		"  ":                    "",
		"!!":                    "",
		"a\u202eb":              "",
		"a\x07b":                "",
		strings.Repeat("a", 61): "",
		strings.Repeat("a", 60): strings.Repeat("a", 60),
		"tab\tand\nline":        "tab and line",
	} {
		got, err := NormalizeName(in)
		if got != want || (err != nil) != (want == "") {
			t.Errorf("%q: got %q, %v, want %q", in, got, err, want)
		}
	}

	if FoldName("ＡＤＡ") != FoldName("ada") {
		t.Error("FoldName: got different results for two widths of a name")
	}
}

func TestTimestampsHaveMilliseconds(t *testing.T) {
	at := At(time.Date(2026, 11, 24, 9, 5, 0, 120_999_999, time.FixedZone("", 3600)))
	b, err := json.Marshal(at)
	if err != nil || string(b) != `"2026-11-24T08:05:00.120Z"` {
		t.Errorf("got %s, %v", b, err)
	}

	var back Timestamp
	if err := json.Unmarshal(b, &back); err != nil || !back.Equal(at.Time) {
		t.Errorf("decoded: got %v, %v, want %v", back, err, at)
	}
}

func TestEncodedMessageEvent(t *testing.T) {
	m := Message{
		ID:             someone,
		ConversationID: conversation,
		ClientID:       clientID,
		Sender:         Person{ID: another, Name: "Ada"},
		Body:           "a\n<b>",
		SentAt:         At(time.Now()),
	}

	value, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}

	want, err := EncodeEvent(MessageEvent{m})
	if got := EncodeMessageEvent(value, ""); err != nil || string(got) != string(want) {
		t.Errorf("got %s, want %s, %v", got, want, err)
	}

	// An older release does not know the trace field and ignores it.
	var older struct {
		V    int
		Kind EventKind
		Data json.RawMessage
	}

	traced := EncodeMessageEvent(value, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	if err := json.Unmarshal(traced, &older); err != nil || older.V != 1 || older.Kind != EventMessage ||
		string(older.Data) != `{"message":`+string(value)+"}" {
		t.Errorf("older release: got %+v, %v, want the same message", older, err)
	}

	e, err := DecodeEvent(traced)
	if err != nil ||
		e.(MessageEvent).Message.Trace != "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" {
		t.Errorf("decoded: got %+v, %v, want a message with its trace", e, err)
	}
}

func TestEventsSurviveEncoding(t *testing.T) {
	seq, offset := int64(7), int64(0)
	m := Message{
		ID:             someone,
		ConversationID: conversation,
		Seq:            &seq,
		LogOffset:      &offset,
		ClientID:       clientID,
		Sender:         Person{ID: another, Name: "Ada"},
		Body:           "a\nb",
		SentAt:         At(time.Now()),
	}

	for _, e := range []Event{
		ReadyEvent{},
		MessageEvent{m},
		StoredEvent{conversation, 1, 2, []StoredID{{someone, 1}, {another, 2}}},
		ReadEvent{conversation, someone, 3},
		DeliveredEvent{conversation, someone, 3},
		ReturnedEvent{Reason: "It won’t do."},
		ModeEvent{[]string{"redis"}},
		ResyncEvent{},
		ResyncEvent{&conversation},
		SignOutEvent{},
		InvalidateEvent{Session: &conversation},
		RequestEvent{RequestChange{conversation, Person{ID: another, Name: "Ada"}, "pending", true}, 2, 3},
		FriendEvent{Person{ID: another, Name: "Ada"}, "friends", &conversation, true},
		PresenceEvent{another, Offline, "today"},
		TypingEvent{conversation, another},
		InvalidateEvent{Person: &another},
	} {
		b, err := EncodeEvent(e)
		if err != nil {
			t.Fatal(err)
		}

		back, err := DecodeEvent(b)
		if err != nil {
			t.Fatalf("%s: %v", b, err)
		}

		again, _ := EncodeEvent(back)
		if string(again) != string(b) {
			t.Errorf("got %s, want %s", again, b)
		}
	}
}

func TestUnknownEventsBecomeResync(t *testing.T) {
	for _, s := range []string{
		`{"v":2,"kind":"message","data":{"no":"idea"}}`,
		`{"v":1,"kind":"reaction","data":{}}`,
	} {
		if e, err := DecodeEvent([]byte(s)); err != nil || e != (ResyncEvent{}) {
			t.Errorf("%s: got %v, %v, want a resync event", s, e, err)
		}
	}

	for _, s := range []string{"", "[]", `{"v":1,"kind":"message","data":7}`} {
		if e, err := DecodeEvent([]byte(s)); err == nil {
			t.Errorf("%q: got %v, want an error", s, e)
		}
	}
}

func TestStoredEventsHaveNoGaps(t *testing.T) {
	ids := func(seqs ...int64) (list []StoredID) {
		for _, n := range seqs {
			list = append(list, StoredID{ID: uuid.UUID{15: byte(n)}, Seq: n})
		}

		return list
	}

	for name, tt := range map[string]struct {
		in   []StoredID
		runs [][2]int64
	}{
		"none":             {nil, nil},
		"one":              {ids(5), [][2]int64{{5, 5}}},
		"a run":            {ids(5, 6, 7), [][2]int64{{5, 7}}},
		"an older message": {ids(2, 100, 101), [][2]int64{{2, 2}, {100, 101}}},
		"out of order":     {ids(7, 5, 6), [][2]int64{{5, 7}}},
		"delivered twice":  {ids(5, 5, 6), [][2]int64{{5, 6}}},
		"a gap":            {ids(1, 2, 4), [][2]int64{{1, 2}, {4, 4}}},
	} {
		t.Run(name, func(t *testing.T) {
			events := StoredConversation{ConversationID: conversation, Messages: tt.in}.Events()
			if len(events) != len(tt.runs) {
				t.Fatalf("got %d events %+v, want %d", len(events), events, len(tt.runs))
			}

			for i, e := range events {
				if e.From != tt.runs[i][0] || e.To != tt.runs[i][1] || int64(len(e.Messages)) != e.To-e.From+1 {
					t.Errorf("event %d: got %+v, want %v", i, e, tt.runs[i])
				}
			}
		})
	}
}
