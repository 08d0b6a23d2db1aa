package integration

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"parley/app/audit"
	"parley/app/replica"
	"parley/test/openid"
)

// lines keeps what is written to it.
type lines struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(b)
}

// audits returns the audit lines, each as a JSON object.
func (l *lines) audits(t *testing.T) (list []map[string]string) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.Lines(l.all.String()) {
		if !strings.Contains(line, `"msg":"`+audit.Message+`"`) {
			continue
		}
		entry := map[string]string{}
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Errorf("%v: %s", err, line)
		}
		list = append(list, entry)
	}
	return list
}

// TestAudit: whoever signs in, is refused, signs out, ends sessions, exports or deletes
// leaves one line with ids and an address, and sign-ins are counted by result.
func TestAudit(t *testing.T) {
	t.Parallel()
	op := openid.Start(t)
	log := &lines{}
	o := replica.Options{Logger: slog.New(slog.NewJSONHandler(log, nil))}
	r := startReplicaWith(t, sharedReplica(t).addresses, o, op.Settings()...)
	value0 := value(r.scrape(), `parley_sign_ins_total{provider="oidc",result="invalid_reply"}`)
	if value0 != "0" {
		t.Errorf("before the first sign-in the count is %q, want 0", value0)
	}

	op.QueueUser(openid.User{Subject: "ada-audit", Name: "Ada Canary", Email: "canary@example.org"})
	ada := r.visitor().signInWithProvider()
	ada.post("/welcome", url.Values{"name": {"Ada Canary"}}).expectStatus(200)
	ada.browse("/auth/oidc/callback?state=x").expectStatus(400)
	op.DenyNext()
	ada.browse(ada.startSignIn("")).expectStatus(403)
	ada.post("/account/sessions/revoke-others", nil).expectStatus(204)
	ada.post("/account/export", nil).expectStatus(200)
	op.QueueUser(openid.User{Subject: "ada-audit"})
	other := r.visitor().signInWithProvider()
	other.post("/signout", nil).expectStatus(204)
	op.QueueUser(openid.User{Subject: "ada-audit"})
	third := r.visitor().signInWithProvider()
	var session string
	for _, s := range third.sessions() {
		if s.Current {
			session = s.ID.String()
		}
	}

	ada.post("/account/sessions/"+session+"/revoke", nil).expectStatus(204)
	ada.post("/account/delete", url.Values{"name": {"Ada Canary"}}).expectStatus(204)

	var got []string
	for _, entry := range log.audits(t) {
		got = append(got, fmt.Sprint(entry["action"], " ", entry["result"], " ", entry["person"] == ada.ID.String()))
		if entry["pkg"] != "audit" || entry["address"] != "127.0.0.1" || entry["request"] == "" && entry["level"] != "INFO" {
			t.Errorf("line %v", entry)
		}
	}

	want := []string{
		"sign-in ok true",
		"sign-in stale false",
		"sign-in denied false",
		"revoke-other-sessions ok true",
		"export-account ok true",
		"sign-in ok true",
		"sign-out ok true",
		"sign-in ok true",
		"revoke-session ok true",
		"delete-account ok true",
	}
	if !slices.Equal(got, want) {
		t.Errorf("audit lines %q,\nwant %q", got, want)
	}
	if all := log.all.String(); strings.Contains(all, "Canary") || strings.Contains(all, "canary@") {
		t.Error("the log has a name or an e-mail address")
	}

	metrics := r.scrape()
	for result, want := range map[string]string{"ok": "3", "stale": "1", "denied": "1", "provider_down": "0"} {
		series := fmt.Sprintf(`parley_sign_ins_total{provider="oidc",result="%s"}`, result)
		if got := value(metrics, series); got != want {
			t.Errorf("%s = %q, want %s", series, got, want)
		}
	}
}
