package components

import (
	"time"

	"parley/app/chat"
)

// A message shows its time after a pause of pauseThreshold. A sender's messages are
// grouped while they follow each other within groupWindow.
const (
	pauseThreshold = 20 * time.Minute
	groupWindow    = 6 * time.Minute
)

// DayHeading begins a day in the log.
type DayHeading struct {
	Date string // 2026-11-24
	Text string
}

// Line is a line of the log: a day's heading, the unread line, or a message.
type Line struct {
	Day *DayHeading
	New int64 // of the line before the first unread message: how many are unread; else 0
	Row MessageRow
}

// FragmentLines returns messages as rows for the script, which arranges them.
func FragmentLines(messages []chat.Message, viewer chat.Person) []Line {
	lines := make([]Line, len(messages))
	for i, m := range messages {
		lines[i].Row = MessageRow{Message: m, Mine: isMine(m, viewer), Live: true}
	}

	return lines
}

// isMine reports whether the viewer wrote a message. Those of the system are nobody's.
func isMine(m chat.Message, viewer chat.Person) bool {
	return m.Sender.ID == viewer.ID && m.Kind != chat.MessageSystem
}

// NewText returns the words of the line of new messages. static/js/rows.js has the same.
func (l Line) NewText() string {
	if l.New == 1 {
		return "1 new message"
	}
	return Thousands(l.New) + " new messages"
}

// LogView holds everything about the viewer that a page of the log depends on.
type LogView struct {
	Viewer chat.Person
	Peer   chat.Member
	Seen   int64 // the last seq before the unread messages
	Unread int64 // how many messages are unread
	Target int64 // the seq that a permalink names, or 0
	Zone   *time.Location
	Now    time.Time
}

// Lines returns the lines of a page of the log, with messages in order. The script
// arranges them in the same way for the device's time zone (static/js/dates.js and
// rows.js).
func Lines(messages []chat.Message, view LogView) []Line {
	lines := make([]Line, 0, len(messages)+4)
	var before *chat.Message
	today := ""
	// The first unread message may be on an earlier page.
	newLine := len(messages) > 0 && messages[0].Seq != nil && *messages[0].Seq > view.Seen+1

	for i := range messages {
		m := &messages[i]
		row := view.row(*m)

		// Days only move forward, even when two clocks disagree.
		day := m.SentAt.In(view.Zone).Format(time.DateOnly)

		begins := day > today
		if begins {
			today = day
			text := DayText(m.SentAt.Time, view.Now, view.Zone)
			lines = append(lines, Line{Day: &DayHeading{Date: day, Text: text}})
		}

		row.ShowTime = begins || m.SentAt.Sub(before.SentAt.Time) >= pauseThreshold

		row.Grouped = !row.ShowTime && speaker(before) == speaker(m) && m.SentAt.Sub(before.SentAt.Time) < groupWindow
		if !newLine && m.Seq != nil && *m.Seq > view.Seen && !row.Mine && m.Kind != chat.MessageSystem {
			newLine = true

			if *m.Seq > 1 {
				lines = append(lines, Line{New: max(view.Unread, 1)})
				row.Grouped = false
			}
		}

		lines = append(lines, Line{Row: row})
		before = m
	}

	return lines
}

func (v LogView) row(m chat.Message) MessageRow {
	row := MessageRow{
		Message: m,
		Mine:    isMine(m, v.Viewer),
		Zone:    v.Zone,
		Target:  m.Seq != nil && *m.Seq == v.Target,
	}
	if v.Peer.ReadSeq != nil {
		row.Read = *v.Peer.ReadSeq
	}

	if v.Peer.DeliveredSeq != nil {
		row.Delivered = *v.Peer.DeliveredSeq
	}

	return row
}
