package components

import (
	"strconv"
	"time"
	"unicode/utf8"

	"parley/app/chat"
)

// Row is a message as one of its two audiences sees it.
type Row struct {
	chat.Message
	Mine      bool
	More      bool  // goes on with the same speaker
	Pause     bool  // shows its time
	Live      bool  // in an event, a fragment or an answer: with what the script needs to place it
	Delivered int64 // the other side is complete to this seq; of interest for one's own
	Read      int64 // and has read to this one
}

// Receipt names how far one's own message has come, and the word for it.
func (r Row) Receipt() (state, word string) {
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

// Speaker is who said it, for those who don't see on which side it stands.
func (r Row) Speaker() string {
	if r.Mine {
		return "You"
	}
	return FirstName(r.Sender.Name)
}

// Emoji tells a message of at most three emoji and nothing else, which is shown large.
func (r Row) Emoji() bool {
	if len(r.Body) > 60 {
		return false
	}
	pictures := 0
	for _, c := range r.Body {
		switch {
		case c >= 0x1F300 && c <= 0x1FAFF || c >= 0x2600 && c <= 0x27BF:
			pictures++
		case c == 0x200D || c == 0xFE0F || c >= 0x1F3FB && c <= 0x1F3FF:
		default:
			return false
		}
	}
	return pictures > 0 && utf8.RuneCountInString(r.Body) <= 12 && pictures <= 3
}

func number(n *int64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(*n, 10)
}

// When grouping changes: a longer silence shows the time, and the same speaker goes on within a few minutes.
const (
	pauseAfter = 20 * time.Minute
	moreWithin = 6 * time.Minute
)

// Day starts a day, in UTC: a script makes it local.
type Day struct {
	Date  string // 2026-11-24
	Words string
}

// Line of the log is a row, or the day that begins before it.
type Line struct {
	Day *Day
	New bool // the line before the first message that the viewer hasn't read
	Row Row
}

// Fragment puts messages in rows for the script, which places them.
func Fragment(messages []chat.Message, viewer chat.Person) []Line {
	lines := make([]Line, len(messages))
	for i, m := range messages {
		lines[i].Row = Row{Message: m, Mine: m.Sender.ID == viewer.ID, Live: true}
	}
	return lines
}

// Lines puts messages in rows: days, the line before what is new after seen, pauses and speakers. The script does the same for the viewer's time zone (static/js).
func Lines(messages []chat.Message, viewer chat.Person, peer chat.Member, seen int64) []Line {
	lines := make([]Line, 0, len(messages)+4)
	var previous *chat.Message
	unread := false
	for i := range messages {
		m := &messages[i]
		row := Row{Message: *m, Mine: m.Sender.ID == viewer.ID}
		if peer.ReadSeq != nil {
			row.Read = *peer.ReadSeq
		}
		if peer.DeliveredSeq != nil {
			row.Delivered = *peer.DeliveredSeq
		}
		newDay := previous == nil || previous.SentAt.UTC().Format(time.DateOnly) != m.SentAt.UTC().Format(time.DateOnly)
		if newDay {
			lines = append(lines, Line{Day: &Day{Date: m.SentAt.UTC().Format(time.DateOnly), Words: m.SentAt.UTC().Format("Monday 2 January 2006")}})
		}
		if !unread && m.Seq != nil && *m.Seq > seen && !row.Mine {
			unread = true
			if previous != nil {
				lines = append(lines, Line{New: true})
			}
		}
		row.Pause = newDay || m.SentAt.Sub(previous.SentAt.Time) >= pauseAfter
		row.More = !row.Pause && previous.Sender.ID == m.Sender.ID && m.SentAt.Sub(previous.SentAt.Time) < moreWithin
		lines = append(lines, Line{Row: row})
		previous = m
	}
	return lines
}
