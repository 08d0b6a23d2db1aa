// Package config reads the environment; no other package does. [Settings] is the table
// that the help texts are made from.
package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
)

// Config has the value of every setting. Its zero value is not valid; see [Load].
type Config struct {
	Host      string // listening address
	Port      int
	PublicURL *url.URL // nil: unset
	Web       bool     // serves people
	Writer    bool     // stores the log's messages

	DatabaseURL            string // "": embedded
	DatabaseMaxConnections int
	DatabasePooler         string // "none", "transaction"
	DatabaseDirectURL      string // "": none
	DatabaseReadURL        string // "": none

	RedisURL string // "": embedded

	KafkaBrokers            string // comma-separated; "": embedded
	KafkaPartitions         int
	KafkaReplicationFactor  int
	KafkaMinInsyncReplicas  int    // 0: the brokers' default
	KafkaPrefix             string // of the topics and the group
	KafkaRetentionDays      int    // 0: unlimited
	KafkaSecurity           KafkaSecurity
	WriterMaxRowsPerSecond  int // 0: no limit
	DeadLetterRetentionDays int // 0: unlimited

	DataDir        string // of embedded services
	ServicesLinger int    // seconds
	StaticDir      string // "": the files in the program
	Traces         string // TracesOff, TracesHTTP or TracesGRPC

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
	LimitChanges           Rate
	LimitUploads           Rate
	LimitReads             Rate
	LimitRequestsPerDay    int // 0: no limit
	LimitGroupMembers      int
	LimitSendsInFlight     int // 0: no limit
	LimitDirectWrites      int // 0: no limit
	LimitStreamsPerUser    int // 0: no limit
	LimitStreamsPerAddress int // 0: no limit
	LimitConnections       int // per address; 0: no limit
	TrustedProxies         []netip.Prefix
	ReadTimeout            int // seconds

	OpsAddr   string // "": see OpsAddress
	OpsRemote string // "true", "false"

	LogFormat string // "text", "json"
	LogLevel  slog.Level
}

// Rate is a rate limit: a burst, and how many per second after it. A burst of 0 is no
// limit.
type Rate struct {
	Burst     int
	PerSecond float64
}

// kafkaBrokerAlias is another name of the setting KAFKA_BROKERS.
const kafkaBrokerAlias = "KAFKA_BROKER"

// Load reads the environment through lookup (os.LookupEnv). Its error names every wrong
// setting and says what to write instead. See [Misspelt] for names that lookup can't
// find.
func Load(lookup func(string) (string, bool)) (Config, error) {
	var c Config
	var p problems

	for _, s := range c.settings() {
		value, err := s.value(lookup)
		if err != nil {
			p = append(p, err)
			continue
		}

		if err := s.set(value); err != nil {
			p.addf("%s: %w", s.Name, err)
		}
	}

	if alias, _ := lookup(kafkaBrokerAlias); alias != "" {
		brokers := c.KafkaBrokers
		if err := c.setKafkaBrokers(alias); err != nil {
			p.addf("%s: %w", kafkaBrokerAlias, err)
		} else if brokers != "" && brokers != c.KafkaBrokers {
			p.addf("KAFKA_BROKER and KAFKA_BROKERS differ: set KAFKA_BROKERS only")
		}
	}

	if err := c.setTraces(lookup); err != nil {
		p = append(p, err)
	}

	if len(p) == 0 {
		return c, c.validate()
	}

	return c, errors.Join(p...)
}

// GoogleIssuer is Google's issuer as an OpenID Connect provider.
const GoogleIssuer = "https://accounts.google.com"

// RealProvider reports whether people sign in with a real provider.
func (c Config) RealProvider() bool { return c.GoogleClientID != "" || c.OIDCIssuer != "" }

// Embedded returns the names of the dependencies without an address, which are
// embedded: "postgres", "redis", "kafka".
func (c Config) Embedded() []string {
	var names []string

	for _, d := range []struct{ name, address string }{
		{"postgres", c.DatabaseURL},
		{"redis", c.RedisURL},
		{"kafka", c.KafkaBrokers},
	} {
		if d.address == "" {
			names = append(names, d.name)
		}
	}

	return names
}

// MayDevSignIn reports whether the development sign-in is on. Even then it serves only
// requests from this machine.
func (c Config) MayDevSignIn() bool {
	allowed := c.DevSignIn == "true" || c.DevSignIn == "auto" && len(c.Embedded()) > 0
	local := loopbackHost(c.Host) && (c.PublicURL == nil || loopbackHost(c.PublicURL.Hostname()))
	return allowed && local && !c.RealProvider()
}

// Address is the address to listen on, host:port.
func (c Config) Address() string { return net.JoinHostPort(c.Host, fmt.Sprint(c.Port)) }

// OpsAddress is the address of the operators' pages, host:port: by default loopback and
// a port that is 1000 higher than the public one, or lower if there is none so high.
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

// BaseURL is the address that people open, without a slash at its end.
func (c Config) BaseURL() string {
	if c.PublicURL != nil {
		return c.PublicURL.String()
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
