package deploy

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"

	"parley/app/config"
)

func TestAMissingSecretIsAnError(t *testing.T) {
	complete := exampleEnv(t)

	for _, name := range []string{
		"POSTGRES_PASSWORD", "DATABASE_PASSWORD", "READER_PASSWORD", "REDIS_PASSWORD", "OIDC_CLIENT_SECRET",
	} {
		without := slices.DeleteFunc(slices.Clone(complete), func(s string) bool {
			return strings.HasPrefix(s, name+"=")
		})

		_, err := load(t.Context(), without...)
		if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "see .env.example") {
			t.Errorf("without %s: error %v does not name it and .env.example", name, err)
		}
	}
}

func TestEveryVariableIsInEnvExample(t *testing.T) {
	example := read(t, "../.env.example")

	used := regexp.MustCompile(`[^$]\$\{([A-Z_]+)`).FindAllStringSubmatch(read(t, compose), -1)
	if len(used) < 10 {
		t.Fatalf("only %d variables found", len(used))
	}

	for _, m := range used {
		if !strings.Contains(example, m[1]) {
			t.Errorf("${%s} isn't in .env.example", m[1])
		}
	}
}

func TestServicesWaitForHealthyDependencies(t *testing.T) {
	p, dockerfile := project(t), read(t, "../Dockerfile")
	dependencies := 0

	for _, s := range p.Services {
		for name, d := range s.DependsOn {
			other, err := p.GetService(name)
			if err != nil {
				t.Errorf("%s depends on %s: %v", s.Name, name, err)
				continue
			}

			dependencies++

			checked := other.HealthCheck != nil && len(other.HealthCheck.Test) > 1 ||
				other.Build != nil && strings.Contains(dockerfile, "\nHEALTHCHECK ")
			if d.Condition == types.ServiceConditionHealthy && !checked {
				t.Errorf("%s waits until %s is healthy, but %[2]s has no health check", s.Name, name)
			}

			if d.Condition == types.ServiceConditionStarted {
				t.Errorf("%s waits only until %s has started, not until it is healthy", s.Name, name)
			}
		}
	}

	if dependencies < 10 {
		t.Errorf("only %d dependencies between services found", dependencies)
	}

	if _, err := p.GetService("dex"); err != nil {
		t.Errorf("the profile of .env.example has no dex: %v", err)
	}
}

// TestConfigAcceptsTheReplicasSettings loads the environment of each replica, with
// that of the image, as the program does.
func TestConfigAcceptsTheReplicasSettings(t *testing.T) {
	p := project(t)

	known := []string{"SSL_CERT_FILE"}
	for _, s := range config.Settings() {
		known = append(known, s.Name)
	}

	balancer, err := p.GetService("balancer")
	if err != nil {
		t.Fatal(err)
	}

	image := regexp.MustCompile(`(?m)^ENV (\w+)=(\S+)$`).FindStringSubmatch(read(t, "../Dockerfile"))
	if image == nil {
		t.Fatal("the Dockerfile has no ENV")
	}

	for _, s := range replicas(t, p) {
		env := environment(s)
		env[image[1]] = image[2]

		cfg, err := config.Load(lookup(env))
		if err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}

		for name := range env {
			if !slices.Contains(known, name) {
				t.Errorf("%s: %s is not a setting", s.Name, name)
			}
		}

		if len(cfg.Embedded()) > 0 || !cfg.RealProvider() {
			t.Errorf("%s: embedded services %v, real provider %t", s.Name, cfg.Embedded(), cfg.RealProvider())
		}

		want := balancer.Networks["front"].Ipv4Address + "/32"
		if len(cfg.TrustedProxies) != 1 || cfg.TrustedProxies[0].String() != want {
			t.Errorf("%s trusts the proxies %v, want only the balancer %s", s.Name, cfg.TrustedProxies, want)
		}

		if !s.ReadOnly || len(s.CapDrop) != 1 {
			t.Errorf("%s has a writable root file system or keeps capabilities", s.Name)
		}
	}
}

func TestMountedFilesExistAndAreReadOnly(t *testing.T) {
	mounted := 0

	for _, s := range project(t).Services {
		for _, v := range s.Volumes {
			if v.Type != types.VolumeTypeBind {
				continue
			}

			mounted++

			if info, err := os.Stat(v.Source); err != nil || !info.Mode().IsRegular() || !v.ReadOnly {
				t.Errorf("%s mounts %s: error %v, read only %t", s.Name, v.Source, err, v.ReadOnly)
			}
		}
	}

	if mounted < 3 {
		t.Errorf("only %d files are mounted", mounted)
	}
}

// TestPortsAreOnLoopbackAndDocumented also checks that docs/containers.md has a row
// for each published port, and that the README names no other port.
func TestPortsAreOnLoopbackAndDocumented(t *testing.T) {
	guide, published := read(t, "../docs/containers.md"), map[string]bool{}
	for _, s := range project(t).Services {
		for _, port := range s.Ports {
			published[port.Published] = true
			if port.HostIP != "127.0.0.1" {
				t.Errorf("%s publishes the port %s on %q, not on 127.0.0.1", s.Name, port.Published, port.HostIP)
			}

			row := regexp.MustCompile(`(?m)^\| [^|]*\b` + port.Published + `\b[^|]* \| .*` + s.Name)
			if !row.MatchString(guide) {
				t.Errorf("docs/containers.md has no row for the port %s of %s", port.Published, s.Name)
			}
		}
	}

	_, containers, found := strings.Cut(read(t, "../README.md"), "**Everything in containers.**")
	containers, _, end := strings.Cut(containers, "**Kubernetes.**")

	named := regexp.MustCompile(`\b[5-9]\d{3}\b`).FindAllString(containers, -1)
	if !found || !end || len(named) < 5 {
		t.Errorf("the README's section on containers names only the ports %v", named)
	}

	for _, port := range named {
		if !published[port] {
			t.Errorf("the README names the port %s, which is not published", port)
		}
	}
}
