package e2e

import (
	"strconv"
	"testing"

	"github.com/chromedp/cdproto/network"

	"parley/test/browser"
	"parley/test/wait"
)

// chosen is the name of the row that the switcher would open.
const chosen = `document.getElementById(document.getElementById("going")?.getAttribute("aria-activedescendant"))?.querySelector("b").textContent ?? ""`

// focused is the id of the element with the focus, or its row's.
const focused = `(e => e.id || e.closest("li")?.id || "")(document.activeElement)`

// TestKeys: the switcher leads to conversations, people and actions, and keys do what the help says,
// on a screen and on a phone. Without the second bundle pages work plainly.
func TestKeys(t *testing.T) {
	t.Parallel()
	site, axe := sharedSite(t), readAxe(t)
	ada, bob, cy := newPerson(t, "Ada", site.one).SignsIn(), newPerson(t, "Bob", site.two).SignsIn(), newPerson(t, "Cy", site.two).SignsIn()
	withBob := ada.OpensConversationWith(bob)
	ada.Sends("Are you there?")
	withCy := ada.OpensConversationWith(cy)
	ada.Opens(withBob)
	ada.IsLive()
	wait.Until(t, "the keys work", ada.Showing(".go"))

	closes := func() { // the browser closes a dialog a moment after the key
		t.Helper()
		ada.Presses("Escape")
		wait.Until(t, "no dialog is open", func() bool { return !ada.Is(`!!document.querySelector("dialog[open]")`) })
	}
	opens := func(where string, path string) {
		t.Helper()
		wait.Until(t, where+" opens a conversation with the focus in its box", func() bool {
			return "/conversations/"+ada.Text(`document.getElementById("pane").dataset.current ?? ""`) == path &&
				ada.Text(focused) == "message" && !ada.Is(`!!document.querySelector("dialog[open]")`)
		})
	}
	switchTo := func(query, want string) {
		t.Helper()
		ada.Presses("Ctrl+K")
		wait.Until(t, "the switcher is open", ada.Showing("#switcher[open]"))
		ada.Inserts(query)
		wait.Until(t, want+" is found", func() bool { return ada.Text(chosen) == want })
	}

	ada.Presses("Ctrl+K")
	wait.Until(t, "the other conversation is first", func() bool { return ada.Text(chosen) == cy.Name })
	isAccessible(t, ada.Window(), axe)
	closes()
	ada.Eventually("where the focus is", focused, "message")
	switchTo(cy.Name, cy.Name)
	ada.PressesEnter()
	opens("the switcher", withCy)
	switchTo(bob.Name[:len(bob.Name)-1], bob.Name)
	ada.PressesEnter()
	opens("some letters", withBob)
	switchTo("acc", "Account")
	ada.PressesEnter()
	ada.Eventually("the path", "location.pathname", "/account")
	switchTo("nobody at all", "")
	ada.ReadsIn("#switcher [role=status]", "Nothing is called “nobody at all”.")
	isAccessible(t, ada.Window(), axe)
	closes()

	ada.Presses("?")
	wait.Until(t, "the help is open", ada.Showing("#keys[open]"))
	isAccessible(t, ada.Window(), axe)
	ada.Presses("?") // nothing else opens
	closes()
	ada.Presses("/")
	ada.Eventually("the focus of /", focused, "filter")
	ada.Presses("/")
	ada.Eventually("the filter", `document.getElementById("filter").value`, "/")
	ada.Presses("Escape")

	listed := ada.Texts(`[...document.querySelectorAll("a.conversation")].map(row => row.pathname)`)
	ada.Opens(listed[0])
	wait.Until(t, "the keys work", ada.Showing(".go"))
	ada.Presses("Alt+ArrowDown")
	opens("Alt and the arrow down", listed[1])
	ada.Presses("Alt+ArrowUp")
	opens("Alt and the arrow up", listed[0])
	if listed[0] != withBob {
		ada.Presses("Alt+ArrowDown")
		opens("Alt and the arrow down", withBob)
	}
	ada.PressesArrowUp()
	ada.Eventually("the last message", focused, ada.Text(`document.querySelector("#messages > .mine").id`))
	ada.Presses("x")
	ada.Eventually("the message box", `document.activeElement.value ?? ""`, "x")
	ada.Presses("?")
	ada.Eventually("the message box", `document.activeElement.value ?? ""`, "x?")
	ada.Presses("Escape")
	ada.Eventually("the focus of Escape", focused, "talk-"+withBob[len("/conversations/"):])

	ada.UsesPhone()
	ada.Opens(withBob)
	ada.IsLive()
	ada.Presses("Ctrl+K")
	wait.Until(t, "the switcher is open", ada.Showing("#switcher[open]"))
	isAccessible(t, ada.Window(), axe)
	if width := ada.Width(); width > browser.PhoneWidth {
		t.Errorf("the page is %v px wide", width)
	}
	closes()
	ada.Presses("Escape")
	ada.Eventually("Escape leads to the list", "location.pathname", "/conversations")

	bob.Does("lose the second bundle",
		browser.Call(network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true}),
		browser.Call(network.SetBypassServiceWorker, network.SetBypassServiceWorkerParams{Bypass: true}),
		browser.Call(network.SetBlockedURLs, network.SetBlockedURLsParams{
			URLPatterns: []*network.BlockPattern{{URLPattern: "*://*:*/static/frame-*", Block: true}},
		}))
	bob.Opens("/people")
	bob.IsLive()
	bob.Clicks(`a.conversation[href^=`+strconv.Quote(withBob)+`]`, bob.Showing("#message"))
	bob.Sends("Without it")
	bob.Clicks(`.header summary`, bob.Showing("#check"))
	bob.Clicks("#check", bob.Reading("none missing"))
}
