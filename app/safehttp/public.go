package safehttp

import (
	"net/netip"
	"net/url"
	"slices"
)

// special are the networks within the public ranges that are not part of the public
// Internet (IANA's special-purpose address registries), or that embed the address of
// another network.
var special = parsePrefixes(
	"0.0.0.0/8",
	"100.64.0.0/10",
	"192.0.0.0/24",
	"192.0.2.0/24",
	"192.88.99.0/24",
	"198.18.0.0/15",
	"198.51.100.0/24",
	"203.0.113.0/24",
	"240.0.0.0/4",
	"2001::/23",
	"2001:db8::/32",
	"2002::/16",
	"3fff::/20",
)

// globalUnicast is the part of IPv6 from which addresses are assigned (RFC 3587). It
// excludes NAT64, IPv4-compatible, site-local and similar addresses.
var globalUnicast = netip.MustParsePrefix("2000::/3")

// isPublic reports whether a is an address of the public Internet.
func isPublic(a netip.Addr) bool {
	if a.Zone() != "" {
		return false
	}

	a = a.Unmap()
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.Is6() && !globalUnicast.Contains(a) {
		return false
	}

	return !slices.ContainsFunc(special, func(p netip.Prefix) bool { return p.Contains(a) })
}

// IsLoopbackHost reports whether a host, with or without a port, is localhost or a
// loopback address.
func IsLoopbackHost(host string) bool {
	u, err := url.Parse("//" + host)
	if err != nil {
		return false
	}
	if u.Hostname() == "localhost" {
		return true
	}

	a, err := netip.ParseAddr(u.Hostname())
	return err == nil && a.IsLoopback()
}

func parsePrefixes(texts ...string) []netip.Prefix {
	prefixes := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		prefixes[i] = netip.MustParsePrefix(text)
	}
	return prefixes
}
