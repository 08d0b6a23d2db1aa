package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"parley/test/browser"
	"parley/test/wait"
)

// rangeShown is the text above the messages: the range that the page has.
const rangeShown = `document.querySelector(".earlier").innerText.replace(/\s+/g, " ").trim()`

// jumpLink is the text of the link to the latest messages.
const jumpLink = `document.querySelector(".jump").innerText.trim()`

// topRow is the position of the row that was the first in sight when it was evaluated first.
const topRow = `(() => {
	const {y} = document.querySelector(".log").getBoundingClientRect()
	window.watched ??= [...document.querySelectorAll(".message > p")].find(e => e.getBoundingClientRect().y > y)
	return window.watched.getBoundingClientRect().y
})()`

// firstUnread is the number of lines of new messages, and the seq of the row after the first.
const firstUnread = `(() => {
	const lines = document.querySelectorAll(".new"), after = lines[0]?.nextElementSibling
	return lines.length + " before " + (after.matches(".message:not(.mine)") ? after.dataset.seq : after.className)
})()`

// TestConversationLoadsEarlierMessages: scrolling up loads earlier messages, and neither these nor
// new messages move the rows in sight.
func TestConversationLoadsEarlierMessages(t *testing.T) {
	t.Parallel()
	ada, bob, conversation := adaAndBob(t)
	storeHistory(t, conversation, 180, 100)
	execute(t, sharedDatabase(t), unreadFrom, conversationID(conversation), ada.Text("document.body.dataset.me"), 100)
	ada.Opens(conversation + "?newest=1")
	ada.IsLive()
	ada.Eventually("the newest 50", rangeShown, "Earlier messages Messages 131–180 of 180, none missing")
	loadsEarlier(t, ada, "Earlier messages Messages 81–180 of 180, none missing")
	loadsEarlier(t, ada, "Earlier messages Messages 31–180 of 180, none missing")
	ada.Runs(`document.querySelector(".log").scrollTop = -1e6, true`)
	wait.Until(t, "the first message is loaded", func() bool {
		return strings.HasPrefix(ada.Text(rangeShown), "This is where it began") && len(ada.MessageIDs()) == 180
	})
	if !ada.AllStored() || !slices.Equal(ada.MessageIDs(), storedIDs(t, conversation)) {
		t.Error("the rows are not the stored messages in their order")
	}

	// The line of new messages is above the other person's first unread message, which was not
	// on the first page. It stays there.
	if line := ada.Text(firstUnread); line != "1 before 101" && line != "1 before 102" {
		t.Errorf("lines of new messages: %s, want 1 before 101 or 102", line)
	}

	const days = `document.querySelectorAll(".day").length -
		new Set([...document.querySelectorAll(".day time")].map(e => e.dateTime)).size`
	if n := ada.Number(days); n != 0 {
		t.Errorf("%v days have more than one heading", n)
	}

	top := ada.Number(topRow)
	bob.Sends("one")
	bob.Sends("two")
	ada.Sees("two")
	ada.Eventually("the count of new messages", jumpLink, "Latest messages · 2 new")
	if moved := ada.Number(topRow) - top; moved > 1 || moved < -1 {
		t.Errorf("new messages moved the rows in sight by %v px", moved)
	}

	bob.SeesAllStored()
	bob.ReadsReceipt("Delivered")
	ada.Clicks(".jump a", func() bool { return ada.Is(`!document.querySelector("[data-away]")`) })
	bob.ReadsReceipt("Read") // not before
	ada.Eventually("no new messages", `document.querySelector(".jump a").textContent.trim()`, "Latest messages")
}

// loadsEarlier scrolls to the top and waits for 50 more messages. The first row stays where it was,
// and screen readers do not announce the messages.
func loadsEarlier(t *testing.T, p *browser.Person, want string) {
	t.Helper()

	// One script scrolls and reads the position, so no message can arrive between.
	before := browser.Evaluate[[]any](p, `(() => {
		const log = document.querySelector(".log"), p = document.querySelector("#messages .message > p")
		log.scrollTop = -log.scrollHeight
		window.busy = []
		new MutationObserver(all => window.busy.push(
			log.ariaBusy ?? "idle: " + all.map(m => m.target.outerHTML.slice(0, 200)).join(" | ")
		)).observe(log, {childList: true, subtree: true})
		return [p.parentNode.id, p.getBoundingClientRect().y]
	})()`)
	if len(before) != 2 {
		t.Fatalf("the page has no message\n%s", p.Page())
	}

	p.Eventually("50 more messages", rangeShown, want)

	after := p.Number(fmt.Sprintf(`document.querySelector("#%s > p").getBoundingClientRect().y`, before[0]))
	if moved := after - before[1].(float64); moved > 1 || moved < -1 {
		t.Errorf("earlier messages moved the rows in sight by %v px", moved)
	}
	if busy := p.Text(`[...new Set(window.busy)].join()`); busy != "true" {
		t.Errorf("earlier messages were announced as new ones: %s", busy)
	}
}

// TestPermalink: the address of a message shows and focuses it, with and without scripts. Later
// messages load until the page is live.
func TestPermalink(t *testing.T) {
	t.Parallel()
	ada, bob, conversation := adaAndBob(t)
	storeHistory(t, conversation, 200, 200)
	for _, scripts := range []bool{true, false} {
		if !scripts {
			ada.TurnsScriptsOff()
		}

		ada.Opens(conversation + "?at=60")
		wait.Until(t, "the message is in sight and focused", func() bool {
			return ada.Is(`(() => {
				const row = document.querySelector(".message.at"), {top, bottom} = row.getBoundingClientRect()
				const log = document.querySelector(".log").getBoundingClientRect()
				return row.dataset.seq === "60" && document.activeElement === row &&
					top >= log.top && bottom <= log.bottom
			})()`)
		})
	}

	bob.Opens(conversation + "?at=60")
	bob.IsLive()
	otherTab := ada.OpensAnotherTab(conversation)
	otherTab.IsLive()
	otherTab.Sends("while Bob reads old messages")
	bob.Eventually("the count of new messages", jumpLink, "Latest messages · 1 new")
	if bob.Count("while Bob reads old messages") != 0 {
		t.Error("the page shows a message beyond a gap")
	}

	for range 3 { // to the latest messages
		n := len(bob.MessageIDs())
		bob.Runs(`document.querySelector(".log").scrollTop = 0, true`)
		wait.Until(t, "later messages are loaded", func() bool {
			return len(bob.MessageIDs()) > n || bob.Shows("#messages") && !bob.Shows(".later")
		})
	}

	bob.Sees("while Bob reads old messages")
	otherTab.Sends("and now he is here")
	bob.Sees("and now he is here")
	bob.Sends("Yes")
	otherTab.Sees("Yes")
	bob.SeesAllStored()

	// A row of the stream links to its own address after it got its seq.
	bob.Eventually("the address of the last message",
		`[...document.querySelectorAll(".message.mine > a")].at(-1).getAttribute("href") ?? ""`, conversation+"?at=203")
}

// TestCheckRestoresMissingMessages: the check of a conversation restores a row that the page lost.
func TestCheckRestoresMissingMessages(t *testing.T) {
	t.Parallel()
	ada, _, conversation := adaAndBob(t)
	storeHistory(t, conversation, 30, 30)
	ada.Opens(conversation)
	ada.IsLive()
	ada.Runs(`document.querySelectorAll("#messages > .message")[9].remove(),
		document.querySelector(".menu summary").click(), document.getElementById("check").click(), true`)
	ada.Eventually("the result", `document.getElementById("check").innerText.trim()`, "1–30, none missing")
	wait.Until(t, "the row is restored", func() bool {
		return slices.Equal(ada.MessageIDs(), storedIDs(t, conversation))
	})
	ada.Clicks(`//a[normalize-space()="Details"]`, ada.Reading("Conversation details"))
	ada.Clicks(`//button[normalize-space()="Check that none is missing"]`, ada.Reading("1–30, none missing"))
}

// TestMessagesWaitForANetwork: messages of a device without a network are sent when it has one
// again.
func TestMessagesWaitForANetwork(t *testing.T) {
	t.Parallel()
	ada, bob, _ := adaAndBob(t)
	ada.SetOnline(false)
	ada.Sends("into a tunnel")
	ada.Sends("and deeper")
	ada.ReadsReceipt("Waiting")
	ada.Eventually("the receipts",
		`[...document.querySelectorAll(".mine > .receipt")].map(e => e.innerText.trim()).join(", ")`,
		"Waiting for a connection, Waiting")
	if !ada.Is(`dispatchEvent(new Event("beforeunload", {cancelable: true}))`) {
		t.Error("the browser asks before a page is closed whose messages are kept")
	}

	ada.SetOnline(true)
	bob.Sees("into a tunnel")
	bob.Sees("and deeper")
	ada.ReadsReceipt("Read")
}
