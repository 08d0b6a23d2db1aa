package components

import (
	"strconv"
	"strings"
	"testing"

	"parley/app/chat"
)

func TestTheNewLineNeedsTheFirstUnreadMessage(t *testing.T) {
	r := LogView{Viewer: ada, Zone: zone(t, "UTC"), Now: at("2026-11-24T12:00:00Z").Time}
	said := func(seq int64, by chat.Person) chat.Message {
		return stored(seq, by, "2026-11-24T10:00:00Z", strconv.FormatInt(seq, 10))
	}
	for name, tt := range map[string]struct {
		seen int64
		rows []chat.Message
		want string
	}{
		"in the middle":              {8, []chat.Message{said(8, bob), said(9, ada), said(10, bob)}, "8@10:00 9 [new] 10"},
		"at the start of the page":   {9, []chat.Message{said(10, bob), said(11, bob)}, "[new] 10@10:00 11+"},
		"on an earlier page":         {5, []chat.Message{said(10, ada), said(11, bob)}, "10@10:00 11"},
		"nothing was said before":    {0, []chat.Message{said(1, bob)}, "1@10:00"},
		"all was read":               {11, []chat.Message{said(10, ada), said(11, bob)}, "10@10:00 11"},
		"one's own aren't unread":    {9, []chat.Message{said(9, bob), said(10, ada)}, "9@10:00 10"},
		"nothing but what is unsure": {0, nil, ""},
	} {
		r.Seen = tt.seen
		if got := strings.TrimPrefix(lines(t, r, tt.rows...), "[Today] "); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

// lines tells rows by their text, with what stands before them and how.
func lines(t *testing.T, r LogView, messages ...chat.Message) string {
	var b strings.Builder
	for _, l := range Lines(messages, r) {
		switch {
		case l.New:
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

func TestLinesFollowTheAccountsZone(t *testing.T) {
	messages := []chat.Message{
		stored(1, bob, "2026-11-22T22:50:00Z", "a"), stored(2, bob, "2026-11-22T22:53:00Z", "b"), stored(3, ada, "2026-11-22T23:10:00Z", "c"),
		stored(4, bob, "2026-11-23T12:00:00Z", "d"), stored(5, bob, "2026-11-23T12:07:00Z", "e"), stored(6, bob, "2026-11-22T12:00:00Z", "a wrong clock"),
	}
	now := at("2026-11-23T13:00:00Z").Time
	for name, want := range map[string]string{
		"UTC":              "[Yesterday] a@22:50 b+ c [new] [Today] d@12:00 e a wrong clock+",
		"Europe/Berlin":    "[Yesterday] a@23:50 b+ [Today] c@00:10 [new] d@13:00 e a wrong clock+",
		"Pacific/Auckland": "[Yesterday] a@11:50 b+ c [new] [Today] d@01:00 e a wrong clock+",
		"America/New_York": "[Yesterday] a@17:50 b+ c [Today] [new] d@07:00 e a wrong clock+",
	} {
		got := lines(t, LogView{Viewer: ada, Seen: 3, Zone: zone(t, name), Now: now}, messages...)
		if strings.ReplaceAll(got, "[new] [Today]", "[Today] [new]") != strings.ReplaceAll(want, "[new] [Today]", "[Today] [new]") {
			t.Errorf("%s:\n got %s\nwant %s", name, got, want)
		}
	}
	if got := lines(t, LogView{Viewer: ada, Zone: zone(t, "UTC"), Now: now}, stored(7, bob, "2025-11-22T09:00:00Z", "a")); got != "[Saturday 22 November 2025] a@09:00" {
		t.Errorf("another year: %s", got)
	}
}

func TestTheNewLineBreaksAGroup(t *testing.T) {
	r := LogView{Viewer: ada, Seen: 1, Zone: zone(t, "UTC"), Now: at("2026-11-24T12:00:00Z").Time}
	if got := lines(t, r, stored(1, bob, "2026-11-24T10:00:00Z", "a"), stored(2, bob, "2026-11-24T10:01:00Z", "b"), stored(3, bob, "2026-11-24T10:02:00Z", "c")); got != "[Today] a@10:00 [new] b c+" {
		t.Error(got)
	}
}

func TestARowTellsWhereItIs(t *testing.T) {
	r := LogView{Viewer: ada, Target: 7, Zone: zone(t, "Asia/Tokyo"), Now: at("2026-11-24T12:00:00Z").Time}
	pending := stored(0, ada, "2026-11-24T10:01:00Z", "pending")
	pending.Seq = nil
	doc := rendered(t, Messages(Lines([]chat.Message{stored(7, bob, "2026-11-24T10:00:00Z", "target"), pending}, r)))
	target := doc.Find(".message.at")
	if link := target.Find("a[href]"); link.AttrOr("href", "") != "/conversations/"+talk.String()+"?at=7" || link.Find("time").Text() != "19:00" {
		t.Errorf("the time leads to %q", link.AttrOr("href", ""))
	}
	if _, focus := target.Attr("autofocus"); !focus || target.AttrOr("tabindex", "") != "-1" || target.Find(".by").Text() != "Bob" {
		t.Error("the target isn't brought to sight")
	}
	if row := doc.Find(".message.mine"); row.Find("a[href]").Length() != 0 || row.Find("a > time").Length() != 1 || row.Find("[data-state=sent]").Length() != 1 {
		t.Error("a row that isn't stored has no place to link to")
	}
}

func TestEmojiAreLarge(t *testing.T) {
	for body, want := range map[string]bool{
		"🎹": true, "❤️": true, "👍🏽": true, "👩‍👩‍👧": true, "👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧": true, "🇩🇪": true, "🇩🇪🇫🇷🇮🇹": true, "⭐": true, "👍🏽👍🏽👍🏽": true, "🏴󠁧󠁢󠁥󠁮󠁧󠁿": true,
		"🎹🎹🎹🎹": false, "🎹!": false, "a": false, "": false, "\u200d": false, "\ufe0f": false, "🎹 🎹": false, "1": false,
	} {
		if got := (MessageRow{Message: chat.Message{Body: body}}).EmojiOnly(); got != want {
			t.Errorf("%q: %v", body, got)
		}
	}
}
