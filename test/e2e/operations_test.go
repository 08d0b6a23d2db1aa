package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"parley/test/parley"
	"parley/test/wait"
)

// TestBackupAndLogRestoreEverything: a dump is made while people write, and then the database is
// lost. The dump and the topic together restore every acknowledged message.
func TestBackupAndLogRestoreEverything(t *testing.T) {
	t.Parallel()
	dir, shared := t.TempDir(), newServices(t) // of its own, because the topic is read from the beginning
	settings := func(database string) []string {
		return append(shared[:len(shared):len(shared)], "DATABASE_URL="+database)
	}

	lost, empty := newDatabase(t), newDatabase(t)
	first := startReplica(t, settings(lost)...)
	w := newWorkload(t, first.Base, 6)
	w.run(bases(first), 60, func() { runSection(t, "operations.md", "Back up", dir, settings(lost)...) })
	first.Kill()

	// The killed replica stays in the consumer group until its session times out.
	wait.Until(t, "the consumer group is empty, and its offsets are rewound", func() bool {
		cmd := exec.Command(suite.program, "rewind", "earliest")
		cmd.Env = append(os.Environ(), settings(empty)...)
		out, err := cmd.CombinedOutput()
		if err != nil && !strings.Contains(string(out), "stop all of them first") {
			t.Fatalf("parley rewind: %v: %s", err, out)
		}
		return err == nil
	})
	output := runSection(t, "operations.md", "Restore", dir, settings(empty)...)
	if !strings.Contains(output, "720 records") {
		t.Errorf("720 messages were sent, and the restore printed: %s", output)
	}

	w.check(t, startReplica(t, settings(empty)...).Base)
}

// TestAReleaseMigratesWhileTheOldOneServes: no send is rejected while a newer release migrates the
// schema under an old one. The old release may even be started again.
func TestAReleaseMigratesWhileTheOldOneServes(t *testing.T) {
	t.Parallel()
	next, database := buildNextRelease(t), newDatabase(t)
	settings := append(newServices(t), "DATABASE_URL="+database)
	old := []*parley.Replica{startReplica(t, settings...), startReplica(t, settings...)}
	w := newWorkload(t, old[0].Base, 6)
	var newer *parley.Replica
	w.run(bases(old...), 150, func() { newer = startProgram(t, next, settings...) })
	if _, err := connect(t, database).Exec(t.Context(), "SELECT edited_at FROM messages LIMIT 1"); err != nil {
		t.Fatalf("the newer release has not migrated the schema: %v", err)
	}

	if err := old[1].Stop(); err != nil {
		t.Error(err)
	}

	w.run(bases(old[0], newer), 30, func() { old[1].MustStart(t) })
	w.run(bases(old[1], newer), 30, func() {})
	w.hasNoFailures(t)
	w.check(t, old[1].Base)
	w.check(t, newer.Base)
}

const nextMigration = `-- +goose NO TRANSACTION
-- +goose Up
ALTER TABLE messages ADD COLUMN edited_at timestamptz;
CREATE INDEX CONCURRENTLY messages_edited ON messages (edited_at) WHERE edited_at IS NOT NULL;
`

// buildNextRelease builds the program with one more migration.
func buildNextRelease(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}

	dir := t.TempDir()
	migration, overlay := filepath.Join(dir, "next.sql"), filepath.Join(dir, "overlay.json")
	replace, err := json.Marshal(map[string]map[string]string{
		"Replace": {filepath.Join(root, "db", "migrations", "99999_next.sql"): migration},
	})
	if err != nil {
		t.Fatal(err)
	}

	for name, text := range map[string][]byte{migration: []byte(nextMigration), overlay: replace} {
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}

	program := filepath.Join(dir, "parley")
	if err := parley.Build(t.Context(), program, "-overlay", overlay); err != nil {
		t.Fatal(err)
	}
	return program
}
