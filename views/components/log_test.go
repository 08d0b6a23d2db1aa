package components

import (
	"strconv"
	"strings"
	"testing"

	"parley/app/chat"
)

// lines writes the lines of a page as text: [heading], the body, @ and the time
// after a pause, and + for a grouped message.
func lines(t *testing.T, view LogView, messages ...chat.Message) string {
	t.Helper()
	var b strings.Builder

	for _, l := range Lines(messages, view) {
		switch {
		case l.New > 0:
			b.WriteString("[new] ")
		case l.Day != nil:
			b.WriteString("[" + l.Day.Text + "] ")
		default:
			b.WriteString(l.Row.Body)

			if l.Row.ShowTime {
				b.WriteString("@" + l.Row.Clock())
			}

			if l.Row.Grouped {
				b.WriteString("+")
			}

			b.WriteString(" ")
		}
	}

	return strings.TrimSpace(b.String())
}

func TestUnreadLineNeedsTheFirstUnreadMessage(t *testing.T) {
	view := LogView{Viewer: ada, Zone: zone(t, "UTC"), Now: at("2026-11-24T12:00:00Z").Time}

	said := func(seq int64, by chat.Person) chat.Message {
		return stored(seq, by, "2026-11-24T10:00:00Z", strconv.FormatInt(seq, 10))
	}
	for name, tt := range map[string]struct {
		seen int64
		rows []chat.Message
		want string
	}{
		"in the middle":            {8, []chat.Message{said(8, bob), said(9, ada), said(10, bob)}, "8@10:00 9 [new] 10"},
		"at the start of the page": {9, []chat.Message{said(10, bob), said(11, bob)}, "[new] 10@10:00 11+"},
		"on an earlier page":       {5, []chat.Message{said(10, ada), said(11, bob)}, "10@10:00 11"},
		"no earlier messages":      {0, []chat.Message{said(1, bob)}, "1@10:00"},
		"everything was read":      {11, []chat.Message{said(10, ada), said(11, bob)}, "10@10:00 11"},
		"own messages are read":    {9, []chat.Message{said(9, bob), said(10, ada)}, "9@10:00 10"},
		"no messages":              {0, nil, ""},
	} {
		view.Seen = tt.seen
		if got := strings.TrimPrefix(lines(t, view, tt.rows...), "[Today] "); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

func TestLinesFollowTheAccountsZone(t *testing.T) {
	messages := []chat.Message{
		stored(1, bob, "2026-11-22T22:50:00Z", "a"),
		stored(2, bob, "2026-11-22T22:53:00Z", "b"),
		stored(3, ada, "2026-11-22T23:10:00Z", "c"),
		stored(4, bob, "2026-11-23T12:00:00Z", "d"),
		stored(5, bob, "2026-11-23T12:07:00Z", "e"),
		stored(6, bob, "2026-11-22T12:00:00Z", "a wrong clock"),
	}
	now := at("2026-11-23T13:00:00Z").Time

	anyOrder := func(lines string) string { return strings.ReplaceAll(lines, "[new] [Today]", "[Today] [new]") }
	for name, want := range map[string]string{
		"UTC":              "[Yesterday] a@22:50 b+ c [new] [Today] d@12:00 e a wrong clock+",
		"Europe/Berlin":    "[Yesterday] a@23:50 b+ [Today] c@00:10 [new] d@13:00 e a wrong clock+",
		"Pacific/Auckland": "[Yesterday] a@11:50 b+ c [new] [Today] d@01:00 e a wrong clock+",
		"America/New_York": "[Yesterday] a@17:50 b+ c [Today] [new] d@07:00 e a wrong clock+",
	} {
		got := lines(t, LogView{Viewer: ada, Seen: 3, Zone: zone(t, name), Now: now}, messages...)
		if anyOrder(got) != anyOrder(want) {
			t.Errorf("%s:\n got %s\nwant %s", name, got, want)
		}
	}

	lastYear := lines(t, LogView{Viewer: ada, Zone: zone(t, "UTC"), Now: now}, stored(7, bob, "2025-11-22T09:00:00Z", "a"))
	if lastYear != "[Saturday 22 November 2025] a@09:00" {
		t.Errorf("another year: %s", lastYear)
	}
}

func TestUnreadLineBreaksAGroup(t *testing.T) {
	view := LogView{Viewer: ada, Seen: 1, Zone: zone(t, "UTC"), Now: at("2026-11-24T12:00:00Z").Time}

	got := lines(t, view,
		stored(1, bob, "2026-11-24T10:00:00Z", "a"),
		stored(2, bob, "2026-11-24T10:01:00Z", "b"),
		stored(3, bob, "2026-11-24T10:02:00Z", "c"),
	)
	if got != "[Today] a@10:00 [new] b c+" {
		t.Error(got)
	}
}
