package e2e

import (
	"strings"
	"testing"

	"parley/test/wait"
)

// TestReturnedMessage: a message that the database rejects for its content disappears from the page
// of the other person. Its sender sees the reason, at every replica, after a reload and without
// scripts, and can send the text again.
func TestReturnedMessage(t *testing.T) {
	ada, bob, conversation := adaAndBob(t)
	const poison, reason = "spoiled by COMES-BACK", ": Not stored. The database would not take it as it is."
	conn := sharedDatabase(t)
	execute(t, conn, "ALTER TABLE messages ADD CONSTRAINT comes_back CHECK (body NOT LIKE '%COMES-BACK')")
	t.Cleanup(func() { execute(t, conn, "ALTER TABLE messages DROP CONSTRAINT comes_back") })

	// The writer waits for the lock, so both see the message before it is rejected.
	execute(t, conn, "BEGIN")
	execute(t, conn, "LOCK TABLE messages IN SHARE MODE")
	ada.Sends(poison)
	bob.Sees(poison)
	ada.Sees(poison)
	execute(t, conn, "COMMIT")
	wait.Until(t, "the message disappears from Bob's page", func() bool { return bob.Count(poison) == 0 })
	ada.SeesReturned(poison + reason)
	if n := ada.Count(poison); n != 0 {
		t.Errorf("Ada sees the returned message in the conversation, too (%d times)", n)
	}

	bob.SeesReturned()
	bob.Reloads()
	bob.IsLive()
	if bob.Count(poison) != 0 || strings.Contains(bob.Page(), "COMES-BACK") {
		t.Error("Bob sees the message that was returned to Ada")
	}

	ada.Reloads()
	ada.SeesReturned(poison + reason)

	firstReplica := ada.Base
	ada.Base = bob.Base
	ada.Opens("/conversations")
	if !strings.Contains(ada.Page(), "Not stored: a message of yours") {
		t.Errorf("the list does not mention the returned message: %s", ada.Page())
	}

	ada.Opens(conversation)
	ada.SeesReturned(poison + reason)
	ada.Base = firstReplica
	ada.Opens(conversation)
	ada.IsLive()

	// Ada sends the text again with a change, after the text in the message box.
	ada.Types("Again:")
	ada.Clicks(`//button[.="Send again"]`, func() bool { return ada.ValueOf("message") == "Again:\n"+poison })
	ada.Types(" (mended)")
	ada.PressesEnter()
	bob.Sees("Again:\n" + poison + " (mended)")
	ada.SeesReturned()
	ada.Sees("Again:\n" + poison + " (mended)")

	// Ada removes a message, which removes it in her other tab, too.
	ada.Sends("two " + poison)
	ada.SeesReturned("two " + poison + reason)
	otherTab := ada.OpensAnotherTab(conversation)
	otherTab.SeesReturned("two " + poison + reason)
	ada.Clicks(`//button[.="Remove"]`, func() bool { return len(ada.ReturnedMessages()) == 0 })
	otherTab.SeesReturned()

	// Without scripts, the caret is at the start of the message box, so a script appends the text.
	ada.Sends("three " + poison)
	ada.SeesReturned("three " + poison + reason)
	ada.TurnsScriptsOff()
	ada.Reloads()
	ada.SeesReturned("three " + poison + reason)
	ada.Clicks(`//button[.="Send again"]`, func() bool { return ada.ValueOf("message") == "three "+poison })
	ada.Runs(`!!(document.getElementById("message").value += ", four")`)
	ada.Clicks(`//form[@id="composer"]//button[normalize-space()="Send"]`, func() bool {
		return ada.Count("three "+poison+", four") == 1
	})
	ada.SeesReturned()
	bob.Sees("three " + poison + ", four")
}
