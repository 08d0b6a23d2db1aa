package e2e

import (
	"testing"
)

// TestASilentLineIsNoticed: on a connection that swallows bytes the page says that it reconnects,
// opens another stream by itself, and shows what it missed. Pages that follow each other quickly
// are all live.
func TestASilentLineIsNoticed(t *testing.T) {
	t.Parallel()
	site := sharedSite(t)
	if site.nginx != nil {
		t.Skip("the relay has another origin than PUBLIC_URL")
	}
	line := newRelay(t, site.one)
	ada, bob := newPerson(t, "Ada", line.base).SignsIn(), newPerson(t, "Bob", site.two).SignsIn()
	conversation := ada.OpensConversationWith(bob)
	for range 30 {
		ada.Opens(conversation)
	}
	ada.IsLive()
	if n := line.refusals(); n != 0 {
		t.Errorf("30 page views: %d answers with status 429", n)
	}

	const states = `new MutationObserver(() => (window.states ??= []).push(document.querySelector(".connection").textContent))
		.observe(document.querySelector(".connection"), {childList: true}), true`
	ada.Runs(states)
	line.silence()
	bob.Opens(conversation)
	bob.Sends("into the tunnel")
	ada.Sees("into the tunnel")
	ada.IsLive()
	if first := ada.Text("window.states[0]"); first != "Reconnecting" {
		t.Errorf("the page said %q", first)
	}
}
