package e2e

import (
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"parley/test/browser"
	"parley/test/wait"
)

// TestInviteLink: somebody who is signed out opens another person's link, signs in, and the two are
// friends on both sides, live. Their names lead to their cards. A renewed link no longer works.
func TestInviteLink(t *testing.T) {
	t.Parallel()
	site := sharedSite(t)
	ada, bob := newPerson(t, "Ada", site.one).SignsIn(), newPerson(t, "Bob", site.two)
	ada.Runs(`window.errors = [], (log => console.error = (...words) => (errors.push(words.join(" ")), log(...words)))(console.error)`)
	ada.Clicks(`//section//a[normalize-space()="Invite somebody"]`, ada.Showing("#invite-link"))
	link := inviteOf(t, ada)
	if size := ada.Text(`document.querySelector(".qr path").getBoundingClientRect().width > 100 ? "large" : "small"`); size != "large" {
		t.Error("the QR code is not drawn")
	}

	// A refresh leaves the address, and logs no error when no request is answered.
	ada.IsLive()
	ada.Runs(`friends.firstElementChild.id = "stale", document.body.dispatchEvent(new Event("friends"))`)
	wait.Until(t, "the lists are refreshed", func() bool { return !ada.Shows("#stale") })
	if address := ada.Text(`location.pathname + location.search`); address != "/people" {
		t.Errorf("the address became %s", address)
	}
	if errors := ada.Text(`errors.join()`); errors != "" {
		t.Errorf("console: %s", errors)
	}

	bob.Opens(link)
	bob.Reads("Somebody has invited you")
	bob.Does("enter a name", chromedp.SendKeys("#name", bob.Name))
	bob.Clicks(".sign-in button", bob.Reading("invites you to be friends"))
	bob.Reads(ada.Name)
	bob.Clicks(`//button[normalize-space()="Become friends"]`, bob.Showing("#message"))
	bob.IsLive()
	ada.SeesToast("and you are friends now")
	ada.SeesInRow(bob, "Write")
	if toasts := bob.Toasts(); toasts != "" {
		t.Errorf("Bob is told what he did: %s", toasts)
	}
	bob.Sends("Here I am")
	ada.SeesInList(bob, "Here I am")

	// The head of the conversation, all of it, leads to the card.
	bob.Clicks(".header .avatar", bob.Reading("Friends since"))
	bob.Reads("Active now")
	bob.Clicks(`//main//a[normalize-space()="Write"]`, bob.Showing("#message"))
	bob.Opens(link)
	bob.Reads("are friends already")
	ada.Opens(link)
	ada.Reads("This is your own invite link")

	ada.Opens("/people")
	ada.IsLive()
	ada.Clicks(`//button[normalize-space()="Make a new link"]`, func() bool { return inviteOf(t, ada) != link })
	eve := newPerson(t, "Eve", site.one)
	eve.TurnsScriptsOff()
	eve.SignsIn()
	eve.Opens(link)
	eve.Reads("This link doesn’t work any more")
	eve.Opens(inviteOf(t, ada))
	eve.Clicks(`//button[normalize-space()="Become friends"]`, eve.Showing("#message"))
}

// inviteOf is the path of the invite link that a person's page shows.
func inviteOf(t *testing.T, p *browser.Person) string {
	t.Helper()
	link, err := url.Parse(p.ValueOf("invite-link"))
	if err != nil || !strings.HasPrefix(link.String(), p.Base+"/invite/") {
		t.Fatalf("invite link %q of %s: %v", link, p.Base, err)
	}
	return link.Path
}
