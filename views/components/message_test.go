package components

import (
	"testing"

	"parley/app/chat"
)

func TestMessageLinksToItself(t *testing.T) {
	view := LogView{Viewer: ada, Target: 7, Zone: zone(t, "Asia/Tokyo"), Now: at("2026-11-24T12:00:00Z").Time}
	pending := stored(0, ada, "2026-11-24T10:01:00Z", "pending")
	pending.Seq = nil
	messages := []chat.Message{stored(7, bob, "2026-11-24T10:00:00Z", "target"), pending}
	doc := rendered(t, Messages(Lines(messages, view)))

	target := doc.Find(".message.at")

	link := target.Find("a[href]")
	if link.AttrOr("href", "") != "/conversations/"+conversationID.String()+"?at=7" || link.Find("time").Text() != "19:00" {
		t.Errorf("the permalink is %q", link.AttrOr("href", ""))
	}

	_, focus := target.Attr("autofocus")
	if !focus || target.AttrOr("tabindex", "") != "-1" || target.Find(".by").Text() != "Bob" {
		t.Error("the target isn't focused")
	}

	row := doc.Find(".message.mine")
	if row.Find("a[href]").Length() != 0 || row.Find("a > time").Length() != 1 || row.Find("[data-state=sent]").Length() != 1 {
		t.Error("a row that isn't stored has a permalink, or lacks its state")
	}
}

func TestEmojiOnly(t *testing.T) {
	for body, want := range map[string]bool{
		"🎹":     true,
		"❤️":    true,
		"👍🏽":    true,
		"👩‍👩‍👧": true,
		"👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧": true,
		"🇩🇪":      true,
		"🇩🇪🇫🇷🇮🇹":  true,
		"⭐":       true,
		"👍🏽👍🏽👍🏽":  true,
		"🏴󠁧󠁢󠁥󠁮󠁧󠁿": true,
		"🎹🎹🎹🎹":    false,
		"🎹!":      false,
		"a":       false,
		"":        false,
		"\u200d":  false,
		"\ufe0f":  false,
		"🎹 🎹":     true,
		"👨‍👩‍👧‍👦 🏳️‍🌈\n⏰": true,
		"🎹 🎹 🎹 🎹":         false,
		" ":               false,
		"1":               false,
	} {
		if got := (MessageRow{Message: chat.Message{Body: body}}).EmojiOnly(); got != want {
			t.Errorf("%q: %v", body, got)
		}
	}
}
