package safehttp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

// Limits of one download. Its context may end it earlier.
const (
	totalTimeout  = 10 * time.Second
	dialTimeout   = 3 * time.Second // of the connection, and again of its TLS handshake
	headerTimeout = 5 * time.Second
	maxHeader     = 32 << 10 // bytes
	maxRedirects  = 3
)

var (
	errAddress = errors.New("invalid address")
	errScheme  = errors.New("not an https:// address")
	errPrivate = errors.New("not a public address")
	errTooMany = errors.New("too many redirects")
	errTooLong = errors.New("response too large")
)

// Options are the settings of a Client.
type Options struct {
	MaxBytes      int  // of a response's body
	AllowLoopback bool // this machine may be contacted, without https: for tests
}

// Client downloads over https from public addresses. Addresses are checked when
// they are dialled, so after names are resolved, and again for each redirect. A
// Client is safe for concurrent use.
type Client struct {
	http    *http.Client
	options Options
}

// New returns a client that uses no proxy and keeps no connections.
func New(o Options) *Client {
	c := &Client{options: o}
	dialer := &net.Dialer{
		Timeout: dialTimeout,
		Control: func(_, address string, _ syscall.RawConn) error { return c.checkDial(address) },
	}

	c.http = &http.Client{
		Timeout: totalTimeout,
		Transport: &http.Transport{
			Proxy:                  nil,
			DialContext:            dialer.DialContext,
			TLSHandshakeTimeout:    dialTimeout,
			ResponseHeaderTimeout:  headerTimeout,
			MaxResponseHeaderBytes: maxHeader,
			DisableKeepAlives:      true,
			ForceAttemptHTTP2:      true,
		},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > maxRedirects {
				return errTooMany
			}
			r.Header.Del("Referer")
			return c.checkURL(r.URL)
		},
	}

	return c
}

// Get returns the body of a 200 response to a request with the given Accept header.
// Its errors do not contain the address.
func (c *Client) Get(ctx context.Context, address, accept string) ([]byte, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, errAddress
	}
	if err := c.checkURL(u); err != nil {
		return nil, err
	}

	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, errAddress
	}

	r.Header.Set("Accept", accept)
	r.Header.Set("User-Agent", "Parley")

	res, err := c.http.Do(r)
	if err != nil {
		var withURL *url.Error
		if errors.As(err, &withURL) {
			err = withURL.Err
		}
		return nil, err
	}
	defer res.Body.Close()

	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d", res.StatusCode)
	}
	if res.ContentLength > int64(c.options.MaxBytes) {
		return nil, errTooLong
	}

	b, err := io.ReadAll(io.LimitReader(res.Body, int64(c.options.MaxBytes)+1))
	if err == nil && len(b) > c.options.MaxBytes {
		err = errTooLong
	}

	return b, err
}

func (c *Client) checkURL(u *url.URL) error {
	local := c.options.AllowLoopback && u.Scheme == "http" && IsLoopbackHost(u.Host)
	if u.Scheme != "https" && !local || u.Host == "" || u.User != nil {
		return errScheme
	}
	return nil
}

// checkDial checks the resolved address of a connection before it is opened.
func (c *Client) checkDial(address string) error {
	addrPort, err := netip.ParseAddrPort(address)
	if err != nil {
		return errAddress
	}

	a := addrPort.Addr()
	if isPublic(a) || c.options.AllowLoopback && a.Unmap().IsLoopback() {
		return nil
	}

	return errPrivate
}
