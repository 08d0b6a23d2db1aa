package e2e

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/test/wait"
)

// notRun are the kinds of commands in guides that can't be run here, by the word after "sh", and why. Any other block is run.
var notRun = map[string]string{
	"docker":     "needs a container engine; deploy/compose_test.go reads the file by compose-go instead",
	"kubernetes": "needs a cluster, and an editor; deploy/kubernetes_test.go builds and reads the manifests instead",
	"terminals":  "two programs that stay, each in a terminal; app/devservices tests that two replicas share what is embedded",
	"systemd":    "needs systemd and units of somebody's own; TestReplicasAreDrainedUnnoticed drains by the same signal",
	"provider":   "asks a provider of somebody's own; signin_test.go has one",
}

// runElsewhere are sections whose commands another test runs, in the middle of what they are for.
var runElsewhere = map[string]string{
	"operations.md: Back up":        "TestABackupAndTheLogAreEverything",
	"operations.md: Restore":        "TestABackupAndTheLogAreEverything",
	"operations.md: Rotate secrets": "TestADatabaseUserIsReplaced",
}

// command is a block of a guide, in the section where it stands.
type command struct{ guide, section, kind, text string }

// commands are all blocks of all guides, in their order.
func commands(t *testing.T) (list []command) {
	t.Helper()
	guides, err := filepath.Glob(filepath.Join("..", "..", "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?ms)^## ([^\n]+)$|^```(\\w*) ?(\\w*)\n(.*?)^```$")
	for _, file := range guides {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		section := ""
		for _, m := range blocks.FindAllStringSubmatch(string(text), -1) {
			switch {
			case m[1] != "":
				section = m[1]
			case m[2] == "sh":
				list = append(list, command{filepath.Base(file), section, m[3], m[4]})
			case m[2] != "text":
				t.Errorf("%s, %q: a block of %q: write sh, or text", filepath.Base(file), section, m[2])
			}
		}
	}
	return list
}

// TestTheGuidesCommands runs them as they are written, beside two replicas with something to see.
func TestTheGuidesCommands(t *testing.T) {
	t.Parallel()
	dir, settings := t.TempDir(), append(ownParts(t), "DATABASE_URL="+newDatabase(t)) // the guides speak of all that is in them
	one, two := startReplica(t, settings...), startReplica(t, settings...)
	ada, bob := programFor(t, unique(t, "Ada"), one), programFor(t, unique(t, "Bob"), two)
	talk := ada.opens(one, bob)
	message := ada.send([]*replica{one}, talk, "Seven at the mooring, then.")
	wait.Until(t, "it is stored", func() bool { all, pending := ada.history(one, talk); return len(all) == 1 && pending == 0 })

	environment := append(os.Environ(), append(settings, "DEV_SIGNIN=true", "PORT="+one.port(), "ONE="+one.base, "TWO="+two.base, "MESSAGE="+message.String(), "PATH="+filepath.Dir(world.program)+":"+os.Getenv("PATH"))...)
	ran, left := 0, map[string]bool{}
	ours, others := "redis", "rediscluster" // what is asked of the one isn't asked of the other: task e2e-cluster runs the second
	if os.Getenv("PARLEY_TEST_REDIS") == "cluster" {
		ours, others = others, ours
	}
	for _, c := range commands(t) {
		where := c.guide + ": " + c.section
		switch c.kind {
		case others:
			continue
		case ours:
			c.kind = ""
		}
		switch {
		case notRun[c.kind] != "":
			left[c.kind] = true
			continue
		case runElsewhere[where] != "":
			left[where] = true
			continue
		}
		out := shell(t, where, c.text, dir, environment)
		ran++
		if c.kind == "empty" && strings.TrimSpace(out) != "" {
			t.Errorf("%s: nothing was to come out, and this did:\n%s", where, out)
		}
		if c.kind != "empty" && (c.kind != "" || strings.TrimSpace(out) == "" && !strings.Contains(c.text, "|| true")) {
			t.Errorf("%s: a block of the kind %q says nothing:\n%s", where, c.kind, c.text)
		}
		if want := message.String(); strings.Contains(c.text, "$MESSAGE") && len(strings.Fields(out)) != 2 {
			t.Errorf("%s: the log and the table each have an offset of %s:\n%s", where, want, out)
		}
	}
	if ran < 15 {
		t.Errorf("only %d blocks were run", ran)
	}
	for kind := range notRun {
		if !left[kind] {
			t.Errorf("nothing is left out as %q any more: remove the line", kind)
		}
	}
	for where := range runElsewhere {
		if !left[where] {
			t.Errorf("%s has no commands any more: remove the line", where)
		}
	}
}

// shell runs commands as a person would type them, and ends the test if one fails.
func shell(t *testing.T, where, text, dir string, environment []string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second) // a guide waits for what it wants to see; here it must come
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-e", "-c", text)
	cmd.Dir, cmd.Env, cmd.WaitDelay = dir, environment, time.Second
	out, err := cmd.CombinedOutput()
	if err != nil || strings.Contains(string(out), "ERROR:") { // psql goes on after one that comes from its input
		t.Errorf("%s: %v\n%s\n%s", where, err, text, out)
	}
	return string(out)
}

// TestADatabaseUserIsReplaced: what the guide makes signs in with its new password, and what it makes belongs to the first user.
func TestADatabaseUserIsReplaced(t *testing.T) {
	t.Parallel()
	database := newDatabase(t)
	said := guide(t, "operations.md", "Rotate secrets", t.TempDir(), "DATABASE_URL="+database)
	_, password, found := strings.Cut(said, "the new password: ")
	if !found {
		t.Fatalf("no password: %s", said)
	}
	config, err := pgx.ParseConfig(database)
	if err != nil {
		t.Fatal(err)
	}
	first := config.User
	config.User, config.Password = "parley_next", strings.TrimSpace(password)
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), "CREATE TABLE made_later ()"); err != nil {
		t.Fatal(err)
	}
	var owner string
	if err := conn.QueryRow(t.Context(), "SELECT tableowner FROM pg_tables WHERE tablename = 'made_later'").Scan(&owner); err != nil || owner != first {
		t.Errorf("it belongs to %q, not %q (%v)", owner, first, err)
	}
}
