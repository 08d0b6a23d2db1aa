package e2e

import (
	"strconv"
	"strings"
	"testing"

	"parley/test/browser"
	"parley/test/wait"
)

// TestPeopleBecomeFriendsLive: requests and answers reach the open pages of two people on two
// replicas.
func TestPeopleBecomeFriendsLive(t *testing.T) {
	t.Parallel()
	site := sharedSite(t)
	ada, bob := newPerson(t, "Ada", site.one).SignsIn(), newPerson(t, "Bob", site.two).SignsIn()
	bob.Opens("/requests")
	bob.IsLive()
	bob.Reads("Nobody is waiting")
	ada.Opens("/people")
	ada.IsLive()
	ada.TypesInto("#who", bob.Name) // the page searches without a click
	ada.SeesInRow(bob, "Add friend")
	ada.ClicksInRow(bob, "Add friend", ada.SeeingInRow(bob, "Requested"))

	bob.SeesRequestCount("1")
	bob.SeesToast("wants to be friends")
	bob.SeesInRow(ada, "Accept")
	bob.ClicksInRow(ada, "Decline", bob.SeeingInRow(ada, "They aren’t told"))
	bob.SeesRequestCount("")
	ada.Reloads() // the address has the search
	ada.SeesInRow(bob, "Requested")
	ada.IsLive()

	// A request in the other direction makes them friends.
	bob.Finds(ada)
	bob.ClicksInRow(ada, "Add friend", bob.SeeingInRow(ada, "Friends"))
	ada.SeesInRow(bob, "Friends")
	ada.SeesToast("and you are friends now")
	for _, p := range []*browser.Person{ada, bob} {
		wait.Until(t, "the list of "+p.Name+" has the conversation", func() bool {
			return strings.Contains(p.Text(`document.getElementById("conversations").innerText`), "You can write now")
		})
	}
}

// TestRefreshDuringASearch: the list of people is refreshed while a search is under way. The result
// of the search stays on the page and in the address.
func TestRefreshDuringASearch(t *testing.T) {
	t.Parallel()
	address := sharedSite(t).one
	ada, bob := newPerson(t, "Ada", address).SignsIn(), newPerson(t, "Bob", address).SignsIn()
	ada.Opens("/people")
	ada.IsLive()
	ada.UsesSlowNetwork()

	// The search is sent after 250 ms and the refresh after 300 ms, before the response to the
	// search.
	ada.Runs(`who.value = ` + strconv.Quote(bob.Name) + `
		who.dispatchEvent(new Event("input", { bubbles: true }))
		document.body.dispatchEvent(new Event("friends"))`)
	ada.SeesInRow(bob, "Add friend")
	ada.Reloads()
	ada.SeesInRow(bob, "Add friend")
	if got := ada.Text(`who.value`); got != bob.Name {
		t.Errorf("the search field has %q", got)
	}

	ada.ClicksInRow(bob, "Add friend", ada.SeeingInRow(bob, "Requested"))
	if path := ada.Path(); path != "/people" {
		t.Errorf("the request led to %s", path)
	}
}

// TestRefreshDuringAnAnswer: the list of requests is refreshed more than once while an answer is
// under way. The result of the answer stays in the list.
func TestRefreshDuringAnAnswer(t *testing.T) {
	t.Parallel()
	site := sharedSite(t)
	ada, bob := newPerson(t, "Ada", site.one).SignsIn(), newPerson(t, "Bob", site.two).SignsIn()
	ada.Finds(bob)
	ada.ClicksInRow(bob, "Add friend", ada.SeeingInRow(bob, "Requested"))
	bob.Opens("/requests")
	bob.IsLive()
	bob.Reads("Accept")
	bob.UsesSlowNetwork()

	// A refresh is sent after 300 ms. Bob answers before its response, and another refresh would be
	// sent while the answer is under way.
	bob.Runs(`document.body.dispatchEvent(new Event("friends"))
		setTimeout(() => document.querySelector("#requests .primary").click(), 500)
		setTimeout(() => document.body.dispatchEvent(new Event("friends")), 600)`)
	bob.SeesInRow(ada, "Accepted")
	ada.Reads("Friends")
	bob.ClicksInRow(ada, "Say hello", bob.Showing("#message"))
}

// TestFormerFriendsReadOnly: people who are not friends any more read their conversation and can't
// write. The open pages of both follow.
func TestFormerFriendsReadOnly(t *testing.T) {
	t.Parallel()
	ada, bob, conversation := adaAndBob(t)
	ada.Sends("before")
	bob.Sees("before")
	bob.Clicks(`//header[@class="header"]//summary[contains(.,"Conversation menu")]`,
		bob.Showing(".header .menu[open]"))
	bob.Clicks(`//header[@class="header"]//summary[normalize-space()="Stop being friends"]`,
		bob.Showing(".header .menu details[open]"))
	bob.Reads("You can’t write any more, and they aren’t told")
	bob.Clicks(`//button[normalize-space()="Stop being friends"]`, bob.Showing("#closed"))
	wait.Until(t, "Ada's message box is closed", ada.Showing("#closed"))
	ada.Sees("before")
	bob.Sees("before")
	bob.IsLive()
	ada.IsLive()

	ada.Clicks(askAgain(bob), ada.Reading("Requested"))
	ada.IsLive()
	bob.SeesRequestCount("1")
	bob.Reloads()
	bob.Clicks(`//button[contains(.,"Accept")]`, bob.Showing("#composer"))
	wait.Until(t, "Ada's message box is open", ada.Showing("#composer"))
	ada.IsLive()
	bob.IsLive()
	ada.Sends("again")
	bob.Sees("again")

	// A refresh of the list of friends leaves the open menu and the focus.
	bob.Opens("/friends")
	bob.Clicks(`//main//summary[contains(.,"More about")]`, bob.Showing("main .menu[open]"))
	bob.Clicks(`//main//summary[contains(.,"Block")]`, bob.Showing("main .menu details[open]"))
	bob.IsLive()
	bob.Runs(`(friends.firstElementChild.id = "stale", document.body.dispatchEvent(new Event("friends")))`)
	wait.Until(t, "the list is refreshed", func() bool { return !bob.Shows("#stale") })
	if !bob.Shows("main .menu[open] details[open]") {
		t.Error("the refresh closed the menu")
	}
	if focus := bob.Text(`document.activeElement.innerText.trim()`); !strings.HasPrefix(focus, "Block ") {
		t.Errorf("the refresh moved the focus to %q", focus)
	}

	bob.Clicks(`//main//button[normalize-space()="Block"]`, bob.Reading("Blocked"))
	wait.Until(t, "Ada's message box is closed again", ada.Showing("#closed"))
	ada.Opens("/people")
	ada.TypesInto("#who", bob.Name)
	ada.Reads("Add friend") // Bob looks like a stranger
	bob.ClicksInRow(ada, "Unblock", func() bool { return !strings.Contains(bob.RowOf(ada), "Unblock") })
	ada.Opens(conversation)
	ada.Sees("before")
	ada.Sees("again")
}

// askAgain is the XPath of the button in a closed conversation that sends a friend request.
func askAgain(friend *browser.Person) string {
	return `//button[normalize-space()="Ask ` + strings.Fields(friend.Name)[0] + ` to be friends"]`
}

// TestFriendsWithoutJavaScript: every step is a form or a link.
func TestFriendsWithoutJavaScript(t *testing.T) {
	t.Parallel()
	address := sharedSite(t).one
	ada, bob := newPerson(t, "Ada", address), newPerson(t, "Bob", address)
	for _, p := range []*browser.Person{ada, bob} {
		p.TurnsScriptsOff()
		p.SignsIn()
	}

	ada.Finds(bob)
	ada.ClicksInRow(bob, "Add friend", ada.SeeingInRow(bob, "Requested"))
	ada.ClicksInRow(bob, "Cancel", ada.SeeingInRow(bob, "Add friend"))
	conversation := ada.OpensConversationWith(bob)
	bob.Opens("/friends")
	bob.Clicks(`//main//summary[contains(.,"More about")]`, bob.Showing("main .menu[open]"))
	bob.Clicks(`//main//summary[normalize-space()="Stop being friends"]`, bob.Showing("main .menu details[open]"))
	bob.Clicks(`//main//button[normalize-space()="Stop being friends"]`, func() bool { return bob.RowOf(ada) == "" })
	ada.Opens(conversation)
	ada.Reads("You can read, but not write.")
	ada.Clicks(askAgain(bob), ada.Reading("Requested"))
	bob.Opens("/requests")
	bob.SeesRequestCount("1")
	bob.ClicksInRow(ada, "Decline", bob.SeeingInRow(ada, "They aren’t told"))
	ada.Reloads()
	ada.Reads("Requested")
}
