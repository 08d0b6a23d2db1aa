package config

import (
	"strings"
	"testing"
)

// TestPublicURLAsBrowsersWriteIt: Origin headers and redirect URIs are compared letter by
// letter, so every way to write an origin becomes the browsers' one.
func TestPublicURLAsBrowsersWriteIt(t *testing.T) {
	for value, want := range map[string]string{
		"https://chat.example.org":        "https://chat.example.org",
		"https://chat.example.org/":       "https://chat.example.org",
		"https://chat.example.org:443":    "https://chat.example.org",
		"https://chat.example.org:443/":   "https://chat.example.org",
		"https://chat.example.org:0443":   "https://chat.example.org",
		"https://chat.example.org:":       "https://chat.example.org",
		"HTTPS://Chat.Example.ORG:8443":   "https://chat.example.org:8443",
		"https://münchen.example":         "https://xn--mnchen-3ya.example",
		"https://MÜNCHEN.example:443":     "https://xn--mnchen-3ya.example",
		"https://straße.example":          "https://xn--strae-oqa.example",
		"https://xn--mnchen-3ya.example":  "https://xn--mnchen-3ya.example",
		"https://例え.テスト":                  "https://xn--r8jz45g.xn--zckzah",
		"http://localhost:80":             "http://localhost",
		"http://localhost:8000":           "http://localhost:8000",
		"http://127.0.0.1:8000":           "http://127.0.0.1:8000",
		"https://[::1]:443":               "https://[::1]",
		"http://[0:0:0:0:0:0:0:1]:8000":   "http://[::1]:8000",
		"https://[2001:DB8::0001]":        "https://[2001:db8::1]",
		"https://chat.example.org:80":     "https://chat.example.org:80",
		" https://chat.example.org ":      "https://chat.example.org",
		"https://parley.localhost:8443":   "https://parley.localhost:8443",
		"https://a.b.c.d.example.museum/": "https://a.b.c.d.example.museum",
	} {
		c, err := Load(env("PUBLIC_URL", value, "LISTEN_HOST", "127.0.0.1"))
		if err != nil || c.BaseURL() != want {
			t.Errorf("%s: %q, %v; want %q", value, c.BaseURL(), err, want)
		}
	}
}

// TestAddressesRefused: each common mistake has its own words about what to write.
func TestAddressesRefused(t *testing.T) {
	for _, tt := range [][3]string{
		{"PUBLIC_URL", "https://chat.example.org#top", "fragment"},
		{"PUBLIC_URL", "https://chat.example.org/#", "fragment"},
		{"PUBLIC_URL", "https://chat.example.org?", "query"},
		{"PUBLIC_URL", "https://chat.example.org/?a=b", "query"},
		{"PUBLIC_URL", "https://ada@chat.example.org", "a user or a password"},
		{"PUBLIC_URL", "https://ada:canary@chat.example.org", "a user or a password"},
		{"PUBLIC_URL", "https://chat.example.org/chat", "a path"},
		{"PUBLIC_URL", "https://chat.example.org:0", "port"},
		{"PUBLIC_URL", "https://chat.example.org:70000", "port"},
		{"PUBLIC_URL", "https://chat_room.example.org", "no host name"},
		{"PUBLIC_URL", "https://chat..example.org", "no host name"},
		{"PUBLIC_URL", "https://-.example", "no host name"},
		{"PUBLIC_URL", "https://*.example.org", "no host name"},
		{"PUBLIC_URL", "https://", "names no host"},
		{"PUBLIC_URL", "https:chat.example.org", "names no host"},
		{"PUBLIC_URL", "chat.example.org:443", "neither https:// nor http://"},
		{"PUBLIC_URL", "ftp://chat.example.org", "neither https:// nor http://"},
		{"PUBLIC_URL", "https://[fe80::1%25eth0]", "zone"},
		{"LISTEN_HOST", "[::1]", "without brackets, ::1"},
		{"LISTEN_HOST", "*", "write 0.0.0.0"},
		{"LISTEN_HOST", "127.0.0.1:8132", "write 127.0.0.1, and the port in its own setting, PORT=8132"},
		{"LISTEN_HOST", "[::1]:8132", "write ::1, and the port in its own setting, PORT=8132"},
		{"LISTEN_HOST", ":8132", "write 0.0.0.0, and the port in its own setting, PORT=8132"},
		{"LISTEN_HOST", "http://127.0.0.1", "such as 127.0.0.1"},
		{"LISTEN_HOST", "10.0.0.0/8", "an address of this machine"},
		{"LISTEN_HOST", "127.0.0.1 ::1", "neither an address nor a host name"},
		{"OPS_ADDR", "*:9000", "write 0.0.0.0"},
		{"DATABASE_URL", "db.example.org:5432/parley", "no scheme"},
		{"DATABASE_URL", "mysql://db/parley", "not PostgreSQL’s"},
		{"DATABASE_URL", "jdbc:postgresql://db/parley", "not PostgreSQL’s"},
		{"DATABASE_URL", "postgres://u:canary#x@db/parley", "%23"},
		{"DATABASE_URL", "postgres://u:canary@x@db/parley", "%40"},
		{"DATABASE_URL", "postgres://u:canary/x@db/parley", "%2F"},
		{"DATABASE_URL", "postgres://u:canary%zz@db/parley", "%25"},
		{"REDIS_URL", "https://redis:6379", "redis://host:6379/0"},
		{"REDIS_URL", "redis://:canary#x@redis:6379", "%23"},
		{"REDIS_URL", "redis://:canary@x@redis:6379", "%40"},
		{"REDIS_URL", "redis://a:6379,b:6379", "redis+cluster://"},
		{"KAFKA_BROKERS", "kafka", "host:port"},
		{"KAFKA_BROKERS", "kafka:9092;other:9092", "commas"},
		{"KAFKA_BROKERS", "kafka:9092 other:9092", "commas"},
		{"KAFKA_BROKERS", "kafka://kafka:9092", "write kafka:9092, without kafka://"},
		{"KAFKA_BROKERS", "PLAINTEXT://a:9092,b:9092", "write a:9092, without PLAINTEXT://"},
		{"KAFKA_BROKERS", "kafka:909200", "host:port"},
		{"KAFKA_BROKERS", "kafka://u:canary@kafka:9092", "set KAFKA_SASL_USERNAME"},
		{"KAFKA_BROKER", "kafka", "KAFKA_BROKER: "},
		{"OIDC_ISSUER", "https://id.example.org/.well-known/openid-configuration", "write the issuer, https://id.example.org"},
		{"OIDC_ISSUER", "https://id.example.org/#", "https:// address"},
		{"OIDC_ISSUER", "https://accounts.google.com/", "set GOOGLE_CLIENT_ID"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318", "write http://host:4318"},
		{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "collector", "write http://host:4318"},
		{"TRUSTED_PROXIES", "nginx", "neither an address nor a network"},
	} {
		_, err := Load(env(tt[0], tt[1]))
		if err == nil || !strings.Contains(err.Error(), tt[2]) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s=%s: %v; want …%s", tt[0], tt[1], err, tt[2])
		}
	}
}

func TestAddressesAccepted(t *testing.T) {
	for _, pair := range [][2]string{
		{"LISTEN_HOST", "::1"},
		{"LISTEN_HOST", "localhost"},
		{"OPS_ADDR", "localhost:9000"},
		{"DATABASE_URL", "postgresql://u:p%40ss@db.example.org/parley?sslmode=verify-full"},
		{"DATABASE_URL", "postgres://u:nR7-vqT2-xK9@a:5432,b:5432/parley?target_session_attrs=read-write"},
		{"DATABASE_URL", "host=/var/run/postgresql dbname=parley"},
		{"DATABASE_URL", "postgres:///parley?host=/var/run/postgresql"},
		{"REDIS_URL", "unix:///run/redis.sock"},
		{"REDIS_URL", "rediss://:nR7%23vqT2@redis.internal:6380/1"},
		{"KAFKA_BROKERS", " a.example.org:9092 , [2001:db8::1]:9092, "},
		{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318"},
	} {
		if _, err := Load(env(pair[0], pair[1])); err != nil {
			t.Errorf("%s=%s: %v", pair[0], pair[1], err)
		}
	}

	c, err := Load(env("KAFKA_BROKERS", " a:9092 ,b:9092, "))
	if err != nil || c.KafkaBrokers != "a:9092,b:9092" {
		t.Errorf("brokers %q, %v", c.KafkaBrokers, err)
	}
}

// TestTrustedProxiesInIPv6Form: a proxy's IPv4 address may be written as an IPv6 one.
func TestTrustedProxiesInIPv6Form(t *testing.T) {
	for value, want := range map[string]string{
		"::ffff:10.1.2.3":                    "10.1.2.3/32",
		"::ffff:10.0.0.0/104":                "10.0.0.0/8",
		"[2001:db8::1]/128":                  "",
		"2001:db8::/32":                      "2001:db8::/32",
		"::ffff:0:0/96":                      "",
		"10.0.0.0/8, ::ffff:192.168.0.0/112": "10.0.0.0/8 192.168.0.0/16",
	} {
		c := &Config{}
		err := c.setProxies(value)
		var got []string
		for _, p := range c.TrustedProxies {
			got = append(got, p.String())
		}
		if want == "" && err == nil || want != "" && (err != nil || strings.Join(got, " ") != want) {
			t.Errorf("%s: %v, %v; want %s", value, got, err, want)
		}
	}
}
