package e2e

import (
	"errors"
	"os"
	"testing"

	"parley/test/services"
)

// newDataDir creates a data directory that the user of PostgreSQL can read. It is removed with the
// suite, after the replicas that use it have ended.
func newDataDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp(suite.dir, "data-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// newServices starts a Redis and a Kafka for one installation, and returns their settings in this
// order. Installations that share Redis and Kafka store each other's messages and notify each
// other's people, so they must share the database, too.
func newServices(t *testing.T) []string {
	t.Helper()
	set := services.New(newDataDir(t))
	started := make(chan error)
	for _, service := range []*services.Service{set.Redis, set.Kafka} {
		t.Cleanup(service.Kill)
		go func() { started <- service.Start(t.Context()) }()
	}
	if err := errors.Join(<-started, <-started); err != nil {
		t.Fatal(err)
	}
	return []string{"REDIS_URL=" + set.Redis.URL, "KAFKA_BROKERS=" + set.Kafka.URL}
}
