package components

import (
	"strings"
	"testing"
)

// TestBannerNamesEveryLoss in the words of the design; with nothing away it is hidden and empty.
func TestBannerNamesEveryLoss(t *testing.T) {
	const none = "Messages can’t be kept just now, so none are taken. What you write stays in the box."
	for down, want := range map[string]string{
		"":                     "",
		"redis":                "We can’t tell who is active. Messages come and go as always.",
		"kafka":                "Sending may take a second longer. Every message is still kept.",
		"postgres":             "Older messages are out of reach. You can talk as always, and nothing is lost.",
		"redis kafka":          "Sending may take a second longer. Every message is still kept. We can’t tell who is active.",
		"postgres redis":       "Live updates are paused; messages are still being saved.",
		"postgres kafka":       none,
		"postgres redis kafka": none,
	} {
		b := rendered(t, Banner(strings.Fields(down), true)).Find("#banner[role=status][hx-swap-oob=true]")
		_, hidden := b.Attr("hidden")
		if got := strings.Join(strings.Fields(b.Text()), " "); b.Length() != 1 || got != want || hidden != (down == "") || b.AttrOr("data-down", "-") != down {
			t.Errorf("without %q it says %q, hidden is %v", down, got, hidden)
		}
	}
}
