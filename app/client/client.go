// Package client is the Go client of Parley's JSON interface. The drill, the
// fault suite, the benchmarks and the tests use it; a bot would, too. It knows
// the interface only: it imports no other package of Parley.
package client

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"
)

// Options configure a Client. The zero value has no timeout and a transport of
// its own.
type Options struct {
	// Timeout bounds each request, and the wait for the head of a stream. 0 means none.
	Timeout time.Duration
	// Transport may be shared by many clients. Nil means a transport for this client alone.
	Transport http.RoundTripper
	// Inspect, if set, is called with every response body and every event's data
	// before it is decoded; where names the request or the event. It may be
	// called concurrently.
	Inspect func(where string, body []byte)
}

// Client is the session of one person at one replica. It is safe for concurrent
// use.
type Client struct {
	// Base is the address of the replica, such as http://127.0.0.1:8000.
	Base string
	// User is the person who is signed in; zero before.
	User Person

	options Options
	http    *http.Client
}

// New returns a client that is not signed in.
func New(base string, o Options) *Client {
	if o.Transport == nil {
		o.Transport = &http.Transport{MaxIdleConnsPerHost: 8}
	}

	jar, _ := cookiejar.New(nil) // fails for no options
	return &Client{Base: base, options: o, http: &http.Client{Jar: jar, Transport: o.Transport}}
}

// SignIn returns a client that is signed in by the development sign-in, which
// creates the person if the name is new.
func SignIn(ctx context.Context, base, name string, o Options) (*Client, error) {
	c := New(base, o)
	var a struct{ User Person }
	err := c.Post(ctx, "/signin/dev", url.Values{"name": {name}}, &a)
	c.User = a.User
	return c, err
}

// At returns the same session at another replica of the same host. Sessions
// don't depend on the port.
func (c *Client) At(base string) *Client {
	other := *c
	other.Base = base
	return &other
}

// Cookies returns the cookies of the session, for requests that bypass the
// client.
func (c *Client) Cookies() []*http.Cookie {
	u, err := url.Parse(c.Base)
	if err != nil {
		return nil
	}

	return c.http.Jar.Cookies(u)
}

// Get requests a path and decodes the answer into the value that into points
// to, unless it is nil. A status above 299 is an *Error.
func (c *Client) Get(ctx context.Context, path string, into any) error {
	return c.do(ctx, http.MethodGet, path, nil, into)
}

// Post sends a form, and is Get in all else.
func (c *Client) Post(ctx context.Context, path string, form url.Values, into any) error {
	return c.do(ctx, http.MethodPost, path, form, into)
}

// Fetch requests a path with more headers and returns the response, whatever
// its status, with its body as it came.
func (c *Client) Fetch(ctx context.Context, path string, header http.Header) (*http.Response, []byte, error) {
	return c.roundTrip(ctx, http.MethodGet, path, nil, header)
}

func (c *Client) do(ctx context.Context, method, path string, form url.Values, into any) error {
	res, body, err := c.roundTrip(ctx, method, path, form, http.Header{"Accept": {"application/json"}})
	if err != nil {
		return err
	}

	if res.StatusCode >= 300 {
		return newError(res, body)
	}

	if into == nil {
		return nil
	}

	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}

	return nil
}

func (c *Client) roundTrip(
	ctx context.Context, method, path string, form url.Values, header http.Header,
) (*http.Response, []byte, error) {
	if c.options.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.options.Timeout)
		defer cancel()
	}

	req, err := http.NewRequestWithContext(ctx, method, c.Base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, nil, err
	}

	maps.Copy(req.Header, header)

	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}

	res, err := c.http.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()

	body, err := io.ReadAll(res.Body)
	if c.options.Inspect != nil {
		c.options.Inspect(method+" "+req.URL.Path, body)
	}

	return res, body, err
}
