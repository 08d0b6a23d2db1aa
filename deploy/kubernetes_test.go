package deploy

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	apps "k8s.io/api/apps/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"

	"parley/app/config"
)

// cluster holds the objects that kustomize builds from an overlay, by name.
type cluster struct {
	Deployments map[string]apps.Deployment
	Services    map[string]core.Service
	Ingresses   map[string]networking.Ingress
	Autoscalers map[string]autoscaling.HorizontalPodAutoscaler
	Budgets     map[string]policy.PodDisruptionBudget
	Policies    map[string]networking.NetworkPolicy
	ConfigMaps  map[string]core.ConfigMap
	Secrets     map[string]core.Secret
	Routes      map[string]httpRoute
	Monitors    map[string]podMonitor
	Namespaces  []string
}

// httpRoute has the fields of the Gateway API's HTTPRoute that components/gateway uses.
type httpRoute struct {
	meta.TypeMeta   `json:",inline"`
	meta.ObjectMeta `json:"metadata"`

	Spec struct {
		ParentRefs []struct{ Name, Namespace string }
		Hostnames  []string
		Rules      []struct {
			Matches     []struct{ Path struct{ Type, Value string } }
			Timeouts    struct{ Request string }
			BackendRefs []struct {
				Name string
				Port int32
			}
		}
	}
}

// podMonitor has the fields of the Prometheus Operator's PodMonitor that
// components/monitor uses.
type podMonitor struct {
	meta.TypeMeta   `json:",inline"`
	meta.ObjectMeta `json:"metadata"`

	Spec struct {
		JobLabel            string
		Selector            meta.LabelSelector
		PodMetricsEndpoints []struct{ Port, Path, Interval string }
	}
}

// manifests builds the example overlay, with its own components and more of them, with
// the example's secrets. It parses the objects as strictly as the API server: an
// unknown field is an error.
func manifests(t *testing.T, more ...string) cluster {
	t.Helper()

	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("kubernetes")); err != nil {
		t.Fatal(err)
	}

	example := filepath.Join(dir, "example")
	overlay := read(t, filepath.Join(example, "kustomization.yaml"))
	for _, name := range more {
		commented := "# - ../components/" + name + " "
		if !strings.Contains(overlay, commented) {
			t.Fatalf("the example does not mention the component %s", name)
		}
		overlay = strings.Replace(overlay, commented, "- ../components/"+name+" ", 1)
	}

	for file, text := range map[string]string{
		"secret.env":         read(t, filepath.Join(example, "secret.env.example")),
		"kustomization.yaml": overlay,
	} {
		if err := os.WriteFile(filepath.Join(example, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	return build(t, example)
}

// build builds an overlay.
func build(t *testing.T, dir string) cluster {
	t.Helper()

	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), dir)
	if err != nil {
		t.Fatal(err)
	}

	c := cluster{
		Deployments: map[string]apps.Deployment{},
		Services:    map[string]core.Service{},
		Ingresses:   map[string]networking.Ingress{},
		Autoscalers: map[string]autoscaling.HorizontalPodAutoscaler{},
		Budgets:     map[string]policy.PodDisruptionBudget{},
		Policies:    map[string]networking.NetworkPolicy{},
		ConfigMaps:  map[string]core.ConfigMap{},
		Secrets:     map[string]core.Secret{},
		Routes:      map[string]httpRoute{},
		Monitors:    map[string]podMonitor{},
	}

	for _, r := range built.Resources() {
		text, err := r.AsYAML()
		if err != nil {
			t.Fatal(err)
		}

		if ns := r.GetNamespace(); ns != "" && !slices.Contains(c.Namespaces, ns) {
			c.Namespaces = append(c.Namespaces, ns)
		}

		switch kind := r.GetApiVersion() + " " + r.GetKind(); kind {
		case "v1 Namespace":
			parse(t, text, map[string]core.Namespace{}, r.GetName())
		case "apps/v1 Deployment":
			parse(t, text, c.Deployments, r.GetName())
		case "v1 Service":
			parse(t, text, c.Services, r.GetName())
		case "networking.k8s.io/v1 Ingress":
			parse(t, text, c.Ingresses, r.GetName())
		case "autoscaling/v2 HorizontalPodAutoscaler":
			parse(t, text, c.Autoscalers, r.GetName())
		case "policy/v1 PodDisruptionBudget":
			parse(t, text, c.Budgets, r.GetName())
		case "networking.k8s.io/v1 NetworkPolicy":
			parse(t, text, c.Policies, r.GetName())
		case "gateway.networking.k8s.io/v1 HTTPRoute":
			parse(t, text, c.Routes, r.GetName())
		case "monitoring.coreos.com/v1 PodMonitor":
			parse(t, text, c.Monitors, r.GetName())
		case "v1 ConfigMap":
			parse(t, text, c.ConfigMaps, r.GetName())
		case "v1 Secret":
			parse(t, text, c.Secrets, r.GetName())
		default:
			t.Errorf("%s %s: this test has no type for the kind", kind, r.GetName())
		}
	}

	return c
}

// parse decodes a manifest into the map, without unknown fields.
func parse[T any](t *testing.T, text []byte, into map[string]T, name string) {
	t.Helper()

	var v T
	if err := yaml.UnmarshalStrict(text, &v); err != nil {
		t.Errorf("%s: %v", name, err)
	}

	into[name] = v
}

// selects checks that the selector of owner matches the pods of the deployments want,
// which are sorted, and no others.
func (c cluster) selects(t *testing.T, owner string, s *meta.LabelSelector, want ...string) {
	t.Helper()

	selector, err := meta.LabelSelectorAsSelector(s)
	if err != nil {
		t.Errorf("%s: %v", owner, err)
		return
	}

	var got []string

	for name, d := range c.Deployments {
		if selector.Matches(labels.Set(d.Spec.Template.Labels)) {
			got = append(got, name)
		}
	}

	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("%s selects %v, want %v", owner, got, want)
	}
}

// hasPort reports whether a deployment's container has the port, by name or number.
func (c cluster) hasPort(deployment string, p intstr.IntOrString) bool {
	return slices.ContainsFunc(
		c.Deployments[deployment].Spec.Template.Spec.Containers[0].Ports,
		func(have core.ContainerPort) bool {
			return have.Name == p.StrVal && p.Type == intstr.String ||
				have.ContainerPort == p.IntVal && p.Type == intstr.Int
		},
	)
}

func TestSelectorsMatchTheirDeployments(t *testing.T) {
	c := manifests(t)

	if !slices.Equal(c.Namespaces, []string{"parley"}) {
		t.Errorf("namespaces %v, want only parley", c.Namespaces)
	}

	if roles := slices.Sorted(maps.Keys(c.Deployments)); !slices.Equal(roles, []string{"web", "writer"}) {
		t.Fatalf("deployments %v, want web and writer", roles)
	}

	for name, d := range c.Deployments {
		c.selects(t, "the deployment "+name, d.Spec.Selector, name)

		for _, spread := range d.Spec.Template.Spec.TopologySpreadConstraints {
			c.selects(t, "the spread of "+name, spread.LabelSelector, name)
		}

		budget, ok := c.Budgets[name]
		if !ok {
			t.Fatalf("%s has no disruption budget", name)
		}

		c.selects(t, "the budget of "+name, budget.Spec.Selector, name)

		policy, ok := c.Policies[name]
		if !ok || len(policy.Spec.Ingress) == 0 {
			t.Fatalf("%s has no network policy for ingress", name)
		}

		c.selects(t, "the policy of "+name, &policy.Spec.PodSelector, name)

		for _, rule := range policy.Spec.Ingress {
			for _, p := range rule.Ports {
				if !c.hasPort(name, *p.Port) {
					t.Errorf("the policy %s allows the port %s, which the pods don't have", name, p.Port)
				}
			}

			if len(rule.From) == 0 || len(rule.Ports) == 0 {
				t.Errorf("the policy %s has a rule for every source or every port", name)
			}
		}
	}

	outward := c.Policies["outward"]
	c.selects(t, "the policy outward", &outward.Spec.PodSelector, "web", "writer")
}

// maxShutdown is the duration of a shutdown in seconds: shutdownTimeout of app/replica.
const maxShutdown = 25

// TestPodsAreRestrictedAndProbed also checks the roles, the time for a shutdown and
// the updates.
func TestPodsAreRestrictedAndProbed(t *testing.T) {
	for name, d := range manifests(t).Deployments {
		pod := d.Spec.Template.Spec
		container := pod.Containers[0]

		security := container.SecurityContext
		if !*pod.SecurityContext.RunAsNonRoot ||
			!*security.ReadOnlyRootFilesystem ||
			*security.AllowPrivilegeEscalation ||
			security.Capabilities.Drop[0] != "ALL" ||
			*pod.AutomountServiceAccountToken ||
			pod.SecurityContext.SeccompProfile.Type != core.SeccompProfileTypeRuntimeDefault {
			t.Errorf("%s has more privileges than it needs", name)
		}

		for path, probe := range map[string]*core.Probe{
			"/healthz": container.LivenessProbe,
			"/readyz":  container.ReadinessProbe,
		} {
			if probe == nil || probe.HTTPGet.Path != path || probe.HTTPGet.Port.StrVal != "http" {
				t.Errorf("%s has no probe of %s: %v", name, path, probe)
			}
		}

		if role := container.Args; !slices.Equal(role, []string{"--role", name}) {
			t.Errorf("%s runs with the arguments %v", name, role)
		}

		shutdown := int64(maxShutdown)
		if hook := container.Lifecycle; hook != nil {
			shutdown += hook.PreStop.Sleep.Seconds
		}

		if grace := *pod.TerminationGracePeriodSeconds; grace <= shutdown {
			t.Errorf("%s is killed after %d s, but its shutdown may take %d s", name, grace, shutdown)
		}

		if update := d.Spec.Strategy.RollingUpdate; update.MaxUnavailable.IntVal != 0 {
			t.Errorf("%s: an update makes %v pods unavailable", name, update.MaxUnavailable)
		}

		if !strings.Contains(container.Image, ":") || strings.HasSuffix(container.Image, ":latest") {
			t.Errorf("%s: the image %s has no fixed tag", name, container.Image)
		}
	}
}

// environment merges the config maps and secrets that a deployment's container reads.
func (c cluster) environment(deployment string) map[string]string {
	env := map[string]string{"LISTEN_HOST": "0.0.0.0"} // as in the image

	for _, from := range c.Deployments[deployment].Spec.Template.Spec.Containers[0].EnvFrom {
		switch {
		case from.ConfigMapRef != nil:
			maps.Copy(env, c.ConfigMaps[from.ConfigMapRef.Name].Data)
		case from.SecretRef != nil:
			for key, value := range c.Secrets[from.SecretRef.Name].Data {
				env[key] = string(value)
			}
		}
	}

	return env
}

// TestConfigAcceptsThePodsSettings also checks that the program rejects the example's
// secrets by name until they are replaced.
func TestConfigAcceptsThePodsSettings(t *testing.T) {
	c := manifests(t)
	replaced := strings.NewReplacer("PASSWORD", "5facdfe355d5d71961951405", "SECRET", "be0e3d3e8fb1e128e4d76f62")

	var known []string
	for _, s := range config.Settings() {
		known = append(known, s.Name)
	}

	for name, d := range c.Deployments {
		env := c.environment(name)

		_, err := config.Load(lookup(env))
		for _, secret := range []string{"DATABASE_URL", "REDIS_URL", "OIDC_CLIENT_SECRET"} {
			if err == nil || !strings.Contains(err.Error(), secret) {
				t.Errorf("%s starts with the example's %s: %v", name, secret, err)
			}

			env[secret] = replaced.Replace(env[secret])
		}

		cfg, err := config.Load(lookup(env))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}

		for key := range env {
			if !slices.Contains(known, key) {
				t.Errorf("%s: %s is not a setting", name, key)
			}
		}

		if len(cfg.Embedded()) > 0 || len(env) < 12 {
			t.Errorf("%s: embedded services %v, %d settings", name, cfg.Embedded(), len(env))
		}

		ports := d.Spec.Template.Spec.Containers[0].Ports
		if !c.hasPort(name, intstr.FromInt(cfg.Port)) ||
			!strings.HasSuffix(cfg.OpsAddress(), ":"+strconv.Itoa(int(ports[1].ContainerPort))) {
			t.Errorf("%s listens on %d and %s, and declares the ports %v", name, cfg.Port, cfg.OpsAddress(), ports)
		}

		if host := c.Ingresses["web"].Spec.Rules[0].Host; cfg.PublicURL.Hostname() != host {
			t.Errorf("PUBLIC_URL is %s, and the ingress has the host %s", cfg.PublicURL, host)
		}
	}
}
