package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/test/browser"
	"parley/test/wait"
)

// dynamicReads are the addresses that a page fetched from the server since the last call, without
// files, pictures, the stream, the newest messages of a conversation that is open, and the list,
// which events refresh.
const dynamicReads = `(() => {
	const addresses = performance.getEntriesByType("resource").map(e => e.name.slice(location.origin.length).split("#")[0])
	performance.clearResourceTimings()
	return addresses.filter(a => a.split("?")[0] !== "/conversations" && !/^\/(static|pictures|events|worker)|\/(read|delivered|typing|draft)$|[?&]after=/.test(a))
})()`

// TestPanes: following links keeps the document, the stream and the list, and changes the pane
// only. Panes that were left come back as they were, with what happened meanwhile.
func TestPanes(t *testing.T) {
	t.Parallel()
	ada, bob, withBob := adaAndBob(t)
	cleo := newPerson(t, "Cleo", sharedSite(t).two).SignsIn()
	withCleo := ada.OpensConversationWith(cleo)
	ada.IsLive()
	ada.Runs(`window.sameDocument = true`)
	row := func(conversation string) string { return `a.conversation[href^="` + conversation + `"]` }
	open := func(p *browser.Person) func() bool {
		return func() bool { return ada.TextOf("#pane h1") == p.Name && !ada.Shows("#pane[aria-busy]") }
	}

	// A click fetches the pane and nothing else.
	quiet := time.Now()
	wait.Until(t, "the page fetches nothing for two seconds", func() bool {
		if len(ada.Texts(dynamicReads)) > 0 {
			quiet = time.Now()
		}
		return time.Since(quiet) > 2*time.Second
	})
	ada.Clicks(row(withBob), open(bob))
	if reads := ada.Texts(dynamicReads); len(reads) != 1 || reads[0] != withBob {
		t.Errorf("a click on a conversation fetched %v", reads)
	}
	if ada.Path() != withBob || !strings.HasPrefix(ada.Text("document.title"), bob.Name) {
		t.Errorf("the address is %s, the title %s", ada.Path(), ada.Text("document.title"))
	}
	if !ada.Shows(row(withBob)+"[aria-current]") || ada.Shows(row(withCleo)+"[aria-current]") {
		t.Error("another row is selected")
	}
	if !ada.Is(`document.activeElement.id === "message"`) {
		t.Error("the message box has no focus")
	}

	// The list stays where it is, and so do words, focus and the place in the messages.
	for i := range 40 {
		bob.Submits(fmt.Sprintf("line %d", i))
	}
	ada.Sees("line 39")
	ada.SeesAllStored()
	ada.Types("half a thought")
	ada.Runs(`document.querySelector(".log").scrollTop = -300`)
	const inView = `[...document.querySelectorAll("#messages .message > p")]
		.find(e => e.getBoundingClientRect().top > 200)?.textContent`
	before := ada.Text(inView)
	ada.Clicks(row(withCleo), open(cleo))
	bob.Sends("while you were away")
	cleo.Opens(withCleo)
	cleo.Sends("and here")
	ada.Sees("and here")
	ada.GoesBack()
	wait.Until(t, "the pane with Bob is back", open(bob))
	ada.Sees("while you were away")
	ada.Eventually("the place in the messages", inView, before)
	if words := ada.ValueOf("message"); words != "half a thought" {
		t.Errorf("the box has %q", words)
	}
	ada.GoesForward()
	wait.Until(t, "the pane with Cleo is back", open(cleo))

	// Errors keep the frame.
	ada.Runs(`document.querySelector("#pane h1").innerHTML = '<a href="/nowhere">nowhere</a>', true`)
	ada.Clicks("#pane h1 a", ada.Reading("There’s nothing at this address"))
	ada.Runs(`window.realFetch = fetch, window.fetch = () => Promise.reject(new TypeError("no network")), true`)
	ada.Clicks(`.navigation a[href="/people"]`, ada.Reading("Parley can’t be reached"))
	ada.Runs(`window.fetch = realFetch, dispatchEvent(new Event("online")), true`)
	wait.Until(t, "the page comes by itself", ada.Showing("#pane[data-tab='/people']"))

	// A plain form leads to a pane, too.
	ada.Runs(`document.querySelector("#pane h1").innerHTML = '<a href="/friends">friends</a>', true`)
	ada.Clicks("#pane h1 a", ada.Showing(`form[action="/conversations"]`))
	ada.ClicksInRow(bob, "Write", open(bob))
	if !ada.Is("window.sameDocument") {
		t.Error("a page was loaded")
	}
}
