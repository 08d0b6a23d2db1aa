package pages

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/static"
	"parley/views/components"
	"parley/views/layout"
)

// TestConversationPageWeight: the HTML of a conversation with 50 messages and its stylesheet
// have at most 14.6 KB gzipped, the ten packets that a server sends before the first
// acknowledgement.
func TestConversationPageWeight(t *testing.T) {
	files, err := static.New()
	if err != nil {
		t.Fatal(err)
	}

	people := []chat.Person{{ID: uuid.New(), Name: "Ada Lovelace"}, {ID: uuid.New(), Name: "Ida Brandt"}}
	said := []string{
		"Strange question. Does your boat still take cargo?", "Depends on the cargo", "If it is another shed, no",
		"Upright, not grand. Grace has found one in Marsworth and the owner gives it to whoever can carry it away before Friday.",
		"So it comes by water or it doesn’t come", "Exactly, see https://example.org/locks/marsworth",
		"I asked about the locks. The junction is open from 8, and they want to know a day ahead.",
	}

	c := chat.Conversation{ID: uuid.New(), Title: people[1].Name, LastSeq: 4812, ReadSeq: 4800, Writable: true, CreatedAt: chat.At(time.Now())}
	for _, p := range people {
		c.Members = append(c.Members, chat.Member{Person: p, ReadSeq: &c.ReadSeq, DeliveredSeq: &c.LastSeq})
	}

	var messages []chat.Message

	for i := range int64(50) {
		seq := c.LastSeq - 49 + i
		messages = append(messages, chat.Message{ID: uuid.New(), ConversationID: c.ID, Seq: &seq, Sender: people[i%3%2],
			Body: fmt.Sprintf("%d: %s", i, said[i%7]), SentAt: chat.At(time.Now().Add(time.Duration(i-50) * 7 * time.Minute))})
	}

	page := layout.Page{Title: c.Title, Pane: "conversation", Asset: files.URL, Viewer: people[0], Current: c.ID, ListAvailable: true, Session: uuid.NewString()}
	for i := range 12 {
		other := chat.Conversation{ID: uuid.New(), Title: fmt.Sprintf("Person %d", i), LastMessage: &messages[i*3], Unread: int64(i % 3), Members: c.Members}
		page.Conversations = append(page.Conversations, other)
	}

	conversation := OpenConversation{History: chat.History{Conversation: c, Messages: messages, Newest: true, Pending: []chat.Message{}, Complete: true}, Viewer: people[0],
		Zone: time.UTC, Draft: components.Draft{ClientID: chat.NewID().String()}}
	var b bytes.Buffer

	z := gzip.NewWriter(&b)
	if err := Conversation(page, conversation).Render(context.Background(), z); err != nil || z.Close() != nil {
		t.Fatal(err)
	}

	css, _ := files.Open(files.URL("shell.css"), "gzip")
	t.Logf("gzipped: HTML %d, CSS %d", b.Len(), len(css.Body))

	if sum := b.Len() + len(css.Body); sum > 14600 {
		t.Errorf("page and stylesheet: got %d bytes gzipped, want at most 14,600", sum)
	}
}
