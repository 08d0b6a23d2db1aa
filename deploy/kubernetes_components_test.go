package deploy

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	autoscaling "k8s.io/api/autoscaling/v2"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

func TestTheIngressReachesTheWebPods(t *testing.T) {
	c := manifests(t)
	web := c.Services["web"]
	c.selects(t, "the service", &meta.LabelSelector{MatchLabels: web.Spec.Selector}, "web")

	if !c.hasPort("web", web.Spec.Ports[0].TargetPort) {
		t.Errorf("the service's target port %v isn't a port of the pods", web.Spec.Ports[0].TargetPort)
	}

	if c.Ingresses["web"].Spec.IngressClassName == nil {
		t.Error("the ingress has no class")
	}

	for _, rule := range c.Ingresses["web"].Spec.Rules {
		for _, path := range rule.HTTP.Paths {
			if b := path.Backend.Service; b.Name != web.Name || b.Port.Name != web.Spec.Ports[0].Name {
				t.Errorf("the ingress routes %s to %v, not to the service web", path.Path, b)
			}
		}

		if !slices.Contains(c.Ingresses["web"].Spec.TLS[0].Hosts, rule.Host) {
			t.Errorf("the host %s has no certificate", rule.Host)
		}
	}
}

// TestTheRouteReachesTheWebPods: the component gateway takes the place of ingress.
func TestTheRouteReachesTheWebPods(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("kubernetes")); err != nil {
		t.Fatal(err)
	}

	overlay := filepath.Join(dir, "gateway-overlay")
	if err := os.Mkdir(overlay, 0o700); err != nil {
		t.Fatal(err)
	}

	text := "resources: [../base]\ncomponents: [../components/gateway]\nnamespace: parley\n"
	if err := os.WriteFile(filepath.Join(overlay, "kustomization.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}

	c := build(t, overlay)
	if len(c.Ingresses) > 0 {
		t.Error("there is an ingress too")
	}

	web := c.Services["web"]
	rules := c.Routes["web"].Spec.Rules
	if len(rules) != 2 || rules[0].Matches[0].Path.Value != "/events" || rules[0].Timeouts.Request != "0s" {
		t.Fatalf("the first rule is not the one of streams: %+v", rules)
	}

	for _, rule := range rules {
		if b := rule.BackendRefs[0]; b.Name != web.Name || b.Port != web.Spec.Ports[0].Port {
			t.Errorf("%s goes to %+v", rule.Matches[0].Path.Value, b)
		}
	}
}

// TestTheAutoscalerReadsOnlyMetricsThatExist: with a metric that it cannot read it
// never scales down, so streams are a component of their own.
func TestTheAutoscalerReadsOnlyMetricsThatExist(t *testing.T) {
	for _, c := range []struct {
		components []string
		want       []autoscaling.MetricSourceType
	}{
		{nil, []autoscaling.MetricSourceType{autoscaling.ResourceMetricSourceType}},
		{
			[]string{"autoscaler-streams"},
			[]autoscaling.MetricSourceType{autoscaling.ResourceMetricSourceType, autoscaling.PodsMetricSourceType},
		},
	} {
		built := manifests(t, c.components...)
		scaler := built.Autoscalers["web"].Spec

		var got []autoscaling.MetricSourceType
		for _, m := range scaler.Metrics {
			got = append(got, m.Type)
		}

		if !slices.Equal(got, c.want) {
			t.Errorf("with %v: metrics %v, want %v", c.components, got, c.want)
		}

		target := scaler.ScaleTargetRef
		if target.Kind != "Deployment" || target.Name != "web" || built.Deployments["web"].Spec.Replicas != nil {
			t.Errorf("the autoscaler scales %v, or the deployment has a number of replicas too", target)
		}
	}
}

func TestTheMonitorSelectsAllPods(t *testing.T) {
	c := manifests(t, "monitor")

	m := c.Monitors["parley"].Spec
	c.selects(t, "the monitor", &m.Selector, "web", "writer")

	endpoint := m.PodMetricsEndpoints[0]
	for name, d := range c.Deployments {
		if !c.hasPort(name, intstr.FromString(endpoint.Port)) || endpoint.Path != "/metrics" {
			t.Errorf("%s has no endpoint %+v", name, endpoint)
		}

		if job := d.Spec.Template.Labels[m.JobLabel]; job != "parley" {
			t.Errorf("%s is scraped as job %q, want parley, as in alerts.yml", name, job)
		}
	}
}

// TestTheManifestsAskForTwoCopies: an acknowledged message must survive a broker.
func TestTheManifestsAskForTwoCopies(t *testing.T) {
	c := manifests(t)
	for name := range c.Deployments {
		env := c.environment(name)
		if env["KAFKA_REPLICATION_FACTOR"] != "3" || env["KAFKA_MIN_INSYNC_REPLICAS"] != "2" {
			t.Errorf("%s: %s copies, acknowledged by %s", name, env["KAFKA_REPLICATION_FACTOR"],
				env["KAFKA_MIN_INSYNC_REPLICAS"])
		}
	}
}

// TestTheNetworkLetsDependenciesThrough on the usual ports of each way to reach them.
func TestTheNetworkLetsDependenciesThrough(t *testing.T) {
	var open []int32
	for _, rule := range manifests(t).Policies["outward"].Spec.Egress {
		for _, p := range rule.Ports {
			open = append(open, p.Port.IntVal)
		}
	}

	for name, port := range map[string]int32{
		"DNS": 53, "PostgreSQL": 5432, "pgbouncer": 6432, "Redis": 6379, "sentinels": 26379, "Kafka": 9092,
		"Kafka with TLS": 9093, "Kafka outside": 9094, "Kafka with SASL": 9096, "HTTPS": 443, "OTLP gRPC": 4317,
		"OTLP HTTP": 4318,
	} {
		if !slices.Contains(open, port) {
			t.Errorf("%s (%d) is cut", name, port)
		}
	}
}

// TestPodsSpreadOverZonesAndHosts also checks that /tmp is bounded.
func TestPodsSpreadOverZonesAndHosts(t *testing.T) {
	for name, d := range manifests(t).Deployments {
		var keys []string
		for _, c := range d.Spec.Template.Spec.TopologySpreadConstraints {
			keys = append(keys, c.TopologyKey)
		}

		if !strings.Contains(strings.Join(keys, " "), "zone") || !slices.Contains(keys, "kubernetes.io/hostname") {
			t.Errorf("%s spreads over %v", name, keys)
		}

		if v := d.Spec.Template.Spec.Volumes[0]; v.EmptyDir == nil || v.EmptyDir.SizeLimit == nil {
			t.Errorf("%s: the volume %s has no limit", name, v.Name)
		}
	}
}
