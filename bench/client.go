package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// transport reuses connections, as a browser or a balancer does.
var transport = &http.Transport{MaxIdleConnsPerHost: 256, DisableCompression: true, DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext}

// client is somebody who is signed in.
type client struct {
	base   string
	cookie string
	id     string
}

func signIn(base, name string) (*client, error) {
	c := &client{base: base}
	res, body, err := c.post("/signin/dev", url.Values{"name": {name}})
	if err != nil {
		return nil, err
	}
	for _, cookie := range res.Cookies() {
		c.cookie = cookie.Name + "=" + cookie.Value
	}
	var a struct{ User struct{ ID string } }
	if err := json.Unmarshal(body, &a); err != nil || res.StatusCode != 200 {
		return nil, fmt.Errorf("sign in: %s: %s", res.Status, body)
	}
	c.id = a.User.ID
	return c, nil
}

func (c *client) post(path string, form url.Values) (*http.Response, []byte, error) {
	req, err := http.NewRequest("POST", c.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	return c.do(req)
}

func (c *client) do(req *http.Request) (*http.Response, []byte, error) {
	if c.cookie != "" {
		req.Header.Set("Cookie", c.cookie)
	}
	res, err := transport.RoundTrip(req)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return res, body, err
}

// befriends asks, and the friend asks back.
func (c *client) befriends(friend *client) error {
	for _, ask := range []struct{ by, of *client }{{c, friend}, {friend, c}} {
		res, body, err := ask.by.post("/requests", url.Values{"person": {ask.of.id}})
		if err != nil {
			return err
		}
		if res.StatusCode >= 300 {
			return fmt.Errorf("ask: %s: %s", res.Status, body)
		}
	}
	return nil
}

// opens befriends somebody, and opens the conversation of the two.
func (c *client) opens(friend *client) (path string, err error) {
	if err := c.befriends(friend); err != nil {
		return "", err
	}
	res, body, err := c.post("/conversations", url.Values{"person": {friend.id}})
	if err != nil {
		return "", err
	}
	var a struct{ Conversation struct{ ID string } }
	if err := json.Unmarshal(body, &a); err != nil || res.StatusCode >= 300 {
		return "", fmt.Errorf("open: %s: %s", res.Status, body)
	}
	return "/conversations/" + a.Conversation.ID, nil
}

func (c *client) sends(talk, body string) error {
	res, answer, err := c.post(talk+"/messages", url.Values{"body": {body}, "client_id": {uuid.Must(uuid.NewV7()).String()}})
	if err == nil && res.StatusCode != http.StatusCreated {
		err = fmt.Errorf("send: %s: %s", res.Status, answer)
	}
	return err
}

// quantile of durations; it sorts them.
func quantile(all []time.Duration, q float64) time.Duration {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[min(len(all)-1, int(q*float64(len(all))))]
}

func median[T float64 | time.Duration](all []T) T {
	slices.Sort(all)
	return all[len(all)/2]
}
