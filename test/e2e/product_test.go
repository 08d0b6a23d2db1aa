package e2e

import (
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"parley/test/openid"
	"parley/test/wait"
)

// listed is somebody's row in the list of conversations, or "".
func (p *person) listed(other *person) string {
	return evaluate[string](p, `[...document.querySelectorAll("a.conversation")].find(e => e.querySelector(".name").textContent === `+strconv.Quote(other.name)+`)?.innerText.replace(/\s+/g, " ") ?? ""`)
}

func (p *person) seesListed(other *person, words string) {
	p.t.Helper()
	wait.Until(p.t, p.name+" sees "+other.name+" listed with "+strconv.Quote(words), func() bool { return strings.Contains(p.listed(other), words) })
}

func (p *person) seesTitle(want string) {
	p.t.Helper()
	wait.Until(p.t, p.name+" sees the title "+strconv.Quote(want), func() bool { return evaluate[string](p, "document.title") == want })
}

// TestFromABlankAccount: everything, from the first sign-in to signing out, on two replicas; nobody reloads where news should come by itself.
func TestFromABlankAccount(t *testing.T) {
	t.Parallel()
	op := openid.Start(t)
	at := ownSite(t, onProvider(op)...)
	ada, bob := opensBrowser(t, unique(t, "Ada"), at.one), opensBrowser(t, unique(t, "Bob"), at.two)
	for _, p := range []*person{ada, bob} {
		p.opens("/")
		p.continuesWith(op, openid.User{Subject: p.name, Name: "Somebody"}, func() bool { return strings.Contains(p.page(), "What shall we call you?") })
		p.callsThemselves(p.name)
		p.isLive()
		p.reads("It takes two")
	}

	ada.clicks(`//section//a[normalize-space()="Find someone to talk to"]`, func() bool { return ada.shows("#who") })
	ada.isLive()
	ada.does("type", typesInto("#who", strings.ToUpper(bob.name)))
	wait.Until(t, "Ada finds Bob", func() bool { return strings.Contains(ada.rowOf(bob), "Add friend") })
	ada.pressesIn(bob, "Add friend", func() bool { return strings.Contains(ada.rowOf(bob), "Requested") })
	bob.seesWaiting("1")
	bob.seesTitle("(1) Conversations · Parley")
	wait.Until(t, "Bob is told in a corner", func() bool { return strings.Contains(bob.toast(), "wants to be friends") })
	bob.clicks(`//nav[@aria-label="Main"]//a[contains(.,"Requests")]`, func() bool { return bob.rowOf(ada) != "" })
	bob.pressesIn(ada, "Accept", func() bool { return strings.Contains(bob.rowOf(ada), "Accepted") })
	bob.seesWaiting("")
	ada.seesListed(bob, "You can write now")
	bob.seesListed(ada, "You can write now")
	wait.Until(t, "Ada sees a friend", func() bool { return strings.Contains(ada.rowOf(bob), "Friends") })

	open := func(p, other *person) {
		p.clicks(`//a[contains(@class,"conversation")][span[normalize-space()="`+other.name+`"]]`, func() bool { return p.shows("#message") })
		p.isLive()
	}
	open(ada, bob)
	ada.reads("Nobody has said anything yet")
	ada.readsActivity("Active now")
	ada.sends("Hello Bob")
	bob.seesListed(ada, "Hello Bob")
	bob.seesListed(ada, "1 unread")
	bob.seesTitle("(1) Requests · Parley")
	ada.readsReceipt("Stored")
	open(bob, ada)
	bob.sees("Hello Bob")
	ada.readsReceipt("Read")
	bob.seesTitle(ada.name + " · Parley")
	bob.types("Hello Ada")
	wait.Until(t, "Ada sees that Bob is writing", ada.seesTyping)
	bob.presses(0)
	ada.sees("Hello Ada")
	ada.seesListed(bob, "Hello Ada")

	ada.does("filter", typesInto("#filter", "no such thing"))
	ada.reads("No conversation has")
	evaluate[bool](ada, `document.getElementById("filter").value = "", true`)
	ada.does("filter by what was said last", typesInto("#filter", "HELLO a"))
	ada.seesListed(bob, "Hello Ada")
	wait.Until(t, "what was found is marked", func() bool {
		return evaluate[string](ada, `document.querySelector(".conversation mark")?.textContent ?? ""`) == "Hello A"
	})

	for _, p := range []*person{ada, bob} {
		wait.Until(t, "all is stored", p.allStored)
		p.reloads()
		p.sees("Hello Bob")
		p.sees("Hello Ada")
	}
	ada.signsOut()
	ada.opens("/conversations")
	ada.reads("Say it once")
}

// TestFromABlankAccountWithoutJavaScript: the same by forms and links.
func TestFromABlankAccountWithoutJavaScript(t *testing.T) {
	t.Parallel()
	op := openid.Start(t)
	at := ownSite(t, onProvider(op)...)
	ada, bob := opensBrowser(t, unique(t, "Ada"), at.one), opensBrowser(t, unique(t, "Bob"), at.two)
	for _, p := range []*person{ada, bob} {
		p.turnsScriptsOff()
		p.opens("/")
		p.continuesWith(op, openid.User{Subject: p.name, Name: "Somebody"}, func() bool { return strings.Contains(p.page(), "What shall we call you?") })
		p.callsThemselves(p.name)
		p.reads("It takes two")
		p.reads("Not live: refresh")
	}
	talk := ada.opensConversationWith(bob)
	ada.types("Hello Bob")
	ada.clicks("#composer button[type=submit]", func() bool { return ada.count("Hello Bob") > 0 })
	wait.Until(t, "it is stored, and unread", func() bool { bob.opens("/conversations"); return strings.Contains(bob.listed(ada), "1 unread") })
	bob.seesListed(ada, "Hello Bob")
	bob.seesTitle("(1) Conversations · Parley")
	bob.opens(talk)
	bob.sees("Hello Bob")
	bob.types("Hello Ada")
	bob.clicks("#composer button[type=submit]", func() bool { return bob.count("Hello Ada") > 0 })
	ada.reloads()
	ada.sees("Hello Ada")
	wait.Until(t, "Ada finds what is stored", func() bool {
		ada.opens("/conversations?q=hello+ada")
		return strings.Contains(ada.listed(bob), "Hello Ada")
	})
	ada.opens("/conversations?q=no+such+thing")
	ada.reads("No conversation has")
	bob.opens("/conversations")
	if strings.Contains(bob.listed(ada), "unread") {
		t.Error("what a full page has shown is still unread")
	}
	ada.signsOut()
}

// TestFromABlankAccountByKeyboardOnAPhone: the same, 320 px wide, with Tab and Enter alone.
func TestFromABlankAccountByKeyboardOnAPhone(t *testing.T) {
	t.Parallel()
	op := openid.Start(t)
	at := ownSite(t, onProvider(op)...)
	ada, bob := opensBrowser(t, unique(t, "Ada"), at.one), opensBrowser(t, unique(t, "Bob"), at.two)
	for _, p := range []*person{ada, bob} {
		p.does("take a phone", chromedp.EmulateViewport(320, 568))
		p.opens("/")
		op.QueueUser(openid.User{Subject: p.name, Name: p.name})
		p.chooses("Continue with "+openid.Name, func() bool { return strings.Contains(p.page(), "What shall we call you?") })
		p.chooses("Continue", func() bool { return p.shows("body.shell") })
		p.isLive()
	}
	ada.chooses("Find people", func() bool { return ada.shows("#who") })
	ada.isLive()
	ada.goesTo("Search people")
	ada.enters(bob.name)
	wait.Until(t, "Ada finds Bob", func() bool { return strings.Contains(ada.rowOf(bob), "Add friend") })
	ada.chooses("Add friend", func() bool { return strings.Contains(ada.rowOf(bob), "Requested") })
	bob.seesWaiting("1")
	bob.chooses("Requests", func() bool { return bob.rowOf(ada) != "" })
	bob.isLive()
	bob.chooses("Accept", func() bool { return strings.Contains(bob.rowOf(ada), "Accepted") })
	bob.chooses("Say hello", func() bool { return bob.shows("#message") })
	bob.isLive()
	bob.goesTo("Message")
	bob.enters("Hello Ada")
	bob.presses(0)
	bob.sees("Hello Ada")
	if at := evaluate[string](bob, focused); at != "Message" {
		t.Errorf("after sending, the focus is on %q", at)
	}
	ada.chooses("Conversations", func() bool { return ada.listed(bob) != "" })
	ada.isLive()
	ada.seesListed(bob, "Hello Ada")
	ada.chooses(bob.name[:3], func() bool { return ada.shows("#message") })
	ada.isLive()
	ada.sees("Hello Ada")
	bob.readsReceipt("Read")
	ada.goesTo("Message")
	ada.enters("Hello Bob")
	ada.presses(0)
	bob.sees("Hello Bob")
	for _, p := range []*person{ada, bob} {
		if wide := evaluate[float64](p, "document.documentElement.scrollWidth"); wide > 320 {
			t.Errorf("%s's page is %v px wide", p.name, wide)
		}
	}
	ada.chooses("All conversations", func() bool { return ada.shows("[data-pane=list]") })
	ada.chooses("Account", func() bool { return ada.shows("#share_read") })
	ada.chooses("Sign out", func() bool { return ada.shows(".pitch") })
}
