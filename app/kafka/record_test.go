package kafka

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"
)

func TestRecordsTravel(t *testing.T) {
	m := message(uuid.New(), "a\nb <&> שלום 🎹")
	value, err := encode(m)
	if err != nil {
		t.Fatal(err)
	}
	back, err := decode(value, 42)
	if err != nil || back.ID != m.ID || back.Body != m.Body || back.ConversationID != m.ConversationID || back.ClientID != m.ClientID ||
		back.Sender.ID != m.Sender.ID || !back.SentAt.Equal(m.SentAt.Time) || *back.LogOffset != 42 || back.Seq != nil {
		t.Errorf("%s came back as %+v, %v", value, back, err)
	}
	for _, field := range []string{`"v":1`, `"id"`, `"conversation_id"`, `"sender_id"`, `"client_id"`, `"body"`, `"sent_at"`} {
		if !strings.Contains(string(value), field) {
			t.Errorf("%s has no %s", value, field)
		}
	}
}

func TestRecordsThatAreNone(t *testing.T) {
	good, err := encode(message(uuid.New(), "hi"))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"nothing": "", "no JSON": "hi", "no object": "[]", "a null": "null", "no version": `{}`, "a bad id": strings.Replace(string(good), `"id":"0`, `"id":"x`, 1),
		"no body": strings.Replace(string(good), `"hi"`, `""`, 1), "a NUL": strings.Replace(string(good), `"hi"`, `"\u0000"`, 1),
	} {
		if m, err := decode([]byte(value), 0); err == nil || errors.Is(err, errNewer) {
			t.Errorf("%s was taken as %+v, %v", name, m, err)
		}
	}
	if _, err := decode([]byte(`{"v":2,"what":"ever"}`), 0); !errors.Is(err, errNewer) {
		t.Errorf("a newer record: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	good, err := encode(message(uuid.New(), "hi"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"v":2}`))
	f.Fuzz(func(t *testing.T, value []byte) {
		m, err := decode(value, 1)
		if err != nil {
			return
		}
		again, err := encode(m)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := decode(again, 1); err != nil || back.ID != m.ID || back.Body != m.Body {
			t.Errorf("%s is not stable: %v", value, err)
		}
	})
}
