package components

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/a-h/templ"

	"parley/app/chat"
)

// A message is folded above maxUnfolded code points or from maxUnfoldedLines line breaks on.
const (
	maxUnfolded      = 1500
	maxUnfoldedLines = 24
)

// MessageRow is a message as its author or the other person sees it.
type MessageRow struct {
	chat.Message
	Mine      bool           // the viewer is its author
	Grouped   bool           // continues its sender's previous message
	ShowTime  bool           // shows its time, after a pause
	Live      bool           // for the script (events, fragments, answers), with the data that it needs
	Target    bool           // the message that a permalink names
	Zone      *time.Location // of the viewer; nil is UTC. The script writes times again
	Delivered int64          // the other person's delivered mark, for own messages
	Read      int64          // the other person's read mark, for own messages
}

// Receipt returns the state of an own message, and its word.
func (r MessageRow) Receipt() (state, word string) {
	switch {
	case r.Seq == nil:
		return "sent", "Sent"
	case *r.Seq <= r.Read:
		return "read", "Read"
	case *r.Seq <= r.Delivered:
		return "delivered", "Delivered"
	}

	return "stored", "Stored"
}

// Long reports whether the page folds the message, because it would fill the screen.
func (r MessageRow) Long() bool {
	return utf8.RuneCountInString(r.Body) > maxUnfolded || strings.Count(r.Body, "\n") >= maxUnfoldedLines
}

// SenderName names the sender for people who don't see on which side a message
// stands.
func (r MessageRow) SenderName() string {
	if r.Mine {
		return "You"
	}

	return FirstName(r.Sender.Name)
}

// Clock returns the time when the message was sent, such as 14:42.
func (r MessageRow) Clock() string {
	if r.Zone == nil {
		return r.SentAt.UTC().Format("15:04")
	}

	return r.SentAt.In(r.Zone).Format("15:04")
}

// Permalink returns the address of the page around the message.
func (r MessageRow) Permalink() templ.SafeURL {
	return templ.URL("/conversations/" + r.ConversationID.String() + "?at=" + numberText(r.Seq))
}

func numberText(n *int64) string {
	if n == nil {
		return ""
	}

	return strconv.FormatInt(*n, 10)
}
