package e2e

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// drillRow is a row of the drill's table with at least one message and without loss, duplicates or
// disorder.
var drillRow = regexp.MustCompile(`(?m)^(\S.*?)  +[\d.]+ s +[1-9]\d* +0 +0 +0 +[\d.]+ s$`)

// TestDrill runs a short drill, in which no fault loses, duplicates or reorders a message.
func TestDrill(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(suite.program, "drill", "--for", "1s")
	cmd.Env = append(os.Environ(), "TMPDIR="+suite.dir)
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	err := cmd.Run()
	t.Logf("%s\n%s", &log, &out)
	if err != nil {
		t.Fatal(err)
	}

	var rows []string
	for _, m := range drillRow.FindAllStringSubmatch(out.String(), -1) {
		rows = append(rows, m[1])
	}

	want := "none, replica killed, Redis killed, Redis stalled, Kafka killed, Kafka stalled, " +
		"Postgres killed, Postgres stalled"
	if got := strings.Join(rows, ", "); got != want {
		t.Errorf("the rows without an error are %s, want %s", got, want)
	}

	files, err := os.ReadDir(suite.dir)
	if err != nil {
		t.Fatal(err)
	}

	for _, f := range files {
		if strings.HasPrefix(f.Name(), "parley-drill-") {
			t.Errorf("the drill left %s", f.Name())
		}
	}
}
