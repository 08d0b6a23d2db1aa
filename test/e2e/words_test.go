package e2e

import (
	"strings"
	"testing"

	"parley/test/browser"
	"parley/test/wait"
)

// TestWordsAreNeverLost: what one typed or sent while Parley was out of reach, on a link that fails
// in different ways, is there afterwards, once, wherever one went meanwhile.
func TestWordsAreNeverLost(t *testing.T) {
	t.Parallel()
	site := sharedSite(t)
	network := newRelay(t, site.one)
	ada, bob := newPerson(t, "Ada", network.base).SignsIn(), newPerson(t, "Bob", site.two).SignsIn()
	conversation := ada.OpensConversationWith(bob)
	bob.Opens(conversation)
	bob.IsLive()
	wait.Until(t, "the worker has the offline page", func() bool { return len(ada.CachedPaths()) >= 2 })
	ada.Opens(conversation)
	ada.IsLive()

	// A short outage: nobody clicks anything.
	network.disconnect()
	ada.Sends("into the void")
	ada.Sends("and after it")
	ada.Reads("Waiting for a connection")
	network.reconnect()
	bob.Sees("into the void")
	bob.Sees("and after it")

	// A link that swallows bytes.
	network.silence()
	ada.Sends("into a tunnel")
	bob.Sees("into a tunnel")

	// Another page is opened meanwhile, which is the offline page. The next page that can be opened
	// sends, and it is not the conversation's.
	network.disconnect()
	ada.Sends("one, on the way out")
	ada.Sends("two, on the way out")
	ada.Types("half a thou")
	ada.Opens("/people")
	ada.Reads("Parley is out of reach")
	network.reconnect()
	ada.Opens("/people")
	bob.Sees("one, on the way out")
	bob.Sees("two, on the way out")
	ada.Opens(conversation)
	ada.Eventually("the draft", `document.getElementById("message").value`, "half a thou")
	for _, text := range []string{"into the void", "and after it", "into a tunnel", "one, on the way out"} {
		ada.Sees(text)
	}
	wantOrder := "into the void, and after it, into a tunnel, one, on the way out, two, on the way out"
	wait.Until(t, "Bob has everything once, in order", func() bool {
		return strings.Join(bob.Messages(), ", ") == wantOrder
	})

	// A reload right after a key.
	ada.Types("half a thought")
	ada.Reloads()
	ada.Eventually("the draft", `document.getElementById("message").value`, "half a thouhalf a thought")

	// What is too long for the server is kept, and the page says so.
	long := strings.Repeat("long ", 4000)
	ada.Runs(setValue("message", long))
	ada.Reads("Nothing is lost: it stays here, on this device.")
	ada.Reloads()
	wait.Until(t, "the long text is back", func() bool { return ada.ValueOf("message") == long })
}

// TestRevokedWhileTyping: who is signed out by another device goes on typing. The page stays, says
// so, and leads back; the same person finds every key and every message, another person none.
func TestRevokedWhileTyping(t *testing.T) {
	t.Parallel()
	ada, bob, conversation := adaAndBob(t)
	ada.Types("first half")
	revokeOthers(t, ada)
	ada.Types(", second half")
	ada.Reads("You were signed out. Your words are kept here.")
	if path := ada.Path(); path != conversation {
		t.Errorf("the page left for %s", path)
	}

	const text = "first half, second half"
	ada.PressesEnter()
	ada.Reads("Sign in to send this")
	ada.Types("and more")

	name := ada.Name
	signsIn := func(as string) {
		ada.Fills("#name", as)
		ada.Clicks(".sign-in button", ada.Showing("body.shell"))
	}
	ada.Clicks(`.signed-out a`, ada.Showing("#name"))
	signsIn(bob.Name) // a member of the conversation
	if ada.Path() != conversation || ada.ValueOf("message") != "" || strings.Contains(ada.Page(), "first half") {
		t.Errorf("another person reads the words:\n%s", ada.Page())
	}

	ada.SignsOut()
	ada.Opens("/signin?next=" + conversation)
	signsIn(name)
	bob.Sees(text)
	ada.Sees(text)
	ada.Eventually("the draft", `document.getElementById("message").value`, "and more")

	// Signing out removes the words.
	ada.SignsOut()
	if kept := browser.Await[int](ada, keptValues); kept != 0 {
		t.Errorf("after signing out the browser keeps %d values", kept)
	}
}

// revokeOthers ends the sessions of a person from another device of theirs.
func revokeOthers(t *testing.T, p *browser.Person) {
	t.Helper()
	device := browser.NewPerson(t, suite.browser, p.Name, p.Base).SignsIn()
	if !browser.Await[bool](device, `fetch("/account/sessions/revoke-others", {method: "POST"}).then(r => r.ok)`) {
		t.Fatal("the sessions were not revoked")
	}
}

// keptValues is how many messages and drafts the browser keeps, of everybody.
const keptValues = `new Promise(done => {
	const opening = indexedDB.open("parley")
	opening.onsuccess = async () => {
		const transaction = opening.result.transaction(["outbox", "drafts"])
		const count = name => new Promise(counted => {
			transaction.objectStore(name).count().onsuccess = event => counted(event.target.result)
		})
		done(await count("outbox") + await count("drafts"))
	}
})`

// TestWordsWithoutScripts: a form that is posted after the session has ended is answered by the
// words and a way to sign in, which leads back.
func TestWordsWithoutScripts(t *testing.T) {
	t.Parallel()
	ada, _, conversation := adaAndBob(t)
	ada.TurnsScriptsOff()
	ada.Reloads()
	revokeOthers(t, ada)
	ada.Types("\nwords without a script")
	ada.Clicks(`//form[@id="composer"]//button[normalize-space()="Send"]`, ada.Showing("#words"))
	if words := ada.ValueOf("words"); words != "\nwords without a script" {
		t.Errorf("the answer has the words %q", words)
	}

	ada.Fills("#name", ada.Name)
	ada.Clicks(".sign-in button", ada.Showing("body.shell"))
	if path := ada.Path(); path != conversation {
		t.Errorf("the sign-in led to %s", path)
	}
}
