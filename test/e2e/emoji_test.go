package e2e

import (
	"testing"

	"parley/test/browser"
	"parley/test/wait"
)

// TestEmoji: names between colons become emoji, with a menu from two letters on; the picker inserts
// at the caret and remembers until the person signs out. On a screen and on a phone.
func TestEmoji(t *testing.T) {
	t.Parallel()
	site, axe := sharedSite(t), readAxe(t)
	ada, bob := newPerson(t, "Ada", site.one).SignsIn(), newPerson(t, "Bob", site.two).SignsIn()
	conversation := ada.OpensConversationWith(bob)

	const offered = `document.querySelector("#emoji-names [aria-selected=true]")?.textContent ?? ""`
	const box, focused = `document.getElementById("message").value`, `document.activeElement.id`
	for _, phone := range []bool{false, true} {
		if phone {
			ada.UsesPhone()
		}
		ada.Opens(conversation)
		ada.IsLive()
		wait.Until(t, "the button", ada.Showing(".smile"))

		ada.TypesInto("#message", "At 10")
		ada.Inserts(":30 :jo")
		ada.Eventually("the first name", offered, "😂 :joy:")
		isAccessible(t, ada.Window(), axe)
		ada.Presses("ArrowDown")
		wait.Until(t, "the second name", func() bool { return ada.Text(offered) != "😂 :joy:" })
		ada.Presses("Escape")
		ada.Eventually("no name is offered", offered, "")
		ada.Eventually("the focus", focused, "message")
		ada.Inserts("y")
		ada.Eventually("the first name", offered, "😂 :joy:")
		ada.PressesEnter()
		ada.Eventually("the words", box, "At 10:30 😂 ")
		ada.Inserts("and :tada")
		ada.Inserts(":")
		ada.Eventually("the words", box, "At 10:30 😂 and 🎉")

		ada.Clicks(".smile", ada.Showing("#picker"))
		isAccessible(t, ada.Window(), axe)
		if width := ada.Width(); width > 1100 || phone && width > browser.PhoneWidth {
			t.Errorf("the page is %v px wide", width)
		}
		ada.TypesInto("#picking", "rocket")
		wait.Until(t, "the rocket is found", ada.Showing(`#picker [data-char="🚀"]`))
		ada.PressesEnter()
		ada.Eventually("the words", box, "At 10:30 😂 and 🎉🚀")
		ada.Eventually("the focus", focused, "message")
		ada.PressesEnter()
		bob.Opens(conversation)
		bob.Sees("At 10:30 😂 and 🎉🚀")
		ada.SeesAllStored()
	}

	ada.Clicks(".smile", ada.Showing(`#picker [aria-label="Lately"] [data-char="🚀"]`))
	ada.Presses("ArrowDown")
	ada.Eventually("the focus", `document.activeElement.dataset.char ?? ""`, "🚀")
	ada.Presses("ArrowDown")
	ada.Eventually("the first of the next group", `document.activeElement.dataset.char ?? ""`, "😀")
	ada.Presses("Escape")
	ada.Eventually("the focus", focused, "message")
	ada.SignsOut()
	if ada.Is(`"parley-emoji" in localStorage`) {
		t.Error("the browser remembers the emoji of somebody who has signed out")
	}
}
