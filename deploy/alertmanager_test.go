package deploy

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// inhibition is an inhibition rule of Alertmanager.
type inhibition struct {
	Source []string `yaml:"source_matchers"`
	Target []string `yaml:"target_matchers"`
	Equal  []string
}

func inhibitions(t *testing.T) []inhibition {
	t.Helper()

	var file struct {
		Rules []inhibition `yaml:"inhibit_rules"`
	}
	if err := yaml.Unmarshal([]byte(read(t, "observability/alertmanager.yml")), &file); err != nil {
		t.Fatal(err)
	}

	return file.Rules
}

// matcher splits a matcher into label, operator and value.
var matcher = regexp.MustCompile(`^(\w+)\s*(=~|=)\s*"?([^"]*)"?$`)

func matches(t *testing.T, matchers []string, alert map[string]string) bool {
	t.Helper()

	for _, text := range matchers {
		m := matcher.FindStringSubmatch(text)
		if m == nil {
			t.Fatalf("%q is no matcher of this test", text)
		}

		if !slices.Contains(strings.Split(m[3], "|"), alert[m[1]]) {
			return false
		}
	}

	return true
}

// notified returns the names of the alerts that no other inhibits, sorted.
func notified(t *testing.T, firing []map[string]string) (names []string) {
	t.Helper()

	for _, alert := range firing {
		inhibited := slices.ContainsFunc(inhibitions(t), func(i inhibition) bool {
			return matches(t, i.Target, alert) && slices.ContainsFunc(firing, func(source map[string]string) bool {
				return matches(t, i.Source, source) && !slices.ContainsFunc(i.Equal, func(label string) bool {
					return source[label] != alert[label]
				})
			})
		})

		if !inhibited {
			names = append(names, alert["alertname"])
		}
	}

	slices.Sort(names)

	return names
}

// TestOneCausePagesOnce takes the alerts that fire together in alerts_test.yml, and
// others that may.
func TestOneCausePagesOnce(t *testing.T) {
	alert := func(name string, labels ...string) map[string]string {
		a := map[string]string{"alertname": name}
		for i := 0; i < len(labels); i += 2 {
			a[labels[i]] = labels[i+1]
		}

		return a
	}
	down := func(name string) map[string]string { return alert("ParleyDependencyDown", "dependency", name) }

	for _, c := range []struct {
		cause  string
		firing []map[string]string
		want   string
	}{
		{"Kafka down", []map[string]string{
			down("kafka"),
			alert("ParleyNoWriter"),
			alert("ParleyLagUnknown"),
			alert("ParleyDependencyFailures", "dependency", "kafka"),
		}, "ParleyDependencyDown"},
		{"PostgreSQL down", []map[string]string{
			down("postgres"),
			alert("ParleyPartitionStalled", "partition", "0"),
			alert("ParleyNothingStored"),
			alert("ParleyLagGrows"),
		}, "ParleyDependencyDown"},
		{"Kafka down, and Redis rejects messages", []map[string]string{
			down("kafka"),
			alert("ParleyDependencyFailures", "dependency", "redis"),
		}, "ParleyDependencyDown ParleyDependencyFailures"},
		{"Redis down does not hide a missing writer", []map[string]string{
			down("redis"),
			alert("ParleyNoWriter"),
		}, "ParleyDependencyDown ParleyNoWriter"},
		{"a paused partition, and another that stands still", []map[string]string{
			alert("ParleyPartitionPaused", "partition", "1"),
			alert("ParleyPartitionStalled", "partition", "1"),
			alert("ParleyPartitionStalled", "partition", "2"),
			alert("ParleyNothingStored"),
		}, "ParleyPartitionPaused ParleyPartitionStalled"},
		{"no replica", []map[string]string{
			alert("ParleyAbsent"),
			alert("ParleyReplicaDown", "instance", "a"),
			alert("ParleyReplicaDown", "instance", "b"),
		}, "ParleyAbsent"},
		{"an outdated schema", []map[string]string{
			alert("ParleySchemaNotCurrent"),
			alert("ParleyErrors"),
			alert("ParleyPartitionStalled", "partition", "0"),
		}, "ParleySchemaNotCurrent"},
	} {
		if got := strings.Join(notified(t, c.firing), " "); got != c.want {
			t.Errorf("%s: %s, want %s", c.cause, got, c.want)
		}
	}
}

// TestInhibitionsNameAlerts: a misspelt name would inhibit nothing.
func TestInhibitionsNameAlerts(t *testing.T) {
	var known []string
	for _, r := range alerts(t) {
		known = append(known, r.Alert)
	}

	for _, i := range inhibitions(t) {
		for _, text := range append(slices.Clone(i.Source), i.Target...) {
			m := matcher.FindStringSubmatch(text)
			if m == nil {
				t.Errorf("%q is no matcher of this test", text)
				continue
			}

			for _, name := range strings.Split(m[3], "|") {
				if m[1] == "alertname" && !slices.Contains(known, name) {
					t.Errorf("alertmanager.yml names %q, which is no alert", name)
				}
			}
		}
	}
}
