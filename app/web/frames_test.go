package web

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/sse/frame"
)

// lineEnds turns every line end of a stream or a form into LF.
var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// parseStream returns a stream's events as browsers read them (WHATWG HTML, "Interpreting
// an event stream"): pairs of a type and its data.
func parseStream(stream string) (events [][2]string) {
	var kind string
	var data []string
	for line := range strings.SplitSeq(lineEnds.Replace(stream), "\n") {
		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case line == "":
			if data != nil {
				events = append(events, [2]string{kind, strings.Join(data, "\n")})
			}
			kind, data = "", nil
		case field == "event":
			kind = value
		case field == "data":
			data = append(data, value)
		default:
			events = append(events, [2]string{"unexpected line", line})
		}
	}

	return events
}

// FuzzFrames checks that a message with any body and any sender's name is one event, and
// that its body can be read from it.
func FuzzFrames(f *testing.F) {
	for _, s := range []string{
		"hi", "a\nb", "a\rb\r\rc", "\n\n", "event: signout\ndata: {}", "\n\nevent: signout\ndata: {}\n\n", "data:",
		": x", "\u2028\u0085\v\f", "<b onclick=x>", "</li><li>", "\ufeff", `","x":"`, "&amp;", "a\x1bb",
	} {
		f.Add(s, s)
	}

	f.Fuzz(func(t *testing.T, body, name string) {
		body, err := chat.NormalizeBody(body)
		if err != nil {
			return
		}

		seq := int64(1)
		m := chat.Message{
			ID:             uuid.New(),
			ConversationID: uuid.New(),
			ClientID:       uuid.New(),
			Seq:            &seq,
			Body:           body,
			SentAt:         chat.At(time.Now()),
			Sender:         chat.Person{ID: uuid.New(), Name: chat.SuggestName(name)},
		}

		want := strings.ReplaceAll(body, "\r", "\n") // pages have no other line ends
		for format, read := range map[chat.StreamFormat]func(*testing.T, chat.Message, string) string{
			chat.StreamJSON: bodyOfJSON,
			chat.StreamHTML: bodyOfRow,
		} {
			events := parseStream(string(Frames{}.Frame(format, chat.MessageEvent{Message: m}, false)))
			if len(events) != 1 || events[0][0] != "message" {
				t.Fatalf("%q: events %q", body, events)
			}
			if format == chat.StreamHTML && strings.Contains(want, "://") {
				read(t, m, events[0][1])
				continue // a link may show its host in another spelling: FuzzWords
			}
			if got := read(t, m, events[0][1]); got != want {
				t.Errorf("%q: got %q", want, got)
			}
		}
	})
}

func bodyOfJSON(t *testing.T, m chat.Message, data string) string {
	var e struct{ Message chat.Message }
	if err := json.Unmarshal([]byte(data), &e); err != nil || e.Message.ID != m.ID {
		t.Errorf("%q: %v", data, err)
	}
	return strings.ReplaceAll(e.Message.Body, "\r", "\n")
}

func bodyOfRow(t *testing.T, m chat.Message, data string) string {
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(data))
	row := "body > li#message-" + m.ID.String()
	if err != nil || doc.Find("body > *").Length() != 1 || doc.Find(row).Length() != 1 {
		t.Fatalf("%q: not one row", data)
	}
	return doc.Find("p").Text()
}

func FuzzFrame(f *testing.F) {
	f.Add([]byte("a\r\nb\rc\n\n"))
	f.Add([]byte{0, 0xff, '\r'})
	f.Add([]byte(nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		want := lineEnds.Replace(string(data))
		got := parseStream(string(frame.Event("message", data)))
		if len(got) != 1 || got[0] != [2]string{"message", want} {
			t.Errorf("%q: got %q", data, got)
		}
	})
}
