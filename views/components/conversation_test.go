package components

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

func listed(title, body string, by chat.Person, unread int64) chat.Conversation {
	m := stored(1, by, "2026-11-23T23:30:00Z", body)
	return chat.Conversation{
		ID:          uuid.New(),
		Title:       title,
		LastSeq:     9,
		Unread:      unread,
		LastMessage: &m,
		CreatedAt:   m.SentAt,
		Members:     []chat.Member{{Person: ada}, {Person: bob}},
	}
}

func TestListHighlightsTheFilter(t *testing.T) {
	doc := rendered(t, Conversations(ConversationList{
		Viewer: ada,
		Filter: "zoe a",
		Zone:   time.UTC,
		Conversations: []chat.Conversation{
			listed("Zoë  Ångström & <b>", "nothing", bob, 3),
			listed("Cy", strings.Repeat("long ago ", 40)+"I met ZOE ABC there", ada, 1200),
		},
	}))
	if got := doc.Find(".conversations > li[id] > .conversation").Length(); got != 2 {
		t.Fatalf("%d rows with an id", got)
	}

	first, second := doc.Find(".conversation").First(), doc.Find(".conversation").Last()
	if got := strings.TrimSpace(first.Find(".name").Text()); got != "Zoë  Ångström & <b>" {
		t.Errorf("name %q", got)
	}

	if got := second.Find(".last mark").Text(); got != "ZOE A" {
		t.Errorf("highlighted %q", got)
	}

	preview := strings.Join(strings.Fields(second.Find(".last").Text()), " ")
	if !strings.Contains(preview, "You: …") || !strings.HasSuffix(preview, "I met ZOE ABC there") {
		t.Errorf("preview %q", preview)
	}

	if got := first.Find(".badge").Text(); got != "3 unread" {
		t.Errorf("badge %q", got)
	}

	if got := second.Find(".badge").Text(); got != "999 unread" {
		t.Errorf("badge %q", got)
	}
}

func TestSegmentsAreTheText(t *testing.T) {
	for text, want := range map[string]string{
		"Straße":  "Stra|ß|e",
		"nothing": "nothing",
		"ASSESS":  "A|SS|ESS",
		"":        "",
		"ss":      "|ss|",
	} {
		var segments []string
		for _, s := range Highlight(text, "ss") {
			segments = append(segments, s.Text)
		}

		if got := strings.Join(segments, "|"); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestEmptyListExplainsItself(t *testing.T) {
	const none = "No conversation has “lock keeper”. Names and last messages are searched here."
	if got := rendered(t, Conversations(ConversationList{Filter: "lock keeper"})).Find(".empty").Text(); got != none {
		t.Error(got)
	}

	link := rendered(t, Conversations(ConversationList{})).Find(`.empty a[href="/people"]`).Text()
	if link != "Find someone to talk to" {
		t.Error(link)
	}
}

func TestListTimes(t *testing.T) {
	now := at("2026-11-24T12:00:00Z").Time
	for when, want := range map[string]string{
		"2026-11-24T10:05:00Z": "11:05",
		"2026-11-23T23:30:00Z": "00:30",
		"2026-11-23T22:30:00Z": "Yesterday",
		"2026-11-21T12:00:00Z": "Sat",
		"2026-11-12T12:00:00Z": "12 Nov",
		"2025-03-03T12:00:00Z": "3 Mar 2025",
		"2026-11-25T12:00:00Z": "25 Nov",
	} {
		if got := ListTime(at(when).Time, now, zone(t, "Europe/Berlin")); got != want {
			t.Errorf("%s: %s, want %s", when, got, want)
		}
	}
}

// TestPreviewKeepsCharacters: a preview is cut between what people take for characters, at
// its end and before the context of a match.
func TestPreviewKeepsCharacters(t *testing.T) {
	for _, character := range []string{"🇳🇱", "👩\u200d👩\u200d👧", "👍🏽", "e\u0301", "कि"} {
		for letters := 100; letters < 125; letters++ {
			body := strings.Repeat("a", letters) + strings.Repeat(character, 30)
			cut := strings.TrimSuffix(Preview(body, ""), "…")
			if rest := strings.TrimPrefix(body, cut); rest == body || strings.TrimLeft(rest, "a") != strings.Repeat(character, strings.Count(rest, character)) {
				t.Errorf("%d letters and %s: got %q", letters, character, cut)
			}

			found := strings.Repeat("b", letters) + strings.Repeat(character, 30) + strings.Repeat("c", letters%6) + "needle"
			context, _, _ := strings.Cut(strings.TrimPrefix(Preview(found, "needle"), "…"), "needle")
			n := strings.Count(context, character)
			if context != strings.Repeat(character, n)+strings.Repeat("c", letters%6) {
				t.Errorf("%s before a match: got %q", character, context)
			}
		}
	}
}
