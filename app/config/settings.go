package config

import (
	"errors"
	"fmt"
	"math"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Setting is one environment variable.
type Setting struct {
	Name    string
	Default string
	Meaning string
	set     func(c *Config, value string) error
}

// Settings is the table of all of them, in the order in which people look for them.
var Settings = []Setting{
	{"PORT", "8000", "the port to listen on", number(func(c *Config) *int { return &c.Port }, 1, 65535)},
	{"LISTEN_HOST", "127.0.0.1", "the address to listen on", text(func(c *Config) *string { return &c.Host })},
	{"PUBLIC_URL", "", "the address that people open, such as https://chat.example.org", publicURL},
	{"ROLES", "web,writer", "what this process does: web serves people, writer stores what is in the log; parley --role says it too", roles},
	{"DATABASE_URL", "", "PostgreSQL, such as postgres://user:password@host:5432/parley; unset: embedded", text(func(c *Config) *string { return &c.DatabaseURL })},
	{"DATABASE_MAX_CONNECTIONS", "16", "connections in each process' pool; up to four more are its own", number(func(c *Config) *int { return &c.DatabaseMaxConnections }, 16, 1000)},
	{"DATABASE_POOLER", "none", "transaction: DATABASE_URL leads to a pooler, such as pgbouncer, that shares connections by transaction", oneOf(func(c *Config) *string { return &c.DatabasePooler }, "none", "transaction")},
	{"DATABASE_DIRECT_URL", "", "with a pooler: PostgreSQL itself, for the writer, for hints and for migrations", text(func(c *Config) *string { return &c.DatabaseDirectURL })},
	{"DATABASE_READ_URL", "", "a standby of it, which serves pages of history and lists whenever it has what the primary has", text(func(c *Config) *string { return &c.DatabaseReadURL })},
	{"REDIS_URL", "", "Redis, such as redis://host:6379/0; redis+cluster://host1:6379,host2:6379; redis+sentinel://host1:26379,host2:26379/master; rediss… for TLS; unset: embedded", redisURL},
	{"KAFKA_BROKERS", "", "Kafka, host:port separated by commas (KAFKA_BROKER too); unset: embedded", text(func(c *Config) *string { return &c.KafkaBrokers })},
	{"DATA_DIR", ".data", "where embedded services keep their data", text(func(c *Config) *string { return &c.DataDir })},
	{"SERVICES_LINGER", "0", "seconds that embedded services outlive the last replica, for one that is built again", number(func(c *Config) *int { return &c.ServicesLinger }, 0, 600)},
	{"KAFKA_PARTITIONS", "3", "partitions of the topic, when Parley makes it", number(func(c *Config) *int { return &c.KafkaPartitions }, 1, 10000)},
	{"KAFKA_REPLICATION_FACTOR", "1", "copies of the topic, when Parley makes it; 3 in production", number(func(c *Config) *int { return &c.KafkaReplicationFactor }, 1, 32)},
	{"KAFKA_MIN_INSYNC_REPLICAS", "0", "copies that must have a message before it counts as sent, when Parley makes the topic; 2 in production; 0: as the brokers have it", number(func(c *Config) *int { return &c.KafkaMinInsyncReplicas }, 0, 32)},
	{"KAFKA_SECURITY_PROTOCOL", "PLAINTEXT", "how the brokers are spoken to: PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL", oneOf(func(c *Config) *string { return &c.KafkaSecurity.Protocol }, "PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")},
	{"KAFKA_SASL_MECHANISM", "", "with SASL: PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512", oneOf(func(c *Config) *string { return &c.KafkaSecurity.Mechanism }, "", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")},
	{"KAFKA_SASL_USERNAME", "", "Parley's user there", text(func(c *Config) *string { return &c.KafkaSecurity.Username })},
	{"KAFKA_SASL_PASSWORD", "", "its password", text(func(c *Config) *string { return &c.KafkaSecurity.Password })},
	{"KAFKA_SSL_CA_LOCATION", "", "with SSL: a file with the certificates of those who vouch for the brokers; unset: the machine's", text(func(c *Config) *string { return &c.KafkaSecurity.CA })},
	{"KAFKA_SSL_CERTIFICATE_LOCATION", "", "with SSL: a file with Parley's own certificate, if the brokers ask for one", text(func(c *Config) *string { return &c.KafkaSecurity.Certificate })},
	{"KAFKA_SSL_KEY_LOCATION", "", "a file with its key", text(func(c *Config) *string { return &c.KafkaSecurity.Key })},
	{"KAFKA_SSL_KEY_PASSWORD", "", "the key's password, if it has one", text(func(c *Config) *string { return &c.KafkaSecurity.KeyPassword })},
	{"WRITER_MAX_ROWS_PER_SECOND", "0", "how fast the writer stores messages; 0: as fast as it can", number(func(c *Config) *int { return &c.WriterMaxRowsPerSecond }, 0, 1<<31-1)},
	{"DEV_SIGNIN", "auto", "the development sign-in: auto (with embedded services), true, false", oneOf(func(c *Config) *string { return &c.DevSignIn }, "auto", "true", "false")},
	{"GOOGLE_CLIENT_ID", "", "sign-in with Google; its redirect URI is PUBLIC_URL/auth/google/callback", text(func(c *Config) *string { return &c.GoogleClientID })},
	{"GOOGLE_CLIENT_SECRET", "", "its secret", text(func(c *Config) *string { return &c.GoogleClientSecret })},
	{"OIDC_NAME", "", "sign-in with another OpenID Connect provider, by this name; its redirect URI is PUBLIC_URL/auth/oidc/callback", shortName(func(c *Config) *string { return &c.OIDCName })},
	{"OIDC_ISSUER", "", "its issuer, such as https://login.example.org", issuer},
	{"OIDC_CLIENT_ID", "", "Parley's client id there", text(func(c *Config) *string { return &c.OIDCClientID })},
	{"OIDC_CLIENT_SECRET", "", "its secret", text(func(c *Config) *string { return &c.OIDCClientSecret })},
	{"LOCAL_PICTURES", "false", "true: pictures may come from this machine, for tests with a provider on it", oneOf(func(c *Config) *string { return &c.LocalPictures }, "true", "false")},
	{"LIMIT_MESSAGES", "40,10", "messages per person: burst, then per second; 0: none", rate(func(c *Config) *Rate { return &c.LimitMessages })},
	{"LIMIT_CONVERSATION", "400,100", "messages per conversation", rate(func(c *Config) *Rate { return &c.LimitConversation })},
	{"LIMIT_SIGNINS", "20,0.2", "sign-ins per address", rate(func(c *Config) *Rate { return &c.LimitSignIns })},
	{"LIMIT_SEARCHES", "30,2", "searches for people, per person", rate(func(c *Config) *Rate { return &c.LimitSearches })},
	{"LIMIT_REQUESTS_PER_DAY", "50", "friend requests per person; 0: any", number(func(c *Config) *int { return &c.LimitRequestsPerDay }, 0, 1<<30)},
	{"LIMIT_SENDS_IN_FLIGHT", "2000", "messages that a replica takes at once; 0: any", number(func(c *Config) *int { return &c.LimitSendsInFlight }, 0, 1<<20)},
	{"LIMIT_DIRECT_WRITES", "8", "of them past Kafka, into Postgres; fewer than its pool has connections; 0: any", number(func(c *Config) *int { return &c.LimitDirectWrites }, 0, 1<<20)},
	{"LIMIT_STREAMS_PER_USER", "12", "open streams per person; 0: any", number(func(c *Config) *int { return &c.LimitStreamsPerUser }, 0, 1<<30)},
	{"LIMIT_STREAMS_PER_ADDRESS", "2000", "open streams per address; 0: any", number(func(c *Config) *int { return &c.LimitStreamsPerAddress }, 0, 1<<30)},
	{"TRUSTED_PROXIES", "", "whose X-Forwarded-For is believed: addresses or networks, separated by commas", proxies},
	{"READ_TIMEOUT", "15", "seconds in which a request must have come, head and body", number(func(c *Config) *int { return &c.ReadTimeout }, 1, 600)},
	{"OPS_ADDR", "", "where operators look (/pipeline, /metrics), never the public address; unset: 127.0.0.1, at PORT + 1000", opsAddr},
	{"OPS_REMOTE", "false", "true: OPS_ADDR may be one that other machines reach; whoever does reads it", oneOf(func(c *Config) *string { return &c.OpsRemote }, "true", "false")},
	{"STATIC_DIR", "", "read styles and scripts from this directory, at each request, instead of the program: for designers", text(func(c *Config) *string { return &c.StaticDir })},
	{"LOG_FORMAT", "text", "text or json", oneOf(func(c *Config) *string { return &c.LogFormat }, "text", "json")},
	{"LOG_LEVEL", "info", "debug, info, warn or error", func(c *Config, v string) error {
		if err := c.LogLevel.UnmarshalText([]byte(v)); err != nil {
			return fmt.Errorf("%q is not a level: write debug, info, warn or error", v)
		}
		return nil
	}},
}

func text(field func(*Config) *string) func(*Config, string) error {
	return func(c *Config, v string) error { *field(c) = v; return nil }
}

func oneOf(field func(*Config) *string, choices ...string) func(*Config, string) error {
	return func(c *Config, v string) error {
		if !slices.Contains(choices, v) {
			return fmt.Errorf("%q is none of the choices: write %s", v, strings.Join(choices, ", "))
		}
		*field(c) = v
		return nil
	}
}

func number(field func(*Config) *int, least, most int) func(*Config, string) error {
	return func(c *Config, v string) error {
		n, err := strconv.Atoi(v)
		if err != nil || n < least || n > most {
			return fmt.Errorf("%q won’t do: write a whole number from %d to %d", v, least, most)
		}
		*field(c) = n
		return nil
	}
}

func rate(field func(*Config) *Rate) func(*Config, string) error {
	return func(c *Config, v string) error {
		if v == "0" {
			*field(c) = Rate{}
			return nil
		}
		burst, perSecond, ok := strings.Cut(v, ",")
		n, err1 := strconv.Atoi(strings.TrimSpace(burst))
		f, err2 := strconv.ParseFloat(strings.TrimSpace(perSecond), 64)
		if !ok || errors.Join(err1, err2) != nil || n < 1 || !(f > 0) || math.IsInf(f, 0) {
			return fmt.Errorf("%q won’t do: write a burst and a number per second, such as 40,10, or 0 for no limit", v)
		}
		*field(c) = Rate{Burst: n, PerSecond: f}
		return nil
	}
}

func publicURL(c *Config, v string) error {
	if v == "" {
		return nil
	}
	u, err := url.Parse(v)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil {
		return errors.New("this won’t do: write an origin such as https://chat.example.org") // without what was written: it may hold a password
	}
	c.PublicURL = u
	return nil
}

// roles sets what a process does, from a list with commas.
func roles(c *Config, v string) error {
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

// redisURL looks at the shape alone, and shows nothing: there may be a password in it. The room that connects reads it.
func redisURL(c *Config, v string) error {
	scheme, rest, _ := strings.Cut(v, "://")
	if v != "" && (rest == "" || !slices.Contains([]string{"redis", "rediss", "redis+cluster", "rediss+cluster", "redis+sentinel", "rediss+sentinel", "unix"}, scheme)) {
		return errors.New("this won’t do: write redis://host:6379/0, redis+cluster://host1:6379,host2:6379 or redis+sentinel://host1:26379,host2:26379/master, with rediss for TLS")
	}
	c.RedisURL = v
	return nil
}

func opsAddr(c *Config, v string) error {
	if v == "" {
		return nil
	}
	host, port, err := net.SplitHostPort(v)
	if n, e := strconv.Atoi(port); err != nil || host == "" || e != nil || n < 1 || n > 65535 {
		return fmt.Errorf("%q won’t do: write an address and a port, such as 127.0.0.1:9000", v)
	}
	c.OpsAddr = v
	return nil
}

func shortName(field func(*Config) *string) func(*Config, string) error {
	return func(c *Config, v string) error {
		if len([]rune(v)) > 40 || strings.ContainsFunc(v, unicode.IsControl) {
			return fmt.Errorf("%q won’t do: write at most 40 characters, as they are to stand on a button", v)
		}
		*field(c) = v
		return nil
	}
}

// issuer is compared with what the provider says letter by letter, so it stays as it was written.
func issuer(c *Config, v string) error {
	if v == "" {
		return nil
	}
	u, err := url.Parse(v)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "https" && (u.Scheme != "http" || !loopbackHost(u.Hostname())) {
		return fmt.Errorf("%q won’t do: write an https:// address, such as https://login.example.org", v)
	}
	c.OIDCIssuer = v
	return nil
}

func proxies(c *Config, v string) error {
	for _, field := range strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' }) {
		prefix, err := netip.ParsePrefix(field)
		if err != nil {
			addr, err := netip.ParseAddr(field)
			if err != nil {
				return fmt.Errorf("%q is neither an address nor a network: write such as 10.0.0.0/8", field)
			}
			prefix = netip.PrefixFrom(addr, addr.BitLen())
		}
		if prefix.Bits() == 0 {
			return fmt.Errorf("%q is everybody, who could each pretend to be anyone: write your proxies’ own network, such as 10.0.0.0/8", field)
		}
		c.TrustedProxies = append(c.TrustedProxies, prefix)
	}
	return nil
}
