package e2e

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"parley/test/browser"
	"parley/test/wait"
)

func TestTwoPeopleWriteAcrossReplicas(t *testing.T) {
	t.Parallel()
	ada, bob, conversation := adaAndBob(t)
	ada.Sends("Hello Bob")
	bob.Sees("Hello Bob")
	ada.Sees("Hello Bob")
	bob.Sends("Hello Ada, <b>how</b> are you? & so on")
	ada.Sees("Hello Ada, <b>how</b> are you? & so on")
	ada.Types("first line")
	ada.PressesShiftEnter()
	ada.Types("second line")
	ada.PressesEnter()
	bob.Sees("first line\nsecond line")
	ada.ReadsReceipt("Read")

	want := bob.Messages()
	for _, p := range []*browser.Person{ada, bob} {
		p.SeesAllStored()
		p.Reloads()
		wait.Until(t, p.Name+" sees the same after a reload", func() bool { return slices.Equal(p.Messages(), want) })
	}

	// Messages reach a page that the browser restores from its history.
	ada.Opens("/conversations")
	ada.GoesBack()
	bob.Sends("while you went back and forth")
	ada.Sees("while you went back and forth")
	ada.GoesForward()
	bob.Sends("and once more")
	ada.GoesBack()
	ada.Sees("and once more")
	ada.Sees("while you went back and forth")

	ada.SignsOut()
	ada.Opens(conversation)
	ada.Reads("Say it once") // the front page
}

// TestStreamReconnects: after the replica of an open page was killed or drained, the page connects
// again and shows the messages that it missed.
func TestStreamReconnects(t *testing.T) {
	t.Parallel()
	for name, signal := range map[string]syscall.Signal{"killed": syscall.SIGKILL, "drained": syscall.SIGTERM} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			site := newSite(t, sharedServices()...)
			ada, bob, _ := site.adaAndBob(t)
			bob.Sends("before")
			ada.Sees("before")

			// Ada's replica, or behind nginx any of the two that she may be at.
			if err := site.replicas[0].StopWith(signal); err != nil {
				t.Error(err)
			}

			for i := range 5 {
				bob.Sends(fmt.Sprintf("while Ada's replica is down, %d", i))
			}

			bob.Sees("while Ada's replica is down, 4")
			site.replicas[0].MustStart(t)
			for i := range 5 {
				ada.Sees(fmt.Sprintf("while Ada's replica is down, %d", i))
			}

			ada.IsLive()
			bob.Sends("after")
			ada.Sees("after")
			ada.Sends("and back")
			bob.Sees("and back")
		})
	}
}

func TestSentTwiceIsOneMessage(t *testing.T) {
	t.Parallel()
	ada, bob, conversation := adaAndBob(t)
	ada.Types("once")
	ada.Runs(`(f => { f.requestSubmit(); f.requestSubmit(); return true })(document.getElementById("composer"))`)
	bob.Sees("once")

	// A double click on a page without scripts and a retry after a lost response send the same
	// form.
	for range 3 {
		ada.Runs(`fetch(document.getElementById("composer").action, {
			method: "POST",
			headers: {Accept: "application/json"},
			body: new URLSearchParams({body: "retried", client_id: "0198a3c2-7d1e-7c44-9e0b-5b1f8e2d9a10"}),
		}), true`)
	}

	bob.Sees("retried")
	ada.Sees("retried")
	ada.SeesAllStored()
	ada.Reloads()
	ada.Sees("once")
	ada.Sees("retried")
	if n := len(storedIDs(t, conversation)); n != 2 {
		t.Errorf("%d messages are stored, want 2", n)
	}
}

// TestBothSeeOneOrder: two people send 150 messages each at the same time, and both pages have the
// order of the database, live and after a reload.
func TestBothSeeOneOrder(t *testing.T) {
	t.Parallel()
	ada, bob, conversation := adaAndBob(t)
	people := []*browser.Person{ada, bob}
	const each = 150
	var both sync.WaitGroup
	for _, p := range people {
		both.Go(func() {
			for i := range each {
				p.Submits(fmt.Sprintf("%s says %d", strings.Fields(p.Name)[0], i))
			}
		})
	}

	both.Wait()
	for _, p := range people {
		// A page sends its messages one after the other, so each 50 have the whole time of a wait.
		for n := 50; n <= 2*each; n += 50 {
			wait.Until(t, fmt.Sprintf("%s has %d stored messages", p.Name, n), func() bool {
				return p.Number(`document.querySelectorAll("#messages > .message[data-seq]").length`) >= float64(n)
			})
		}

		wait.Until(t, p.Name+" has all 300 messages, stored", func() bool {
			return len(p.MessageIDs()) == 2*each && p.AllStored()
		})
	}

	stored := storedIDs(t, conversation)
	if len(stored) != 2*each {
		t.Fatalf("%d messages are stored, want %d", len(stored), 2*each)
	}

	for _, p := range people {
		if !slices.Equal(p.MessageIDs(), stored) {
			t.Errorf("the live page of %s has another order", p.Name)
		}

		p.Reloads()
		wait.Until(t, "the page has the newest messages", func() bool { return len(p.MessageIDs()) >= 50 })
		if ids := p.MessageIDs(); !slices.Equal(ids, stored[len(stored)-len(ids):]) {
			t.Errorf("the page of %s has another order after a reload", p.Name)
		}
	}
}

func TestConversationWithoutJavaScript(t *testing.T) {
	t.Parallel()
	site := sharedSite(t)
	bob, ada := newPerson(t, "Bob", site.two).SignsIn(), newPerson(t, "Ada", site.one)
	ada.TurnsScriptsOff()
	ada.SignsIn()
	conversation := ada.OpensConversationWith(bob)
	bob.Opens(conversation)
	bob.IsLive()
	ada.Types("no script needed")
	ada.Clicks("#composer button[type=submit]", func() bool { return ada.Count("no script needed") > 0 })
	ada.Sees("no script needed")
	bob.Sees("no script needed")
	bob.Sends("I see")
	bob.ReadsReceipt("Stored")
	ada.Reloads()
	ada.Sees("I see")
	bob.ReadsReceipt("Read") // a full page counts as read

	ada.Types(strings.Repeat("long ", 801))
	ada.Clicks("#composer button[type=submit]", ada.Reading("Too long to send"))
	if !strings.HasPrefix(ada.ValueOf("message"), "long long") {
		t.Errorf("the text that is too long is lost:\n%s", ada.Page())
	}

	ada.SignsOut()
}

func TestOnASmallPhone(t *testing.T) {
	t.Parallel()
	ada, bob, conversation := adaAndBob(t)
	bob.Sends(strings.Repeat("unbreakable", 40))
	bob.Sends("right to left: שלום עולם, and emoji: 🎹👩‍👩‍👧")
	bob.Sends("🎹")
	ada.UsesPhone()
	paths := []string{conversation, "/conversations", "/people?q=on", "/requests", "/friends", "/account", "/nowhere"}
	for _, path := range paths {
		ada.Opens(path)
		if wide := ada.Width(); wide > browser.PhoneWidth {
			t.Errorf("%s is %v px wide on a screen of %d px", path, wide, browser.PhoneWidth)
		}
	}

	ada.Opens(conversation)
	ada.Sees("🎹")
	const inSight = `(r => r.top > 0 && r.bottom <= innerHeight)
		(document.getElementById("message").getBoundingClientRect())`
	if !ada.Is(inSight) {
		t.Error("the message box is outside the window")
	}

	ada.Sends("from a phone")
	bob.Sees("from a phone")
}

// TestUnconfirmedMessageIsSentAgain: a message that no replica confirmed stays on the page, and is
// sent when one answers.
func TestUnconfirmedMessageIsSentAgain(t *testing.T) {
	t.Parallel()
	site := newSite(t, sharedServices()...)
	ada, bob, _ := site.adaAndBob(t)
	site.disconnect()
	ada.Sends("into the void")
	ada.Reads("Waiting for a connection")
	site.reconnect(t)
	bob.Sees("into the void")
	ada.Sees("into the void")
	ada.Sends("and on")
	bob.Sees("and on")
}
