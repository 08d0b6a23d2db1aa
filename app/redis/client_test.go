package redis

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
)

func TestNewClient(t *testing.T) {
	tests := []struct{ name, url, wantError string }{
		{"one server", "redis://:secret@127.0.0.1:1/2", ""},
		{"cluster", "redis+cluster://:secret@127.0.0.1:1,127.0.0.1:2", ""},
		{"cluster with TLS", "rediss+cluster://user:secret@127.0.0.1:1", ""},
		{
			"sentinels",
			"redis+sentinel://:secret@127.0.0.1:1,127.0.0.1:2/parley/3?sentinel_password=secret",
			"",
		},
		{"no master", "redis+sentinel://:secret@127.0.0.1:1", "name of the master"},
		{"no number", "redis+sentinel://:secret@127.0.0.1:1/parley/x", "number of a database"},
		{"node without a port", "redis+cluster://:secret@127.0.0.1:1,redis-2", "host:port"},
		{"unescaped slash", "redis+cluster://:sec/ret@127.0.0.1:1", "host:port"},
		{"unescaped percent sign", "redis+cluster://:secret%zz@127.0.0.1:1", "%40 for @"},
		{"unknown topology", "redis+ring://:secret@127.0.0.1:1", "redis+cluster"},
		{"unknown scheme", "http://:secret@127.0.0.1:1", "redis://host:6379/0"},
	}

	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			client, err := NewClient(test.url)
			if err == nil {
				client.Close()
			}
			switch {
			case (err == nil) != (test.wantError == ""), err != nil && !strings.Contains(err.Error(), test.wantError):
				t.Errorf("got error %v, want %q", err, test.wantError)
			case err != nil && strings.Contains(err.Error(), "secret"):
				t.Errorf("the error contains the password: %v", err)
			}
		})
	}
}

func TestChannelNamesAreReversible(t *testing.T) {
	c := channels{sharded: true}
	for range 100 {
		for _, channel := range []chat.Channel{{Person: uuid.New()}, {Conversation: uuid.New()}} {
			if got, ok := c.channelOf(c.of(channel)); !ok || got != channel {
				t.Errorf("%s is parsed as %v", c.of(channel), got)
			}
		}
	}
}
