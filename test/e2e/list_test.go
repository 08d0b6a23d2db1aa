package e2e

import (
	"strconv"
	"testing"

	"parley/test/browser"
	"parley/test/wait"
)

// rowMenu opens the menu of a person's row in the list with the right button, and chooses an item.
func rowMenu(t *testing.T, p, of *browser.Person, item string, until func() bool) {
	row := `[...document.querySelectorAll("a.conversation")]
		.find(e => e.querySelector(".name").textContent === ` + strconv.Quote(of.Name) + `)`
	wait.Until(t, "the menu of a row", func() bool {
		return p.Is(`document.querySelector("#row-menu:popover-open") !== null || !` + row +
			`?.dispatchEvent(new MouseEvent("contextmenu", { bubbles: true, cancelable: true, clientX: 80, clientY: 200 })) && false`)
	})
	p.Clicks(`//*[@id="row-menu"]//button[normalize-space()=`+strconv.Quote(item)+`]`, until)
}

// TestList: conversations are pinned, muted, marked and archived by the menu of their row, on all
// pages of the person; the row shows who writes and how far one's last message has come; the filter
// opens the first hit.
func TestList(t *testing.T) {
	t.Parallel()
	site := sharedSite(t)
	ada, bob, cy := newPerson(t, "Ada", site.one).SignsIn(), newPerson(t, "Bob", site.two).SignsIn(),
		newPerson(t, "Cy", site.two).SignsIn()
	conversation := ada.OpensConversationWith(bob)
	ada.OpensConversationWith(cy)
	ada.Opens("/people")
	ada.IsLive()
	tab := ada.OpensAnotherTab("/people")
	tab.IsLive()

	bob.Opens(conversation)
	bob.IsLive()
	bob.Types("Are you")
	ada.SeesInList(bob, "is writing")
	bob.Types(" there?")
	bob.PressesEnter()
	ada.SeesInList(bob, "1 unread")

	first := func(p *browser.Person, of *browser.Person) func() bool {
		return func() bool { return p.TextOf(".conversation .name") == of.Name }
	}
	listed := func(p *browser.Person, of *browser.Person) bool { return p.ListRowOf(of) != "" }
	rowMenu(t, ada, cy, "Pin", first(tab, cy))
	rowMenu(t, ada, bob, "Mute", func() bool { return !tab.Is(`document.title.startsWith("(")`) })
	tab.SeesInList(bob, "muted")
	ada.SeesInList(bob, "1 unread")
	rowMenu(t, ada, bob, "Unmute", func() bool { return tab.Is(`document.title.startsWith("(1)")`) })

	ada.TypesInto("#filter", bob.Name)
	ada.PressesEnter()
	wait.Until(t, "the first hit is open", func() bool { return ada.Path() == conversation && ada.Shows("#message") })
	ada.Sends("Yes")
	ada.SeesInList(bob, "Read")
	ada.Opens("/people")
	ada.IsLive()

	rowMenu(t, ada, bob, "Mark as unread", func() bool { return tab.Is(`document.title.startsWith("(1)")`) })
	rowMenu(t, ada, bob, "Archive", func() bool { return !listed(tab, bob) })
	ada.Clicks(`a[href="/conversations?in=archive"]`, func() bool { return listed(ada, bob) && !listed(ada, cy) })
	bob.Sends("Then come")
	wait.Until(t, "the message brings the conversation back", func() bool { return listed(tab, bob) })

	bob.TurnsScriptsOff()
	bob.Opens(conversation + "/details")
	bob.Clicks(`//form[contains(@action, "/pin")]//button`, func() bool { return bob.Shows(`form[action$="/pin"] input[value="false"]`) })
}
