package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"parley/test/browser"
	"parley/test/wait"
)

// TestListFollowsOtherTabs: the list of conversations in one tab follows messages and reading in
// another tab. The filter works with the keyboard.
func TestListFollowsOtherTabs(t *testing.T) {
	t.Parallel()
	ada, bob, conversation := adaAndBob(t)
	eve := newPerson(t, "Évelyne", ada.Base).SignsIn()
	eve.OpensConversationWith(bob)
	eve.Sends("à bientôt")
	list := bob.OpensAnotherTab("/people")
	list.IsLive()
	const first = `document.querySelector(".conversations .name")?.textContent.trim() ?? ""`
	list.Eventually("Évelyne is first", first, eve.Name)
	list.SeesTitle("(1) People · Parley")
	list.Does("focus a row", chromedp.Focus(`.conversation[href*="`+conversationID(conversation)+`"]`))
	bob.Opens("/account")

	ada.Sends("one")
	ada.Sends("two")
	list.Eventually("Ada is first", first, ada.Name)
	list.Eventually("the count", `document.querySelector(".conversations .badge")?.textContent ?? ""`, "2 unread")
	list.SeesTitle("(3) People · Parley")
	if icon := list.Text(`document.querySelector("link[rel=icon]").href`); !strings.Contains(icon, "favicon-unread") {
		t.Errorf("the icon is %s", icon)
	}
	if row := list.Text(`document.activeElement.getAttribute("href") ?? ""`); row != conversation+"#latest" {
		t.Errorf("the focused row moved, and the focus is now on %q", row)
	}

	bob.Opens(conversation) // in the other tab
	list.SeesTitle("(1) People · Parley")
	list.Eventually("the counts",
		`[...document.querySelectorAll(".conversations .badge")].map(e => e.textContent).join()`, "1 unread")

	list.Does("filter", chromedp.Focus("#filter"), chromedp.SendKeys("#filter", "BIENTOT"))
	list.Eventually("the marked text",
		`[...document.querySelectorAll(".conversations mark")].map(e => e.textContent).join()`, "bientôt")
	if n := list.Number(`document.querySelectorAll(".conversation").length`); n != 1 {
		t.Errorf("the filtered list has %v conversations, want 1", n)
	}

	list.Does("press Escape", chromedp.SendKeys("#filter", "\x1b"))
	wait.Until(t, "Escape clears the filter", func() bool {
		return list.Is(`document.querySelectorAll(".conversation").length === 2 &&
			document.getElementById("filter").value === "" && document.activeElement.id === "filter"`)
	})
}

// recordNotifications replaces desktop notifications with a list of their texts.
const recordNotifications = `(() => {
	localStorage["parley-notify"] = "on"
	window.notifications = []
	window.Notification = class {
		static permission = "granted"
		constructor(name, options) { window.notifications.push(name + ": " + options.body + " " + options.tag) }
		close() {}
	}
	return true
})()`

// TestTabsNotifyOnce: the tabs of a browser share one event stream, and a message while all
// tabs are hidden causes one notification.
func TestTabsNotifyOnce(t *testing.T) {
	t.Parallel()
	ada, bob, conversation := adaAndBob(t)
	other := bob.OpensAnotherTab("/people")
	other.IsLive()
	const streamLocks = `(async () => {
		const {held, pending} = await navigator.locks.query()
		const count = locks => locks.filter(l => l.name.endsWith("ui=1")).length
		return count(held) + " " + count(pending)
	})()`
	wait.Until(t, "one tab has the stream, and the other waits for it", func() bool {
		return browser.Await[string](bob, streamLocks) == "1 1"
	})
	tabs := []*browser.Person{bob, other}
	for _, p := range tabs {
		p.Runs(recordNotifications)
	}

	notifications := func() (all []string) {
		for _, p := range tabs {
			all = append(all, p.Texts("window.notifications")...)
		}
		return all
	}

	ada.Sends("seen")
	bob.Sees("seen")
	if got := notifications(); len(got) != 0 {
		t.Errorf("notifications while a page is in sight: %q", got)
	}

	ada.ReadsReceipt("Read") // else the message would count as new after the pages are hidden

	for _, p := range tabs {
		p.HidesPage()
	}

	const noneSeen = `navigator.locks.query().then(q => !q.held.some(l => l.name.endsWith("/seen")))`
	wait.Until(t, "no page is in sight", func() bool { return browser.Await[bool](bob, noneSeen) })
	ada.Sends("hello <b>Bob</b>")
	bob.Sees("hello <b>Bob</b>")
	wait.Until(t, "a notification appears", func() bool { return len(notifications()) > 0 })
	for _, p := range tabs {
		p.Eventually("the title of a hidden tab", "document.title.slice(0, 4)", "(1) ")
	}

	want := "Ada: hello <b>Bob</b> " + conversationID(conversation)
	if got := notifications(); len(got) != 1 || got[0] != want {
		t.Errorf("notifications: %q, want once %q", got, want)
	}

	ada.SeesAllStored()
	ada.ReadsReceipt("Delivered") // all pages are hidden

	bob.ShowsPage()
	ada.ReadsReceipt("Read")
	bob.SeesTitle(ada.Name + " · Parley")
	other.SeesTitle("People · Parley")
}
