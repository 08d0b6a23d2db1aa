package integration

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"testing"

	"parley/app/chat"
	"parley/app/replica"
)

func newBody(text string) url.Values {
	return url.Values{"body": {text}, "client_id": {chat.NewID().String()}}
}

// refusedRightly: too fast, in the form that was asked for, and with a time to come back.
func (r reply) refusedRightly(what string, status int) {
	r.t.Helper()
	if after, err := strconv.Atoi(r.header.Get("Retry-After")); r.status != status || err != nil || after < 1 {
		r.t.Errorf("%s: %d, come back after %q: %s", what, r.status, r.header.Get("Retry-After"), r.body)
	}
}

// TestLimitsHoldAcrossReplicas: whoever goes from one to the other gets no more than by staying.
func TestLimitsHoldAcrossReplicas(t *testing.T) {
	t.Parallel()
	limits := []string{"LIMIT_MESSAGES", "16,0.001", "LIMIT_SEARCHES", "16,0.001", "LIMIT_SIGNINS", "16,0.001"}
	one := startReplica(t, limits...)
	two := startReplicaAt(t, one.at, limits...)
	ada, bob := one.signIn("Ada"), one.signIn("Bob")
	talk := ada.opens(bob)
	there := ada.elsewhere(two)
	for what, try := range map[string]struct {
		before int
		do     func(p *person) reply
	}{
		"messages": {0, func(p *person) reply { return p.post(talk+"/messages", newBody("hi")) }},
		"searches": {0, func(p *person) reply { return p.get("/people?q=bob") }},
		"sign-ins": {2, func(p *person) reply { return p.post("/signin/dev", url.Values{"name": {"Ada"}}) }},
	} {
		admitted := try.before
		for i := range 40 {
			if got := try.do([]*person{ada, there}[i%2]); got.status < 300 {
				admitted++
			} else {
				got.refusedRightly(what, 429)
			}
		}
		if admitted > 16 || admitted < 16-2 {
			t.Errorf("%s: two replicas admit %d of 16", what, admitted)
		}
	}
}

// TestRefusalsSayWhenToComeBack in every form of an answer, and the words stay.
func TestRefusalsSayWhenToComeBack(t *testing.T) {
	t.Parallel()
	r := startReplica(t, "LIMIT_MESSAGES", "1,0.001", "LIMIT_SEARCHES", "1,0.001")
	ada, bob := r.signIn("Ada"), r.signIn("Bob")
	talk := ada.opens(bob)
	ada.sends(talk, "the only one")
	ada.get("/people?q=bob").is(200)
	for form, headers := range map[string][]string{"a program": nil, "a script": {"Accept", "text/html, application/problem+json", "HX-Request", "true"}, "htmx": {"Accept", "text/html", "HX-Request", "true"}, "a form": html} {
		got := ada.post(talk+"/messages", newBody("my dear words"), headers...)
		got.refusedRightly("sending from "+form, 429)
		if form == "a form" {
			got.status = 200
			if words := ada.document(got).Find("textarea[name=body]").Text(); words != "my dear words" {
				t.Errorf("the box has %q", words)
			}
		}
		ada.get("/people?q=bob", headers...).refusedRightly("searching from "+form, 429)
	}
	r.replica.Server.Drain()
	ada.get("/readyz").refusedRightly("a draining replica", 503)
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
	talk := ada.opens(bob)
	first := make(chan reply)
	go func() { first <- ada.post(talk+"/messages", newBody("I was first")) }()
	<-held.in
	stranger := &person{instance: r, http: http.DefaultClient}
	stranger.post(talk+"/messages", newBody("and who am I?")).refusedRightly("a stranger's send", 503)
	got := bob.post(talk+"/messages", newBody("my dear words"), html...)
	got.refusedRightly("a plain form", 503)
	got.status = 200
	if words := bob.document(got).Find("textarea[name=body]").Text(); words != "my dear words" {
		t.Errorf("the box has %q", words)
	}
	bob.get(talk).is(200)
	held.on <- struct{}{}
	(<-first).is(201)
	go func() { <-held.in; held.on <- struct{}{} }()
	bob.sends(talk, "and I am second")
	stranger.post(talk+"/messages", newBody("and who am I?")).is(401)
}
