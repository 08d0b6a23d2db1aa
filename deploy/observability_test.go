package deploy

import (
	"encoding/json"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
)

// TestAlerts checks the rules as "promtool check rules" does.
func TestAlerts(t *testing.T) {
	text, err := os.ReadFile("observability/alerts.yml")
	if err != nil {
		t.Fatal(err)
	}

	groups, errs := rulefmt.Parse(text, false, model.UTF8Validation, parser.NewParser(parser.Options{}), slog.Default())
	for _, err := range errs {
		t.Error(err)
	}

	if groups == nil {
		t.Fatal("no rules found")
	}

	for _, g := range groups.Groups {
		for _, r := range g.Rules {
			checkMetricNames(t, r.Alert, r.Expr)
		}
	}
}

// TestDashboard parses each query of the dashboard, with Grafana's variables replaced.
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

	variables := strings.NewReplacer("$__rate_interval", "1m", "$job", "parley", "$replica", ".*")
	queries := 0

	for _, p := range dashboard.Panels {
		for _, target := range p.Targets {
			queries++
			checkMetricNames(t, p.Title, variables.Replace(target.Expr))
		}
	}

	if queries < 20 {
		t.Errorf("only %d queries found", queries)
	}
}

// checkMetricNames rejects metrics that do not begin with a prefix of the replicas'
// metrics, because TestMetrics in test/integration checks only those with
// one: it would miss a misspelt prefix.
func checkMetricNames(t *testing.T, owner, query string) {
	t.Helper()

	expr, err := parser.NewParser(parser.Options{}).ParseExpr(query)
	if err != nil {
		t.Errorf("%s: %v", owner, err)
		return
	}

	known := regexp.MustCompile(`^(up$|parley_|go_|process_)`)

	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		if s, ok := node.(*parser.VectorSelector); ok && !known.MatchString(s.Name) {
			t.Errorf("%s queries %q, which is not a metric of a replica", owner, s.Name)
		}

		return nil
	})
}
