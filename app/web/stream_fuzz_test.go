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

// sse reads a stream as browsers do (WHATWG HTML, "Interpreting an event stream"): pairs of a type and its data.
func sse(stream string) (events [][2]string) {
	var kind string
	var data []string
	for line := range strings.SplitSeq(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(stream), "\n") {
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
			events = append(events, [2]string{"stray", line})
		}
	}
	return events
}

// FuzzFrames: whatever somebody says or is called, a frame is one event, and its data comes back.
func FuzzFrames(f *testing.F) {
	for _, s := range []string{"hi", "a\nb", "a\rb\r\rc", "\n\n", "event: signout\ndata: {}", "\n\nevent: signout\ndata: {}\n\n", "data:", ": x", "\u2028\u0085\v\f", "<b onclick=x>", "</li><li>", "\ufeff", `","x":"`, "&amp;", "a\x1bb"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, body, name string) {
		body, err := chat.NormalizeBody(body)
		if err != nil {
			return
		}
		seq := int64(1)
		m := chat.Message{ID: uuid.New(), ConversationID: uuid.New(), ClientID: uuid.New(), Seq: &seq, Body: body, SentAt: chat.At(time.Now()), Sender: chat.Person{ID: uuid.New(), Name: chat.SuggestName(name)}}
		want := strings.ReplaceAll(body, "\r", "\n") // as every line end of a page is
		for format, data := range map[chat.StreamFormat]func(string) string{
			chat.StreamJSON: func(data string) string {
				var e struct{ Message chat.Message }
				if err := json.Unmarshal([]byte(data), &e); err != nil || e.Message.ID != m.ID {
					t.Errorf("%q: %v", data, err)
				}
				return strings.ReplaceAll(e.Message.Body, "\r", "\n")
			},
			chat.StreamHTML: func(data string) string {
				doc, err := goquery.NewDocumentFromReader(strings.NewReader(data))
				if err != nil || doc.Find("body > *").Length() != 1 || doc.Find("body > li#message-"+m.ID.String()).Length() != 1 {
					t.Errorf("%q: not one row", data)
					return want
				}
				if strings.Contains(want, "://") { // a link may show its host otherwise: FuzzWords
					return want
				}
				return doc.Find("p").Text()
			},
		} {
			events := sse(string(Frames{}.Frame(format, chat.MessageEvent{Message: m}, false)))
			if len(events) != 1 || events[0][0] != "message" {
				t.Fatalf("%q is %q", body, events)
			}
			if got := data(events[0][1]); got != want {
				t.Errorf("%q came back as %q", want, got)
			}
		}
	})
}

func FuzzFrame(f *testing.F) {
	f.Add([]byte("a\r\nb\rc\n\n"))
	f.Add([]byte{0, 0xff, '\r'})
	f.Add([]byte(nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		want := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(data))
		if got := sse(string(frame.Event("message", data))); len(got) != 1 || got[0] != [2]string{"message", want} {
			t.Errorf("%q came back as %q", data, got)
		}
	})
}
