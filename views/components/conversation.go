package components

import (
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/text/language"
	"golang.org/x/text/search"

	"parley/app/chat"
)

// List is a part of the conversations' list, as its reader sees it.
type ConversationList struct {
	Conversations []chat.Conversation
	Viewer        chat.Person
	Current       uuid.UUID // the open one, or the nil id
	Next          string    // continues it
	Filter        string
	Zone          *time.Location
}

// Here is how much is new in the open conversation.
func (l ConversationList) CurrentUnread() int64 {
	for _, c := range l.Conversations {
		if c.ID == l.Current {
			return c.Unread
		}
	}
	return 0
}

// Part of a text, which is marked when it is what was searched.
type Segment struct {
	Text  string
	Match bool
}

// matcher finds as the database does: accents and case ignored.
var matcher = search.New(language.Und, search.Loose)

// Marked cuts a text where the filter is found in it for the first time; without a filter, or without a find, it is one part.
func Highlight(text, filter string) []Segment {
	from, to := find(text, filter)
	if from < 0 {
		return []Segment{{Text: text}}
	}
	return []Segment{{Text: text[:from]}, {Text: text[from:to], Match: true}, {Text: text[to:]}}
}

func find(text, filter string) (from, to int) {
	if filter == "" {
		return -1, -1
	}
	return matcher.IndexString(text, filter)
}

// OneLine shortens a message for the list, to where the filter was found in it.
func Preview(body, filter string) string {
	const most, lead = 120, 24 // code points; those before a find
	line := strings.Join(strings.Fields(body), " ")
	if from, to := find(line, filter); from >= 0 && utf8.RuneCountInString(line[:to]) > 2*lead {
		before := []rune(line[:from])
		line = "…" + string(before[max(0, len(before)-lead):]) + line[from:]
	}
	if runes := []rune(line); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return line
}

// MorePath continues the list.
func NextPagePath(next, filter string) string {
	q := url.Values{"page": {next}}
	if filter != "" {
		q.Set("q", filter)
	}
	return "/conversations?" + q.Encode()
}
