package e2e

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"parley/test/wait"
)

// reads waits for words on the page.
func (p *person) reads(words string) {
	p.t.Helper()
	wait.Until(p.t, p.name+" reads "+strconv.Quote(words), func() bool { return strings.Contains(p.page(), words) })
}

// waiting is the number at the tab of requests.
func (p *person) waiting() string {
	return evaluate[string](p, `(e => e && !e.hidden ? e.firstChild.data.trim() : "")(document.getElementById("waiting"))`)
}

func (p *person) seesWaiting(n string) {
	p.t.Helper()
	wait.Until(p.t, p.name+" sees that "+strconv.Quote(n)+" wait", func() bool { return p.waiting() == n })
}

// toast is the text of the toasts that are there.
func (p *person) toast() string {
	return evaluate[string](p, `document.querySelector(".toasts").innerText`)
}

// TestPeopleBecomeFriendsLive: on two replicas, nobody reloads.
func TestPeopleBecomeFriendsLive(t *testing.T) {
	t.Parallel()
	at := onSite(t)
	ada, bob := opensBrowser(t, unique(t, "Ada"), at.one).signsIn(), opensBrowser(t, unique(t, "Bob"), at.two).signsIn()
	bob.opens("/requests")
	bob.isLive()
	bob.reads("Nobody is waiting")
	ada.opens("/people")
	ada.isLive()
	ada.does("type", typesInto("#who", bob.name)) // nothing is pressed: it searches by itself
	wait.Until(t, "Ada finds Bob", func() bool { return strings.Contains(ada.rowOf(bob), "Add friend") })
	ada.pressesIn(bob, "Add friend", func() bool { return strings.Contains(ada.rowOf(bob), "Requested") })

	bob.seesWaiting("1")
	wait.Until(t, "Bob is told in a corner", func() bool { return strings.Contains(bob.toast(), "wants to be friends") })
	wait.Until(t, "and sees it in the list", func() bool { return strings.Contains(bob.rowOf(ada), "Accept") })
	bob.pressesIn(ada, "Decline", func() bool { return strings.Contains(bob.rowOf(ada), "They aren’t told") })
	bob.seesWaiting("")
	ada.reloads() // what was searched is in the address
	wait.Until(t, "Ada isn't told", func() bool { return strings.Contains(ada.rowOf(bob), "Requested") })
	ada.isLive()

	bob.finds(ada) // and thinks again: crossed, they are friends
	bob.pressesIn(ada, "Add friend", func() bool { return strings.Contains(bob.rowOf(ada), "Friends") })
	wait.Until(t, "Ada sees a friend", func() bool { return strings.Contains(ada.rowOf(bob), "Friends") })
	wait.Until(t, "Ada is told in a corner", func() bool { return strings.Contains(ada.toast(), "and you are friends now") })
	for _, p := range []*person{ada, bob} {
		wait.Until(t, "the conversation is in the list of "+p.name, func() bool {
			return strings.Contains(evaluate[string](p, `document.getElementById("conversations").innerText`), "You can write now")
		})
	}
}

// TestARefreshStandsInForASearch: the list comes again while a search is on its way, and leaves what was searched on the page and in the address.
func TestARefreshStandsInForASearch(t *testing.T) {
	t.Parallel()
	at := onSite(t)
	ada, bob := opensBrowser(t, unique(t, "Ada"), at.one).signsIn(), opensBrowser(t, unique(t, "Bob"), at.one).signsIn()
	ada.opens("/people")
	ada.isLive()
	ada.isFarAway()
	// The search leaves after 250 ms and the refresh after 300, before the answer can be there.
	evaluate[bool](ada, `who.value = `+strconv.Quote(bob.name)+`
		who.dispatchEvent(new Event("input", { bubbles: true }))
		document.body.dispatchEvent(new Event("friends"))`)
	wait.Until(t, "Ada finds Bob", func() bool { return strings.Contains(ada.rowOf(bob), "Add friend") })
	ada.reloads()
	wait.Until(t, "and again", func() bool { return strings.Contains(ada.rowOf(bob), "Add friend") })
	if got := evaluate[string](ada, `who.value`); got != bob.name {
		t.Errorf("the search says %q", got)
	}
	ada.pressesIn(bob, "Add friend", func() bool { return strings.Contains(ada.rowOf(bob), "Requested") })
	if got := evaluate[string](ada, `location.pathname`); got != "/people" {
		t.Errorf("asking led to %s", got)
	}
}

// TestAnAnswerStaysInTheList: the list comes again while an answer is on its way, and more than once; what became of the request can be read.
func TestAnAnswerStaysInTheList(t *testing.T) {
	t.Parallel()
	at := onSite(t)
	ada, bob := opensBrowser(t, unique(t, "Ada"), at.one).signsIn(), opensBrowser(t, unique(t, "Bob"), at.two).signsIn()
	ada.finds(bob)
	ada.pressesIn(bob, "Add friend", func() bool { return strings.Contains(ada.rowOf(bob), "Requested") })
	bob.opens("/requests")
	bob.isLive()
	bob.reads("Accept")
	bob.isFarAway()
	// A refresh leaves after 300 ms, and Bob answers before it is there; another one would leave while the answer is under way.
	evaluate[bool](bob, `document.body.dispatchEvent(new Event("friends"))
		setTimeout(() => document.querySelector("#requests .primary").click(), 500)
		setTimeout(() => document.body.dispatchEvent(new Event("friends")), 600)`)
	wait.Until(t, "Bob reads what became of it", func() bool { return strings.Contains(bob.rowOf(ada), "Accepted") })
	ada.reads("Friends")
	bob.pressesIn(ada, "Say hello", func() bool { return bob.shows("#message") })
}

// isFarAway lets each answer take 600 ms more.
func (p *person) isFarAway() {
	p.t.Helper()
	p.does("slow down", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		slow := &network.Conditions{Latency: 600, DownloadThroughput: -1, UploadThroughput: -1}
		_, err := chromedp.Call(ctx, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{slow}})
		return err
	}))
}

// TestWhoIsNoFriendReadsAndDoesntWrite: the open pages of both follow by themselves.
func TestWhoIsNoFriendReadsAndDoesntWrite(t *testing.T) {
	t.Parallel()
	ada, bob, talk := adaAndBob(t)
	ada.sends("before")
	bob.sees("before")
	bob.clicks(`//header[@class="header"]//summary[contains(.,"Conversation menu")]`, func() bool { return bob.shows(".header .menu[open]") })
	bob.clicks(`//button[normalize-space()="Stop being friends"]`, func() bool { return bob.shows("#closed") })
	wait.Until(t, "Ada's box closes", func() bool { return ada.shows("#closed") })
	ada.sees("before")
	bob.sees("before")
	bob.isLive()
	ada.isLive()

	first := strings.Fields(bob.name)[0]
	ada.clicks(`//button[normalize-space()="Ask `+first+` to be friends"]`, func() bool { return strings.Contains(ada.page(), "Requested") })
	ada.isLive()
	bob.seesWaiting("1")
	bob.reloads()
	bob.clicks(`//button[contains(.,"Accept")]`, func() bool { return bob.shows("#composer") })
	wait.Until(t, "Ada's box opens", func() bool { return ada.shows("#composer") })
	ada.isLive()
	bob.isLive()
	ada.sends("again")
	bob.sees("again")

	bob.opens("/friends")
	bob.clicks(`//main//summary[contains(.,"More about")]`, func() bool { return bob.shows("main .menu[open]") })
	bob.clicks(`//main//summary[contains(.,"Block")]`, func() bool { return bob.shows("main .menu details[open]") })
	bob.isLive()
	evaluate[bool](bob, `(friends.firstElementChild.id = "stale", document.body.dispatchEvent(new Event("friends")))`)
	wait.Until(t, "the list comes anew", func() bool { return !bob.shows("#stale") })
	if got := evaluate[string](bob, `document.activeElement.innerText.trim()`); !bob.shows("main .menu[open] details[open]") || !strings.HasPrefix(got, "Block ") {
		t.Errorf("the menu that was open is open: %v; the focus is at %q", bob.shows("main .menu[open] details[open]"), got)
	}
	bob.clicks(`//main//button[normalize-space()="Block"]`, func() bool { return strings.Contains(bob.page(), "Blocked") })
	wait.Until(t, "Ada's box closes again", func() bool { return ada.shows("#closed") })
	ada.opens("/people")
	ada.does("type", typesInto("#who", bob.name))
	ada.reads("Nobody called")
	bob.pressesIn(ada, "Unblock", func() bool { return !strings.Contains(bob.rowOf(ada), "Unblock") })
	ada.opens(talk)
	ada.sees("before")
	ada.sees("again")
}

// TestFriendsWithoutJavaScript: every step is a form or a link.
func TestFriendsWithoutJavaScript(t *testing.T) {
	t.Parallel()
	at := onSite(t)
	ada, bob := opensBrowser(t, unique(t, "Ada"), at.one), opensBrowser(t, unique(t, "Bob"), at.one)
	for _, p := range []*person{ada, bob} {
		p.turnsScriptsOff()
		p.signsIn()
	}
	ada.finds(bob)
	ada.pressesIn(bob, "Add friend", func() bool { return strings.Contains(ada.rowOf(bob), "Requested") })
	ada.pressesIn(bob, "Cancel", func() bool { return strings.Contains(ada.rowOf(bob), "Add friend") })
	talk := ada.opensConversationWith(bob)
	bob.opens("/friends")
	bob.clicks(`//main//summary[contains(.,"More about")]`, func() bool { return bob.shows("main .menu[open]") })
	bob.clicks(`//main//button[normalize-space()="Stop being friends"]`, func() bool { return bob.rowOf(ada) == "" })
	ada.opens(talk)
	ada.reads("You can read, but not write.")
	first := strings.Fields(bob.name)[0]
	ada.clicks(`//button[normalize-space()="Ask `+first+` to be friends"]`, func() bool { return strings.Contains(ada.page(), "Requested") })
	bob.opens("/requests")
	bob.seesWaiting("1")
	bob.pressesIn(ada, "Decline", func() bool { return strings.Contains(bob.rowOf(ada), "They aren’t told") })
	ada.reloads()
	ada.reads("Requested")
}
