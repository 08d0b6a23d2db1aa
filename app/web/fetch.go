package web

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

	"parley/app/picture"
)

// fetcher gets pictures from addresses that others chose, so it must not be led anywhere else than to a public server: the address is checked
// when it is dialled, after any name was resolved, for each redirect too.
type fetcher struct {
	client *http.Client
	local  bool // this machine may be asked, without https: for tests
}

const (
	fetchTimeout   = 10 * time.Second
	fetchRedirects = 3
)

func newFetcher(local bool) *fetcher {
	f := &fetcher{local: local}
	dialer := &net.Dialer{Timeout: 3 * time.Second, Control: func(_, address string, _ syscall.RawConn) error { return f.mayDial(address) }}
	f.client = &http.Client{
		Timeout: fetchTimeout,
		Transport: &http.Transport{
			Proxy: nil, DialContext: dialer.DialContext, TLSHandshakeTimeout: 3 * time.Second, ResponseHeaderTimeout: 5 * time.Second,
			MaxResponseHeaderBytes: 32 << 10, DisableKeepAlives: true, ForceAttemptHTTP2: true,
		},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > fetchRedirects {
				return errors.New("too many redirects")
			}
			r.Header.Del("Referer")
			return f.mayAsk(r.URL)
		},
	}
	return f
}

// fetch gets what may be a picture. Its errors hold no address.
func (f *fetcher) fetch(ctx context.Context, address string) ([]byte, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("no address")
	}
	if err := f.mayAsk(u); err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, errors.New("no address")
	}
	r.Header.Set("Accept", "image/webp, image/png, image/jpeg, image/gif")
	r.Header.Set("User-Agent", "Parley")
	res, err := f.client.Do(r)
	if err != nil {
		var full *url.Error
		if errors.As(err, &full) {
			err = full.Err
		}
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d", res.StatusCode)
	}
	if res.ContentLength > picture.MaxBytes {
		return nil, errors.New("too large")
	}
	b, err := io.ReadAll(io.LimitReader(res.Body, picture.MaxBytes+1))
	if err == nil && len(b) > picture.MaxBytes {
		err = errors.New("too large")
	}
	return b, err
}

func (f *fetcher) mayAsk(u *url.URL) error {
	if u.Scheme != "https" && !(f.local && u.Scheme == "http" && loopbackHost(u.Host)) || u.Host == "" || u.User != nil {
		return errors.New("not an https:// address")
	}
	return nil
}

func (f *fetcher) mayDial(address string) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return errors.New("no address")
	}
	a := at.Addr()
	if public(a) || f.local && a.Unmap().IsLoopback() {
		return nil
	}
	return errors.New("not a public address")
}

// special are networks within the public ranges that aren't the public Internet (IANA's special-purpose registries), or that lead to an
// address inside another one.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"), netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("192.88.99.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("3fff::/20"),
}

// unicast is all of IPv6 that is given out (RFC 3587); it leaves out NAT64, IPv4-compatible, site-local and the like.
var unicast = netip.MustParsePrefix("2000::/3")

// public tells an address of the public Internet.
func public(a netip.Addr) bool {
	if a.Zone() != "" {
		return false
	}
	a = a.Unmap()
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.Is6() && !unicast.Contains(a) {
		return false
	}
	for _, p := range special {
		if p.Contains(a) {
			return false
		}
	}
	return true
}
