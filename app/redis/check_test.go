package redis

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"

	"parley/test/services"
)

// TestCheckFindsMistakes plants one mistake at a time.
func TestCheckFindsMistakes(t *testing.T) {
	t.Parallel()
	const allRights = "reset on >secret " + neededRights
	as := func(userinfo, database string) func(string) string {
		return func(url string) string {
			url = strings.Replace(url, "redis://", "redis://"+userinfo, 1)
			return strings.TrimSuffix(url, "/0") + "/" + database
		}
	}
	parley := as("parley:secret@", "0")

	tests := []struct {
		name  string
		begin []string // commands of the administrator; end undoes them
		end   []string
		url   func(string) string
		want  []string // words of each line
	}{
		{"nothing", nil, nil, parley, nil},
		{"nothing, default user", nil, nil, as("", "3"), nil},
		{"wrong password", nil, nil, as("parley:other@", "0"), []string{"password of REDIS_URL"}},
		{"unknown user", nil, nil, as("nobody:secret@", "0"), []string{"password of REDIS_URL"}},
		{
			"no password",
			[]string{"CONFIG SET requirepass secret"},
			[]string{"ACL SETUSER default nopass"},
			as("", "0"),
			[]string{"wants a password"},
		},
		{"no such database", nil, nil, as("", "99"), []string{"no database of the number"}},
		{"user switched off", []string{"ACL SETUSER parley off"}, nil, parley, []string{"password of REDIS_URL"}},
		{"no channels", []string{"ACL SETUSER parley resetchannels"}, nil, parley, []string{"&parley:*"}},
		{"other channels", []string{"ACL SETUSER parley resetchannels &app:*"}, nil, parley, []string{"&parley:*"}},
		{"other keys", []string{"ACL SETUSER parley resetkeys ~app:*"}, nil, parley, []string{"~parley:*"}},
		{"only PING", []string{"ACL SETUSER parley -@all +ping"}, nil, parley, []string{
			"SET, GET, MGET and EXISTS, HSETNX",
		}},
		{"only reading", []string{"ACL SETUSER parley -@write"}, nil, parley, []string{"rejects SET, HSETNX"}},
		{"no scripts", []string{"ACL SETUSER parley -@scripting"}, nil, parley, []string{"tails"}},
		{"no EVALSHA", []string{"ACL SETUSER parley -evalsha"}, nil, parley, []string{"tails"}},
		{"no TIME", []string{"ACL SETUSER parley -time"}, nil, parley, []string{"rejects EVAL of the scripts of caches"}},
		{"no PUBLISH", []string{"ACL SETUSER parley -publish"}, nil, parley, []string{"PUBLISH"}},
		{"no SUBSCRIBE", []string{"ACL SETUSER parley -subscribe"}, nil, parley, []string{"SUBSCRIBE"}},
		{"no HELLO is fine", []string{"ACL SETUSER parley -hello"}, nil, parley, nil},
		{"no INFO is fine", []string{"ACL SETUSER parley -info"}, nil, parley, nil},
		{"memory full", []string{"CONFIG SET maxmemory 1"}, []string{"CONFIG SET maxmemory 0"}, parley, []string{"maxmemory"}},
		{
			"eviction",
			[]string{"CONFIG SET maxmemory-policy volatile-lru"},
			[]string{"CONFIG SET maxmemory-policy noeviction"},
			as("", "0"),
			[]string{"maxmemory-policy"},
		},
		{
			"too few replicas",
			[]string{"CONFIG SET min-replicas-to-write 1"},
			[]string{"CONFIG SET min-replicas-to-write 0"},
			parley,
			[]string{"min-replicas-to-write"},
		},
		{"replica", []string{"REPLICAOF 127.0.0.1 1"}, []string{"REPLICAOF NO ONE"}, parley, []string{"(127.0.0.1:1)"}},
		{
			"replica that accepts writes",
			[]string{"REPLICAOF 127.0.0.1 1", "CONFIG SET replica-read-only no"},
			[]string{"REPLICAOF NO ONE", "CONFIG SET replica-read-only yes"},
			parley,
			[]string{"leads to a replica"},
		},
		{
			"replica that keeps it secret",
			[]string{"REPLICAOF 127.0.0.1 1", "ACL SETUSER parley -info"},
			[]string{"REPLICAOF NO ONE"},
			parley,
			[]string{"leads to a replica"},
		},
		{
			"no connections left",
			[]string{"CONFIG SET maxclients 1"},
			[]string{"CONFIG SET maxclients 100"},
			parley,
			[]string{"maxclients"},
		},
		{
			"no cluster",
			nil,
			nil,
			func(url string) string {
				return strings.TrimSuffix(strings.Replace(url, "://", "+cluster://", 1), "/0")
			},
			[]string{"no cluster"},
		},
		{
			"TLS to a server without it",
			nil,
			nil,
			func(url string) string { return strings.Replace(url, "redis://", "rediss://", 1) },
			[]string{"redis or rediss"},
		},
	}

	server := startRedis(t)
	admin := administratorOf(t, server.URL)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			admin.do("ACL SETUSER parley " + allRights)
			admin.do(test.begin...)
			err := Check(context.Background(), test.url(server.URL))
			admin.do(test.end...)
			wantLines(t, err, test.want)
		})
	}
}

// TestCheckFindsMistakesOfTheServer needs a server for each mistake.
func TestCheckFindsMistakesOfTheServer(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		options []string
		want    []string
	}{
		{"no EVAL", []string{"--rename-command", "EVAL", "disabled"}, []string{"EVAL"}},
		{"no PUBLISH", []string{"--rename-command", "PUBLISH", ""}, []string{"PUBLISH"}},
		{"no SUBSCRIBE", []string{"--rename-command", "SUBSCRIBE", ""}, []string{"SUBSCRIBE"}},
		{"no HELLO is fine", []string{"--rename-command", "HELLO", ""}, nil},
		{"node of a cluster", []string{"--cluster-enabled", "yes"}, []string{"redis+cluster://"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := started(t, services.RedisWith(t.TempDir(), test.options...))
			wantLines(t, Check(context.Background(), server.URL), test.want)
		})
	}

	t.Run("a cluster is fine", func(t *testing.T) {
		cluster := started(t, services.RedisCluster(t.TempDir(), 0))
		wantLines(t, Check(context.Background(), cluster.URL), nil)
	})
}

// TestCheckFindsAServerThatClosesConnections has no redis-server, because one is in protected
// mode only for connections from other machines.
func TestCheckFindsAServerThatClosesConnections(t *testing.T) {
	for reply, want := range map[string]string{
		"-DENIED Redis is running in protected mode because protected mode is enabled.\r\n": "protected mode",
		"HTTP/1.1 400 Bad Request\r\n\r\n":                                                  "host and the port",
		"":                                                                                  "host and the port",
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				fmt.Fprint(conn, reply)
				_, _ = conn.Read(make([]byte, 1024)) // a close with unread bytes would reset the connection
				conn.Close()
			}
		}()
		wantLines(t, Check(context.Background(), "redis://"+l.Addr().String()), []string{want})
	}
}

func wantLines(t *testing.T, err error, want []string) {
	t.Helper()
	var got []string
	if err != nil {
		got = strings.Split(err.Error(), "\n")
	}
	if len(got) != len(want) {
		t.Fatalf("got %d lines, want %d:\n%v", len(got), len(want), err)
	}
	for i, line := range got {
		if !strings.Contains(line, want[i]) || strings.Contains(line, "secret") {
			t.Errorf("line %d: got %q, want %q and no password", i, line, want[i])
		}
	}
	if len(want) > 0 && !t.Failed() {
		t.Log("mistake named:", want)
	}
}
