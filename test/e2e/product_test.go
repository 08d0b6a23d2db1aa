package e2e

import (
	"strings"
	"testing"

	"parley/test/browser"
	"parley/test/openid"
	"parley/test/wait"
)

// newAdaAndBob are two people without accounts at two replicas with an OpenID provider.
func newAdaAndBob(t *testing.T) (op *openid.Provider, ada, bob *browser.Person) {
	t.Helper()
	op = openid.Start(t)
	site := newSite(t, withProvider(op)...)
	return op, newPerson(t, "Ada", site.one), newPerson(t, "Bob", site.two)
}

// signUp creates the account of a person, from the front page to the first list of conversations.
func signUp(p *browser.Person, op *openid.Provider) {
	p.Opens("/")
	p.ContinuesWith(op, openid.User{Subject: p.Name, Name: "Somebody"}, p.Reading("What shall we call you?"))
	p.ConfirmsName()
	p.Reads("It takes two")
}

// opensFromList opens the conversation with another person by its row in the list.
func opensFromList(p, other *browser.Person) {
	p.Clicks(`//a[contains(@class,"conversation")][span[normalize-space()="`+other.Name+`"]]`, p.Showing("#message"))
	p.IsLive()
}

// TestFirstConversation goes from two new accounts to a conversation and to signing out. No page is
// reloaded where an event should update it.
func TestFirstConversation(t *testing.T) {
	t.Parallel()
	op, ada, bob := newAdaAndBob(t)
	for _, p := range []*browser.Person{ada, bob} {
		signUp(p, op)
		p.IsLive()
	}

	ada.Clicks(`//section//a[normalize-space()="Find someone to talk to"]`, ada.Showing("#who"))
	ada.IsLive()
	ada.TypesInto("#who", strings.ToUpper(bob.Name))
	ada.SeesInRow(bob, "Add friend")
	ada.ClicksInRow(bob, "Add friend", ada.SeeingInRow(bob, "Requested"))
	bob.SeesRequestCount("1")
	bob.SeesTitle("Conversations · Parley") // its count is of messages
	bob.SeesToast("wants to be friends")
	bob.Clicks(`//nav[@aria-label="Main"]//a[contains(.,"Requests")]`, func() bool { return bob.RowOf(ada) != "" })
	bob.ClicksInRow(ada, "Accept", bob.SeeingInRow(ada, "Accepted"))
	bob.SeesRequestCount("")
	ada.SeesInList(bob, "You can write now")
	bob.SeesInList(ada, "You can write now")
	ada.SeesInRow(bob, "Friends")

	opensFromList(ada, bob)
	ada.Reads("Nobody has said anything yet")
	ada.ReadsActivity("Active now")
	ada.Sends("Hello Bob")
	bob.SeesInList(ada, "Hello Bob")
	bob.SeesInList(ada, "1 unread")
	bob.SeesTitle("(1) Requests · Parley")
	ada.ReadsReceipt("Stored")
	opensFromList(bob, ada)
	bob.Sees("Hello Bob")
	ada.ReadsReceipt("Read")
	bob.SeesTitle(ada.Name + " · Parley")
	bob.Types("Hello Ada")
	wait.Until(t, "Ada sees that Bob is typing", ada.SeesTyping)
	bob.PressesEnter()
	ada.Sees("Hello Ada")
	ada.SeesInList(bob, "Hello Ada")

	ada.TypesInto("#filter", "no such thing")
	ada.Reads("No conversation has")
	ada.Runs(`document.getElementById("filter").value = "", true`)
	ada.TypesInto("#filter", "HELLO a") // a part of the last message
	ada.SeesInList(bob, "Hello Ada")
	ada.Eventually("the marked text", `document.querySelector(".conversation mark")?.textContent ?? ""`, "Hello A")

	for _, p := range []*browser.Person{ada, bob} {
		p.SeesAllStored()
		p.Reloads()
		p.Sees("Hello Bob")
		p.Sees("Hello Ada")
	}

	ada.SignsOut()
	ada.Opens("/conversations")
	ada.Reads("Say it once")
}

// TestFirstConversationWithoutJavaScript is TestFirstConversation with forms and links alone.
func TestFirstConversationWithoutJavaScript(t *testing.T) {
	t.Parallel()
	op, ada, bob := newAdaAndBob(t)
	for _, p := range []*browser.Person{ada, bob} {
		p.TurnsScriptsOff()
		signUp(p, op)
		p.Reads("Not live: refresh")
	}

	conversation := ada.OpensConversationWith(bob)
	ada.Types("Hello Bob")
	ada.Clicks("#composer button[type=submit]", func() bool { return ada.Count("Hello Bob") > 0 })
	wait.Until(t, "the message is stored and unread", func() bool {
		bob.Opens("/conversations")
		return strings.Contains(bob.ListRowOf(ada), "1 unread")
	})
	bob.SeesInList(ada, "Hello Bob")
	bob.SeesTitle("(1) Conversations · Parley")
	bob.Opens(conversation)
	bob.Sees("Hello Bob")
	bob.Types("Hello Ada")
	bob.Clicks("#composer button[type=submit]", func() bool { return bob.Count("Hello Ada") > 0 })
	ada.Reloads()
	ada.Sees("Hello Ada")

	wait.Until(t, "the search finds the stored message", func() bool {
		ada.Opens("/conversations?q=hello+ada")
		return strings.Contains(ada.ListRowOf(bob), "Hello Ada")
	})
	ada.Opens("/conversations?q=no+such+thing")
	ada.Reads("No conversation has")
	bob.Opens("/conversations")
	if strings.Contains(bob.ListRowOf(ada), "unread") {
		t.Error("messages that a full page has shown are unread")
	}

	ada.SignsOut()
}

// TestFirstConversationByKeyboardOnAPhone is TestFirstConversation with Tab and Enter alone, on a
// screen of 320 px.
func TestFirstConversationByKeyboardOnAPhone(t *testing.T) {
	t.Parallel()
	op, ada, bob := newAdaAndBob(t)
	for _, p := range []*browser.Person{ada, bob} {
		p.UsesPhone()
		p.Opens("/")
		op.QueueUser(openid.User{Subject: p.Name, Name: p.Name})
		p.Chooses("Continue with "+openid.Name, p.Reading("What shall we call you?"))
		p.Chooses("Continue", p.Showing("body.shell"))
		p.IsLive()
	}

	ada.Chooses("Find people", ada.Showing("#who"))
	ada.IsLive()
	ada.TabsTo("Search people")
	ada.Inserts(bob.Name)
	ada.SeesInRow(bob, "Add friend")
	ada.Chooses("Add friend", ada.SeeingInRow(bob, "Requested"))
	bob.SeesRequestCount("1")
	bob.Chooses("Requests", func() bool { return bob.RowOf(ada) != "" })
	bob.IsLive()
	bob.Chooses("Accept", bob.SeeingInRow(ada, "Accepted"))
	bob.Chooses("Say hello", bob.Showing("#message"))
	bob.IsLive()

	bob.TabsTo("Message")
	bob.Inserts("Hello Ada")
	bob.PressesEnter()
	bob.Sees("Hello Ada")
	if focus := bob.FocusedName(); focus != "Message" {
		t.Errorf("after sending, the focus is on %q, want Message", focus)
	}

	ada.Chooses("Conversations", func() bool { return ada.ListRowOf(bob) != "" })
	ada.IsLive()
	ada.SeesInList(bob, "Hello Ada")
	ada.Chooses(bob.Name[:3], ada.Showing("#message"))
	ada.IsLive()
	ada.Sees("Hello Ada")
	bob.ReadsReceipt("Read")
	ada.TabsTo("Message")
	ada.Inserts("Hello Bob")
	ada.PressesEnter()
	bob.Sees("Hello Bob")

	for _, p := range []*browser.Person{ada, bob} {
		if wide := p.Width(); wide > browser.PhoneWidth {
			t.Errorf("the page of %s is %v px wide on a screen of %d px", p.Name, wide, browser.PhoneWidth)
		}
	}

	ada.Chooses("All conversations", ada.Showing("[data-pane=list]"))
	ada.Chooses("Account", ada.Showing("#share_read"))
	ada.Chooses("Sign out", ada.Showing(".pitch"))
}
