package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"parley/test/wait"
)

// TestPresenceTypingAndDrafts is what two friends see of each other beside what they say.
func TestPresenceTypingAndDrafts(t *testing.T) {
	t.Parallel()
	at := onSite(t)
	ada, bob := opensBrowser(t, unique(t, "Ada"), at.one).signsIn(), opensBrowser(t, unique(t, "Bob"), at.two)
	bob.signsIn()
	talk := ada.opensConversationWith(bob)
	ada.isLive()
	ada.readsActivity("Active now")
	bob.opens("/account")
	bob.isLive()
	ada.readsActivity("Active now")

	bob.opens(talk)
	bob.isLive()
	bob.types("It is a v")
	wait.Until(t, "Ada sees that Bob is writing", func() bool { return ada.seesTyping() })
	bob.types("ery long rope")
	bob.presses(0)
	ada.sees("It is a very long rope")
	if ada.seesTyping() {
		t.Error("Bob said it, and is still writing")
	}

	ada.types("Bring the")
	ada.clicks(`nav a[href="/people"]`, func() bool { return ada.shows("#content") }) // left with text in the box
	wait.Until(t, "the list has the draft", func() bool {
		return strings.Contains(evaluate[string](ada, `document.querySelector("#conversations .draft")?.parentElement.innerText ?? ""`), "Draft: Bring the")
	})
	phone := opensBrowser(t, ada.name, at.two).signsIn()
	phone.opens(talk)
	phone.isLive()
	if box := evaluate[string](phone, `document.getElementById("message").value`); box != "Bring the" {
		t.Errorf("on the phone the box has %q", box)
	}
	phone.types(" rope")
	phone.presses(0)
	bob.sees("Bring the rope")
	wait.Until(t, "no draft is left", func() bool {
		ada.reloads()
		return !ada.shows("#conversations .draft")
	})
	ada.opens(talk)
	if box := evaluate[string](ada, `document.getElementById("message").value`); box != "" {
		t.Errorf("what was sent is in the box again: %q", box)
	}

	bob.does("go away", chromedp.Navigate("about:blank"))
	ada.readsActivity("Active today")
	ada.reloads()
	ada.readsActivity("Active today")
	bob.opens(talk)
	ada.readsActivity("Active now")
}

func (p *person) readsActivity(words string) {
	p.t.Helper()
	for end := time.Now().Add(90 * time.Second); ; <-time.After(50 * time.Millisecond) {
		got := evaluate[string](p, `document.querySelector(".header .active")?.innerText ?? ""`)
		if got == words {
			return
		}
		if time.Now().After(end) {
			p.t.Fatalf("%s reads %q, and not %q\n%s", p.name, got, words, p.page())
		}
	}
}

func (p *person) seesTyping() bool {
	return evaluate[bool](p, `!!document.getElementById("typing")?.checkVisibility()`)
}
