package integration

import (
	"net/url"
	"sync"
	"testing"
)

// TestBudgetOfChanges: the 21st change of an account in a row gets 429 in every form, at
// whichever replica, and other people are not concerned.
func TestBudgetOfChanges(t *testing.T) {
	t.Parallel()
	limits := []string{"LIMIT_CHANGES", "20,0.001", "LIMIT_UPLOADS", "5,0.001"}
	one := startReplica(t, limits...)
	two := startReplicaAt(t, one.addresses, limits...)
	ada, bob := one.signIn("Ada"), one.signIn("Bob")
	there := ada.onReplica(two)
	forms := []struct {
		path string
		form url.Values
	}{
		{"/account/appearance", url.Values{"theme": {"dark"}}},
		{"/account/privacy", url.Values{"share_presence": {"off"}}},
		{"/account/zone", url.Values{"time_zone": {"Europe/Berlin"}}},
		{"/account/profile", url.Values{"name": {"Ada"}}},
	}

	admitted := 0
	for i := range 60 {
		f := forms[i%len(forms)]
		got := []*person{ada, there}[i/2%2].post(f.path, f.form)
		if got.status == 200 {
			admitted++
		} else {
			got.expectRetryAfter(f.path, 429)
		}
	}
	if admitted > 20 || admitted < 20-4 {
		t.Errorf("two replicas admitted %d changes, limit 20", admitted)
	}

	got := ada.post("/account/appearance", forms[0].form, htmx...)
	got.expectRetryAfter("the script's form", 429)
	if len(got.body) > 1000 {
		t.Errorf("the answer to htmx is a page of %d bytes", len(got.body))
	}
	ada.post("/account/appearance", forms[0].form, html...).expectRetryAfter("a plain form", 429)
	bob.post("/account/appearance", forms[0].form).expectStatus(200)

	// The thief of a session must not spend what ends it.
	for range 30 {
		ada.post("/account/sessions/revoke-others", nil)
	}
	again := ada.signInAgain(one, "another browser")
	again.post("/account/sessions/revoke-others", nil).expectStatus(204)

	for i := range 6 {
		got := bob.post("/account/picture", url.Values{"remove": {"picture"}})
		if i < 5 {
			got.expectStatus(204)
		} else {
			got.expectRetryAfter("the sixth picture", 429)
		}
	}
}

// TestBudgetOfReads: a person who checks conversations on 24 connections is limited, and
// keeps nobody from changing their name.
func TestBudgetOfReads(t *testing.T) {
	t.Parallel()
	r := startReplica(t, "LIMIT_READS", "240,0.001")
	ada, bob, conversation := r.signInFriends()
	var wg sync.WaitGroup
	var mu sync.Mutex
	statuses := map[int]int{}
	for range 24 {
		wg.Go(func() {
			got := ada.get(conversation + "/details")
			mu.Lock()
			defer mu.Unlock()
			if statuses[got.status]++; got.status != 200 {
				got.expectRetryAfter("a check", 429)
			}
		})
	}
	bob.post("/account/profile", url.Values{"name": {bob.Name}}).expectStatus(200)
	bob.get(conversation).expectStatus(200)
	wg.Wait()
	if statuses[200] == 0 || statuses[200] > 12 || statuses[200]+statuses[429] != 24 {
		t.Errorf("statuses %v, want at most 12 times 200, then 429", statuses)
	}
}
