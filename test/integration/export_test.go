package integration

import (
	"archive/zip"
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/uuid"

	"parley/app/chat"
	"parley/test/wait"
)

// exported is data.json, declared independently of the code that writes it.
type exported struct {
	Format  string
	Account struct {
		Name       string
		Identities []chat.ExportedIdentity
		Settings   chat.Settings
		Picture    string
	}
	Sessions      []chat.ExportedSession
	Friends       []chat.ExportedPerson
	Requests      []chat.ExportedRequest
	Blocked       []chat.ExportedPerson
	Drafts        []chat.ExportedDraft
	Returned      []chat.ExportedReturn
	Conversations []struct {
		chat.ExportedConversation
		Messages []chat.Message
	}
}

// unzip returns the files of an archive.
func (r reply) unzip() map[string]string {
	r.t.Helper()
	if r.status != 200 || r.header.Get("Content-Type") != "application/zip" ||
		r.header.Get("Content-Disposition") != `attachment; filename="parley-export.zip"` {
		r.t.Fatalf("export: status %d, header %v", r.status, r.header)
	}

	z, err := zip.NewReader(strings.NewReader(r.body), int64(len(r.body)))
	if err != nil {
		r.t.Fatal(err)
	}

	files := map[string]string{}
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			r.t.Fatal(err)
		}
		content, err := io.ReadAll(in) // verifies the checksum
		if err != nil {
			r.t.Fatal(err)
		}
		files[f.Name] = string(content)
	}

	return files
}

// TestExport: an export has everything that belongs to a person and nothing else, as
// data and as a page.
func TestExport(t *testing.T) {
	t.Parallel()
	r := sharedReplica(t)
	hostile := `<script>alert(1)</script> & "Bob"`
	ada, bob, eve := r.signIn("Ada"), r.signIn(hostile), r.signIn("Eve")
	conversation, quiet, theirs := ada.openConversation(bob), ada.openConversation(eve), bob.openConversation(eve)
	for i := range 230 { // more than one page of messages
		ada.send(conversation, fmt.Sprintf("Number %d </li><img src=x onerror=alert(2)>", i+1))
	}

	bob.send(theirs, "not Ada's")
	wait.Until(t, "all messages are stored", func() bool {
		return ada.read(conversation).Conversation.LastSeq == 230 && bob.read(theirs).Conversation.LastSeq == 1
	})

	id := func(p string) uuid.UUID { return uuid.MustParse(path.Base(p)) }
	r.exec("INSERT INTO blocks (blocker_id, blocked_id) VALUES ($1, $2), ($2, $1)", ada.ID, eve.ID)
	r.exec(`INSERT INTO friend_requests (id, asker_id, asked_id, state, answered_at)
		VALUES ($1, $2, $3, 'declined', now())`, uuid.New(), ada.ID, eve.ID)
	r.exec(`INSERT INTO drafts (user_id, conversation_id, client_id, body)
		VALUES ($1, $2, $2, 'Dear <b>Eve'), ($3, $2, $2, 'Dear Ada')`, ada.ID, id(quiet), eve.ID)
	picture := uuid.NewString()
	r.exec("INSERT INTO pictures (hash, media_type, content) VALUES ($1, 'image/png', 'a picture')", picture)
	r.exec("UPDATE users SET picture = $2 WHERE id = $1", ada.ID, picture)

	ada.insertReturned(id(conversation).String())
	eve.insertReturned(id(quiet).String())

	files := ada.post("/account/export", nil).unzip()
	var e exported
	must(t, json.Unmarshal([]byte(files["data.json"]), &e))

	if e.Format != "parley-export" || e.Account.Name != ada.Name || len(e.Account.Identities) != 1 ||
		e.Account.Settings != chat.DefaultSettings() || len(e.Sessions) != 1 {
		t.Errorf("account %+v, sessions %+v", e.Account, e.Sessions)
	}

	if e.Account.Picture != "picture.png" || files["picture.png"] != "a picture" || len(files) != 3 {
		t.Errorf("picture %q among %d files", e.Account.Picture, len(files))
	}

	silent := slices.DeleteFunc(e.Requests, func(r chat.ExportedRequest) bool { return r.State == "accepted" })
	if len(e.Friends) == 0 || len(e.Blocked) != 1 || e.Blocked[0].ID != eve.ID || len(silent) != 1 ||
		silent[0].State != "pending" || silent[0].AnsweredAt != nil ||
		len(e.Drafts) != 1 || e.Drafts[0].Body != "Dear <b>Eve" {
		t.Errorf("friends %v, blocked %v, requests %v, drafts %v", e.Friends, e.Blocked, e.Requests, e.Drafts)
	}

	if len(e.Returned) != 1 || e.Returned[0].Body != "words" ||
		!strings.Contains(files["index.html"], "What could not be stored") {
		t.Errorf("returned messages: %+v", e.Returned)
	}

	if len(e.Conversations) != 2 || e.Conversations[0].ID != id(conversation) ||
		e.Conversations[0].Title != bob.Name || e.Conversations[1].LastSeq != 0 {
		t.Fatalf("conversations: %+v", e.Conversations)
	}

	for _, c := range e.Conversations { // the check for completeness that readers can do
		if int64(len(c.Messages)) != c.LastSeq {
			t.Errorf("conversation %s: %d messages, last seq %d", c.Title, len(c.Messages), c.LastSeq)
		}
		for i, m := range c.Messages {
			if *m.Seq != int64(i+1) || m.Sender.Name != ada.Name ||
				!strings.HasPrefix(m.Body, fmt.Sprintf("Number %d ", i+1)) {
				t.Fatalf("message %d: %+v", i+1, m)
			}
		}
	}

	if strings.Contains(files["data.json"], "not Ada's") || strings.Contains(files["index.html"], "not Ada's") {
		t.Error("the export contains a conversation of other people")
	}

	doc, err := goquery.NewDocumentFromReader(strings.NewReader(files["index.html"]))
	if err != nil {
		t.Fatal(err)
	}

	rows := doc.Find("section ol li")
	if rows.Length() != 230 || words(rows.Last().Find("p")) != "Number 230 </li><img src=x onerror=alert(2)>" ||
		words(doc.Find("section h2").First()) != bob.Name {
		t.Errorf("index.html has %d messages, the last one %q", rows.Length(), words(rows.Last()))
	}

	if doc.Find("script, img, link, [onerror], [src]").Length() > 0 ||
		!strings.Contains(words(doc.Find("section q")), "Dear <b>Eve") {
		t.Error("index.html contains people's text as markup")
	}

}

// TestExportPage: an address that a link of any page opens spends no export. It shows the
// button that does.
func TestExportPage(t *testing.T) {
	t.Parallel()
	r := sharedReplica(t)
	ada := r.signIn("Ada")
	link := []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}
	for range 6 {
		page := ada.page("/account/export", link...)
		if page.Find("main form[method=post][action='/account/export'] button").Length() != 1 {
			t.Fatalf("no button on the page: %s", words(page.Find("main")))
		}
	}

	got := ada.post("/account/export", url.Values{}, "Sec-Fetch-Site", "cross-site")
	if got.status != 403 {
		t.Errorf("post of another site: status %d, want 403", got.status)
	}
	ada.post("/account/export", url.Values{}).unzip()
}

// TestExportEndsWithItsSession: an archive that is under way is cut when its session ends,
// also while its reader doesn't read.
func TestExportEndsWithItsSession(t *testing.T) {
	t.Parallel()
	r := sharedReplica(t)
	ada, bob, conversation := r.signInFriends()
	id := path.Base(conversation)
	r.exec(`INSERT INTO messages (conversation_id, seq, id, sender_id, client_id, body, sent_at)
		SELECT $1, n, gen_random_uuid(), $2, gen_random_uuid(),
			(SELECT string_agg(md5(random()::text), '') FROM generate_series(1, 60) WHERE n > 0), now()
		FROM generate_series(1, 12000) n`, id, bob.ID)

	for _, tt := range []struct {
		name string
		end  func(exporting *person)
	}{
		{"sign-out", func(p *person) { p.post("/signout", nil).expectStatus(204) }},
		{"sign out everywhere else", func(*person) {
			ada.post("/account/sessions/revoke-others", nil).expectStatus(204)
		}},
		{"deletion", func(*person) {
			ada.post("/account/delete", url.Values{"name": {ada.Name}}).expectStatus(204)
		}},
	} {
		exporting := ada.signInAgain(r, firefox)
		conn, err := net.Dial("tcp", r.host())
		must(t, err)
		must(t, conn.(*net.TCPConn).SetReadBuffer(16<<10))
		_, err = fmt.Fprintf(conn, "POST /account/export HTTP/1.1\r\nHost: x\r\nCookie: parley=%s\r\nContent-Length: 0\r\n\r\n",
			exporting.token())
		must(t, err)

		in := bufio.NewReader(conn)
		res, err := http.ReadResponse(in, nil)
		must(t, err)
		if res.StatusCode != 200 {
			t.Fatalf("%s: status %d", tt.name, res.StatusCode)
		}

		tt.end(exporting)
		must(t, conn.SetReadDeadline(time.Now().Add(requestTimeout)))
		n, err := io.Copy(io.Discard, res.Body)
		if err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%s: %d bytes and %v, want an archive that is cut", tt.name, n, err)
		}
		conn.Close()
	}
}

// TestExportLimit: an export that is rejected has an ordinary response.
func TestExportLimit(t *testing.T) {
	t.Parallel()
	r := sharedReplica(t)
	ada := r.signIn("Ada")
	for range 4 {
		ada.post("/account/export", url.Values{}).unzip()
	}

	var p struct{ Type string }
	got := ada.post("/account/export", url.Values{})
	if got.decode(&p, 429); p.Type != "too-fast" || got.header.Get("Retry-After") == "" ||
		got.header.Get("Content-Disposition") != "" {
		t.Errorf("fifth export: header %v", got.header)
	}
}

// TestBrokenExport: an archive that cannot be completed ends with an error, so that
// nobody takes it for complete.
func TestBrokenExport(t *testing.T) {
	t.Parallel()
	r := sharedReplica(t)
	ada, _, conversation := r.signInFriends()
	for range 3 {
		ada.send(conversation, "hi")
	}

	wait.Until(t, "the messages are stored", func() bool { return ada.read(conversation).Conversation.LastSeq == 3 })
	// A gap, which must not exist, makes the export fail.
	r.exec("DELETE FROM messages WHERE conversation_id = $1 AND seq = 2", path.Base(conversation))
	res, err := ada.http.Post(r.base+"/account/export", "application/x-www-form-urlencoded", nil)
	if err != nil {
		return // the connection was closed before the head of the response
	}
	defer res.Body.Close()
	if b, err := io.ReadAll(res.Body); err == nil {
		t.Errorf("the export is complete (%d bytes) although a message is missing", len(b))
	}
}
