package config

import (
	"strings"
	"testing"
)

func env(pairs ...string) func(string) (string, bool) {
	m := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}

	return func(k string) (string, bool) { v, ok := m[k]; return v, ok }
}

func TestDefaults(t *testing.T) {
	c, err := Load(env())
	if err != nil {
		t.Fatal(err)
	}

	if c.Address() != "127.0.0.1:8000" || c.BaseURL() != "http://127.0.0.1:8000" || len(c.Embedded()) != 3 ||
		!c.MayDevSignIn() {
		t.Errorf("defaults: %+v", c)
	}

	if c.LimitMessages != (Rate{40, 10}) || c.LimitStreamsPerUser != 12 || c.KafkaPartitions != 3 {
		t.Errorf("limits: %+v", c)
	}
}

// strong is a client secret that a provider could have made.
const strong = "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"

// oidc has the settings of a provider without its issuer.
var oidc = []string{"OIDC_NAME", "Home", "OIDC_CLIENT_ID", "x", "OIDC_CLIENT_SECRET", strong}

func TestProviders(t *testing.T) {
	google := []string{"GOOGLE_CLIENT_ID", "x", "GOOGLE_CLIENT_SECRET", strong}

	home := append([]string{"OIDC_ISSUER", "http://127.0.0.1:9/oidc"}, oidc...)
	for name, pairs := range map[string][]string{"google": google, "another": home, "both": append(google, home...)} {
		c, err := Load(env(pairs...))
		if err != nil || !c.RealProvider() || c.MayDevSignIn() {
			t.Errorf("%s: %v, %+v", name, err, c)
		}
	}
}

func TestDevSignIn(t *testing.T) {
	all := []string{"DATABASE_URL", "postgres://x", "REDIS_URL", "redis://x", "KAFKA_BROKER", "x:1"}
	for name, tt := range map[string]struct {
		env  []string
		want bool
	}{
		"nothing embedded":           {all, false},
		"set to true":                {append([]string{"DEV_SIGNIN", "true"}, all...), true},
		"set to false":               {[]string{"DEV_SIGNIN", "false"}, false},
		"real provider":              {[]string{"GOOGLE_CLIENT_ID", "x", "GOOGLE_CLIENT_SECRET", strong}, false},
		"public URL":                 {[]string{"PUBLIC_URL", "https://chat.example.org"}, false},
		"loopback as the public URL": {[]string{"PUBLIC_URL", "http://localhost:8000"}, true},
		"one embedded dependency":    {all[:4], true},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := Load(env(tt.env...))
			if err != nil || c.MayDevSignIn() != tt.want {
				t.Errorf("MayDevSignIn = %v, %v; want %v", c.MayDevSignIn(), err, tt.want)
			}
		})
	}
}

// TestAccepted covers settings that resemble refused ones and are safe.
func TestAccepted(t *testing.T) {
	for name, pairs := range map[string][]string{
		"behind a proxy": {
			"LISTEN_HOST", "0.0.0.0",
			"PUBLIC_URL", "https://chat.example.org",
			"TRUSTED_PROXIES", "10.0.0.0/8",
		},
		"a proxy on this machine": {"PUBLIC_URL", "https://chat.example.org"},
		"loopback, IPv6":          {"LISTEN_HOST", "::1"},
		"a provider on this machine": {
			"OIDC_NAME", "Home",
			"OIDC_ISSUER", "http://127.0.0.1:9/oidc",
			"OIDC_CLIENT_ID", "x",
			"OIDC_CLIENT_SECRET", "secret",
		},
		"a database here": {"DATABASE_URL", "postgres://postgres:postgres@localhost:5432/parley"},
		"no password":     {"REDIS_URL", "redis://redis.internal:6379/0"},
		"a cluster": {
			"REDIS_URL", "rediss+cluster://:nR7-vqT2-xK9@redis-1.internal:6379,redis-2.internal:6379",
		},
		"sentinels": {
			"REDIS_URL", "redis+sentinel://sentinel-1.internal:26379,sentinel-2.internal:26379/parley",
		},
		"a Kafka that asks": {
			"KAFKA_BROKERS", "kafka:9092",
			"KAFKA_SECURITY_PROTOCOL", "SASL_SSL",
			"KAFKA_SASL_MECHANISM", "SCRAM-SHA-512",
			"KAFKA_SASL_USERNAME", "parley",
			"KAFKA_SASL_PASSWORD", strong,
		},
		"a pooler": {
			"DATABASE_URL", "postgres://pool/x",
			"DATABASE_POOLER", "transaction",
			"DATABASE_DIRECT_URL", "postgres://db/x",
			"DATABASE_READ_URL", "postgres://db2/x",
		},
		"a writer for probes": {"ROLES", "writer", "LISTEN_HOST", "0.0.0.0"},
		"a password": {
			"DATABASE_URL", "postgres://parley:nR7-vqT2-placeholder-xK9@db.internal/parley",
		},
		"operators, allowed":   {"OPS_ADDR", "10.1.2.3:9000", "OPS_REMOTE", "true"},
		"operators, elsewhere": {"OPS_ADDR", "[::1]:9000"},
	} {
		if _, err := Load(env(pairs...)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestRefusalsKeepSecrets: errors are printed and logged, so they must not contain a
// secret.
func TestRefusalsKeepSecrets(t *testing.T) {
	const canary = "s3cr3t"
	_, err := Load(env("PUBLIC_URL", "https://ada:"+canary+"@chat.example.org"))

	_, short := Load(env("GOOGLE_CLIENT_ID", "x", "GOOGLE_CLIENT_SECRET", canary))
	if err == nil || short == nil || strings.Contains(err.Error()+short.Error(), canary) {
		t.Errorf("%v\n%v", err, short)
	}
}

func TestOpsAddress(t *testing.T) {
	for port, want := range map[string]string{
		"8000":  "127.0.0.1:9000",
		"8001":  "127.0.0.1:9001",
		"65535": "127.0.0.1:64535",
	} {
		if c, err := Load(env("PORT", port)); err != nil || c.OpsAddress() != want {
			t.Errorf("PORT %s: %s, %v", port, c.OpsAddress(), err)
		}
	}
}
