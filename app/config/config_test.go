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
	if c.Address() != "127.0.0.1:8000" || c.BaseURL() != "http://127.0.0.1:8000" || len(c.Embedded()) != 3 || !c.MayDevSignIn() {
		t.Errorf("defaults: %+v", c)
	}
	if c.LimitMessages != (Rate{40, 10}) || c.LimitStreamsPerUser != 12 || c.KafkaPartitions != 3 {
		t.Errorf("limits: %+v", c)
	}
}

// strong is a client secret as providers make them.
const strong = "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"

// oidc is a provider but for its issuer.
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

func TestRefusals(t *testing.T) {
	for name, tt := range map[string]struct {
		env  []string
		want string
	}{
		"port":                     {[]string{"PORT", "eighty"}, "whole number from 1 to 65535"},
		"rate":                     {[]string{"LIMIT_MESSAGES", "40"}, "such as 40,10"},
		"negative rate":            {[]string{"LIMIT_MESSAGES", "40,-1"}, "such as 40,10"},
		"url":                      {[]string{"PUBLIC_URL", "chat.example.org"}, "https://chat.example.org"},
		"plain http":               {[]string{"PUBLIC_URL", "http://chat.example.org"}, "TLS"},
		"open listener":            {[]string{"LISTEN_HOST", "0.0.0.0"}, "PUBLIC_URL"},
		"half a provider":          {[]string{"GOOGLE_CLIENT_ID", "x"}, "both or neither"},
		"dev beside real":          {[]string{"GOOGLE_CLIENT_ID", "x", "GOOGLE_CLIENT_SECRET", strong, "DEV_SIGNIN", "true"}, "remove it"},
		"a third of a provider":    {[]string{"OIDC_NAME", "Home", "OIDC_ISSUER", "https://id.example.org"}, "all or none"},
		"a provider in the open":   {append([]string{"OIDC_ISSUER", "http://id.example.org"}, oidc...), "https://"},
		"an issuer with a query":   {append([]string{"OIDC_ISSUER", "https://id.example.org?x=1"}, oidc...), "https://"},
		"no issuer":                {append([]string{"OIDC_ISSUER", "id.example.org"}, oidc...), "https://login.example.org"},
		"a name for a billboard":   {append([]string{"OIDC_ISSUER", "https://id.example.org"}, append(oidc, "OIDC_NAME", strings.Repeat("x", 41))...), "40 characters"},
		"Google by another name":   {append([]string{"OIDC_ISSUER", "https://accounts.google.com"}, oidc...), "GOOGLE_CLIENT_ID"},
		"dev beside another":       {append([]string{"OIDC_ISSUER", "https://id.example.org", "DEV_SIGNIN", "true"}, oidc...), "remove it"},
		"local pictures, outside":  {[]string{"LOCAL_PICTURES", "true", "PUBLIC_URL", "https://chat.example.org"}, "remove it"},
		"two broker lists":         {[]string{"KAFKA_BROKER", "a:1", "KAFKA_BROKERS", "b:1"}, "KAFKA_BROKERS only"},
		"proxy":                    {[]string{"TRUSTED_PROXIES", "everyone"}, "10.0.0.0/8"},
		"any proxy":                {[]string{"TRUSTED_PROXIES", "10.0.0.0/8,0.0.0.0/0"}, "your proxies’ own network"},
		"any proxy, IPv6":          {[]string{"TRUSTED_PROXIES", "::/0"}, "your proxies’ own network"},
		"open, no proxy":           {[]string{"LISTEN_HOST", "0.0.0.0", "PUBLIC_URL", "https://chat.example.org"}, "set TRUSTED_PROXIES"},
		"open, plain http":         {[]string{"LISTEN_HOST", "::", "PUBLIC_URL", "http://localhost:8000"}, "LISTEN_HOST=127.0.0.1"},
		"open, a proxy, no TLS":    {[]string{"LISTEN_HOST", "10.1.2.3", "TRUSTED_PROXIES", "10.0.0.0/8"}, "https:// address"},
		"a name that is outside":   {[]string{"LISTEN_HOST", "chat.internal"}, "https:// address"},
		"a secret to fill in":      {[]string{"GOOGLE_CLIENT_ID", "x", "GOOGLE_CLIENT_SECRET", "changeme"}, "GOOGLE_CLIENT_SECRET is a placeholder"},
		"a secret from a manual":   {[]string{"GOOGLE_CLIENT_ID", "x", "GOOGLE_CLIENT_SECRET", "your-client-secret-goes-here"}, "that the provider made"},
		"a secret unexpanded":      {[]string{"GOOGLE_CLIENT_ID", "x", "GOOGLE_CLIENT_SECRET", "${GOOGLE_CLIENT_SECRET}"}, "that the provider made"},
		"a secret of x":            {[]string{"GOOGLE_CLIENT_ID", "x", "GOOGLE_CLIENT_SECRET", "xxxxxxxxxxxxxxxxxxxx"}, "that the provider made"},
		"a short secret":           {[]string{"GOOGLE_CLIENT_ID", "x", "GOOGLE_CLIENT_SECRET", "q8Zr2"}, "at least 16 characters"},
		"the id as the secret":     {[]string{"GOOGLE_CLIENT_ID", strong, "GOOGLE_CLIENT_SECRET", strong}, "is the client id"},
		"another's secret":         {append([]string{"OIDC_ISSUER", "https://id.example.org"}, append(oidc, "OIDC_CLIENT_SECRET", "Change-Me!1")...), "OIDC_CLIENT_SECRET is a placeholder"},
		"a secret, no id":          {[]string{"GOOGLE_CLIENT_SECRET", strong}, "both or neither"},
		"an id, no secret":         {[]string{"OIDC_NAME", "Home", "OIDC_ISSUER", "https://id.example.org", "OIDC_CLIENT_ID", "x"}, "all or none"},
		"a database's password":    {[]string{"DATABASE_URL", "postgres://parley:postgres@db.internal:5432/parley"}, "DATABASE_URL has a placeholder"},
		"an image's password":      {[]string{"REDIS_URL", "redis://:changeme123@redis.internal:6379/0"}, "REDIS_URL has a placeholder"},
		"operators, outside":       {[]string{"OPS_ADDR", "0.0.0.0:9000"}, "OPS_REMOTE=true"},
		"operators, every address": {[]string{"OPS_ADDR", ":9000"}, "127.0.0.1:9000"},
		"operators, no port":       {[]string{"OPS_ADDR", "127.0.0.1"}, "an address and a port"},
		"operators among people":   {[]string{"OPS_ADDR", "127.0.0.1:8000"}, "write another port"},
		"no limit at all":          {[]string{"LIMIT_MESSAGES", "40,Inf"}, "such as 40,10"},
		"level":                    {[]string{"LOG_LEVEL", "loud"}, "debug, info"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Load(env(tt.env...)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want a message with %q", err, tt.want)
			}
		})
	}
}

func TestDevSignIn(t *testing.T) {
	all := []string{"DATABASE_URL", "postgres://x", "REDIS_URL", "redis://x", "KAFKA_BROKER", "x:1"}
	for name, tt := range map[string]struct {
		env  []string
		want bool
	}{
		"nothing embedded":       {all, false},
		"asked for":              {append([]string{"DEV_SIGNIN", "true"}, all...), true},
		"refused":                {[]string{"DEV_SIGNIN", "false"}, false},
		"a real provider":        {[]string{"GOOGLE_CLIENT_ID", "x", "GOOGLE_CLIENT_SECRET", strong}, false},
		"public":                 {[]string{"PUBLIC_URL", "https://chat.example.org"}, false},
		"loopback as public":     {[]string{"PUBLIC_URL", "http://localhost:8000"}, true},
		"one part still at home": {all[:4], true},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := Load(env(tt.env...))
			if err != nil || c.MayDevSignIn() != tt.want {
				t.Errorf("MayDevSignIn = %v, %v; want %v", c.MayDevSignIn(), err, tt.want)
			}
		})
	}
}

// TestAccepted: what is as safe as it looks starts.
func TestAccepted(t *testing.T) {
	for name, pairs := range map[string][]string{
		"behind a proxy":             {"LISTEN_HOST", "0.0.0.0", "PUBLIC_URL", "https://chat.example.org", "TRUSTED_PROXIES", "10.0.0.0/8"},
		"a proxy on this machine":    {"PUBLIC_URL", "https://chat.example.org"},
		"loopback, IPv6":             {"LISTEN_HOST", "::1"},
		"a provider on this machine": {"OIDC_NAME", "Home", "OIDC_ISSUER", "http://127.0.0.1:9/oidc", "OIDC_CLIENT_ID", "x", "OIDC_CLIENT_SECRET", "secret"},
		"a database here":            {"DATABASE_URL", "postgres://postgres:postgres@localhost:5432/parley"},
		"no password":                {"REDIS_URL", "redis://redis.internal:6379/0"},
		"a password":                 {"DATABASE_URL", "postgres://parley:nR7-vqT2-placeholder-xK9@db.internal/parley"},
		"operators, allowed":         {"OPS_ADDR", "10.1.2.3:9000", "OPS_REMOTE", "true"},
		"operators, elsewhere":       {"OPS_ADDR", "[::1]:9000"},
	} {
		if _, err := Load(env(pairs...)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestRefusalsKeepSecrets: a refusal goes to a terminal or a log, where a password has no place.
func TestRefusalsKeepSecrets(t *testing.T) {
	const canary = "s3cr3t"
	_, err := Load(env("PUBLIC_URL", "https://ada:"+canary+"@chat.example.org"))
	_, short := Load(env("GOOGLE_CLIENT_ID", "x", "GOOGLE_CLIENT_SECRET", canary))
	if err == nil || short == nil || strings.Contains(err.Error()+short.Error(), canary) {
		t.Errorf("%v\n%v", err, short)
	}
}

func TestOpsAddress(t *testing.T) {
	for port, want := range map[string]string{"8000": "127.0.0.1:9000", "8001": "127.0.0.1:9001", "65535": "127.0.0.1:64535"} {
		if c, err := Load(env("PORT", port)); err != nil || c.OpsAddress() != want {
			t.Errorf("PORT %s: %s, %v", port, c.OpsAddress(), err)
		}
	}
}

func TestMisspelt(t *testing.T) {
	for name, tt := range map[string]struct {
		environ []string
		want    string // "": fine
	}{
		"a letter":            {[]string{"REDIS_URI=redis://x"}, "write REDIS_URL"},
		"a singular":          {[]string{"TRUSTED_PROXY=10.0.0.1"}, "write TRUSTED_PROXIES"},
		"two letters swapped": {[]string{"PUBLIC_ULR=https://x"}, "write PUBLIC_URL"},
		"written out":         {[]string{"OPS_ADDRESS=127.0.0.1:1"}, "write OPS_ADDR"},
		"small letters":       {[]string{"dev_signin=true"}, "write DEV_SIGNIN"},
		"dashes":              {[]string{"LOG-LEVEL=debug"}, "write LOG_LEVEL"},
		"both are set":        {[]string{"REDIS_URI=redis://x", "REDIS_URL=redis://y"}, ""},
		"set to nothing":      {[]string{"REDIS_URI="}, ""},
		"the other name":      {[]string{"KAFKA_BROKER=a:1"}, ""},
		"OpenTelemetry’s":     {[]string{"OTEL_CLIENT_ID=x", "OTEL_SERVICE_NAME=x", "OTEL_EXPORTER_OTLP_ENDPOINT=http://x"}, ""},
		"a short one":         {[]string{"PORTS=8000", "HOST=x", "POST=y"}, ""},
		"a test's":            {[]string{"PARLEY_TEST_REDIS_URL=redis://x", "PARLEY_TEST_DATABASE_URL=postgres://x"}, ""},
		"everybody's":         {strings.Fields("HOME=/ PATH=/bin LANG=C TERM=xterm LOGNAME=x GOPROXY=x JAVA_HOME=/ KAFKA_HEAP_OPTS=-Xmx1g KAFKA_OPTS=x REDIS_HOST=h REDIS_PORT=1 REDIS_PASSWORD=x DATABASE_USER=x DATABASE_NAME=x PUBLIC_IP=1 DATA_HOME=/ LOG_FILE=x LOG_DIR=x"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			err := Misspelt(tt.environ)
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}
