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

// oidc is a provider but for its issuer.
var oidc = []string{"OIDC_NAME", "Home", "OIDC_CLIENT_ID", "x", "OIDC_CLIENT_SECRET", "y"}

func TestProviders(t *testing.T) {
	google := []string{"GOOGLE_CLIENT_ID", "x", "GOOGLE_CLIENT_SECRET", "y"}
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
		"port":                    {[]string{"PORT", "eighty"}, "whole number from 1 to 65535"},
		"rate":                    {[]string{"LIMIT_MESSAGES", "40"}, "such as 40,10"},
		"negative rate":           {[]string{"LIMIT_MESSAGES", "40,-1"}, "such as 40,10"},
		"url":                     {[]string{"PUBLIC_URL", "chat.example.org"}, "https://chat.example.org"},
		"plain http":              {[]string{"PUBLIC_URL", "http://chat.example.org"}, "TLS"},
		"open listener":           {[]string{"LISTEN_HOST", "0.0.0.0"}, "PUBLIC_URL"},
		"half a provider":         {[]string{"GOOGLE_CLIENT_ID", "x"}, "both or neither"},
		"dev beside real":         {[]string{"GOOGLE_CLIENT_ID", "x", "GOOGLE_CLIENT_SECRET", "y", "DEV_SIGNIN", "true"}, "remove it"},
		"a third of a provider":   {[]string{"OIDC_NAME", "Home", "OIDC_ISSUER", "https://id.example.org"}, "all or none"},
		"a provider in the open":  {append([]string{"OIDC_ISSUER", "http://id.example.org"}, oidc...), "https://"},
		"an issuer with a query":  {append([]string{"OIDC_ISSUER", "https://id.example.org?x=1"}, oidc...), "https://"},
		"no issuer":               {append([]string{"OIDC_ISSUER", "id.example.org"}, oidc...), "https://login.example.org"},
		"a name for a billboard":  {append([]string{"OIDC_ISSUER", "https://id.example.org"}, append(oidc, "OIDC_NAME", strings.Repeat("x", 41))...), "40 characters"},
		"Google by another name":  {append([]string{"OIDC_ISSUER", "https://accounts.google.com"}, oidc...), "GOOGLE_CLIENT_ID"},
		"dev beside another":      {append([]string{"OIDC_ISSUER", "https://id.example.org", "DEV_SIGNIN", "true"}, oidc...), "remove it"},
		"local pictures, outside": {[]string{"LOCAL_PICTURES", "true", "PUBLIC_URL", "https://chat.example.org"}, "remove it"},
		"two broker lists":        {[]string{"KAFKA_BROKER", "a:1", "KAFKA_BROKERS", "b:1"}, "KAFKA_BROKERS only"},
		"proxy":                   {[]string{"TRUSTED_PROXIES", "everyone"}, "10.0.0.0/8"},
		"level":                   {[]string{"LOG_LEVEL", "loud"}, "debug, info"},
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
		"a real provider":        {[]string{"GOOGLE_CLIENT_ID", "x", "GOOGLE_CLIENT_SECRET", "y"}, false},
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
