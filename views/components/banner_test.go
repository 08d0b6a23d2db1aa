package components

import (
	"strings"
	"testing"
)

// TestBannerNamesTheEffect also checks that the banner is hidden and empty while
// every dependency is up.
func TestBannerNamesTheEffect(t *testing.T) {
	const none = "Messages can’t be saved right now. What you write stays in the box."
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
		if b.Length() != 1 || b.AttrOr("data-down", "-") != down {
			t.Errorf("down %q: %d banners, data-down is %q", down, b.Length(), b.AttrOr("data-down", "-"))
		}

		_, hidden := b.Attr("hidden")
		if got := strings.Join(strings.Fields(b.Text()), " "); got != want || hidden != (down == "") {
			t.Errorf("down %q: text %q, hidden %v", down, got, hidden)
		}
	}
}
