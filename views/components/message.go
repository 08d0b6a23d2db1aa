package components

import (
	"strconv"
	"time"

	"github.com/a-h/templ"

	"parley/app/chat"
)

// Row is a message as one of its two audiences sees it.
type MessageRow struct {
	chat.Message
	Mine      bool
	Grouped   bool           // goes on with the same speaker
	ShowTime  bool           // shows its time
	Live      bool           // in an event, a fragment or an answer: with what the script needs to place it
	Target    bool           // what a permalink means
	Zone      *time.Location // nil: UTC; the script says times again where it runs
	Delivered int64          // the other side is complete to this seq; of interest for one's own
	Read      int64          // and has read to this one
}

// Receipt names how far one's own message has come, and the word for it.
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

// Speaker is who said it, for those who don't see on which side it stands.
func (r MessageRow) SenderName() string {
	if r.Mine {
		return "You"
	}
	return FirstName(r.Sender.Name)
}

// Clock is the time at which it was said.
func (r MessageRow) Clock() string {
	if r.Zone == nil {
		return r.SentAt.UTC().Format("15:04")
	}
	return r.SentAt.In(r.Zone).Format("15:04")
}

// Permalink leads to the page around it.
func (r MessageRow) Permalink() templ.SafeURL {
	return templ.URL("/conversations/" + r.ConversationID.String() + "?at=" + number(r.Seq))
}

// Emoji tells a message of at most three emoji and nothing else, which is shown large.
func (r MessageRow) EmojiOnly() bool {
	if len(r.Body) > 120 {
		return false
	}
	const joiner, skinFrom, skinTo, flagFrom, flagTo = 0x200D, 0x1F3FB, 0x1F3FF, 0x1F1E6, 0x1F1FF
	emoji, flags, before := 0, 0, rune(0)
	for _, c := range r.Body {
		switch {
		case c == joiner || c == 0xFE0F || c >= skinFrom && c <= skinTo || c >= 0xE0020 && c <= 0xE007F: // belong to the one before
			if emoji+flags == 0 {
				return false
			}
		case c >= flagFrom && c <= flagTo: // two letters are one flag
			flags++
		case c >= 0x1F300 && c <= 0x1FAFF || c >= 0x2600 && c <= 0x27BF || c >= 0x2B00 && c <= 0x2BFF:
			if before != joiner {
				emoji++
			}
		default:
			return false
		}
		before = c
	}
	emoji += (flags + 1) / 2
	return emoji > 0 && emoji <= 3
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

// Day starts a day.
type DayHeading struct {
	Date string // 2026-11-24
	Text string
}

// Line of the log is a row, or the day that begins before it.
type Line struct {
	Day *DayHeading
	New bool // the line before the first message that the viewer hasn't read
	Row MessageRow
}

// Fragment puts messages in rows for the script, which places them.
func FragmentLines(messages []chat.Message, viewer chat.Person) []Line {
	lines := make([]Line, len(messages))
	for i, m := range messages {
		lines[i].Row = MessageRow{Message: m, Mine: m.Sender.ID == viewer.ID, Live: true}
	}
	return lines
}

// Reader is for whom a page is made.
type LogView struct {
	Viewer chat.Person
	Peer   chat.Member
	Seen   int64 // the viewer has read to here
	Target int64 // the message that a permalink means; 0: none
	Zone   *time.Location
	Now    time.Time
}

// Lines puts messages in rows: days, the line before what is new, pauses and speakers. The script does the same, for the device's time
// zone (static/js).
func Lines(messages []chat.Message, reader LogView) []Line {
	lines := make([]Line, 0, len(messages)+4)
	var before *chat.Message
	today := ""
	unread := len(messages) > 0 && messages[0].Seq != nil && *messages[0].Seq > reader.Seen+1 // the first unread message is on an earlier page
	for i := range messages {
		m := &messages[i]
		row := reader.row(*m)
		day := m.SentAt.In(reader.Zone).Format(time.DateOnly)
		begins := day > today // days only go forward, even if two clocks disagree
		if begins {
			today = day
			lines = append(lines, Line{Day: &DayHeading{Date: day, Text: DayText(m.SentAt.Time, reader.Now, reader.Zone)}})
		}
		row.ShowTime = begins || m.SentAt.Sub(before.SentAt.Time) >= pauseAfter
		row.Grouped = !row.ShowTime && before.Sender.ID == m.Sender.ID && m.SentAt.Sub(before.SentAt.Time) < moreWithin
		if !unread && m.Seq != nil && *m.Seq > reader.Seen && !row.Mine {
			unread = true
			if *m.Seq > 1 {
				lines = append(lines, Line{New: true})
				row.Grouped = false
			}
		}
		lines = append(lines, Line{Row: row})
		before = m
	}
	return lines
}

func (r LogView) row(m chat.Message) MessageRow {
	row := MessageRow{Message: m, Mine: m.Sender.ID == r.Viewer.ID, Zone: r.Zone, Target: m.Seq != nil && *m.Seq == r.Target}
	if r.Peer.ReadSeq != nil {
		row.Read = *r.Peer.ReadSeq
	}
	if r.Peer.DeliveredSeq != nil {
		row.Delivered = *r.Peer.DeliveredSeq
	}
	return row
}
