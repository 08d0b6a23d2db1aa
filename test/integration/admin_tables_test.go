package integration

import (
	"path"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// TestAdminTables: operators page through all rows of a table in the order of its
// key. Texts of messages are shown only with the setting for it.
func TestAdminTables(t *testing.T) {
	t.Parallel()
	addresses := newAddresses(t)
	r, ops := startOperated(t, addresses, false)
	_, open := startOperated(t, addresses, true)
	ada, bob, eve := r.signIn("Ada"), r.signIn("Bob"), r.signIn("Eve")
	conversation := ada.openConversation(bob)
	eve.requestFriend(bob)
	ada.sendStored(conversation, "a private text")
	id := path.Base(conversation)
	r.exec(`INSERT INTO messages (conversation_id, seq, id, sender_id, client_id, body, sent_at)
		SELECT $1, i, gen_random_uuid(), $2, gen_random_uuid(), 'sent', now()
		FROM generate_series(2, 120) i`, id, ada.ID)
	list := ops.page("/pipeline/tables")
	for table, want := range map[string]string{
		"users":           "3 rows",
		"friendships":     "1 row,",
		"friend_requests": "2 rows",
		"conversations":   "1 row,",
		"messages":        "120 rows",
	} {
		if got := words(list.Find(`li:has([href="/pipeline/tables/` + table + `"])`)); !strings.Contains(got, want) {
			t.Errorf("table %s in the list: %s", table, got)
		}
		page := ops.page("/pipeline/tables/" + table)
		if page.Find("main table").First().Find("tbody tr").Length() == 0 ||
			!strings.Contains(words(page.Find("section:has(#columns)")), "uuid") {
			t.Errorf("page of table %s: %s", table, words(page.Find("main")))
		}
		if text := page.Text(); strings.Contains(text, "a private text") ||
			strings.Contains(text, "token_hash") {
			t.Errorf("the page of table %s shows a message's text or a secret", table)
		}
	}

	var seqs []string
	path := "/pipeline/tables/messages"
	for n := 0; path != "" && n < 5; n++ {
		page := ops.page(path)
		page.Find("main table").First().Find("tbody tr td:nth-child(2)").Each(func(_ int, cell *goquery.Selection) {
			seqs = append(seqs, words(cell))
		})
		path = page.Find("nav[aria-label=Pages] a:contains('Next')").AttrOr("href", "")
	}

	for i, seq := range seqs {
		if seq != strconv.Itoa(i+1) {
			t.Fatalf("row %d has seq %s", i+1, seq)
		}
	}

	if len(seqs) != 120 {
		t.Errorf("%d rows shown, want 120", len(seqs))
	}
	if got := words(open.page("/pipeline/tables/messages").Find("main")); !strings.Contains(got, "a private text") {
		t.Error("message texts are hidden although the operator enabled them")
	}

	for _, path := range []string{"sessions", "users%20", "messages?page=x", "goose_db_version"} {
		ops.do("GET", "/pipeline/tables/"+path).expectStatus(404)
	}
}
