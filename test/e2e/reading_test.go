package e2e

import (
	"strconv"
	"strings"
	"testing"

	"parley/test/browser"
	"parley/test/wait"
)

// TestReadingStartsAtTheFirstUnreadMessage: a conversation with more unread messages than a page
// opens where the reader stopped; its mark moves past what was shown only; a link leads to the end.
func TestReadingStartsAtTheFirstUnreadMessage(t *testing.T) {
	t.Parallel()
	ada, bob, conversation := adaAndBob(t)
	storeHistory(t, conversation, 210, 30)
	execute(t, sharedDatabase(t), unreadFrom, conversationID(conversation), ada.Text("document.body.dataset.me"), 30)

	ada.Opens(conversation)
	ada.IsLive()
	if text := ada.TextOf("#messages .new"); text != "180 new messages" {
		t.Errorf("the line of new messages says %q", text)
	}
	const lineInView = `(e => { const y = e.getBoundingClientRect().y; return y > 0 && y < innerHeight })(document.querySelector(".new"))`
	if !ada.Is(lineInView) {
		t.Error("the line of new messages is not in view")
	}
	wait.Until(t, "the mark moves", func() bool { return readMark(t, ada, conversation) > 30 })
	if mark := readMark(t, ada, conversation); mark > 60 {
		t.Errorf("the mark is at %v, past what was shown", mark)
	}

	ada.Clicks(".jump a", func() bool { return ada.Shows(`[data-newest] [data-seq="210"]`) })
	wait.Until(t, "the mark is at the end", func() bool { return readMark(t, ada, conversation) == 210 })
	bob.Opens(conversation)
	bob.IsLive()
}

// readMark is a person's own read mark of a conversation.
func readMark(t *testing.T, p *browser.Person, conversation string) float64 {
	t.Helper()
	return browser.Await[float64](p, `fetch(`+strconv.Quote(conversation)+`, {headers: {Accept: "application/json"}})
		.then(r => r.json()).then(h => h.conversation.read_seq)`)
}

// TestLogForReaders: screen readers hear each of others' messages once and no states; a sent
// message is one row from the first; copying gives the words alone.
func TestLogForReaders(t *testing.T) {
	t.Parallel()
	ada, bob, _ := adaAndBob(t)
	ada.Runs(`window.added = [], new MutationObserver(changes => {
		for (const { addedNodes } of changes) for (const n of addedNodes) if (n.textContent.includes("alpha")) added.push(n.nodeName)
	}).observe(document.querySelector(".log"), {childList: true, subtree: true}), true`)
	ada.Sends("alpha")
	ada.ReadsReceipt("Read")
	if added := ada.Texts("added"); len(added) != 1 || added[0] != "LI" {
		t.Errorf("sending one message added %v to the log", added)
	}
	if region := ada.Text(`document.querySelector(".log").ariaLive`); region != "off" {
		t.Errorf("the log is a live region: %q", region)
	}

	bob.Sends("be there at")
	ada.Sees("be there at")
	ada.ReadsIn("#heard", "Bob: be there at")
	bob.Sends("09:15 by the")
	ada.Sees("09:15 by the")

	copied := ada.Text(`(() => {
		const rows = document.querySelectorAll("#messages > .message")
		getSelection().setBaseAndExtent(rows[0].querySelector("p"), 0, rows[2].querySelector("p"), 1)
		return getSelection().toString()
	})()`)
	if lines := strings.Fields(strings.ReplaceAll(copied, " ", "_")); strings.Join(lines, "|") != "alpha|be_there_at|09:15_by_the" {
		t.Errorf("the selection is %q", copied)
	}

	// The log is one tab stop; the arrows lead along the messages.
	ada.Runs(`getSelection().empty(), document.querySelector(".log").focus(), true`)
	ada.PressesArrowUp()
	if text := ada.Text(`document.activeElement.querySelector?.("p")?.textContent ?? ""`); text != "09:15 by the" {
		t.Errorf("the arrow leads to %q", text)
	}
}
