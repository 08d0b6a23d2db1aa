package integration

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/jackc/pgx/v5"

	"parley/app/chat"
	"parley/test/wait"
)

// opensPage gets a page as a browser without scripts does.
func (p *person) opensPage(path string, headers ...string) *goquery.Document {
	p.t.Helper()
	return p.document(p.get(path, append([]string{"Accept", "text/html"}, headers...)...))
}

func (p *person) document(r reply) *goquery.Document {
	p.t.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(r.body))
	if err != nil || r.status != http.StatusOK {
		p.t.Fatalf("status %d, %v: %s", r.status, err, r.body)
	}
	return doc
}

// query changes the database by hand.
func (r *instance) query(sql string, args ...any) {
	r.t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, r.at.DatabaseURL)
	if err != nil {
		r.t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, sql, args...); err != nil {
		r.t.Fatal(err)
	}
}

func (p *person) sendsStored(talk string, bodies ...string) {
	p.t.Helper()
	for _, body := range bodies {
		p.sends(talk, body)
	}
	wait.Until(p.t, "all is stored", func() bool { return len(p.reads(talk).Pending) == 0 })
}

func TestDetailsCountWhatIsStored(t *testing.T) {
	t.Parallel()
	r := startReplica(t)
	ada, bob, eve := r.signIn("Ada"), r.signIn("Bob"), r.signIn("Eve")
	talk := ada.opens(bob)
	type numbers struct {
		Conversation       chat.Conversation
		First, Last, Count int64
		Missing            []chat.Gap
	}
	check := func() (n numbers) {
		t.Helper()
		ada.get(talk+"/details").into(&n, 200)
		return n
	}
	if n := check(); n.Count != 0 || n.Missing == nil || n.Conversation.Title != "Bob" {
		t.Errorf("nothing said: %+v", n)
	}
	ada.sendsStored(talk, "1", "2", "3", "4")
	if n := check(); n.First != 1 || n.Last != 4 || n.Count != 4 || len(n.Missing) != 0 {
		t.Errorf("four: %+v", n)
	}
	if got := ada.opensPage(talk + "/details").Find("main").Text(); !strings.Contains(got, "4 messages") || strings.Contains(got, "missing, ") {
		t.Errorf("unasked, the page says %s", got)
	}
	if got := ada.opensPage(talk + "/details?check=1").Find("[data-last]"); got.Text() != "1–4, none missing" || got.AttrOr("data-last", "") != "4" {
		t.Errorf("the page says %q", got.Text())
	}
	r.query("DELETE FROM messages WHERE seq IN (2, 3)")
	if n := check(); n.Count != 2 || len(n.Missing) != 1 || n.Missing[0] != (chat.Gap{From: 2, To: 3}) {
		t.Errorf("with a gap: %+v", n)
	}
	if got := ada.get(talk+"/details?check=1", "Accept", "text/html", "HX-Request", "true").body; got != `<b data-last="4">1–4, 2 missing, the first of them 2</b>` {
		t.Errorf("the script is told %s", got)
	}
	for _, path := range []string{talk + "/details", "/conversations/" + chat.NewID().String() + "/details", "/conversations/x/details"} {
		if got := eve.get(path); got.status != http.StatusNotFound {
			t.Errorf("a stranger at %s: %d", path, got.status)
		}
	}
}

func TestTheListIsFilteredAndMarked(t *testing.T) {
	t.Parallel()
	r := startReplica(t)
	ada := r.signIn("Ada")
	zoe, bob := r.signIn("Zoë Ångström"), r.signIn("Bob")
	zoe.sendsStored(zoe.opens(ada), "naïve <b>words</b>")
	bob.sendsStored(bob.opens(ada), "1", "2")
	for q, want := range map[string]string{"zoe ang": "Zoë Ång", "NAIVE": "naïve", "<b>": "<b>"} {
		doc := ada.opensPage("/conversations?q=" + url.QueryEscape(q))
		if got := doc.Find(".conversation mark").Text(); got != want || doc.Find(".conversation").Length() != 1 || doc.Find("#filter").AttrOr("value", "") != q {
			t.Errorf("%q marks %q in %d rows", q, got, doc.Find(".conversation").Length())
		}
	}
	if got := ada.opensPage("/conversations?q=" + url.QueryEscape("nobody <i>")).Find("nav .empty").Text(); !strings.Contains(got, "No conversation has “nobody <i>”") {
		t.Errorf("nothing found: %q", got)
	}
	doc := ada.opensPage("/conversations")
	if got := doc.Find("title").Text(); got != "(3) Conversations · Parley" {
		t.Errorf("the title is %q", got)
	}
	if icon := doc.Find("link[rel=icon]"); !strings.Contains(icon.AttrOr("href", ""), "favicon-unread") || !strings.Contains(icon.AttrOr("data-other", ""), "favicon-") {
		t.Error("the icon has no dot")
	}
	fragment := ada.opensPage("/conversations?q=bob", "HX-Request", "true")
	if counts := fragment.Find("#counts[hx-swap-oob=true]"); counts.AttrOr("data-unread", "") != "3" || counts.AttrOr("data-here", "") != "0" {
		t.Error("a fragment doesn't bring the counts")
	}
}

func TestPagesLeadToOneAnother(t *testing.T) {
	t.Parallel()
	r := startReplica(t, "LIMIT_MESSAGES", "0", "LIMIT_CONVERSATION", "0")
	ada, bob := r.signIn("Ada"), r.signIn("Bob")
	talk := ada.opens(bob)
	var bodies []string
	for i := range 120 {
		bodies = append(bodies, fmt.Sprint(i+1))
	}
	bob.sendsStored(talk, bodies...)
	seqs := func(doc *goquery.Document) string {
		rows := doc.Find("#messages > .message")
		return rows.First().AttrOr("data-seq", "") + "–" + rows.Last().AttrOr("data-seq", "")
	}
	newest := ada.opensPage(talk)
	link := newest.Find(".earlier a").AttrOr("href", "")
	if seqs(newest) != "71–120" || link != talk+"?before=71" || newest.Find(".later").Length() != 0 {
		t.Errorf("the newest page has %s and leads to %s", seqs(newest), link)
	}
	earlier := ada.opensPage(link)
	if seqs(earlier) != "21–70" || earlier.Find(".later a").AttrOr("href", "") != talk+"#latest" {
		t.Errorf("the earlier page has %s", seqs(earlier))
	}
	part := ada.opensPage(talk+"?before=21", "HX-Request", "true")
	if seqs(part) != "1–20" || !strings.Contains(part.Find(".earlier").Text(), "This is where it began") {
		t.Errorf("the script gets %s", seqs(part))
	}
	if after := ada.opensPage(talk+"?after=70", "HX-Request", "true"); seqs(after) != "71–120" || after.Find(".earlier").Length() != 0 {
		t.Errorf("the script gets %s", seqs(after))
	}
	permalink := newest.Find("#messages > .message").First().Find("a:has(time)").AttrOr("href", "")
	target := ada.opensPage(permalink).Find(".message.at[autofocus]")
	if permalink != talk+"?at=71" || target.AttrOr("data-seq", "") != "71" {
		t.Errorf("%s shows %s", permalink, target.AttrOr("data-seq", "nothing"))
	}
	for path, want := range map[string]string{"?at=9999": "71–120", "?at=0": "1–25", "?at=1": "1–25"} {
		doc := ada.opensPage(talk + path)
		if there := doc.Find(".at").Length() == 1; seqs(doc) != want || there != (path == "?at=1") {
			t.Errorf("%s has %s, want %s", path, seqs(doc), want)
		}
	}
}

func TestAPageWithoutScripts(t *testing.T) {
	t.Parallel()
	r := startReplica(t)
	ada, bob := r.signIn("Ada"), r.signIn("Bob")
	talk := ada.opens(bob)
	bob.sendsStored(talk, "see https://example.org/?a=1&b=2, and javascript:alert(1)")
	r.query("UPDATE messages SET sent_at = '2026-03-01T23:30:00Z'")
	r.query("UPDATE users SET time_zone = 'Asia/Kolkata' WHERE id = $1", ada.ID)
	ada = r.signIn("Ada") // the session's settings are cached
	doc := ada.opensPage(talk)
	row := doc.Find("#messages > .message")
	if got := row.Find("time").Text(); got != "05:00" {
		t.Errorf("the time is %s", got)
	}
	if day := doc.Find(".day time"); day.AttrOr("datetime", "") != "2026-03-02" {
		t.Errorf("the day is %s", day.AttrOr("datetime", ""))
	}
	if links := row.Find("p a"); links.Length() != 1 || links.AttrOr("href", "") != "https://example.org/?a=1&b=2" || links.AttrOr("rel", "") != "noreferrer nofollow" {
		t.Error("the address isn't a link, or something else is")
	}
	// Refresh keeps what was typed.
	bob.sendsStored(talk, "news")
	refresh := doc.Find("noscript").Last().Text() // a parser that has scripts sees text
	if !strings.Contains(refresh, `formaction="`+talk+`"`) || !strings.Contains(refresh, "formnovalidate") {
		t.Fatalf("no way to refresh: %s", refresh)
	}
	client := doc.Find("[name=client_id]").AttrOr("value", "")
	again := ada.document(ada.post(talk, url.Values{"body": {"half a <sentence>"}, "client_id": {client}}, "Accept", "text/html"))
	if got := again.Find("#message").Text(); got != "half a <sentence>" || again.Find("[name=client_id]").AttrOr("value", "") != client || again.Find("#messages > .message").Length() != 2 {
		t.Errorf("after a refresh: %q, %d messages", got, again.Find("#messages > .message").Length())
	}
	if got := ada.reads(talk); len(got.Messages) != 2 || got.Conversation.Unread != 0 {
		t.Errorf("a refresh sent something, or wasn't reading: %+v", got.Conversation)
	}
	// A refused post keeps it too, and its links lead to the conversation.
	refused := ada.post(talk+"/messages", url.Values{"body": {strings.Repeat("x", 4001)}, "client_id": {client}}, "Accept", "text/html")
	if refused.status != http.StatusUnprocessableEntity || !strings.Contains(refused.body, strings.Repeat("x", 4001)) || !strings.Contains(refused.body, `Not live: <a href="`+talk+`">`) {
		t.Errorf("refused with %d", refused.status)
	}
}
