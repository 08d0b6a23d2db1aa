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

// cluster is what kustomize makes of deploy/kubernetes, read as strictly as the API server does: a field that it doesn't know is an error.
type cluster struct {
	Deployments    map[string]apps.Deployment
	Services       map[string]core.Service
	Ingresses      map[string]networking.Ingress
	Scalers        map[string]autoscaling.HorizontalPodAutoscaler
	Budgets        map[string]policy.PodDisruptionBudget
	Policies       map[string]networking.NetworkPolicy
	ConfigMaps     map[string]core.ConfigMap
	Secrets        map[string]core.Secret
	NamespacesSeen []string
}

func manifests(t *testing.T) cluster {
	t.Helper()

	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("kubernetes")); err != nil {
		t.Fatal(err)
	}

	if err := os.WriteFile(filepath.Join(dir, "secret.env"), []byte(read(t, "kubernetes/secret.env.example")), 0o600); err != nil {
		t.Fatal(err)
	}

	made, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), dir)
	if err != nil {
		t.Fatal(err)
	}

	c := cluster{
		map[string]apps.Deployment{},
		map[string]core.Service{},
		map[string]networking.Ingress{},
		map[string]autoscaling.HorizontalPodAutoscaler{},
		map[string]policy.PodDisruptionBudget{},
		map[string]networking.NetworkPolicy{},
		map[string]core.ConfigMap{},
		map[string]core.Secret{},
		nil,
	}

	for _, r := range made.Resources() {
		text, err := r.AsYAML()
		if err != nil {
			t.Fatal(err)
		}

		if ns := r.GetNamespace(); ns != "" && !slices.Contains(c.NamespacesSeen, ns) {
			c.NamespacesSeen = append(c.NamespacesSeen, ns)
		}

		switch kind := r.GetApiVersion() + " " + r.GetKind(); kind {
		case "v1 Namespace":
			strict(t, text, map[string]core.Namespace{}, r.GetName())
		case "apps/v1 Deployment":
			strict(t, text, c.Deployments, r.GetName())
		case "v1 Service":
			strict(t, text, c.Services, r.GetName())
		case "networking.k8s.io/v1 Ingress":
			strict(t, text, c.Ingresses, r.GetName())
		case "autoscaling/v2 HorizontalPodAutoscaler":
			strict(t, text, c.Scalers, r.GetName())
		case "policy/v1 PodDisruptionBudget":
			strict(t, text, c.Budgets, r.GetName())
		case "networking.k8s.io/v1 NetworkPolicy":
			strict(t, text, c.Policies, r.GetName())
		case "v1 ConfigMap":
			strict(t, text, c.ConfigMaps, r.GetName())
		case "v1 Secret":
			strict(t, text, c.Secrets, r.GetName())
		default:
			t.Errorf("%s %s: nobody here knows that kind", kind, r.GetName())
		}
	}

	return c
}

func strict[T any](t *testing.T, text []byte, into map[string]T, name string) {
	t.Helper()

	var v T
	if err := yaml.UnmarshalStrict(text, &v); err != nil {
		t.Errorf("%s: %v", name, err)
	}

	into[name] = v
}

// selects tells whether a selector takes the pods of exactly these deployments.
func (c cluster) selects(t *testing.T, who string, s *meta.LabelSelector, want ...string) {
	t.Helper()

	selector, err := meta.LabelSelectorAsSelector(s)
	if err != nil {
		t.Errorf("%s: %v", who, err)
		return
	}

	var got []string

	for name, d := range c.Deployments {
		if selector.Matches(labels.Set(d.Spec.Template.Labels)) {
			got = append(got, name)
		}
	}

	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("%s selects %v, not %v", who, got, want)
	}
}

// port tells whether a deployment's container has a port, by name or number.
func (c cluster) port(deployment string, p intstr.IntOrString) bool {
	return slices.ContainsFunc(
		c.Deployments[deployment].Spec.Template.Spec.Containers[0].Ports,
		func(have core.ContainerPort) bool {
			return have.Name == p.StrVal && p.Type == intstr.String ||
				have.ContainerPort == p.IntVal && p.Type == intstr.Int
		},
	)
}

// TestEverythingIsSelected: nothing points at what isn't there.
func TestEverythingIsSelected(t *testing.T) {
	c := manifests(t)
	if !slices.Equal(c.NamespacesSeen, []string{"parley"}) {
		t.Errorf("namespaces: %v", c.NamespacesSeen)
	}

	if roles := slices.Sorted(maps.Keys(c.Deployments)); !slices.Equal(roles, []string{"web", "writer"}) {
		t.Fatalf("deployments: %v", roles)
	}

	for name, d := range c.Deployments {
		c.selects(t, "deployment "+name, d.Spec.Selector, name)

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
			t.Fatalf("anyone may reach %s", name)
		}

		c.selects(t, "the policy of "+name, &policy.Spec.PodSelector, name)

		for _, rule := range policy.Spec.Ingress {
			for _, p := range rule.Ports {
				if !c.port(name, *p.Port) {
					t.Errorf("policy %s allows the port %s, which nobody has", name, p.Port)
				}
			}

			if len(rule.From) == 0 || len(rule.Ports) == 0 {
				t.Errorf("policy %s allows everyone, or everything", name)
			}
		}
	}

	outward := c.Policies["outward"]
	c.selects(t, "outward", &outward.Spec.PodSelector, "web", "writer")
	web := c.Services["web"]
	c.selects(t, "the service", &meta.LabelSelector{MatchLabels: web.Spec.Selector}, "web")

	if !c.port("web", web.Spec.Ports[0].TargetPort) {
		t.Errorf("the service's port %v isn't the pods'", web.Spec.Ports[0].TargetPort)
	}

	for _, rule := range c.Ingresses["web"].Spec.Rules {
		for _, path := range rule.HTTP.Paths {
			if b := path.Backend.Service; b.Name != web.Name || b.Port.Name != web.Spec.Ports[0].Name {
				t.Errorf("the ingress sends %s to %v", path.Path, b)
			}
		}

		if !slices.Contains(c.Ingresses["web"].Spec.TLS[0].Hosts, rule.Host) {
			t.Errorf("%s has no certificate", rule.Host)
		}
	}

	if target := c.Scalers["web"].Spec.ScaleTargetRef; target.Kind != "Deployment" || target.Name != "web" ||
		c.Deployments["web"].Spec.Replicas != nil {
		t.Errorf("the scaler scales %v, or the deployment has a number of its own", target)
	}
}

// TestPodsMayDoLittle, are asked how they are, and are left the time that they need.
func TestPodsMayDoLittle(t *testing.T) {
	for name, d := range manifests(t).Deployments {
		pod, container := d.Spec.Template.Spec, d.Spec.Template.Spec.Containers[0]

		security := container.SecurityContext
		if !*pod.SecurityContext.RunAsNonRoot || !*security.ReadOnlyRootFilesystem || *security.AllowPrivilegeEscalation ||
			security.Capabilities.Drop[0] != "ALL" ||
			*pod.AutomountServiceAccountToken ||
			pod.SecurityContext.SeccompProfile.Type != core.SeccompProfileTypeRuntimeDefault {
			t.Errorf("%s may do more than it needs", name)
		}

		for what, probe := range map[string]*core.Probe{"/healthz": container.LivenessProbe, "/readyz": container.ReadinessProbe} {
			if probe == nil || probe.HTTPGet.Path != what || probe.HTTPGet.Port.StrVal != "http" {
				t.Errorf("%s isn't asked for %s: %v", name, what, probe)
			}
		}

		if role := container.Args; !slices.Equal(role, []string{"--role", name}) {
			t.Errorf("%s runs as %v", name, role)
		}

		longest := int64(14) // seconds that app/replica gives a drain: patience, then endTimeout
		if hook := container.Lifecycle; hook != nil {
			longest += hook.PreStop.Sleep.Seconds
		}

		if *pod.TerminationGracePeriodSeconds <= longest {
			t.Errorf(
				"%s is killed after %d s, while it may drain for %d",
				name,
				*pod.TerminationGracePeriodSeconds,
				longest,
			)
		}

		if d.Spec.Strategy.RollingUpdate.MaxUnavailable.IntVal != 0 || strings.HasSuffix(container.Image, ":latest") ||
			!strings.Contains(container.Image, ":") {
			t.Errorf("%s: %v, %s", name, d.Spec.Strategy.RollingUpdate, container.Image)
		}
	}
}

// TestPodsStartWithTheseSettings, once the example's passwords are replaced: until then each of them is refused by name.
func TestPodsStartWithTheseSettings(t *testing.T) {
	c := manifests(t)

	var known []string
	for _, s := range config.Settings() {
		known = append(known, s.Name)
	}

	for name, d := range c.Deployments {
		env, container := map[string]string{"LISTEN_HOST": "0.0.0.0"}, d.Spec.Template.Spec.Containers[0]
		for _, from := range container.EnvFrom {
			switch {
			case from.ConfigMapRef != nil:
				maps.Copy(env, c.ConfigMaps[from.ConfigMapRef.Name].Data)
			case from.SecretRef != nil:
				for key, value := range c.Secrets[from.SecretRef.Name].Data {
					env[key] = string(value)
				}
			}
		}

		lookup := func(name string) (string, bool) { v, ok := env[name]; return v, ok }

		_, err := config.Load(lookup)
		for _, secret := range []string{"DATABASE_URL", "REDIS_URL", "OIDC_CLIENT_SECRET"} {
			if err == nil || !strings.Contains(err.Error(), secret) {
				t.Errorf("%s starts with the example's %s: %v", name, secret, err)
			}

			env[secret] = strings.NewReplacer("PASSWORD", "5facdfe355d5d71961951405", "SECRET", "be0e3d3e8fb1e128e4d76f62").
				Replace(env[secret])
		}

		cfg, err := config.Load(lookup)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}

		for key := range env {
			if !slices.Contains(known, key) {
				t.Errorf("%s: %s is no setting", name, key)
			}
		}

		if len(cfg.Embedded()) > 0 || len(env) < 12 {
			t.Errorf("%s: embedded %v, %d settings", name, cfg.Embedded(), len(env))
		}

		if !c.port(name, intstr.FromInt(cfg.Port)) ||
			!strings.HasSuffix(cfg.OpsAddress(), ":"+strconv.Itoa(int(container.Ports[1].ContainerPort))) {
			t.Errorf("%s listens on %d and %s, and says %v", name, cfg.Port, cfg.OpsAddress(), container.Ports)
		}

		if cfg.PublicURL.Hostname() != c.Ingresses["web"].Spec.Rules[0].Host {
			t.Errorf("people open %s, and the ingress has %s", cfg.PublicURL, c.Ingresses["web"].Spec.Rules[0].Host)
		}
	}
}
