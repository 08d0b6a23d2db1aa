// Package integration tests whole replicas over HTTP. They run in this process
// on real dependencies; test/services starts those.
package integration

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/google/uuid"

	"parley/app/config"
	"parley/app/postgres/postgrestest"
	"parley/app/replica"
)

// instance is a running replica, as one test uses it.
type instance struct {
	t         testing.TB
	base      string // http://host:port of the listener for people
	addresses replica.Addresses
	replica   *replica.Replica

	// nameSuffix makes the names of people unique to a test among those that share
	// the replica; "" if the replica is the test's own.
	nameSuffix string
	operators  *operator // nil without a listener for operators
}

// newAddresses returns the shared dependencies, with a database and topics of the
// test's own.
func newAddresses(t testing.TB) replica.Addresses {
	t.Helper()
	return newAddressesAt(t, environment(t, "PARLEY_TEST_DATABASE_URL"))
}

// newAddressesAt is newAddresses with a database on another server.
func newAddressesAt(t testing.TB, server string) replica.Addresses {
	t.Helper()
	return replica.Addresses{
		DatabaseURL:  postgrestest.URLAt(t, server),
		RedisURL:     environment(t, "PARLEY_TEST_REDIS_URL"),
		KafkaBrokers: environment(t, "PARLEY_TEST_KAFKA_BROKERS"),
		Suffix:       "-" + uuid.NewString()[:8],
	}
}

// environment returns a variable that test/services sets.
func environment(t testing.TB, name string) string {
	t.Helper()
	v := os.Getenv(name)
	if v == "" {
		t.Fatalf("%s is not set: run `go tool task test`, or `go run ./test/services/cmd go test ./…`", name)
	}
	return v
}

// startReplica serves until the test ends; settings are pairs of names and values.
func startReplica(t testing.TB, settings ...string) *instance {
	t.Helper()
	return startReplicaAt(t, newAddresses(t), settings...)
}

// startReplicaAt is startReplica on given dependencies.
func startReplicaAt(t testing.TB, addresses replica.Addresses, settings ...string) *instance {
	t.Helper()
	return startReplicaWith(t, addresses, replica.Options{}, settings...)
}

// startReplicaWith starts a replica with options. Without a logger it logs to the
// test.
func startReplicaWith(
	t testing.TB, addresses replica.Addresses, o replica.Options, settings ...string,
) *instance {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}

	env := map[string]string{
		"DEV_SIGNIN":    "true",
		"DATABASE_URL":  addresses.DatabaseURL,
		"REDIS_URL":     addresses.RedisURL,
		"KAFKA_BROKERS": addresses.KafkaBrokers,
		"LIMIT_SIGNINS": "0",
		"LIMIT_CHANGES": "0",
		"LIMIT_READS":   "0",
	}

	_, env["PORT"], _ = net.SplitHostPort(l.Addr().String())
	for i := 0; i < len(settings); i += 2 {
		env[settings[i]] = settings[i+1]
	}

	cfg, err := config.Load(func(k string) (string, bool) { v, ok := env[k]; return v, ok })
	if err != nil {
		t.Fatal(err)
	}

	if o.Logger == nil {
		o.Logger = slog.New(slog.NewTextHandler(testLog{t}, nil))
	}

	n, err := replica.New(cfg, addresses, o)
	if err != nil {
		t.Fatal(err)
	}

	ctx, stop := context.WithCancel(context.Background())
	ready, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		if err := n.Run(ctx, l, func() { close(ready) }); err != nil {
			t.Errorf("replica: %v", err)
		}
	}()

	t.Cleanup(func() { stop(); <-ended })

	<-ready
	return &instance{t: t, base: "http://" + l.Addr().String(), addresses: addresses, replica: n}
}

// must ends the test if there is an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// testLog writes to the test's log.
type testLog struct{ t testing.TB }

func (l testLog) Write(b []byte) (int, error) {
	l.t.Log(strings.TrimSpace(string(b)))
	return len(b), nil
}

// mustNotFollow keeps a client from following redirects.
func mustNotFollow(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
