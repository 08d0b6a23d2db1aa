package e2e

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"parley/test/wait"
)

// database opens the shared one until the test ends.
func database(t *testing.T) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), world.set.Postgres.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func execute(t *testing.T, conn *pgx.Conn, sql string) {
	t.Helper()
	if _, err := conn.Exec(context.Background(), sql); err != nil {
		t.Fatal(err)
	}
}

// cameBack is what the page says of the person's messages that couldn't be stored, one line each.
func (p *person) cameBack() []string {
	return evaluate[[]string](p, `[...document.querySelectorAll("#returned > .message")].map(e => e.querySelector("p").textContent + ": " + e.querySelector(".receipt").innerText.trim())`)
}

func (p *person) hasBack(want ...string) {
	p.t.Helper()
	last := ""
	wait.Until(p.t, p.name+" has back "+strings.Join(want, ", "), func() bool {
		last = strings.Join(p.cameBack(), ", ")
		return last == strings.Join(want, ", ") || p.t.Failed()
	})
}

func (p *person) box() string { return evaluate[string](p, `document.getElementById("message").value`) }

// TestAMessageComesBack: one that the database refuses for its content leaves the other's page; its sender is told why, on every replica, after a
// reload and with scripts off, and sends the words again.
func TestAMessageComesBack(t *testing.T) {
	ada, bob, talk := adaAndBob(t)
	const poison, why = "spoiled by COMES-BACK", ": Not stored. The database would not take it as it is."
	conn := database(t)
	execute(t, conn, "ALTER TABLE messages ADD CONSTRAINT comes_back CHECK (body NOT LIKE '%COMES-BACK')")
	t.Cleanup(func() { execute(t, conn, "ALTER TABLE messages DROP CONSTRAINT comes_back") })

	// The writer waits at the table, so that both see the message before it is refused.
	execute(t, conn, "BEGIN")
	execute(t, conn, "LOCK TABLE messages IN SHARE MODE")
	ada.sends(poison)
	bob.sees(poison)
	ada.sees(poison)
	execute(t, conn, "COMMIT")
	wait.Until(t, "Bob's page loses it", func() bool { return bob.count(poison) == 0 })
	ada.hasBack(poison + why)
	if n := ada.count(poison); n != 0 {
		t.Errorf("Ada sees it in the conversation %d times besides", n)
	}
	bob.hasBack()
	bob.reloads()
	bob.isLive()
	if bob.count(poison) != 0 || strings.Contains(bob.page(), "COMES-BACK") {
		t.Error("Bob sees what came back to Ada")
	}
	ada.reloads()
	ada.hasBack(poison + why)
	home := ada.at
	ada.at = bob.at
	ada.opens("/conversations")
	if !strings.Contains(ada.page(), "Not stored: a message of yours") {
		t.Errorf("the list says nothing of it: %s", ada.page())
	}
	ada.opens(talk)
	ada.hasBack(poison + why)
	ada.at = home
	ada.opens(talk)
	ada.isLive()

	// Sent again, with a change, behind what is in the box.
	ada.types("Again:")
	ada.clicks(`//button[.="Send again"]`, func() bool { return ada.box() == "Again:\n"+poison })
	ada.types(" (mended)")
	ada.presses(0)
	bob.sees("Again:\n" + poison + " (mended)")
	ada.hasBack()
	ada.sees("Again:\n" + poison + " (mended)")

	// Removed by its button, in another tab too.
	ada.sends("two " + poison)
	ada.hasBack("two " + poison + why)
	tab := ada.anotherTab(talk)
	tab.hasBack("two " + poison + why)
	ada.clicks(`//button[.="Remove"]`, func() bool { return len(ada.cameBack()) == 0 })
	tab.hasBack()

	// With scripts off.
	ada.sends("three " + poison)
	ada.hasBack("three " + poison + why)
	ada.turnsScriptsOff()
	ada.reloads()
	ada.hasBack("three " + poison + why)
	ada.clicks(`//button[.="Send again"]`, func() bool { return ada.box() == "three "+poison })
	evaluate[bool](ada, `!!(document.getElementById("message").value += ", four")`) // the caret of a page without scripts is at the start
	ada.clicks(`//form[@id="composer"]//button[normalize-space()="Send"]`, func() bool { return ada.count("three "+poison+", four") == 1 })
	ada.hasBack()
	bob.sees("three " + poison + ", four")
}
