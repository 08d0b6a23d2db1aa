package pages

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"parley/app/chat"
)

// TestEmptyConversation: the page calls a conversation empty only if it has read the tail
// too, because a message that is not stored yet is only there.
func TestEmptyConversation(t *testing.T) {
	for want, h := range map[string]chat.History{
		"Nobody has said anything yet": {Newest: true, Complete: true, Pending: []chat.Message{}},
		"out of reach just now":        {Newest: true, Complete: true},
	} {
		h.Conversation = chat.Conversation{ID: chat.NewID(), Title: "Ida Brandt", Writable: true, CreatedAt: chat.At(time.Now())}

		var b bytes.Buffer
		if err := earlier(OpenConversation{History: h, Zone: time.UTC}).Render(context.Background(), &b); err != nil {
			t.Fatal(err)
		}

		if !strings.Contains(b.String(), want) || strings.Count(b.String(), "<p") != 1 {
			t.Errorf("got %s, want one paragraph with %q", b.String(), want)
		}
	}
}
