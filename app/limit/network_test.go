package limit_test

import (
	"net/netip"
	"testing"

	"parley/app/limit"
)

func TestNetwork(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.7":                  "192.0.2.7/32",
		"::ffff:192.0.2.7":           "192.0.2.7/32",
		"2001:db8:1:2::1":            "2001:db8:1:2::/64",
		"2001:db8:1:2:ffff:ffff:1:1": "2001:db8:1:2::/64",
		"2001:db8:1:3::1":            "2001:db8:1:3::/64",
		"fe80::1%eth0":               "fe80::/64",
		"::1":                        "::/64",
	} {
		if got := limit.Network(netip.MustParseAddr(address)); got.String() != want {
			t.Errorf("%s: %v, want %s", address, got, want)
		}
	}
	if got := limit.Network(netip.Addr{}); got.IsValid() {
		t.Errorf("no address: %v", got)
	}
}
