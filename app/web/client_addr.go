package web

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"parley/app/limit"
	"parley/app/safehttp"
)

// clientAddr returns the address of the client: the peer's, or, if the peer is a
// trusted proxy, the last address of X-Forwarded-For that is not a trusted proxy's.
func (s *Server) clientAddr(c *fiber.Ctx) netip.Addr {
	addr, _ := peerAddr(c.Context())
	if !s.isTrustedProxy(addr) {
		return addr
	}

	hops := strings.Split(c.Get(fiber.HeaderXForwardedFor), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		text := strings.TrimSpace(hops[i])
		if text == "" { // an empty element of a list does not count (RFC 9110 §5.6.1)
			continue
		}
		hop, err := parseHop(text)
		if err != nil {
			break
		}
		if addr = hop.Unmap(); !s.isTrustedProxy(addr) {
			break
		}
	}

	return addr
}

// parseHop returns the address of an element of X-Forwarded-For. Some proxies add the
// client's port, and write an IPv6 address in brackets. The zone of a link-local address
// names an interface of the proxy, and a network contains no address with one.
func parseHop(text string) (netip.Addr, error) {
	if withPort, err := netip.ParseAddrPort(text); err == nil {
		return withPort.Addr().WithZone(""), nil
	}
	a, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]"))
	return a.WithZone(""), err
}

// clientNetwork returns the key under which the client's address is limited.
func (s *Server) clientNetwork(c *fiber.Ctx) netip.Prefix { return limit.Network(s.clientAddr(c)) }

// peerAddr returns the other end of the connection; false without an IP address.
func peerAddr(c *fasthttp.RequestCtx) (netip.Addr, bool) {
	peer, ok := netip.AddrFromSlice(c.RemoteIP())
	return peer.Unmap(), ok
}

func (s *Server) isTrustedProxy(a netip.Addr) bool {
	return slices.ContainsFunc(s.options.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(a) })
}

// isFromThisMachine reports whether a request was certainly made on this machine:
// to a loopback host, from a loopback address, and through no proxy. A trusted
// proxy that forwards for loopback addresses only is accepted, because templ's
// proxy reloads developers' browsers.
func (s *Server) isFromThisMachine(c *fiber.Ctx) bool {
	peer, _ := peerAddr(c.Context())
	local, _ := netip.AddrFromSlice(c.Context().LocalIP())
	if !peer.IsLoopback() || !local.Unmap().IsLoopback() || !safehttp.IsLoopbackHost(string(c.Request().Host())) {
		return false
	}

	if origin := c.Get(fiber.HeaderOrigin); origin != "" {
		u, err := url.Parse(origin)
		if err != nil || !safehttp.IsLoopbackHost(u.Host) {
			return false
		}
	}

	for key, value := range c.Request().Header.All() {
		switch k := strings.ToLower(string(key)); {
		case k == "x-forwarded-for" && s.isTrustedProxy(peer) && allLoopback(string(value)):
		case k == "forwarded", k == "via", strings.HasPrefix(k, "x-forwarded-"), strings.HasPrefix(k, "x-original-"),
			strings.HasSuffix(k, "-ip"): // X-Real-IP, CF-Connecting-IP, True-Client-IP and others
			return false
		}
	}

	return true
}

func allLoopback(addresses string) bool {
	for a := range strings.SplitSeq(addresses, ",") {
		if ip, err := netip.ParseAddr(strings.TrimSpace(a)); err != nil || !ip.IsLoopback() {
			return false
		}
	}
	return true
}
