package limit

import "net/netip"

// Network returns the key under which an address is limited: the address itself for
// IPv4, and its /64 for IPv6, because every household has that many addresses.
func Network(a netip.Addr) netip.Prefix {
	a = a.Unmap()
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits) // the zero Prefix for the zero Addr
	return p
}
