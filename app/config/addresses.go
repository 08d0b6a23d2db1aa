package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// The setters of this file read addresses. Each writes an address as Parley compares it,
// and says of a common mistake what to write instead. Errors don't quote a value that may
// have a password in it.

// hostNames maps names to punycode as browsers do, and rejects what no name is.
var hostNames = idna.New(
	idna.MapForLookup(),
	idna.BidiRule(),
	idna.StrictDomainName(true),
	idna.VerifyDNSLength(true),
)

const originExample = "write an origin such as https://chat.example.org"

// setPublicURL stores the origin as browsers write it: in lower case, with a punycode
// name, without a default port.
func (c *Config) setPublicURL(v string) error {
	if v == "" {
		return nil
	}

	u, err := url.Parse(v)
	switch {
	case err != nil:
		return errors.New("this won’t do: " + originExample)
	case u.Scheme != "https" && u.Scheme != "http":
		return errors.New("this has neither https:// nor http:// before the name: " + originExample)
	case u.Host == "":
		return errors.New("this names no host: " + originExample)
	case u.User != nil:
		return errors.New("this has a user or a password: " + originExample)
	case strings.Contains(v, "#"):
		return errors.New("this has a fragment (#…): " + originExample)
	case strings.Contains(v, "?"):
		return errors.New("this has a query (?…): " + originExample)
	case strings.Trim(u.Path, "/") != "":
		return errors.New("this has a path, and Parley only runs at the root of a host: " + originExample)
	}

	host, err := originHost(u)
	if err != nil {
		return fmt.Errorf("%w: %s", err, originExample)
	}

	c.PublicURL = &url.URL{Scheme: u.Scheme, Host: host}
	return nil
}

// originHost returns the host and port of an origin as browsers write them.
func originHost(u *url.URL) (string, error) {
	name := u.Hostname()
	if ip, err := netip.ParseAddr(name); err == nil {
		if ip.Zone() != "" {
			return "", errors.New("an address with a zone (%…) is only known to one machine")
		}
		name = ip.String()
	} else if name, err = hostNames.ToASCII(name); err != nil || strings.Contains(name, ":") {
		return "", errors.New("this is no host name")
	}

	port := u.Port()
	if port != "" {
		n, err := strconv.Atoi(port)
		if err != nil || n < 1 || n > 65535 {
			return "", errors.New("the port is not from 1 to 65535")
		}
		port = strconv.Itoa(n)
	}

	if port == "" || u.Scheme == "https" && port == "443" || u.Scheme == "http" && port == "80" {
		if strings.Contains(name, ":") {
			return "[" + name + "]", nil
		}
		return name, nil
	}

	return net.JoinHostPort(name, port), nil
}

// listenHost reads an address to listen on: an IP address without brackets, or a name.
func listenHost(field *string) func(string) error {
	return func(v string) error {
		if err := checkHost(v); err != nil {
			return err
		}
		*field = v
		return nil
	}
}

// checkHost says how an address to listen on is written.
func checkHost(v string) error {
	if _, err := netip.ParseAddr(v); err == nil {
		return nil
	}

	bare := strings.Trim(v, "[]")
	host, port, err := net.SplitHostPort(v)
	switch _, bareErr := netip.ParseAddr(bare); {
	case bare != v && bareErr == nil:
		return fmt.Errorf("%q: write it without brackets, %s", v, bare)
	case v == "*", v == "any", v == "all":
		return fmt.Errorf("%q: write 0.0.0.0 for all IPv4 addresses, or :: for all", v)
	case strings.Contains(v, "/"):
		return fmt.Errorf("%q: write an address of this machine, such as 127.0.0.1 (PUBLIC_URL is for the https:// address)", v)
	case err == nil && host == "":
		return fmt.Errorf("%q: write 0.0.0.0, and the port in its own setting, PORT=%s", v, port)
	case err == nil:
		return fmt.Errorf("%q: write %s, and the port in its own setting, PORT=%s", v, host, port)
	}

	if _, err := hostNames.ToASCII(v); err != nil || strings.ContainsAny(v, " :*[]") {
		return fmt.Errorf("%q is neither an address nor a host name: write such as 127.0.0.1, ::1 or 0.0.0.0", v)
	}
	return nil
}

func (c *Config) setOpsAddr(v string) error {
	if v == "" {
		return nil
	}

	host, port, err := net.SplitHostPort(v)
	if n, e := strconv.Atoi(port); err != nil || host == "" || e != nil || n < 1 || n > 65535 {
		return fmt.Errorf("%q won’t do: write an address and a port, such as 127.0.0.1:9000", v)
	}
	if err := checkHost(host); err != nil {
		return err
	}

	c.OpsAddr = v
	return nil
}

var postgresSchemes = []string{"postgres", "postgresql"}

// databaseURL reads an address of PostgreSQL, a URL or a list of keyword=value. Package
// postgres parses the rest.
func databaseURL(field *string) func(string) error {
	return func(v string) error {
		const example = "write such as postgres://user:password@host:5432/parley" // #nosec G101 -- an example
		scheme, rest, isURL := strings.Cut(v, "://")
		switch {
		case v == "", !isURL && strings.Contains(v, "="):
		case !isURL:
			return errors.New("this has no scheme: " + example)
		case !slices.Contains(postgresSchemes, scheme):
			return errors.New("the scheme is not PostgreSQL’s: " + example)
		case strings.Contains(rest, "#"):
			return errors.New("a # ends the address: in the password write %23 for it")
		case strings.Count(rest, "@") > 1:
			return errors.New("there is more than one @: in the password write %40 for it")
		default:
			if _, err := url.Parse(firstHost(v)); err != nil {
				return errors.New("this is no address: in the password write %2F for /, %3F for ?, %25 for %, " +
					"and the port as a number; " + example)
			}
		}

		*field = v
		return nil
	}
}

var redisSchemes = []string{
	"redis", "rediss",
	"redis+cluster", "rediss+cluster",
	"redis+sentinel", "rediss+sentinel",
	"unix",
}

// setRedisURL checks what is common to all forms; package redis parses the rest.
func (c *Config) setRedisURL(v string) error {
	scheme, rest, _ := strings.Cut(v, "://")
	switch {
	case v == "":
	case rest == "" || !slices.Contains(redisSchemes, scheme):
		return errors.New("this won’t do: write redis://host:6379/0, redis+cluster://host1:6379,host2:6379 or " +
			"redis+sentinel://host1:26379,host2:26379/master, with rediss for TLS")
	case strings.Contains(rest, "#"):
		return errors.New("a # ends the address: in the password write %23 for it")
	case strings.Count(rest, "@") > 1:
		return errors.New("there is more than one @: in the password write %40 for it")
	case !strings.Contains(scheme, "+") && strings.Contains(hostPart(rest), ","):
		return errors.New("several hosts are a cluster or sentinels: write redis+cluster://… or redis+sentinel://…")
	}

	c.RedisURL = v
	return nil
}

// hostPart returns what stands between user and path.
func hostPart(rest string) string {
	if end := strings.IndexAny(rest, "/?"); end >= 0 {
		rest = rest[:end]
	}
	return rest[strings.LastIndex(rest, "@")+1:]
}

// setKafkaBrokers reads a list of host:port with commas between them.
func (c *Config) setKafkaBrokers(v string) error {
	var brokers []string
	for broker := range strings.SplitSeq(v, ",") {
		broker = strings.TrimSpace(broker)
		if broker == "" {
			continue
		}
		if strings.Contains(broker, "@") {
			return errors.New("a broker has no user or password here: set KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD, " +
				"and write each broker as host:port")
		}
		if scheme, rest, ok := strings.Cut(broker, "://"); ok {
			return fmt.Errorf("%q: write %s, without %s:// (KAFKA_SECURITY_PROTOCOL names the protocol)", broker, rest, scheme)
		}

		host, port, err := net.SplitHostPort(broker)
		n, portErr := strconv.Atoi(port)
		if err != nil || host == "" || portErr != nil || n < 1 || n > 65535 || strings.ContainsAny(broker, " ;/") {
			return fmt.Errorf("%q won’t do: write each broker as host:port, such as kafka-1.example.org:9092, "+
				"with commas between them", broker)
		}
		brokers = append(brokers, broker)
	}

	c.KafkaBrokers = strings.Join(brokers, ",")
	return nil
}

const wellKnown = "/.well-known/openid-configuration"

// setIssuer stores the value unchanged, because it must equal the issuer in the
// provider's tokens exactly.
func (c *Config) setIssuer(v string) error {
	if v == "" {
		return nil
	}
	if issuer, ok := strings.CutSuffix(v, wellKnown); ok {
		return fmt.Errorf("%q is the address of the issuer’s configuration: write the issuer, %s", v, issuer)
	}

	u, err := url.Parse(v)
	if err != nil || u.Host == "" || u.User != nil || strings.ContainsAny(v, "?# ") ||
		u.Scheme != "https" && (u.Scheme != "http" || !loopbackHost(u.Hostname())) {
		return fmt.Errorf("%q won’t do: write an https:// address, such as https://login.example.org", v)
	}

	c.OIDCIssuer = v
	return nil
}

// checkEndpoint checks the address of a collector of traces, which OpenTelemetry's
// library would ignore without a word if it were wrong.
func checkEndpoint(v string) error {
	u, err := url.Parse(v)
	if v != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
		return errors.New("OTEL_EXPORTER_OTLP_ENDPOINT: this is no address of a collector: " +
			"write http://host:4318, or with OTEL_EXPORTER_OTLP_PROTOCOL=grpc http://host:4317")
	}
	return nil
}
