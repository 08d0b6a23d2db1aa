package chaos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync/atomic"

	"github.com/google/uuid"

	"parley/app/chat"
)

// client is a browser: a session, and the replica that it was last sent to. Safe for concurrent use.
type client struct {
	name    string
	person  int
	id      uuid.UUID
	run     string
	mine    map[int]bool // the person's conversations
	history *History
	bases   []string
	at      atomic.Int64 // in bases
	http    *http.Client
	stream  *http.Client
}

// page is a page of a conversation. Pending is nil when it isn't the newest, or unknown.
type page struct {
	Messages []chat.Message `json:"messages"`
	Pending  []chat.Message `json:"pending"`
	Complete bool           `json:"complete"`
}

// answer is what a replica said.
type answer struct {
	status int
	body   []byte
}

func newClient(name string, person int, o WorkloadOptions, bases []string, history *History) (*client, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	c := &client{name: name, person: person, run: o.Run, bases: bases, history: history, mine: map[int]bool{}}
	c.http = &http.Client{Jar: jar, Timeout: o.Timeout, Transport: &http.Transport{MaxIdleConnsPerHost: 4}}
	c.stream = &http.Client{Jar: jar, Transport: &http.Transport{ResponseHeaderTimeout: o.Timeout}}
	c.at.Store(rand.Int64N(int64(len(bases))))
	return c, nil
}

func (c *client) base() string { return c.bases[int(c.at.Load())%len(c.bases)] }

// move is what a balancer does when a replica doesn't answer.
func (c *client) move() { c.at.Add(1) }

func (c *client) get(ctx context.Context, path string) (answer, error) {
	return c.do(ctx, http.MethodGet, c.base()+path, nil)
}

// do asks, and looks through whatever comes for what isn't this person's.
func (c *client) do(ctx context.Context, method, address string, form url.Values) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Accept", "application/json")
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := c.http.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	c.inspect(body, method+" "+req.URL.Path)
	return answer{res.StatusCode, body}, err
}

func (c *client) inspect(raw []byte, where string) {
	for _, canary := range foreign(raw, c.run, c.mine) {
		c.history.See(Leaked, "%s reached person %d by %s", canary, c.person, where)
	}
}

// must asks for something of the preparations, when nothing is hurt yet.
func (c *client) must(ctx context.Context, path string, form url.Values, into any) error {
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	a, err := c.do(ctx, method, c.base()+path, form)
	if err == nil && a.status >= 300 {
		err = fmt.Errorf("status %d: %s", a.status, a.body)
	}
	if err == nil && into != nil {
		err = json.Unmarshal(a.body, into)
	}
	if err != nil {
		return fmt.Errorf("%s, %s: %w", c.name, path, err)
	}
	return nil
}

func (c *client) signIn(ctx context.Context) error {
	var a struct{ User chat.Person }
	err := c.must(ctx, "/signin/dev", url.Values{"name": {c.name}}, &a)
	c.id = a.User.ID
	return err
}

// page reads a page of a conversation. An error means that it can't be had now.
func (c *client) page(ctx context.Context, talk string, after int64, limit int) (p page, newest bool, err error) {
	a, err := c.get(ctx, fmt.Sprintf("/conversations/%s?after=%d&limit=%d", talk, after, limit))
	switch {
	case err != nil:
		c.move()
		return p, false, err
	case a.status != http.StatusOK:
		c.told(a.status, "reading "+talk)
		return p, false, fmt.Errorf("status %d", a.status)
	}
	fields := map[string]json.RawMessage{}
	if err := errors.Join(json.Unmarshal(a.body, &p), json.Unmarshal(a.body, &fields)); err != nil {
		return p, false, err
	}
	_, newest = fields["pending"]
	return p, newest, nil
}

// told notes an answer that no member may get, whatever is down.
func (c *client) told(status int, when string) {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		c.history.See(Misled, "person %d was answered %d when %s", c.person, status, when)
	}
}

// send posts a message once, and says what the sender then knows.
func (c *client) send(ctx context.Context, base, talk string, clientID uuid.UUID, body string) (Outcome, *chat.Message) {
	a, err := c.do(ctx, http.MethodPost, base+"/conversations/"+talk+"/messages", url.Values{"body": {body}, "client_id": {clientID.String()}})
	if err != nil {
		c.move()
		if dial := (*net.OpError)(nil); errors.As(err, &dial) && dial.Op == "dial" {
			return Refused, nil // it never left
		}
		return Unknown, nil
	}
	if a.status == http.StatusCreated {
		var got struct{ Message *chat.Message }
		if err := json.Unmarshal(a.body, &got); err != nil || got.Message == nil {
			return Unknown, nil
		}
		return OK, got.Message
	}
	c.told(a.status, "sending to "+talk)
	var problem struct{ Type string }
	if json.Unmarshal(a.body, &problem) != nil || problem.Type == "unconfirmed" || problem.Type == "internal" || problem.Type == "" {
		return Unknown, nil
	}
	return Refused, nil
}
