package integration

import (
	"context"
	"net/url"
	"testing"

	"parley/app/chat"
	"parley/app/replica"
)

// TestLimitsHoldAcrossReplicas: whoever goes from one to the other gets no more than by staying.
func TestLimitsHoldAcrossReplicas(t *testing.T) {
	t.Parallel()
	limits := []string{"LIMIT_MESSAGES", "16,0.001", "LIMIT_SEARCHES", "16,0.001", "LIMIT_SIGNINS", "16,0.001"}
	one := startReplica(t, limits...)
	two := startReplicaAt(t, one.addresses, limits...)
	ada, bob := one.signIn("Ada"), one.signIn("Bob")
	conversation := ada.openConversation(bob)
	there := ada.onReplica(two)
	for what, try := range map[string]struct {
		before int
		do     func(p *person) reply
	}{
		"messages": {0, func(p *person) reply { return p.post(conversation+"/messages", messageForm("hi")) }},
		"searches": {0, func(p *person) reply { return p.get("/people?q=bob") }},
		"sign-ins": {2, func(p *person) reply { return p.post("/signin/dev", url.Values{"name": {"Ada"}}) }},
	} {
		admitted := try.before
		for i := range 40 {
			if got := try.do([]*person{ada, there}[i%2]); got.status < 300 {
				admitted++
			} else {
				got.expectRetryAfter(what, 429)
			}
		}
		if admitted > 16 || admitted < 16-2 {
			t.Errorf("%s: two replicas admitted %d, limit 16", what, admitted)
		}
	}
}

// TestRefusalsSayWhenToComeBack in every form of an answer, and the words stay.
func TestRefusalsSayWhenToComeBack(t *testing.T) {
	t.Parallel()
	r := startReplica(t, "LIMIT_MESSAGES", "1,0.001", "LIMIT_SEARCHES", "1,0.001")
	ada, bob := r.signIn("Ada"), r.signIn("Bob")
	conversation := ada.openConversation(bob)
	ada.send(conversation, "the only one")
	ada.get("/people?q=bob").expectStatus(200)
	for form, headers := range map[string][]string{"a program": nil, "a script": {"Accept", "text/html, application/problem+json", "HX-Request", "true"}, "htmx": {"Accept", "text/html", "HX-Request", "true"}, "a form": html} {
		got := ada.post(conversation+"/messages", messageForm("my dear words"), headers...)
		got.expectRetryAfter("sending from "+form, 429)
		if form == "a form" {
			if words := got.page(429).Find("textarea[name=body]").Text(); words != "my dear words" {
				t.Errorf("text in the composer: %q", words)
			}
		}
		ada.get("/people?q=bob", headers...).expectRetryAfter("searching from "+form, 429)
	}

	r.replica.Server.Drain()
	ada.get("/readyz").expectRetryAfter("a draining replica", 503)
}

// turnstile holds sends back once they are let in.
type turnstile struct {
	chat.Observer
	in, on chan struct{}
}

func (w turnstile) Accept(ctx context.Context, m chat.Message) string {
	w.in <- struct{}{}
	<-w.on
	return w.Observer.Accept(ctx, m)
}

// TestACrowdIsRefusedAtTheDoor: whoever it is that comes, without a look at who it is; the words of a plain form stay.
func TestACrowdIsRefusedAtTheDoor(t *testing.T) {
	t.Parallel()
	held := turnstile{in: make(chan struct{}), on: make(chan struct{})}
	r := startReplicaWith(t, newAddresses(t), replica.Options{
		WrapObserver: func(o chat.Observer) chat.Observer {
			held.Observer = o
			return held
		},
	}, "LIMIT_SENDS_IN_FLIGHT", "1")

	ada, bob := r.signIn("Ada"), r.signIn("Bob")
	conversation := ada.openConversation(bob)
	first := make(chan reply)
	go func() { first <- ada.post(conversation+"/messages", messageForm("I was first")) }()
	<-held.in
	stranger := r.visitor()
	stranger.post(conversation+"/messages", messageForm("and who am I?")).expectRetryAfter("a stranger's send", 503)
	got := bob.post(conversation+"/messages", messageForm("my dear words"), html...)
	got.expectRetryAfter("a plain form", 503)
	if words := got.page(503).Find("textarea[name=body]").Text(); words != "my dear words" {
		t.Errorf("text in the composer: %q", words)
	}

	bob.get(conversation).expectStatus(200)
	held.on <- struct{}{}
	(<-first).expectStatus(201)
	go func() { <-held.in; held.on <- struct{}{} }()
	bob.send(conversation, "and I am second")
	stranger.post(conversation+"/messages", messageForm("and who am I?")).expectStatus(401)
}
