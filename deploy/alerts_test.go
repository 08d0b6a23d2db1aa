package deploy

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// promtool builds promtool of the Prometheus release in go.mod, once, and returns its
// path. It is not a tool of go.mod, because it would add the clients of every cloud.
func promtool(t *testing.T) string {
	t.Helper()

	release := regexp.MustCompile(`(?m)^\s*github\.com/prometheus/prometheus (v\S+)`).FindStringSubmatch(read(t, "go.mod"))
	if release == nil {
		t.Fatal("go.mod names no release of Prometheus")
	}

	dir, err := filepath.Abs(filepath.Join("..", ".cache", "promtool-"+release[1]))
	if err != nil {
		t.Fatal(err)
	}

	program := filepath.Join(dir, "promtool")
	if _, err := os.Stat(program); err == nil {
		return program
	}

	// Without the tag, promtool has the service discovery of every cloud: five times the code.
	build := exec.CommandContext(t.Context(), "go", "install", "-tags", "remove_all_sd",
		"github.com/prometheus/prometheus/cmd/promtool@"+release[1])
	build.Env = append(os.Environ(), "GOBIN="+dir, "GOFLAGS=")
	build.Dir = os.TempDir() // outside of this module

	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("promtool is needed to test the alerts, and could not be built: %v\n%s", err, out)
	}

	return program
}

// ruleTest is what this package reads of a case in alerts_test.yml.
type ruleTest struct {
	Times []expectation `yaml:"promql_expr_test"`
}

// expectation lists the alerts that fire at one time of a case.
type expectation struct {
	Firing []struct{ Labels string } `yaml:"exp_samples"`
}

// TestAlertRules runs the rule tests with promtool. Each case names all alerts that fire,
// so each alert must fire in a case that also has a time at which nothing fires.
func TestAlertRules(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), promtool(t), "test", "rules", "observability/alerts_test.yml").CombinedOutput()
	if err != nil {
		t.Errorf("promtool test rules: %v\n%s", err, out)
	}

	var file struct{ Tests []ruleTest }
	if err := yaml.Unmarshal([]byte(read(t, "observability/alerts_test.yml")), &file); err != nil {
		t.Fatal(err)
	}

	tested := map[string]bool{}

	for _, c := range file.Tests {
		silent := slices.ContainsFunc(c.Times, func(e expectation) bool { return len(e.Firing) == 0 })

		for _, e := range c.Times {
			for _, s := range e.Firing {
				name := regexp.MustCompile(`alertname="(\w+)"`).FindStringSubmatch(s.Labels)
				if name != nil && silent {
					tested[name[1]] = true
				}
			}
		}
	}

	for _, r := range alerts(t) {
		if !tested[r.Alert] {
			t.Errorf("no case of alerts_test.yml has %s silent and firing", r.Alert)
		}
	}
}

// rule is an alert of alerts.yml.
type rule struct {
	Alert, Expr         string
	Labels, Annotations map[string]string
}

// alerts returns the alerts of all groups.
func alerts(t *testing.T) (list []rule) {
	t.Helper()

	var file struct {
		Groups []struct{ Rules []rule }
	}
	if err := yaml.Unmarshal([]byte(read(t, "observability/alerts.yml")), &file); err != nil {
		t.Fatal(err)
	}

	for _, g := range file.Groups {
		list = append(list, g.Rules...)
	}

	if len(list) < 20 {
		t.Fatalf("only %d alerts found", len(list))
	}

	return list
}

// TestAlertsSayWhatToDo: each alert has a usual severity, a sentence, and a runbook whose
// heading exists.
func TestAlertsSayWhatToDo(t *testing.T) {
	const guide = "https://git.example.org/parley/blob/main/docs/troubleshoot.md#"

	headings := map[string]bool{}

	for _, h := range regexp.MustCompile(`(?m)^## (.+)$`).FindAllStringSubmatch(read(t, "../docs/troubleshoot.md"), -1) {
		id := regexp.MustCompile(`[^\p{L}\p{N}\- ]`).ReplaceAllString(strings.ToLower(h[1]), "")
		headings[strings.ReplaceAll(id, " ", "-")] = true
	}

	observe := read(t, "../docs/observe.md")

	for _, r := range alerts(t) {
		if s := r.Labels["severity"]; s != "critical" && s != "warning" {
			t.Errorf("%s has the severity %q", r.Alert, s)
		}

		if r.Annotations["summary"] == "" {
			t.Errorf("%s has no summary", r.Alert)
		}

		if anchor, ok := strings.CutPrefix(r.Annotations["runbook_url"], guide); !ok || !headings[anchor] {
			t.Errorf("%s has the runbook %q, which is no heading of troubleshoot.md", r.Alert, r.Annotations["runbook_url"])
		}

		if !strings.Contains(observe, "`"+r.Alert+"`") {
			t.Errorf("observe.md doesn't list %s", r.Alert)
		}
	}
}

// TestAlertsWorkWithAnyJob: a selector of a job would miss the replicas of another scrape
// configuration.
func TestAlertsWorkWithAnyJob(t *testing.T) {
	for _, r := range alerts(t) {
		if strings.Contains(r.Expr, "job=") {
			t.Errorf("%s selects a job: %s", r.Alert, r.Expr)
		}

		foreign := regexp.MustCompile(`\b(up|process_\w+|go_\w+)\b`).MatchString(r.Expr)
		if foreign && !strings.Contains(r.Expr, "parley_build_info") {
			t.Errorf("%s fires for other programs: %s", r.Alert, r.Expr)
		}
	}
}
