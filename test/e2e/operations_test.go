package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"parley/test/services"
	"parley/test/wait"
)

// newDatabase makes an empty one on the shared server.
func newDatabase(t *testing.T) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), world.set.Postgres.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	name := "e2e_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	if _, err := conn.Exec(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(world.set.Postgres.URL)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = name
	return u.String()
}

// ownParts starts a Redis and a Kafka for an installation apart, and answers their settings: those who share them store one another's messages and
// tell one another's people, and so must share a database too.
func ownParts(t *testing.T) []string {
	t.Helper()
	set := services.New(embeddedDir(t))
	started := make(chan error)
	for _, part := range []*services.Service{set.Redis, set.Kafka} {
		t.Cleanup(part.Kill)
		go func() { started <- part.Start(t.Context()) }()
	}
	if err := errors.Join(<-started, <-started); err != nil {
		t.Fatal(err)
	}
	return []string{"REDIS_URL=" + set.Redis.URL, "KAFKA_BROKERS=" + set.Kafka.URL}
}

// guide runs the commands that a section of a guide has, with the program on the path, in dir.
func guide(t *testing.T, file, section, dir string, env ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", file))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "\n## "+section+"\n")
	rest, _, _ = strings.Cut(rest, "\n## ")
	_, rest, block := strings.Cut(rest, "```sh\n")
	commands, _, end := strings.Cut(rest, "```")
	if !found || !block || !end {
		t.Fatalf("%s has no commands in a section %q", file, section)
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-e", "-c", commands)
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), "PATH="+filepath.Dir(world.program)+":"+os.Getenv("PATH")), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s, %q: %v\n%s", file, section, err, out)
	}
	return string(out)
}

// TestABackupAndTheLogAreEverything: a dump made while people write, then the database is lost; dump and topic together give all that was
// acknowledged.
func TestABackupAndTheLogAreEverything(t *testing.T) {
	t.Parallel()
	dir, parts := t.TempDir(), ownParts(t) // the log is to be read again from the beginning
	settings := func(database string) []string { return append(parts[:len(parts):len(parts)], "DATABASE_URL="+database) }
	lost, empty := newDatabase(t), newDatabase(t)
	one := startReplica(t, settings(lost)...)
	f := newFlood(t, one, 6)
	f.run([]*replica{one}, 60, func() { guide(t, "operations.md", "Back up", dir, settings(lost)...) })
	one.end(syscall.SIGKILL)

	wait.Until(t, "the group is at rest, and rewound", func() bool { // the killed one is a member until its session ends
		cmd := exec.Command(world.program, "rewind", "earliest")
		cmd.Env = append(os.Environ(), settings(empty)...)
		out, err := cmd.CombinedOutput()
		if err != nil && !strings.Contains(string(out), "stop all of them first") {
			t.Fatalf("%v: %s", err, out)
		}
		return err == nil
	})
	said := guide(t, "operations.md", "Restore", dir, settings(empty)...)
	if !strings.Contains(said, "720 records") {
		t.Errorf("of 720 messages: %s", said)
	}
	f.check(t, startReplica(t, settings(empty)...))
}

// TestAReleaseMigratesWhileTheOldOneServes: nobody is refused anything while a newer release changes the schema under an old one, which may
// even be started again.
func TestAReleaseMigratesWhileTheOldOneServes(t *testing.T) {
	t.Parallel()
	next := nextRelease(t)
	database := newDatabase(t)
	settings := append(ownParts(t), "DATABASE_URL="+database)
	old := []*replica{startReplica(t, settings...), startReplica(t, settings...)}
	f := newFlood(t, old[0], 6)
	var newer *replica
	f.run(old, 150, func() { newer = startProgram(t, next, settings...) })
	conn, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), "SELECT edited_at FROM messages LIMIT 1"); err != nil {
		t.Fatalf("the newer release has not changed the schema: %v", err)
	}
	old[1].end(syscall.SIGTERM)
	f.run([]*replica{old[0], newer}, 30, func() { old[1].start() })
	f.run([]*replica{old[1], newer}, 30, func() {})
	for _, p := range f.people {
		if n := p.failures.Load(); n > 0 {
			t.Errorf("%d sends of %s were not taken at once", n, p.name)
		}
	}
	f.check(t, old[1])
	f.check(t, newer)
}

// nextRelease builds the program with one migration more.
func nextRelease(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	migration, overlay, program := filepath.Join(dir, "next.sql"), filepath.Join(dir, "overlay.json"), filepath.Join(dir, "parley")
	const sql = `-- +goose NO TRANSACTION
-- +goose Up
ALTER TABLE messages ADD COLUMN edited_at timestamptz;
CREATE INDEX CONCURRENTLY messages_edited ON messages (edited_at) WHERE edited_at IS NOT NULL;
`
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {filepath.Join(root, "db", "migrations", "99999_next.sql"): migration}})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{migration: []byte(sql), overlay: replace} {
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command("go", "build", "-overlay", overlay, "-o", program, "parley/app").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v: %s", err, out)
	}
	return program
}
