package e2e

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// TestDrill: a short one, in which every fault loses, doubles and reorders nothing.
func TestDrill(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(world.program, "drill", "--for", "1s")
	cmd.Env = append(os.Environ(), "TMPDIR="+world.dir)
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	err := cmd.Run()
	t.Logf("%s\n%s", &log, &out)
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile(`(?m)^(\S.*?)  +[\d.]+ s +[1-9]\d* +0 +0 +0 +[\d.]+ s$`)
	var rows []string
	for _, m := range row.FindAllStringSubmatch(out.String(), -1) {
		rows = append(rows, m[1])
	}
	if got, want := strings.Join(rows, ", "), "none, replica killed, Redis killed, Redis stalled, Kafka killed, Kafka stalled, Postgres killed, Postgres stalled"; got != want {
		t.Errorf("the rows are %s, want %s", got, want)
	}
	left, err := os.ReadDir(world.dir)
	for _, f := range left {
		if strings.HasPrefix(f.Name(), "parley-drill-") {
			t.Errorf("%s is left", f.Name())
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}
