package e2e

import (
	"fmt"
	"net/http"
	"testing"

	"parley/test/wait"
)

// TestLiveBehindABalancer: with TLS and HTTP/2 in front and no stickiness, messages, receipts and
// pages work at any replica.
func TestLiveBehindABalancer(t *testing.T) {
	t.Parallel()
	address := newSiteBehindNginx(t, 2).one
	ada, bob := newPerson(t, "Ada", address).SignsIn(), newPerson(t, "Bob", address).SignsIn()
	conversation := ada.OpensConversationWith(bob)
	bob.Opens(conversation)
	ada.IsLive()
	bob.IsLive()
	for i := range 6 { // more than there are replicas, in either direction
		ada.Sends(fmt.Sprintf("Hello Bob %d", i))
		bob.Sees(fmt.Sprintf("Hello Bob %d", i))
		bob.Sends(fmt.Sprintf("Hello Ada %d", i))
		ada.Sees(fmt.Sprintf("Hello Ada %d", i))
	}

	ada.ReadsReceipt("Read")
	ada.Reloads()
	ada.Sees("Hello Ada 5")

	for expression, want := range map[string]string{
		`location.protocol`:             "https:",
		`String(isSecureContext)`:       "true",
		`document.cookie.split("=")[0]`: "parley-script", // scripts can't read the session cookie
	} {
		if got := ada.Text(expression); got != want {
			t.Errorf("%s is %q, want %q", expression, got, want)
		}
	}

	res, _, err := newAPIUser(t, "Eve", address).Fetch(t.Context(), "/conversations", http.Header{})
	if err != nil {
		t.Fatal(err)
	}
	if res.ProtoMajor != 2 || res.StatusCode != http.StatusOK || res.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("a page came by %s with status %s and the header %v", res.Proto, res.Status, res.Header)
	}
}

// TestDrainUnderLoad stops and starts each of three replicas under load. The balancer is not
// informed, and no send fails.
func TestDrainUnderLoad(t *testing.T) {
	t.Parallel()
	site := newSiteBehindNginx(t, 3)
	w := newWorkload(t, site.one, 6)
	for _, r := range site.replicas {
		w.run([]string{site.one}, 60, func() {
			if err := r.Stop(); err != nil {
				t.Error(err)
			}
			r.MustStart(t)
		})
	}
	w.hasNoFailures(t)
	w.check(t, site.one)
}

// TestBalancerWithoutReplicas: without a replica, nginx answers with its own page, and it uses
// a new replica after a reload of its configuration.
func TestBalancerWithoutReplicas(t *testing.T) {
	t.Parallel()
	site := newSiteBehindNginx(t, 1)
	ada := newPerson(t, "Ada", site.one)
	ada.Opens("/")
	ada.Reads("Say it once.")
	if err := site.replicas[0].Stop(); err != nil {
		t.Error(err)
	}

	ada.Opens("/signin")
	ada.Reads("Parley is out of reach")

	second := startReplica(t, site.settings...)
	if err := site.nginx.SetUpstreams(second.Address()); err != nil {
		t.Fatal(err)
	}

	wait.Until(t, "the new replica answers", func() bool {
		ada.Opens("/signin")
		return ada.Reading("Your name")()
	})
}
