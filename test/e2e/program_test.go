package e2e

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/test/wait"
)

// program talks to Parley in JSON, as somebody.
type program struct {
	t    testing.TB
	name string
	http *http.Client
	id   string

	failures atomic.Int64 // sends that were not taken at the first try
}

func programFor(t testing.TB, name string, at *replica) *program {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	p := &program{t: t, name: name, http: &http.Client{Jar: jar, Timeout: 10 * time.Second, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true, // a test's balancer vouches for itself
	}}}
	var a struct{ User chat.Person }
	if status, err := p.post(at, "/signin/dev", url.Values{"name": {name}}, &a); status != 200 {
		t.Fatalf("sign in: %d, %v", status, err)
	}
	p.id = a.User.ID.String()
	return p
}

func (p *program) do(req *http.Request, into any) (int, error) {
	req.Header.Set("Accept", "application/json")
	res, err := p.http.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode < 300 && into != nil {
		err = json.Unmarshal(body, into)
	}
	return res.StatusCode, err
}

func (p *program) post(at *replica, path string, form url.Values, into any) (int, error) {
	req, err := http.NewRequest("POST", at.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return p.do(req, into)
}

func (p *program) get(at *replica, path string, into any) (int, error) {
	req, err := http.NewRequest("GET", at.base+path, nil)
	if err != nil {
		return 0, err
	}
	return p.do(req, into)
}

// opens befriends somebody, who asks back, and opens the conversation of the two.
func (p *program) opens(at *replica, friend *program) string {
	p.t.Helper()
	for by, of := range map[*program]*program{p: friend, friend: p} {
		if status, err := by.post(at, "/requests", url.Values{"person": {of.id}}, nil); status != 200 && status != 201 {
			p.t.Fatalf("ask: %d, %v", status, err)
		}
	}
	var a struct{ Conversation chat.Conversation }
	if status, err := p.post(at, "/conversations", url.Values{"person": {friend.id}}, &a); status != 200 && status != 201 {
		p.t.Fatalf("open: %d, %v", status, err)
	}
	return "/conversations/" + a.Conversation.ID.String()
}

// send sends until it is acknowledged, at one replica after the other: always the same message. It answers its id.
func (p *program) send(at []*replica, talk, body string) uuid.UUID {
	client := chat.NewID().String()
	for attempt := range 400 {
		var a struct{ Message chat.Message }
		status, err := p.post(at[attempt%len(at)], talk+"/messages", url.Values{"body": {body}, "client_id": {client}}, &a)
		if status == http.StatusCreated && err == nil {
			return a.Message.ID
		}
		p.failures.Add(1)
		if status >= 400 && status < 500 {
			p.t.Errorf("%s: refused with %d", body, status)
			return uuid.Nil
		}
		<-time.After(50 * time.Millisecond)
	}
	p.t.Errorf("%s: never taken", body)
	return uuid.Nil
}

// history reads a whole conversation, page by page.
func (p *program) history(at *replica, talk string) (all []chat.Message, pending int) {
	for after := int64(0); ; {
		var page struct {
			Messages []chat.Message
			Pending  []chat.Message
		}
		if status, err := p.get(at, fmt.Sprintf("%s?after=%d&limit=100", talk, after), &page); status != 200 || err != nil {
			return nil, -1
		}
		all = append(all, page.Messages...)
		if len(page.Messages) < 100 {
			return all, len(page.Pending)
		}
		after = *page.Messages[len(page.Messages)-1].Seq
	}
}

// flood sends n messages from both people of several conversations at once. It answers the acknowledged ids by conversation.
type flood struct {
	people []*program
	talks  []string
	sent   sync.Map // id → conversation
}

func newFlood(t testing.TB, at *replica, pairs int) *flood {
	f := &flood{}
	for i := range pairs {
		a, b := programFor(t, unique(t, fmt.Sprintf("A%d", i)), at), programFor(t, unique(t, fmt.Sprintf("B%d", i)), at)
		f.people = append(f.people, a, b)
		f.talks = append(f.talks, a.opens(at, b))
	}
	return f
}

// run sends each person's share; meanwhile is called once, when a third is sent.
func (f *flood) run(at []*replica, each int, meanwhile func()) {
	var all sync.WaitGroup
	third, once := make(chan struct{}), sync.Once{}
	for i, p := range f.people {
		all.Add(1)
		go func() {
			defer all.Done()
			for n := range each {
				if n == each/3 {
					once.Do(func() { close(third) })
				}
				talk := f.talks[i/2]
				f.sent.Store(p.send(at, talk, fmt.Sprintf("%s, %d", p.name, n)), talk)
			}
		}()
	}
	<-third
	meanwhile()
	all.Wait()
}

// check waits until all is stored, and compares: every acknowledged message once, numbers without a gap.
func (f *flood) check(t *testing.T, at *replica) {
	t.Helper()
	want := map[string]map[uuid.UUID]bool{}
	f.sent.Range(func(id, talk any) bool {
		if want[talk.(string)] == nil {
			want[talk.(string)] = map[uuid.UUID]bool{}
		}
		want[talk.(string)][id.(uuid.UUID)] = true
		return true
	})
	total := 0
	for i, talk := range f.talks {
		reader := f.people[2*i]
		var got []chat.Message
		wait.Until(t, talk+" is stored", func() bool {
			all, pending := reader.history(at, talk)
			got = all
			return pending == 0 && len(all) >= len(want[talk])
		})
		for n, m := range got {
			if *m.Seq != int64(n+1) {
				t.Fatalf("%s: seq %d at place %d", talk, *m.Seq, n+1)
			}
			if !want[talk][m.ID] {
				t.Errorf("%s: %q is there twice, or was never acknowledged", talk, m.Body)
			}
			delete(want[talk], m.ID)
		}
		if len(want[talk]) > 0 {
			t.Errorf("%s: %d acknowledged messages are lost", talk, len(want[talk]))
		}
		total += len(got)
	}
	t.Logf("%d messages acknowledged, each stored once, no gap", total)
}
