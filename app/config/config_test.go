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

func TestRefusals(t *testing.T) {
	for name, tt := range map[string]struct {
		env  []string
		want string
	}{
		"port":             {[]string{"PORT", "eighty"}, "whole number from 1 to 65535"},
		"rate":             {[]string{"LIMIT_MESSAGES", "40"}, "such as 40,10"},
		"negative rate":    {[]string{"LIMIT_MESSAGES", "40,-1"}, "such as 40,10"},
		"url":              {[]string{"PUBLIC_URL", "chat.example.org"}, "https://chat.example.org"},
		"plain http":       {[]string{"PUBLIC_URL", "http://chat.example.org"}, "TLS"},
		"open listener":    {[]string{"LISTEN_HOST", "0.0.0.0"}, "PUBLIC_URL"},
		"half a provider":  {[]string{"GOOGLE_CLIENT_ID", "x"}, "both or neither"},
		"dev beside real":  {[]string{"GOOGLE_CLIENT_ID", "x", "GOOGLE_CLIENT_SECRET", "y", "DEV_SIGNIN", "true"}, "remove it"},
		"two broker lists": {[]string{"KAFKA_BROKER", "a:1", "KAFKA_BROKERS", "b:1"}, "KAFKA_BROKERS only"},
		"proxy":            {[]string{"TRUSTED_PROXIES", "everyone"}, "10.0.0.0/8"},
		"level":            {[]string{"LOG_LEVEL", "loud"}, "debug, info"},
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
