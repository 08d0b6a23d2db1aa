package config

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

func text(field *string) func(string) error {
	return func(v string) error { *field = v; return nil }
}

func oneOf(field *string, choices ...string) func(string) error {
	return func(v string) error {
		if !slices.Contains(choices, v) {
			return fmt.Errorf("%q is none of the choices: write %s", v, strings.Join(choices, ", "))
		}

		*field = v
		return nil
	}
}

func number(field *int, lowest, highest int) func(string) error {
	return func(v string) error {
		n, err := strconv.Atoi(v)
		if err != nil || n < lowest || n > highest {
			return fmt.Errorf("%q won’t do: write a whole number from %d to %d", v, lowest, highest)
		}

		*field = n
		return nil
	}
}

// maxTopicPrefix leaves room for the names behind it: Kafka's names have at most 249
// characters.
const maxTopicPrefix = 100

func topicPrefix(field *string) func(string) error {
	return func(v string) error {
		if len(v) > maxTopicPrefix || !regexp.MustCompile(`^[a-zA-Z0-9._-]*$`).MatchString(v) {
			return fmt.Errorf("%q won’t do: write at most %d letters, digits, dots, hyphens and underscores", v, maxTopicPrefix)
		}

		*field = v
		return nil
	}
}

func rate(field *Rate) func(string) error {
	return func(v string) error {
		if v == "0" {
			*field = Rate{}
			return nil
		}

		burst, perSecond, ok := strings.Cut(v, ",")
		n, err1 := strconv.Atoi(strings.TrimSpace(burst))

		f, err2 := strconv.ParseFloat(strings.TrimSpace(perSecond), 64)
		if !ok || errors.Join(err1, err2) != nil || n < 1 || !(f > 0) || math.IsInf(f, 0) {
			return fmt.Errorf("%q won’t do: write a burst and a number per second, such as 40,10, or 0 for no limit", v)
		}

		*field = Rate{Burst: n, PerSecond: f}
		return nil
	}
}

// maxShortName is the length of a name that fits on a button, in characters.
const maxShortName = 40

func shortName(field *string) func(string) error {
	return func(v string) error {
		if len([]rune(v)) > maxShortName || strings.ContainsFunc(v, unicode.IsControl) {
			return fmt.Errorf("%q won’t do: write at most %d characters, as they are to stand on a button",
				v, maxShortName)
		}

		*field = v
		return nil
	}
}

// setRoles reads a list with commas.
func (c *Config) setRoles(v string) error {
	var web, writer bool

	for role := range strings.SplitSeq(v, ",") {
		switch strings.TrimSpace(role) {
		case "web":
			web = true
		case "writer":
			writer = true
		default:
			return fmt.Errorf("%q is no role: write web, writer, or web,writer", strings.TrimSpace(role))
		}
	}

	c.Web, c.Writer = web, writer
	return nil
}

func (c *Config) setProxies(v string) error {
	separator := func(r rune) bool { return r == ',' || r == ' ' }
	for _, field := range strings.FieldsFunc(v, separator) {
		prefix, err := netip.ParsePrefix(field)
		if err != nil {
			addr, err := netip.ParseAddr(field)
			if err != nil {
				return fmt.Errorf("%q is neither an address nor a network: write such as 10.0.0.0/8", field)
			}

			prefix = netip.PrefixFrom(addr, addr.BitLen())
		}

		if prefix.Addr().Is4In6() && prefix.Bits() >= 96 { // clients' addresses are compared as IPv4
			prefix = netip.PrefixFrom(prefix.Addr().Unmap(), prefix.Bits()-96)
		}

		if prefix.Bits() == 0 {
			return fmt.Errorf("%q is everybody, who could each pretend to be anyone: "+
				"write your proxies’ own network, such as 10.0.0.0/8", field)
		}

		c.TrustedProxies = append(c.TrustedProxies, prefix)
	}

	return nil
}

func (c *Config) setLogLevel(v string) error {
	if err := c.LogLevel.UnmarshalText([]byte(v)); err != nil {
		return fmt.Errorf("%q is not a level: write debug, info, warn or error", v)
	}

	return nil
}
