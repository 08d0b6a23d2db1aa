package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"parley/test/services"
	"parley/test/wait"
)

// logLine is a parsed line of a replica's log.
type logLine map[string]any

// jsonLines parses everything that a program printed. Each line must be a JSON object.
func jsonLines(t *testing.T, output string) (lines []logLine) {
	t.Helper()
	for text := range strings.Lines(output) {
		var line logLine
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Errorf("a line of the log is no JSON: %s", text)
			continue
		}
		lines = append(lines, line)
	}
	if len(lines) == 0 {
		t.Fatal("nothing was logged")
	}
	return lines
}

// find returns the first line with a message and a dependency; "" means any.
func find(lines []logLine, message, dependency string) logLine {
	for _, line := range lines {
		if line["msg"] == message && (dependency == "" || line["dependency"] == dependency) {
			return line
		}
	}
	return nil
}

// TestEveryLogLineIsJSON: from its start, through an outage of Redis and of Kafka, to its
// end, a replica prints nothing but JSON, also to the standard output.
func TestEveryLogLineIsJSON(t *testing.T) {
	t.Parallel()
	set := services.New(newDataDir(t))
	for _, s := range []*services.Service{set.Redis, set.Kafka} {
		t.Cleanup(s.Kill)
		if err := s.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
	}

	r := startReplica(t, "REDIS_URL="+set.Redis.URL, "KAFKA_BROKERS="+set.Kafka.URL, "DATABASE_URL="+newDatabase(t),
		"LOG_FORMAT=json", "LOG_LEVEL=debug")
	ada, bob := newAPIUser(t, "Ada", r.Base), newAPIUser(t, "Bob", r.Base)
	conversation := ada.befriends(bob)
	ada.sends(bases(r), conversation, "one")

	for _, s := range []*services.Service{set.Redis, set.Kafka} {
		s.Kill()
	}
	ada.sends(bases(r), conversation, "two")
	wait.Until(t, "both outages are logged", func() bool {
		return strings.Count(r.Output(), `"dependency down"`) == 2
	})

	if err := set.Redis.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	wait.Until(t, "the end of Redis' outage is logged", func() bool {
		return strings.Contains(r.Output(), `"dependency up"`)
	})

	if err := r.Stop(); err != nil {
		t.Fatal(err)
	}

	lines := jsonLines(t, r.Output())
	start, stop := find(lines, "starting", ""), lines[len(lines)-1]
	if roles, ok := start["roles"].([]any); !ok || len(roles) != 2 || start["version"] == nil || start["replica"] == nil ||
		!strings.HasPrefix(start["postgres"].(string), "PostgreSQL at ") {
		t.Errorf("first line: %v", start)
	}
	if took, ok := find(lines, "ready", "")["took_seconds"].(float64); !ok || took <= 0 || took > 60 {
		t.Errorf("ready: %v", find(lines, "ready", ""))
	}
	for _, name := range []string{"redis", "kafka"} {
		if cause, _ := find(lines, "dependency down", name)["error"].(string); cause == "" {
			t.Errorf("the outage of %s has no error", name)
		}
	}
	if lasted, ok := find(lines, "dependency up", "redis")["lasted_seconds"].(float64); !ok || lasted <= 0 || lasted > 600 {
		t.Errorf("the end of the outage: %v", find(lines, "dependency up", "redis"))
	}
	if stop["msg"] != "stopped" || stop["error"] != nil {
		t.Errorf("last line: %v", stop)
	}

	for _, line := range lines {
		if partitions, ok := line["partitions"]; ok {
			if _, ok := partitions.([]any); !ok {
				t.Errorf("partitions are no list: %v", line)
			}
		}
	}
	if userinfo := regexp.MustCompile(`://[^/"]*@`).FindString(r.Output()); userinfo != "" {
		t.Errorf("the log has a user or password: %s", userinfo)
	}
}

// TestAFailedStartIsOneJSONLine: a wrong setting, a setting that is none, and a taken port.
func TestAFailedStartIsOneJSONLine(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, port, err := net.SplitHostPort(taken.Addr().String())
	if err != nil {
		t.Fatal(err)
	}

	for _, setting := range []string{"PORT=eighty", "DATABSE_URL=x", "PORT=" + port} {
		cmd := exec.CommandContext(t.Context(), suite.program)
		cmd.Env = append(os.Environ(), "LOG_FORMAT=json", setting)
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		if cmd.Run() == nil {
			t.Errorf("%s: the program ran", setting)
		}
		lines := jsonLines(t, out.String())
		if last := lines[len(lines)-1]; last["level"] != "ERROR" || last["error"] == nil {
			t.Errorf("%s: %s", setting, out.String())
		}
	}
}
