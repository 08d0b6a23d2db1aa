package integration

import (
	"context"
	"net/url"
	"testing"

	"parley/app/chat"
	"parley/app/replica"
)

// TestRateLimitsAcrossReplicas: a person who alternates between replicas is admitted
// no more often than at one.
func TestRateLimitsAcrossReplicas(t *testing.T) {
	t.Parallel()
	limits := []string{"LIMIT_MESSAGES", "16,0.001", "LIMIT_SEARCHES", "16,0.001", "LIMIT_SIGNINS", "16,0.001"}
	one := startReplica(t, limits...)
	two := startReplicaAt(t, one.addresses, limits...)
	ada, _, conversation := one.signInFriends()
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

// TestRetryAfter: every form of a rejection has Retry-After, and the form keeps its
// text.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	r := startReplica(t, "LIMIT_MESSAGES", "1,0.001", "LIMIT_SEARCHES", "1,0.001")
	ada, _, conversation := r.signInFriends()
	ada.send(conversation, "the only one")
	ada.get("/people?q=bob").expectStatus(200)
	for form, headers := range map[string][]string{
		"JSON":   nil,
		"script": {"Accept", "text/html, application/problem+json", "HX-Request", "true"},
		"htmx":   htmx,
		"form":   html,
	} {
		got := ada.post(conversation+"/messages", messageForm("a long text"), headers...)
		got.expectRetryAfter("send by "+form, 429)
		if form == "form" {
			if words := got.page(429).Find("textarea[name=body]").Text(); words != "a long text" {
				t.Errorf("text in the composer: %q", words)
			}
		}
		ada.get("/people?q=bob", headers...).expectRetryAfter("search by "+form, 429)
	}

	r.replica.Server.Drain()
	ada.get("/readyz").expectRetryAfter("a draining replica", 503)
}

// blockingObserver blocks each send that was admitted until it is released.
type blockingObserver struct {
	chat.Observer
	admitted, released chan struct{}
}

func (o blockingObserver) Accept(ctx context.Context, m chat.Message) string {
	o.admitted <- struct{}{}
	<-o.released
	return o.Observer.Accept(ctx, m)
}

// TestLoadShedding: above the in-flight limit any send is rejected before
// authentication, and a plain form keeps its text.
func TestLoadShedding(t *testing.T) {
	t.Parallel()
	blocking := blockingObserver{admitted: make(chan struct{}), released: make(chan struct{})}
	r := startReplicaWith(t, newAddresses(t), replica.Options{
		WrapObserver: func(o chat.Observer) chat.Observer {
			blocking.Observer = o
			return blocking
		},
	}, "LIMIT_SENDS_IN_FLIGHT", "1")

	ada, bob, conversation := r.signInFriends()
	first := make(chan reply)
	go func() { first <- ada.post(conversation+"/messages", messageForm("first")) }()
	<-blocking.admitted
	stranger := r.visitor()
	stranger.post(conversation+"/messages", messageForm("from a stranger")).expectRetryAfter("a stranger's send", 503)
	got := bob.post(conversation+"/messages", messageForm("a long text"), html...)
	got.expectRetryAfter("a plain form", 503)
	if words := got.page(503).Find("textarea[name=body]").Text(); words != "a long text" {
		t.Errorf("text in the composer: %q", words)
	}

	bob.get(conversation).expectStatus(200)
	blocking.released <- struct{}{}
	(<-first).expectStatus(201)
	go func() { <-blocking.admitted; blocking.released <- struct{}{} }()
	bob.send(conversation, "second")
	stranger.post(conversation+"/messages", messageForm("from a stranger")).expectStatus(401)
}
