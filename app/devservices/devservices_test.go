package devservices

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"parley/test/wait"
)

// TestMain lets the test binary be the child, and a holder of a lease that can be killed.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "services" {
		linger, _ := time.ParseDuration(os.Getenv("LINGER")) // unset: none
		if err := RunChild(context.Background(), os.Getenv("DATA_DIR"), linger); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

var all = []string{"postgres", "redis", "kafka"}

func acquire(t *testing.T, dir string, want ...string) *Lease {
	t.Helper()
	l, err := Acquire(context.Background(), dir, want, os.Args[0])
	if err != nil {
		log, _ := os.ReadFile(filepath.Join(dir, "services.log"))
		t.Fatalf("%v\n%s", err, log)
	}
	return l
}

// dataDir is one that Postgres' user can reach.
func dataDir(t *testing.T) string {
	dir, err := os.MkdirTemp("", "parley-devservices-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestDataSurviveTheChildsDeath(t *testing.T) {
	dir := dataDir(t)
	l := acquire(t, dir, all...)
	query(t, l, "CREATE TABLE kept (n int)")
	query(t, l, "INSERT INTO kept VALUES (41)")
	produce(t, l, "kept")

	kill(t, dir)
	query(t, l, "UPDATE kept SET n = n + 1") // the lease starts another child by itself, at the same address

	if got := query(t, l, "SELECT n FROM kept"); got != "42" {
		t.Errorf("the table has %s, want 42", got)
	}
	if got := consume(t, l); got != "kept" {
		t.Errorf("the topic has %q", got)
	}
	l.Close()
	if !l.free() {
		t.Error("the last lease was closed, and the child still holds the directory")
	}

	again := acquire(t, dir, all...)
	defer again.Close()
	if got := query(t, again, "SELECT n FROM kept"); got != "42" {
		t.Errorf("after a restart the table has %s, want 42", got)
	}
	if got := consume(t, again); got != "kept" {
		t.Errorf("after a restart the topic has %q", got)
	}
}

func TestLeasesShareOneChild(t *testing.T) {
	dir := dataDir(t)
	leases := make([]*Lease, 4)
	var wg sync.WaitGroup
	for i := range leases {
		wg.Add(1)
		go func() {
			defer wg.Done()
			l, err := Acquire(context.Background(), dir, []string{"redis"}, os.Args[0])
			if err != nil {
				t.Error(err)
			}
			leases[i] = l
		}()
	}
	wg.Wait()
	if t.Failed() {
		t.FailNow()
	}
	for i, l := range leases {
		if l.URL("redis") != leases[0].URL("redis") {
			t.Errorf("lease %d has another Redis", i)
		}
	}
	for _, l := range leases[1:] {
		l.Close()
		if l.last {
			t.Error("a lease believes it was the last of four")
		}
	}
	opts, _ := redis.ParseURL(leases[0].URL("redis"))
	client := redis.NewClient(opts)
	defer client.Close()
	if err := client.Set(context.Background(), "k", "v", 300*time.Millisecond).Err(); err != nil {
		t.Errorf("one lease is left: %v", err)
	}
	wait.Until(t, "a key expires by the driven clock", func() bool {
		return errors.Is(client.Get(context.Background(), "k").Err(), redis.Nil)
	})
	leases[0].Close()
	if !leases[0].free() {
		t.Error("the child outlived its last lease")
	}
}

// A replica that is built again finds the services of the one before, and doesn't wait for their end.
func TestServicesLinger(t *testing.T) {
	t.Setenv("LINGER", "1m")
	dir := dataDir(t)
	pid := func() string {
		b, err := os.ReadFile(filepath.Join(dir, "services.pid"))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	l := acquire(t, dir, "redis")
	first, url := pid(), l.URL("redis")
	l.Close()
	if l.last || l.free() {
		t.Error("the child ended, or is waited for")
	}
	l = acquire(t, dir, "redis")
	if pid() != first || l.URL("redis") != url {
		t.Error("the next lease got another child")
	}
	l.Close()
	kill(t, dir)
}

func TestSecondChildIsRefused(t *testing.T) {
	dir := dataDir(t)
	defer acquire(t, dir, "redis").Close()
	if err := RunChild(context.Background(), dir, 0); !errors.Is(err, ErrHeld) {
		t.Errorf("got %v, want ErrHeld", err)
	}
}

func TestUnreachableDirectoryMoves(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	place, err := postgresDir(filepath.Join(dir, "data"))
	if err != nil {
		t.Fatal(err)
	}
	if moved := strings.HasPrefix(place, "/var/tmp/parley-"); moved != (os.Getuid() == 0) {
		t.Errorf("as user %d the data go to %s", os.Getuid(), place)
	}
}

// kill ends the child with SIGKILL: it is the process that holds the lock's address.
func kill(t *testing.T, dir string) {
	t.Helper()
	out, err := os.ReadFile(filepath.Join(dir, "services.pid"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(string(out))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// query runs one statement, trying again while the services are being started anew, and gives its first value.
func query(t *testing.T, l *Lease, sql string) string {
	t.Helper()
	var result string
	wait.Until(t, sql, func() bool {
		ctx := context.Background()
		conn, err := pgx.Connect(ctx, l.URL("postgres"))
		if err != nil {
			return false
		}
		defer conn.Close(ctx)
		rows, err := conn.Query(ctx, sql)
		if err != nil {
			return false
		}
		defer rows.Close()
		if rows.Next() {
			values, _ := rows.Values()
			result = fmt.Sprint(values[0])
		}
		rows.Close()
		return rows.Err() == nil
	})
	return result
}

func produce(t *testing.T, l *Lease, value string) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(l.URL("kafka")), kgo.DefaultProduceTopic("kept"))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if _, err := kadm.NewClient(client).CreateTopic(context.Background(), 1, 1, nil, "kept"); err != nil {
		t.Fatal(err)
	}
	if err := client.ProduceSync(context.Background(), kgo.StringRecord(value)).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

func consume(t *testing.T, l *Lease) string {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(l.URL("kafka")), kgo.ConsumeTopics("kept"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	records := client.PollFetches(ctx).Records()
	if len(records) == 0 {
		return ""
	}
	return string(records[0].Value)
}
