package admin

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// maxBody is the size limit of a request's body, in bytes. Forms here have no fields.
const maxBody = 1 << 16

// guard wraps every handler. It adds headers and limits, and refuses two kinds of
// requests: posts from pages of another origin, and requests under a name that isn't
// this machine's own, which somebody may have pointed at this address ("DNS
// rebinding").
func (s *Server) guard(next http.Handler) http.Handler {
	origin := http.NewCrossOriginProtection()
	origin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, errCrossOrigin)
	}))
	next = origin.Handler(next)

	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, h := range s.options.Headers {
			w.Header().Set(h[0], h[1])
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		if !s.hostAllowed(r) {
			s.fail(w, r, errHost)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// hostAllowed checks the request's Host. Monitoring on other machines may call this
// one by names that it doesn't know, so with Remote its paths accept any name.
func (s *Server) hostAllowed(r *http.Request) bool {
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
