package pages

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"parley/app/chat"
)

// TestSilenceIsToldOnlyOfWhatIsKnown: without a stored message and without the tail, nobody knows whether something was said.
func TestSilenceIsToldOnlyOfWhatIsKnown(t *testing.T) {
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
			t.Errorf("want %q: %s", want, b.String())
		}
	}
}
