package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"parley/test/wait"
)

// TestBehindABalancer: TLS and HTTP/2 outside, no stickiness, and all of it live.
func TestBehindABalancer(t *testing.T) {
	t.Parallel()
	front := behindNginx(t, 2).one
	ada, bob := opensBrowser(t, unique(t, "Ada"), front).signsIn(), opensBrowser(t, unique(t, "Bob"), front).signsIn()
	talk := ada.opensConversationWith(bob)
	bob.opens(talk)
	ada.isLive()
	bob.isLive()
	for i := range 6 { // more than there are replicas, in either direction
		ada.sends(fmt.Sprintf("Hello Bob %d", i))
		bob.sees(fmt.Sprintf("Hello Bob %d", i))
		bob.sends(fmt.Sprintf("Hello Ada %d", i))
		ada.sees(fmt.Sprintf("Hello Ada %d", i))
	}
	ada.readsReceipt("Read")
	ada.reloads()
	ada.sees("Hello Ada 5")
	for name, want := range map[string]string{
		`location.protocol`: "https:", `String(isSecureContext)`: "true",
		`document.cookie.split("=")[0]`: "parley-script", // the session's own is out of reach of scripts
	} {
		if got := evaluate[string](ada, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	res, err := programFor(t, unique(t, "Eve"), front).http.Get(front.base + "/conversations")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.ProtoMajor != 2 || res.StatusCode != http.StatusOK || res.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("a page came as %s %s, %v", res.Proto, res.Status, res.Header)
	}
}

// TestReplicasAreDrainedUnnoticed: each of three replicas is stopped and started again under load; the balancer isn't told, and no request fails.
func TestReplicasAreDrainedUnnoticed(t *testing.T) {
	t.Parallel()
	at := behindNginx(t, 3)
	f := newFlood(t, at.one, 6)
	for _, r := range at.replicas {
		f.run([]*replica{at.one}, 60, func() { r.end(syscall.SIGTERM); r.start() })
	}
	for _, p := range f.people {
		if n := p.failures.Load(); n > 0 {
			t.Errorf("%d sends of %s were not taken at once", n, p.name)
		}
	}
	f.check(t, at.one)
}

// TestWithoutAnyReplicaTheBalancerSaysSo: a stranger reads a sentence, a program when to come back.
func TestWithoutAnyReplicaTheBalancerSaysSo(t *testing.T) {
	t.Parallel()
	at := behindNginx(t, 1)
	ada := opensBrowser(t, unique(t, "Ada"), at.one)
	ada.opens("/")
	ada.reads("Say it once.")
	at.replicas[0].end(syscall.SIGTERM)
	ada.opens("/signin")
	ada.reads("Parley is out of reach")
	second := startReplica(t, at.replicas[0].settings()...)
	if err := at.nginx.SetUpstreams(second.address()); err != nil {
		t.Fatal(err)
	}
	wait.Until(t, "it is back, elsewhere", func() bool { ada.opens("/signin"); return strings.Contains(ada.page(), "Your name") })
}
