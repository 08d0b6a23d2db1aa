package admin

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// guard stands before every handler: headers, bounds, and two refusals. A page of another origin may not post here; and a name that somebody
// pointed at this address ("DNS rebinding") may not read here, so a name counts only if it is this machine's own. An address proves itself.
func (s *Server) guard(next http.Handler) http.Handler {
	crossed := http.NewCrossOriginProtection()
	crossed.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.fail(w, r, errForeign) }))
	next = crossed.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, h := range s.options.Headers {
			w.Header().Set(h[0], h[1])
		}
		r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
		if !s.mayBeAskedAs(r) {
			s.fail(w, r, errHost)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// mayBeAskedAs: programs on other machines know this one by names that it doesn't know, and get nothing but what is for them.
func (s *Server) mayBeAskedAs(r *http.Request) bool {
	if s.options.Remote && slices.Contains([]string{"/metrics", "/healthz", "/readyz"}, r.URL.Path) {
		return true
	}
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	if ip, err := netip.ParseAddr(host); err == nil {
		return s.options.Remote || ip.IsLoopback() || slices.Contains(s.options.Hosts, host)
	}
	return host == "localhost" || slices.Contains(s.options.Hosts, host)
}
