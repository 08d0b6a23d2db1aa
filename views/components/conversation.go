package components

import (
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"golang.org/x/text/language"
	"golang.org/x/text/search"

	"parley/app/chat"
)

// ConversationList is one page of a person's conversations.
type ConversationList struct {
	Conversations []chat.Conversation
	Viewer        chat.Person
	Current       uuid.UUID // the open conversation, or the nil id
	Next          string    // the cursor of the next page, or ""
	Filter        string
	Archive       bool  // the list is that of the archive
	Archived      int64 // the number of conversations in the archive
	Zone          *time.Location
}

// listLink are the attributes of a link that shows another list in place of this one.
func listLink(path string) templ.Attributes {
	return templ.Attributes{"hx-get": path, "hx-target": "#conversations", "hx-params": "current"}
}

// Segment is a piece of a text. Match marks the piece that the filter matched.
type Segment struct {
	Text  string
	Match bool
}

// matcher compares as the database does: without accents and case.
var matcher = search.New(language.Und, search.Loose)

// Highlight splits a text around the filter's first match. Without a filter or a
// match it returns one segment.
func Highlight(text, filter string) []Segment {
	from, to := findMatch(text, filter)
	if from < 0 {
		return []Segment{{Text: text}}
	}

	return []Segment{{Text: text[:from]}, {Text: text[from:to], Match: true}, {Text: text[to:]}}
}

func findMatch(text, filter string) (from, to int) {
	if filter == "" {
		return -1, -1
	}

	return matcher.IndexString(text, filter)
}

// Preview shortens a message to one line of at most 120 code points, between
// characters as people see them. A match of the filter further on is preceded by 24
// code points of its context, or a character more.
func Preview(body, filter string) string {
	const maxLength, context = 120, 24
	line := strings.Join(strings.Fields(body), " ")

	if from, to := findMatch(line, filter); from >= 0 && utf8.RuneCountInString(line[:to]) > 2*context {
		skipped := chat.Cut(line[:from], utf8.RuneCountInString(line[:from])-context)
		line = "…" + line[len(skipped):]
	}

	if short := chat.Cut(line, maxLength); short != line {
		return short + "…"
	}

	return line
}

// unreadText returns how many messages are unread. Those of a group are counted to 99.
func unreadText(c chat.Conversation) string {
	if c.Kind == chat.GroupConversation && c.Unread > 99 {
		return "99+"
	}
	return strconv.FormatInt(min(c.Unread, 999), 10)
}

// NextPagePath returns the path of the list's next page.
func (l ConversationList) NextPagePath() string {
	q := url.Values{"page": {l.Next}}
	if l.Filter != "" {
		q.Set("q", l.Filter)
	}
	if l.Archive {
		q.Set("in", "archive")
	}

	return "/conversations?" + q.Encode()
}
