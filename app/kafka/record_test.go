package kafka

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"
)

func TestARecordIsDecodedAsItWasEncoded(t *testing.T) {
	t.Parallel()
	m := message(uuid.New(), "a\nb <&> שלום 🎹")
	value, err := encode(m)
	if err != nil {
		t.Fatal(err)
	}
	got, err := decode(value, 42)
	if err != nil || got.ID != m.ID || got.Body != m.Body || got.ConversationID != m.ConversationID ||
		got.ClientID != m.ClientID || got.Sender.ID != m.Sender.ID || !got.SentAt.Equal(m.SentAt.Time) ||
		*got.LogOffset != 42 || got.Seq != nil {
		t.Errorf("%s was decoded as %+v, %v", value, got, err)
	}
	for _, field := range []string{
		`"v":1`, `"id"`, `"conversation_id"`, `"sender_id"`, `"client_id"`, `"body"`, `"sent_at"`,
	} {
		if !strings.Contains(string(value), field) {
			t.Errorf("%s lacks %s", value, field)
		}
	}
}

func TestInvalidRecordsAreErrors(t *testing.T) {
	t.Parallel()
	value, err := encode(message(uuid.New(), "hi"))
	if err != nil {
		t.Fatal(err)
	}
	good := string(value)
	for name, value := range map[string]string{
		"empty":      "",
		"no JSON":    "hi",
		"no object":  "[]",
		"null":       "null",
		"no version": `{}`,
		"bad id":     strings.Replace(good, `"id":"0`, `"id":"x`, 1),
		"no body":    strings.Replace(good, `"hi"`, `""`, 1),
		"NUL":        strings.Replace(good, `"hi"`, `"\u0000"`, 1),
	} {
		if m, err := decode([]byte(value), 0); err == nil || errors.Is(err, errNewer) {
			t.Errorf("%s was decoded as %+v, %v", name, m, err)
		}
	}
}

func TestRecordsOfNewerReleasesAreRecognized(t *testing.T) {
	t.Parallel()
	value, err := encode(message(uuid.New(), "hi"))
	if err != nil {
		t.Fatal(err)
	}
	for _, newer := range []string{
		`{"v":2,"what":"ever"}`,
		`{"v":99999999999999999999999}`,
		`{"v":2.5}`,
		`{"v":2,"id":7,"kind":{"of":"thing"}}`,
		strings.Replace(string(value), `"v":1`, `"v":2`, 1),
		strings.Replace(string(value), `"v":1`, `"v":1,"kind":"edit"`, 1),
		strings.Replace(string(value), `"v":1`, `"v":1,"kind":3`, 1),
	} {
		if m, err := decode([]byte(newer), 0); !errors.Is(err, errNewer) || m.ID != uuid.Nil {
			t.Errorf("%s: %+v, %v", newer, m, err)
		}
	}
	named := strings.Replace(string(value), `"v":1`, `"v":1,"kind":"text"`, 1)
	if _, err := decode([]byte(named), 0); err != nil {
		t.Errorf("a message that names its kind: %v", err)
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
		if got, err := decode(again, 1); err != nil || got.ID != m.ID || got.Body != m.Body {
			t.Errorf("%s is not stable: %v", value, err)
		}
	})
}
