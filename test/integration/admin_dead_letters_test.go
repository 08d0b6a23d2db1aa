package integration

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"parley/app/kafka"
	"parley/app/status"
	"parley/test/wait"
)

// TestDeadLetterDecisions: replaying and discarding need a confirmation on a page of
// their own, and take effect once even if they are repeated.
func TestDeadLetterDecisions(t *testing.T) {
	t.Parallel()
	r, ops := startOperated(t, newAddresses(t), false)
	ada, bob, conversation := r.signInFriends()
	r.rejectPoison(true)
	wanted, unwanted := ada.send(conversation, "poison wanted"), ada.send(conversation, "poison unwanted")
	var ids []string
	wait.Until(t, "two dead letters are listed", func() bool {
		ids = ops.page("/pipeline").Find("[data-letter]").Map(func(_ int, row *goquery.Selection) string {
			return row.AttrOr("data-letter", "")
		})
		return len(ids) == 2
	})

	page := ops.page("/pipeline/letters/" + ids[0])
	if got := words(page.Find("main")); !strings.Contains(got, wanted.ID.String()) ||
		!strings.Contains(got, "Hidden") || strings.Contains(got, "poison") ||
		!strings.Contains(got, "Waits for a decision") {
		t.Errorf("page of the dead letter: %s", got)
	}

	replay := page.Find("form").Eq(0).AttrOr("action", "")
	discard := ops.page("/pipeline/letters/"+ids[1]).Find("form").Eq(1).AttrOr("action", "")
	if replay != "/pipeline/letters/"+ids[0]+"/replay" || discard != "/pipeline/letters/"+ids[1]+"/discard" {
		t.Fatalf("actions of the forms: %q and %q", replay, discard)
	}

	r.rejectPoison(false)
	before := len(recordsOf(t, r))
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			if got := ops.do("POST", replay); got.status != http.StatusSeeOther ||
				got.header.Get("Location") != "/pipeline/letters/"+ids[0] {
				t.Errorf("replay: status %d: %s", got.status, got.body)
			}
		})
	}

	both.Wait()
	got := words(ops.page("/pipeline/letters/" + ids[0]).Find("main"))
	if !strings.Contains(got, "Put back into the log") || strings.Contains(got, "Yes,") {
		t.Errorf("page of the replayed dead letter: %s", got)
	}

	ops.do("POST", discard).expectStatus(303)
	ops.do("POST", "/pipeline/letters/"+ids[1]+"/replay").expectStatus(303) // without effect: it is discarded
	if got := words(ops.page("/pipeline/letters/" + ids[1]).Find("main")); !strings.Contains(got, "Discarded") {
		t.Errorf("page of the discarded dead letter: %s", got)
	}

	wait.Until(t, "Ada has the discarded message returned and Bob reads the replayed one", func() bool {
		back, read := ada.read(conversation).Returned, bob.read(conversation).Messages
		return len(back) == 1 && back[0].Message.ID == unwanted.ID && len(read) == 1 && read[0].ID == wanted.ID
	})
	if got := len(recordsOf(t, r)); got != before+1 {
		t.Errorf("the log has %d records, had %d before the replay", got, before)
	}

	if got := words(ops.page("/pipeline").Find("section:has(#dead)")); !strings.Contains(got, "None waits") ||
		!strings.Contains(got, "2 dead letters settled") {
		t.Errorf("dead letters on the pipeline page: %s", got)
	}

	for _, path := range []string{"/pipeline/letters/9-9/replay", "/pipeline/letters/" + ids[0] + "/burn"} {
		ops.do("POST", path).expectStatus(404)
	}

	ops.do("GET", "/pipeline/letters/9-9").expectStatus(404)
}

func recordsOf(t *testing.T, r *instance) []status.LogRecord {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	records, err := kafka.Recent(ctx, r.replica.KafkaOptions, 1000)
	if err != nil {
		t.Fatal(err)
	}

	return records
}
