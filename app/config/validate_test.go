package config

import (
	"strings"
	"testing"
)

func TestRefusals(t *testing.T) {
	for name, tt := range map[string]struct {
		env  []string
		want string
	}{
		"port":                          {[]string{"PORT", "eighty"}, "whole number from 1 to 65535"},
		"rate":                          {[]string{"LIMIT_MESSAGES", "40"}, "such as 40,10"},
		"negative rate":                 {[]string{"LIMIT_MESSAGES", "40,-1"}, "such as 40,10"},
		"url":                           {[]string{"PUBLIC_URL", "chat.example.org"}, "https://chat.example.org"},
		"plain http":                    {[]string{"PUBLIC_URL", "http://chat.example.org"}, "TLS"},
		"open listener":                 {[]string{"LISTEN_HOST", "0.0.0.0"}, "PUBLIC_URL"},
		"id without a secret of Google": {[]string{"GOOGLE_CLIENT_ID", "x"}, "both or neither"},
		"development sign-in beside Google": {
			[]string{"GOOGLE_CLIENT_ID", "x", "GOOGLE_CLIENT_SECRET", strong, "DEV_SIGNIN", "true"},
			"remove it",
		},
		"development sign-in for others": {
			[]string{"DEV_SIGNIN", "true", "PUBLIC_URL", "https://parley.localhost:8443"},
			"DEV_SIGNIN=true only works at localhost or a loopback address, and PUBLIC_URL is https://parley.localhost:8443",
		},
		"development sign-in on every address": {
			[]string{
				"DEV_SIGNIN", "true",
				"LISTEN_HOST", "0.0.0.0",
				"PUBLIC_URL", "https://localhost",
				"TRUSTED_PROXIES", "10.0.0.0/8",
			},
			"DEV_SIGNIN=true only lets people on this machine in, and LISTEN_HOST is 0.0.0.0",
		},
		"OIDC without a client": {
			[]string{"OIDC_NAME", "Home", "OIDC_ISSUER", "https://id.example.org"},
			"all or none",
		},
		"issuer without TLS": {append([]string{"OIDC_ISSUER", "http://id.example.org"}, oidc...), "https://"},
		"issuer with a query": {
			append([]string{"OIDC_ISSUER", "https://id.example.org?x=1"}, oidc...),
			"https://",
		},
		"issuer without a scheme": {
			append([]string{"OIDC_ISSUER", "id.example.org"}, oidc...),
			"https://login.example.org",
		},
		"long provider name": {
			append([]string{"OIDC_ISSUER", "https://id.example.org"}, append(oidc, "OIDC_NAME", strings.Repeat("x", 41))...),
			"40 characters",
		},
		"Google as the OIDC issuer": {
			append([]string{"OIDC_ISSUER", "https://accounts.google.com"}, oidc...),
			"GOOGLE_CLIENT_ID",
		},
		"development sign-in beside OIDC": {
			append([]string{"OIDC_ISSUER", "https://id.example.org", "DEV_SIGNIN", "true"}, oidc...),
			"remove it",
		},
		"local pictures under a public URL": {
			[]string{"LOCAL_PICTURES", "true", "PUBLIC_URL", "https://chat.example.org"},
			"remove it",
		},
		"two broker lists": {[]string{"KAFKA_BROKER", "a:1", "KAFKA_BROKERS", "b:1"}, "KAFKA_BROKERS only"},
		"topic prefix":     {[]string{"KAFKA_PREFIX", "my chat/"}, "hyphens"},
		"proxy":            {[]string{"TRUSTED_PROXIES", "everyone"}, "10.0.0.0/8"},
		"every address as a proxy": {
			[]string{"TRUSTED_PROXIES", "10.0.0.0/8,0.0.0.0/0"},
			"your proxies’ own network",
		},
		"every IPv6 address as a proxy": {[]string{"TRUSTED_PROXIES", "::/0"}, "your proxies’ own network"},
		"open listener without a proxy": {
			[]string{"LISTEN_HOST", "0.0.0.0", "PUBLIC_URL", "https://chat.example.org"},
			"set TRUSTED_PROXIES",
		},
		"open listener with a plain public URL": {
			[]string{"LISTEN_HOST", "::", "PUBLIC_URL", "http://localhost:8000"},
			"LISTEN_HOST=127.0.0.1",
		},
		"open listener with a proxy without TLS": {
			[]string{"LISTEN_HOST", "10.1.2.3", "TRUSTED_PROXIES", "10.0.0.0/8"},
			"https:// address",
		},
		"host name as the listener": {[]string{"LISTEN_HOST", "chat.internal"}, "https:// address"},
		"placeholder as the secret": {
			[]string{"GOOGLE_CLIENT_ID", "x", "GOOGLE_CLIENT_SECRET", "changeme"},
			"GOOGLE_CLIENT_SECRET is a placeholder",
		},
		"placeholder of a manual": {
			[]string{"GOOGLE_CLIENT_ID", "x", "GOOGLE_CLIENT_SECRET", "your-client-secret-goes-here"},
			"that the provider made",
		},
		"unexpanded variable as the secret": {
			[]string{"GOOGLE_CLIENT_ID", "x", "GOOGLE_CLIENT_SECRET", "${GOOGLE_CLIENT_SECRET}"},
			"that the provider made",
		},
		"one repeated letter as the secret": {
			[]string{"GOOGLE_CLIENT_ID", "x", "GOOGLE_CLIENT_SECRET", "xxxxxxxxxxxxxxxxxxxx"},
			"that the provider made",
		},
		"short secret": {
			[]string{"GOOGLE_CLIENT_ID", "x", "GOOGLE_CLIENT_SECRET", "q8Zr2"},
			"at least 16 characters",
		},
		"client id as the secret": {
			[]string{"GOOGLE_CLIENT_ID", strong, "GOOGLE_CLIENT_SECRET", strong},
			"is the client id",
		},
		"placeholder as the OIDC secret": {
			append([]string{"OIDC_ISSUER", "https://id.example.org"}, append(oidc, "OIDC_CLIENT_SECRET", "Change-Me!1")...),
			"OIDC_CLIENT_SECRET is a placeholder",
		},
		"secret without an id": {[]string{"GOOGLE_CLIENT_SECRET", strong}, "both or neither"},
		"OIDC without a secret": {
			[]string{"OIDC_NAME", "Home", "OIDC_ISSUER", "https://id.example.org", "OIDC_CLIENT_ID", "x"},
			"all or none",
		},
		"placeholder as the database password": {
			[]string{"DATABASE_URL", "postgres://parley:postgres@db.internal:5432/parley"},
			"DATABASE_URL has a placeholder",
		},
		"placeholder as the Redis password": {
			[]string{"REDIS_URL", "redis://:changeme123@redis.internal:6379/0"},
			"REDIS_URL has a placeholder",
		},
		"placeholder as the cluster password": {
			[]string{"REDIS_URL", "redis+cluster://:changeme@redis-1.internal:6379,redis-2.internal:6379"},
			"REDIS_URL has a placeholder",
		},
		"unknown Redis scheme": {
			[]string{"REDIS_URL", "redis+ring://redis.internal:6379"},
			"redis+cluster://host1:6379,host2:6379",
		},
		"Redis without a scheme": {[]string{"REDIS_URL", "redis.internal:6379"}, "redis://host:6379/0"},
		"pooler without a direct address": {
			[]string{"DATABASE_URL", "postgres://pool/x", "DATABASE_POOLER", "transaction"},
			"set DATABASE_DIRECT_URL",
		},
		"direct address without a pooler": {
			[]string{"DATABASE_URL", "postgres://db/x", "DATABASE_DIRECT_URL", "postgres://db/x"},
			"set DATABASE_POOLER=transaction",
		},
		"standby without a database": {[]string{"DATABASE_READ_URL", "postgres://db2/x"}, "set DATABASE_URL"},
		"placeholder as the standby password": {
			[]string{"DATABASE_URL", "postgres://db/x", "DATABASE_READ_URL", "postgres://parley:changeme@db2/x"},
			"DATABASE_READ_URL has a placeholder",
		},
		"direct writes take every connection": {[]string{"LIMIT_DIRECT_WRITES", "16"}, "at most half"},
		"SASL without a user": {
			[]string{
				"KAFKA_BROKERS", "kafka:9092",
				"KAFKA_SECURITY_PROTOCOL", "SASL_SSL",
				"KAFKA_SASL_MECHANISM", "PLAIN",
			},
			"KAFKA_SASL_USERNAME",
		},
		"SASL user without SASL": {
			[]string{"KAFKA_BROKERS", "kafka:9092", "KAFKA_SASL_USERNAME", "parley"},
			"write SASL_SSL",
		},
		"SASL with the embedded Kafka": {
			[]string{
				"KAFKA_SECURITY_PROTOCOL", "SASL_SSL",
				"KAFKA_SASL_MECHANISM", "PLAIN",
				"KAFKA_SASL_USERNAME", "parley",
				"KAFKA_SASL_PASSWORD", strong,
			},
			"set KAFKA_BROKERS",
		},
		"unknown protocol": {[]string{"KAFKA_SECURITY_PROTOCOL", "sasl"}, "SASL_PLAINTEXT"},
		"missing CA file": {
			[]string{
				"KAFKA_BROKERS", "kafka:9092",
				"KAFKA_SECURITY_PROTOCOL", "SSL",
				"KAFKA_SSL_CA_LOCATION", "/nowhere/ca.pem",
			},
			"a file that Parley may read",
		},
		"CA without TLS": {
			[]string{"KAFKA_BROKERS", "kafka:9092", "KAFKA_SSL_CA_LOCATION", "/dev/null"},
			"write SSL or SASL_SSL",
		},
		"key without a certificate": {
			[]string{
				"KAFKA_BROKERS", "kafka:9092",
				"KAFKA_SECURITY_PROTOCOL", "SSL",
				"KAFKA_SSL_KEY_LOCATION", "/dev/null",
			},
			"both or neither",
		},
		"more copies in sync than there are": {[]string{"KAFKA_MIN_INSYNC_REPLICAS", "2"}, "write at most 1"},
		"placeholder as the SASL password": {
			[]string{
				"KAFKA_BROKERS", "kafka:9092",
				"KAFKA_SECURITY_PROTOCOL", "SASL_SSL",
				"KAFKA_SASL_MECHANISM", "PLAIN",
				"KAFKA_SASL_USERNAME", "parley",
				"KAFKA_SASL_PASSWORD", "changeme",
			},
			"KAFKA_SASL_PASSWORD is a placeholder",
		},
		"open operators' pages":               {[]string{"OPS_ADDR", "0.0.0.0:9000"}, "OPS_REMOTE=true"},
		"operators' pages on every address":   {[]string{"OPS_ADDR", ":9000"}, "127.0.0.1:9000"},
		"operators' address without a port":   {[]string{"OPS_ADDR", "127.0.0.1"}, "an address and a port"},
		"operators' pages on the public port": {[]string{"OPS_ADDR", "127.0.0.1:8000"}, "write another port"},
		"infinite rate":                       {[]string{"LIMIT_MESSAGES", "40,Inf"}, "such as 40,10"},
		"level":                               {[]string{"LOG_LEVEL", "loud"}, "debug, info"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Load(env(tt.env...)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want a message with %q", err, tt.want)
			}
		})
	}
}
