// Package config is the only reader of the environment. [Settings] is the table that help texts are made from.
package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// Config is everything that can be set. The zero value is not valid; see [Load].
type Config struct {
	Host      string // listening address
	Port      int
	PublicURL *url.URL // nil: unset
	Web       bool     // serves people
	Writer    bool     // stores what is in the log

	DatabaseURL  string // "": embedded
	RedisURL     string // "": embedded
	KafkaBrokers string // comma-separated; "": embedded
	DataDir      string

	ServicesLinger int    // seconds
	StaticDir      string // "": embedded
	Traces         string // TracesOff, TracesHTTP or TracesGRPC: where OpenTelemetry takes them

	KafkaPartitions        int
	KafkaReplicationFactor int
	KafkaMinInsyncReplicas int // 0: as the brokers have it
	KafkaSecurity          KafkaSecurity
	WriterMaxRowsPerSecond int // 0: none

	DevSignIn          string // "auto", "true", "false"
	GoogleClientID     string
	GoogleClientSecret string
	OIDCName           string
	OIDCIssuer         string // "": none
	OIDCClientID       string
	OIDCClientSecret   string
	LocalPictures      string // "true", "false"

	LimitMessages          Rate
	LimitConversation      Rate
	LimitSignIns           Rate
	LimitSearches          Rate
	LimitRequestsPerDay    int // 0: none
	LimitSendsInFlight     int // 0: none
	LimitDirectWrites      int // 0: none
	LimitStreamsPerUser    int // 0: none
	LimitStreamsPerAddress int // 0: none
	TrustedProxies         []netip.Prefix
	ReadTimeout            int // seconds

	OpsAddr   string // "": see OpsAddress
	OpsRemote string // "true", "false"

	LogFormat string // "text", "json"
	LogLevel  slog.Level
}

// Rate is a burst and how many a second after it. A burst of 0 is no limit.
type Rate struct {
	Burst     int
	PerSecond float64
}

// Load reads the environment through lookup (os.LookupEnv; see [Misspelt] for what it can't see). Its error names every bad setting and says what to write instead.
func Load(lookup func(string) (string, bool)) (Config, error) {
	var c Config
	var problems []error
	for _, s := range Settings {
		value, ok := lookup(s.Name)
		value = strings.TrimSpace(value)
		if !ok || value == "" {
			value = s.Default
		}
		if err := s.set(&c, value); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", s.Name, err))
		}
	}
	if alias, ok := lookup("KAFKA_BROKER"); ok && alias != "" {
		switch c.KafkaBrokers {
		case "", alias:
			c.KafkaBrokers = alias
		default:
			problems = append(problems, errors.New("KAFKA_BROKER and KAFKA_BROKERS differ: set KAFKA_BROKERS only"))
		}
	}
	if err := c.traces(lookup); err != nil {
		problems = append(problems, err)
	}
	if len(problems) == 0 {
		problems = c.contradictions()
	}
	return c, errors.Join(problems...)
}

// GoogleIssuer is Google as an OpenID Connect provider.
const GoogleIssuer = "https://accounts.google.com"

// RealProvider tells whether people sign in with a real provider.
func (c Config) RealProvider() bool { return c.GoogleClientID != "" || c.OIDCIssuer != "" }

func (c Config) setOfOIDC() (n int) {
	for _, v := range []string{c.OIDCName, c.OIDCIssuer, c.OIDCClientID, c.OIDCClientSecret} {
		if v != "" {
			n++
		}
	}
	return n
}

// Embedded names the parts that no setting replaces: "postgres", "redis", "kafka".
func (c Config) Embedded() []string {
	var parts []string
	for _, p := range []struct{ name, url string }{{"postgres", c.DatabaseURL}, {"redis", c.RedisURL}, {"kafka", c.KafkaBrokers}} {
		if p.url == "" {
			parts = append(parts, p.name)
		}
	}
	return parts
}

// MayDevSignIn tells whether the development sign-in exists here at all; each request must come from this machine besides.
func (c Config) MayDevSignIn() bool {
	allowed := c.DevSignIn == "true" || c.DevSignIn == "auto" && len(c.Embedded()) > 0
	local := loopbackHost(c.Host) && (c.PublicURL == nil || loopbackHost(c.PublicURL.Hostname()))
	return allowed && local && !c.RealProvider()
}

// Address is where to listen.
func (c Config) Address() string { return net.JoinHostPort(c.Host, fmt.Sprint(c.Port)) }

// OpsAddress is where the operators' pages listen: never where people do.
func (c Config) OpsAddress() string {
	if c.OpsAddr != "" {
		return c.OpsAddr
	}
	port := c.Port + 1000
	if port > 65535 {
		port = c.Port - 1000
	}
	return net.JoinHostPort("127.0.0.1", fmt.Sprint(port))
}

// BaseURL is the address that people open.
func (c Config) BaseURL() string {
	if c.PublicURL != nil {
		return strings.TrimSuffix(c.PublicURL.String(), "/")
	}
	return "http://" + c.Address()
}

func loopbackHost(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}
