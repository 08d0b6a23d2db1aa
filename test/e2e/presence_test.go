package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"parley/test/browser"
	"parley/test/wait"
)

// TestPresenceTypingAndDrafts: a friend sees presence and typing. A draft follows its writer to
// other devices and ends when it is sent.
func TestPresenceTypingAndDrafts(t *testing.T) {
	t.Parallel()
	site := sharedSite(t)
	ada, bob := newPerson(t, "Ada", site.one).SignsIn(), newPerson(t, "Bob", site.two).SignsIn()
	conversation := ada.OpensConversationWith(bob)
	ada.IsLive()
	ada.ReadsActivity("Active now")
	bob.Opens("/account")
	bob.IsLive()
	ada.ReadsActivity("Active now")

	bob.Opens(conversation)
	bob.IsLive()
	bob.Types("It is a v")
	wait.Until(t, "Ada sees that Bob is typing", ada.SeesTyping)
	bob.Types("ery long rope")
	bob.PressesEnter()
	ada.Sees("It is a very long rope")
	if ada.SeesTyping() {
		t.Error("Bob's message is shown, and the page still shows that he is typing")
	}

	ada.Types("Bring the")
	ada.Clicks(`nav a[href="/people"]`, ada.Showing(`[data-tab="/people"]`)) // with text in the message box
	wait.Until(t, "the list has the draft", func() bool {
		row := ada.Text(`document.querySelector("#conversations .draft")?.parentElement.innerText ?? ""`)
		return strings.Contains(row, "Draft: Bring the")
	})
	phone := browser.NewPerson(t, suite.browser, ada.Name, site.two).SignsIn()
	phone.Opens(conversation)
	phone.IsLive()
	if draft := phone.ValueOf("message"); draft != "Bring the" {
		t.Errorf("the message box on the phone has %q", draft)
	}

	phone.Types(" rope")
	phone.PressesEnter()
	bob.Sees("Bring the rope")
	wait.Until(t, "the list has no draft", func() bool {
		ada.Reloads()
		return !ada.Shows("#conversations .draft")
	})
	ada.Opens(conversation)
	if draft := ada.ValueOf("message"); draft != "" {
		t.Errorf("the message was sent, and the message box has %q", draft)
	}

	bob.Does("leave Parley", chromedp.Navigate("about:blank"))
	ada.ReadsActivity("Active a few minutes ago")
	ada.Reloads()
	ada.ReadsActivity("Active a few minutes ago")
	bob.Opens(conversation)
	ada.ReadsActivity("Active now")
}
