package e2e

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"parley/test/wait"
)

// notRun are the kinds of commands in the guides that can't run here, by the word after "sh", and
// the reasons. All other blocks are run.
var notRun = map[string]string{
	"docker":        "needs a container engine; deploy/compose_test.go reads the file with compose-go instead",
	"kubernetes":    "needs a cluster, and an editor; deploy/kubernetes_test.go builds and reads the manifests instead",
	"terminals":     "two programs that stay in a terminal each; app/devservices tests shared embedded services",
	"systemd":       "needs systemd and units of the reader; TestDrainUnderLoad drains with the same signal",
	"administrator": "needs an administrator of PostgreSQL and Redis; deploy/postgres_test.go runs the files",
	"acls":          "needs a broker with ACLs; app/kafka/security_test.go has one",
	"provider":      "needs an OpenID provider of the reader; signin_test.go has one",
}

// runElsewhere are the sections whose commands another test runs.
var runElsewhere = map[string]string{
	"operations.md: Back up": "TestBackupAndLogRestoreEverything",
	"operations.md: Restore": "TestBackupAndLogRestoreEverything",
}

// command is a block of a guide: "```sh KIND", and its section.
type command struct{ guide, section, kind, text string }

func (c command) String() string { return c.guide + ": " + c.section }

// commands reads all blocks of all guides in their order.
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
				t.Errorf("%s, %q: a block of kind %q: write sh or text", filepath.Base(file), section, m[2])
			}
		}
	}
	return list
}

// TestCommandsInTheGuides runs the commands of the guides as they are written, beside two replicas
// with a conversation.
func TestCommandsInTheGuides(t *testing.T) {
	t.Parallel()
	// The guides count everything in the services, so these have no other user.
	dir, settings := t.TempDir(), append(newServices(t), "DATABASE_URL="+newDatabase(t))
	one, two := startReplica(t, settings...), startReplica(t, settings...)
	ada, bob := newAPIUser(t, "Ada", one.Base), newAPIUser(t, "Bob", two.Base)
	conversation := ada.befriends(bob)
	stream, err := ada.OpenStream(t.Context()) // some guides list who is connected
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()

	message := ada.sends(bases(one), conversation, "Seven at the mooring, then.").String()
	wait.Until(t, "the message is stored", func() bool { return ada.hasStored(one.Base, conversation, 1) })

	_, port, err := net.SplitHostPort(one.Address())
	if err != nil {
		t.Fatal(err)
	}

	environment := append(append(os.Environ(), settings...),
		"DEV_SIGNIN=true", "PORT="+port, "OPS=http://"+one.Admin, "ONE="+one.Base, "TWO="+two.Base, "MESSAGE="+message, programPath())

	// Commands for one Redis server don't run against a cluster, and the other way round. The task
	// e2e-cluster runs the second kind.
	redisKind, otherRedis := "redis", "rediscluster"
	if os.Getenv("PARLEY_TEST_REDIS") == "cluster" {
		redisKind, otherRedis = otherRedis, redisKind
	}

	ran, skipped := 0, map[string]bool{}
	for _, c := range commands(t) {
		switch {
		case c.kind == otherRedis:
			continue
		case c.kind == redisKind:
			c.kind = ""
		case notRun[c.kind] != "":
			skipped[c.kind] = true
			continue
		}
		if runElsewhere[c.String()] != "" {
			skipped[c.String()] = true
			continue
		}

		checkOutput(t, c, shell(t, c, dir, environment))
		ran++
	}

	if ran < 15 {
		t.Errorf("only %d blocks were run", ran)
	}
	for kind := range notRun {
		if !skipped[kind] {
			t.Errorf("no block has the kind %q: remove it from notRun", kind)
		}
	}
	for section := range runElsewhere {
		if !skipped[section] {
			t.Errorf("%s has no commands: remove it from runElsewhere", section)
		}
	}
}

// checkOutput checks that a block prints something, or nothing if its kind is "empty".
func checkOutput(t *testing.T, c command, out string) {
	t.Helper()
	empty := strings.TrimSpace(out) == ""
	switch {
	case c.kind == "empty" && !empty:
		t.Errorf("%s: a block of kind empty printed:\n%s", c, out)
	case c.kind == "empty":
	case c.kind != "":
		t.Errorf("%s: unknown kind %q of a block:\n%s", c, c.kind, c.text)
	case empty && !strings.Contains(c.text, "|| true"):
		t.Errorf("%s: a block printed nothing:\n%s", c, c.text)
	}

	if !strings.Contains(c.text, "$MESSAGE") {
		return
	}
	inLog := regexp.MustCompile(`(?m)^log .* offset (\d+),`).FindStringSubmatch(out)
	if fields := strings.Fields(out); inLog == nil || fields[len(fields)-1] != inLog[1] {
		t.Errorf("%s: want the same offset from the log and from the table:\n%s", c, out)
	}
}

// commandTimeout bounds a block. Guides wait for what they show; here it must appear.
const commandTimeout = 90 * time.Second

// shell runs the commands of a block in dir, and fails the test if one fails.
func shell(t *testing.T, c command, dir string, environment []string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), commandTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-e", "-c", c.text)
	cmd.Dir, cmd.Env, cmd.WaitDelay = dir, environment, time.Second
	out, err := cmd.CombinedOutput()
	if err != nil || strings.Contains(string(out), "ERROR:") { // psql continues after an error in its input
		t.Errorf("%s: %v\n%s\n%s", c, err, c.text, out)
	}
	return string(out)
}

// runSection runs the first block of a section of a guide in dir, and ends the test if it fails.
func runSection(t *testing.T, guide, section, dir string, settings ...string) string {
	t.Helper()
	for _, c := range commands(t) {
		if c.guide != guide || c.section != section {
			continue
		}

		cmd := exec.CommandContext(t.Context(), "sh", "-e", "-c", c.text)
		cmd.Dir, cmd.Env = dir, append(append(os.Environ(), programPath()), settings...)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", c, err, out)
		}
		return string(out)
	}
	t.Fatalf("%s has no commands in a section %q", guide, section)
	return ""
}

// programPath is a PATH that has the program first.
func programPath() string { return "PATH=" + filepath.Dir(suite.program) + ":" + os.Getenv("PATH") }
