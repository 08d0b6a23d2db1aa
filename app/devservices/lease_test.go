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

// TestMain makes the test binary the child too, which a launcher starts with the argument
// "services".
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "services" {
		linger, _ := time.ParseDuration(os.Getenv("LINGER")) // unset: 0
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
		log, _ := os.ReadFile(filepath.Join(dir, logFile))
		t.Fatalf("%v\n%s", err, log)
	}

	return l
}

// newDataDir returns a directory that PostgreSQL's user can reach.
func newDataDir(t *testing.T) string {
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

func TestDataSurvivesTheChildsDeath(t *testing.T) {
	dir := newDataDir(t)
	l := acquire(t, dir, all...)
	query(t, l, "CREATE TABLE kept (n int)")
	query(t, l, "INSERT INTO kept VALUES (41)")
	produce(t, l, "kept")

	killChild(t, dir)
	query(t, l, "UPDATE kept SET n = n + 1") // the lease starts the next child, at the same address
	checkData(t, l, "after the child was killed")
	l.Close()

	if !lockIsFree(dir) {
		t.Error("the last lease was closed, and the child still holds the directory")
	}

	again := acquire(t, dir, all...)
	defer again.Close()
	checkData(t, again, "after a restart")
}

func checkData(t *testing.T, l *Lease, when string) {
	t.Helper()

	if got := query(t, l, "SELECT n FROM kept"); got != "42" {
		t.Errorf("%s the table has %s, want 42", when, got)
	}

	if got := consume(t, l); got != "kept" {
		t.Errorf("%s the topic has %q", when, got)
	}
}

func TestLeasesShareOneChild(t *testing.T) {
	ctx, dir := context.Background(), newDataDir(t)
	leases := make([]*Lease, 4)

	var launches sync.WaitGroup
	for i := range leases {
		launches.Go(func() {
			l, err := Acquire(ctx, dir, []string{"redis"}, os.Args[0])
			if err != nil {
				t.Error(err)
			}

			leases[i] = l
		})
	}

	launches.Wait()

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
			t.Error("the child reported one of four leases as the last")
		}
	}

	opts, _ := redis.ParseURL(leases[0].URL("redis"))
	client := redis.NewClient(opts)
	defer client.Close()

	if err := client.Set(ctx, "k", "v", 300*time.Millisecond).Err(); err != nil {
		t.Errorf("Redis fails while one lease is left: %v", err)
	}

	wait.Until(t, "a key expires by miniredis' clock", func() bool {
		return errors.Is(client.Get(ctx, "k").Err(), redis.Nil)
	})

	leases[0].Close()

	if !lockIsFree(dir) {
		t.Error("the child outlived its last lease")
	}
}

// TestTheChildLingers, so that a replica that is rebuilt uses its services again, and the
// replica's end does not wait for the child's.
func TestTheChildLingers(t *testing.T) {
	t.Setenv("LINGER", "1m")
	dir := newDataDir(t)
	l := acquire(t, dir, "redis")
	first, url := childPID(t, dir), l.URL("redis")
	l.Close()

	if l.last || lockIsFree(dir) {
		t.Error("the child ended, or Close waited for its end")
	}

	l = acquire(t, dir, "redis")
	if childPID(t, dir) != first || l.URL("redis") != url {
		t.Error("the next lease has another child")
	}

	l.Close()
	killChild(t, dir)
}

func TestASecondChildIsRefused(t *testing.T) {
	dir := newDataDir(t)
	defer acquire(t, dir, "redis").Close()

	if err := RunChild(context.Background(), dir, 0); !errors.Is(err, ErrHeld) {
		t.Errorf("got %v, want ErrHeld", err)
	}
}

func TestPostgresMovesOutOfAnUnreachableDirectory(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}

	got, err := postgresDir(filepath.Join(dir, "data"))
	if err != nil {
		t.Fatal(err)
	}

	if moved := strings.HasPrefix(got, "/var/lib/parley/postgres-"); moved != (os.Getuid() == 0) {
		t.Errorf("for user %d the directory is %s", os.Getuid(), got)
	}
}

func childPID(t *testing.T, dir string) int {
	t.Helper()

	b, err := os.ReadFile(filepath.Join(dir, pidFile))
	if err != nil {
		t.Fatal(err)
	}

	pid, err := strconv.Atoi(string(b))
	if err != nil {
		t.Fatal(err)
	}

	return pid
}

// killChild ends the child with SIGKILL.
func killChild(t *testing.T, dir string) {
	t.Helper()

	if err := syscall.Kill(childPID(t, dir), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// query runs one statement and returns its first value. It retries while the services restart.
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

func kafkaClient(t *testing.T, l *Lease, opts ...kgo.Opt) *kgo.Client {
	t.Helper()

	client, err := kgo.NewClient(append(opts, kgo.SeedBrokers(l.URL("kafka")))...)
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(client.Close)
	return client
}

func produce(t *testing.T, l *Lease, value string) {
	t.Helper()

	client := kafkaClient(t, l, kgo.DefaultProduceTopic("kept"))
	if _, err := kadm.NewClient(client).CreateTopic(context.Background(), 1, 1, nil, "kept"); err != nil {
		t.Fatal(err)
	}

	if err := client.ProduceSync(context.Background(), kgo.StringRecord(value)).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

// consume returns the first record of the topic, or "".
func consume(t *testing.T, l *Lease) string {
	t.Helper()
	client := kafkaClient(t, l, kgo.ConsumeTopics("kept"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	ctx, cancel := context.WithTimeout(context.Background(), wait.Timeout)
	defer cancel()

	records := client.PollFetches(ctx).Records()
	if len(records) == 0 {
		return ""
	}

	return string(records[0].Value)
}
