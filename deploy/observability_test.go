package deploy

import (
	"encoding/json"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
)

// TestAlerts is promtool check rules.
func TestAlerts(t *testing.T) {
	text, err := os.ReadFile("observability/alerts.yml")
	if err != nil {
		t.Fatal(err)
	}

	groups, errs := rulefmt.Parse(text, false, model.UTF8Validation, parser.NewParser(parser.Options{}), slog.Default())
	for _, err := range errs {
		t.Error(err)
	}

	if groups == nil || len(groups.Groups) == 0 || len(groups.Groups[0].Rules) < 10 {
		t.Fatal("there are no rules")
	}

	for _, r := range groups.Groups[0].Rules {
		asksForOurs(t, r.Alert, r.Expr)

		if r.Labels["severity"] == "" || r.Annotations["summary"] == "" {
			t.Errorf("%s says neither how bad it is nor what", r.Alert)
		}
	}
}

// TestDashboard parses each query of the dashboard, with Grafana's variables filled in.
func TestDashboard(t *testing.T) {
	text, err := os.ReadFile("observability/grafana-parley.json")
	if err != nil {
		t.Fatal(err)
	}

	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}

	filled, seen := strings.NewReplacer("$__rate_interval", "1m", "$job", "parley", "$replica", ".*"), 0

	for _, p := range dashboard.Panels {
		for _, target := range p.Targets {
			seen++
			asksForOurs(t, p.Title, filled.Replace(target.Expr))
		}
	}

	if seen < 20 {
		t.Errorf("only %d queries were found", seen)
	}
}

// asksForOurs: app/replica's TestMetricsNamedExist finds what begins as a replica's metrics do, and looks whether they exist; nothing else may be asked for, so that
// no misspelt name slips past it.
func asksForOurs(t *testing.T, where, query string) {
	t.Helper()

	expr, err := parser.NewParser(parser.Options{}).ParseExpr(query)
	if err != nil {
		t.Errorf("%s: %v", where, err)
		return
	}

	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		if s, ok := node.(*parser.VectorSelector); ok && s.Name != "up" &&
			!slices.ContainsFunc(
				[]string{"parley_", "go_", "process_"},
				func(prefix string) bool { return strings.HasPrefix(s.Name, prefix) },
			) {
			t.Errorf("%s asks for %q, which no replica has", where, s.Name)
		}

		return nil
	})
}
