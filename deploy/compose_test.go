// Package deploy has no code: its tests read what Parley is shipped with, by the libraries of those who will, and compare it with the program.
package deploy

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/types"
	"golang.org/x/crypto/bcrypt"
	"gopkg.in/yaml.v3"

	"parley/app/config"
	"parley/test/services"
)

const compose = "../docker-compose.yml"

// example is .env as .env.example says to make it.
func example(t *testing.T) []string {
	t.Helper()
	text := read(t, "../.env.example")

	command := regexp.MustCompile(`(?m)^#\s+(awk .*) > \.env$`).FindStringSubmatch(text)
	if command == nil {
		t.Fatal(".env.example has no command that makes .env of it")
	}

	cmd := exec.CommandContext(t.Context(), "sh", "-e", "-c", command[1])
	cmd.Dir = ".."

	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", command[1], err)
	}

	values, err := dotenv.Parse(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}

	var env []string
	for name, value := range values {
		env = append(env, name+"="+value)
	}

	return env
}

func load(ctx context.Context, env ...string) (*types.Project, error) {
	options, err := cli.NewProjectOptions([]string{compose}, cli.WithEnv(env), cli.WithDefaultProfiles())
	if err != nil {
		return nil, err
	}

	return options.LoadProject(ctx)
}

func project(t *testing.T) *types.Project {
	t.Helper()

	p, err := load(t.Context(), example(t)...)
	if err != nil {
		t.Fatal(err)
	}

	return p
}

func read(t *testing.T, path string) string {
	t.Helper()

	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}

	return string(b)
}

// environment is that of a service, as its container has it.
func environment(s types.ServiceConfig) map[string]string {
	env := map[string]string{}

	for name, value := range s.Environment {
		if value != nil {
			env[name] = *value
		}
	}

	return env
}

// replicas are the services that run the image built here.
func replicas(t *testing.T, p *types.Project) (list []types.ServiceConfig) {
	t.Helper()

	for _, s := range p.Services {
		if s.Build != nil {
			list = append(list, s)
		}
	}

	if len(list) != 2 {
		t.Fatalf("%d replicas", len(list))
	}

	return list
}

// TestWithoutSecretsComposeSaysWhatToWrite, one after the other.
func TestWithoutSecretsComposeSaysWhatToWrite(t *testing.T) {
	whole := example(t)
	for _, name := range []string{"POSTGRES_PASSWORD", "REDIS_PASSWORD", "OIDC_CLIENT_SECRET"} {
		without := slices.DeleteFunc(slices.Clone(whole), func(s string) bool { return strings.HasPrefix(s, name+"=") })

		_, err := load(t.Context(), without...)
		if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "see .env.example") {
			t.Errorf("without %s: %v", name, err)
		}
	}
}

// TestEveryVariableIsExplained: what the file asks the environment for, .env.example names.
func TestEveryVariableIsExplained(t *testing.T) {
	told := read(t, "../.env.example")

	asked := regexp.MustCompile(`[^$]\$\{([A-Z_]+)`).FindAllStringSubmatch(read(t, compose), -1)
	if len(asked) < 10 {
		t.Fatalf("only %d variables found", len(asked))
	}

	for _, m := range asked {
		if !strings.Contains(told, m[1]) {
			t.Errorf("${%s} isn't in .env.example", m[1])
		}
	}
}

// TestTheOrderOfStartingIsSafe: who waits for a service to be healthy waits for one that can tell.
func TestTheOrderOfStartingIsSafe(t *testing.T) {
	p, dockerfile := project(t), read(t, "../Dockerfile")
	waits := 0

	for _, s := range p.Services {
		for name, d := range s.DependsOn {
			other, err := p.GetService(name)
			if err != nil {
				t.Errorf("%s waits for %s: %v", s.Name, name, err)
				continue
			}

			waits++

			checked := other.HealthCheck != nil && len(other.HealthCheck.Test) > 1 ||
				other.Build != nil && strings.Contains(dockerfile, "\nHEALTHCHECK ")
			if d.Condition == types.ServiceConditionHealthy && !checked {
				t.Errorf("%s waits until %s is healthy, which nobody checks", s.Name, name)
			}

			if d.Condition == types.ServiceConditionStarted {
				t.Errorf("%s waits only until %s has started", s.Name, name)
			}
		}
	}

	if waits < 10 {
		t.Errorf("only %d services wait for another", waits)
	}

	if _, err := p.GetService("dex"); err != nil {
		t.Errorf("with .env.example: %v", err)
	}
}

// TestReplicasStartWithTheseSettings: the program's own reader takes each replica's environment, in the image's.
func TestReplicasStartWithTheseSettings(t *testing.T) {
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
		t.Fatal("the Dockerfile sets nothing")
	}

	for _, s := range replicas(t, p) {
		env := environment(s)
		env[image[1]] = image[2]

		cfg, err := config.Load(func(name string) (string, bool) { v, ok := env[name]; return v, ok })
		if err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}

		for name := range env {
			if !slices.Contains(known, name) {
				t.Errorf("%s: %s is no setting", s.Name, name)
			}
		}

		if len(cfg.Embedded()) > 0 || !cfg.RealProvider() {
			t.Errorf("%s: embedded %v, a provider %t", s.Name, cfg.Embedded(), cfg.RealProvider())
		}

		if want := balancer.Networks["front"].Ipv4Address + "/32"; len(cfg.TrustedProxies) != 1 ||
			cfg.TrustedProxies[0].String() != want {
			t.Errorf("%s trusts %v, not the balancer's %s", s.Name, cfg.TrustedProxies, want)
		}

		if !s.ReadOnly || len(s.CapDrop) != 1 {
			t.Errorf("%s may write to its root, or keeps capabilities", s.Name)
		}
	}
}

// TestWhatIsMountedExists, and is read only.
func TestWhatIsMountedExists(t *testing.T) {
	mounted := 0

	for _, s := range project(t).Services {
		for _, v := range s.Volumes {
			if v.Type != types.VolumeTypeBind {
				continue
			}

			mounted++

			if info, err := os.Stat(v.Source); err != nil || !info.Mode().IsRegular() || !v.ReadOnly {
				t.Errorf("%s mounts %s: %v, read only %t", s.Name, v.Source, err, v.ReadOnly)
			}
		}
	}

	if mounted < 3 {
		t.Errorf("only %d files are mounted", mounted)
	}
}

// TestOnlyTheBalancerIsForOthers: whatever is published is published on this machine's loopback, the guide names all of it, and the README nothing else.
func TestOnlyTheBalancerIsForOthers(t *testing.T) {
	guide, published := read(t, "../docs/containers.md"), map[string]bool{}
	for _, s := range project(t).Services {
		for _, port := range s.Ports {
			published[port.Published] = true
			if port.HostIP != "127.0.0.1" {
				t.Errorf("%s publishes %s on %q", s.Name, port.Published, port.HostIP)
			}

			if row := regexp.MustCompile(`(?m)^\| [^|]*\b` + port.Published + `\b[^|]* \| .*` + s.Name); !row.MatchString(
				guide,
			) {
				t.Errorf("docs/containers.md has no row for %s of %s", port.Published, s.Name)
			}
		}
	}

	_, containers, found := strings.Cut(read(t, "../README.md"), "**Everything in containers.**")
	containers, _, end := strings.Cut(containers, "**Kubernetes.**")

	named := regexp.MustCompile(`\b[5-9]\d{3}\b`).FindAllString(containers, -1)
	if !found || !end || len(named) < 5 {
		t.Errorf("the README names the ports %v", named)
	}

	for _, port := range named {
		if !published[port] {
			t.Errorf("the README names %s, where nothing is", port)
		}
	}
}

// certificates runs the file that makes them.
func certificates(t *testing.T, dir string) {
	t.Helper()

	if out, err := exec.CommandContext(t.Context(), "sh", "compose/certificates.sh", dir).CombinedOutput(); err != nil {
		t.Fatalf("certificates.sh: %v: %s", err, out)
	}
}

// TestCertificatesAreMadeOnce, for the names that people and replicas use; what was half made is made anew.
func TestCertificatesAreMadeOnce(t *testing.T) {
	dir := t.TempDir()
	certificates(t, dir)
	first := read(t, filepath.Join(dir, "parley.pem"))
	certificates(t, dir)

	if read(t, filepath.Join(dir, "parley.pem")) != first {
		t.Error("a good certificate was made again")
	}

	authorities := x509.NewCertPool()
	if !authorities.AppendCertsFromPEM([]byte(read(t, filepath.Join(dir, "ca.pem")))) {
		t.Fatal("ca.pem has no certificate")
	}

	block, _ := pem.Decode([]byte(first))

	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}

	for _, name := range []string{"parley.localhost", "dex.localhost", "127.0.0.1"} {
		if _, err := certificate.Verify(x509.VerifyOptions{DNSName: name, Roots: authorities}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}

	if err := os.WriteFile(filepath.Join(dir, "parley.pem"), []byte(first[:40]), 0o600); err != nil {
		t.Fatal(err)
	}

	certificates(t, dir)

	if block, _ := pem.Decode([]byte(read(t, filepath.Join(dir, "parley.pem")))); block == nil {
		t.Error("half a certificate was left")
	}
}

// TestNginxTakesTheBalancersSettings: the template, filled in as the image does, and the real nginx' own check.
func TestNginxTakesTheBalancersSettings(t *testing.T) {
	p := project(t)

	balancer, err := p.GetService("balancer")
	if err != nil {
		t.Fatal(err)
	}

	dir := t.TempDir()
	certificates(t, dir)

	env := environment(balancer)
	for _, s := range replicas(t, p) {
		if at := "server " + s.Networks["front"].Ipv4Address + ":8000 "; !strings.Contains(
			env["PARLEY_UPSTREAMS"],
			at,
		) {
			t.Errorf("the balancer doesn't know %s at %q", s.Name, at)
		}
	}

	filled, err := services.RenderNginxConfig(env)
	if err != nil {
		t.Fatal(err)
	}

	filled = strings.ReplaceAll(filled, "/certificates/", dir+"/")
	main := fmt.Sprintf(
		"pid %[1]s/nginx.pid;\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n%[2]s\n}\n",
		dir,
		filled,
	)

	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(main), 0o600); err != nil {
		t.Fatal(err)
	}

	if out, err := exec.CommandContext(t.Context(), "nginx", "-t", "-p", dir, "-e", "stderr", "-c", file).CombinedOutput(); err != nil {
		t.Errorf("nginx -t: %v\n%s", err, out)
	}
}

// dex is what of its configuration Parley relies on; nothing else may be in the file.
type dex struct {
	Issuer  string
	Storage struct{ Type string }
	Web     struct {
		HTTPS   string `yaml:"https"`
		TLSCert string `yaml:"tlsCert"`
		TLSKey  string `yaml:"tlsKey"`
	}
	Telemetry struct {
		HTTP string `yaml:"http"`
	}
	OAuth2 struct {
		SkipApprovalScreen bool `yaml:"skipApprovalScreen"`
	} `yaml:"oauth2"`
	StaticClients []struct {
		ID, Name     string
		SecretEnv    string   `yaml:"secretEnv"`
		RedirectURIs []string `yaml:"redirectURIs"`
	} `yaml:"staticClients"`
	EnablePasswordDB bool `yaml:"enablePasswordDB"`
	StaticPasswords  []struct {
		Email, Username, Hash string
		UserID                string `yaml:"userID"`
	} `yaml:"staticPasswords"`
}

// TestDexKnowsParley, and Parley dex; the people of the example have the password that is written there.
func TestDexKnowsParley(t *testing.T) {
	var d dex
	decoder := yaml.NewDecoder(strings.NewReader(read(t, "dex/parley.yaml")))
	decoder.KnownFields(true)

	if err := decoder.Decode(&d); err != nil {
		t.Fatal(err)
	}

	p := project(t)

	service, err := p.GetService("dex")
	if err != nil {
		t.Fatal(err)
	}

	for _, s := range replicas(t, p) {
		env := environment(s)
		if env["OIDC_ISSUER"] != d.Issuer || env["OIDC_CLIENT_ID"] != d.StaticClients[0].ID ||
			env["PUBLIC_URL"]+"/auth/oidc/callback" != d.StaticClients[0].RedirectURIs[0] || env["OIDC_CLIENT_SECRET"] != environment(service)[d.StaticClients[0].SecretEnv] {
			t.Errorf("%s and dex don't agree: %+v", s.Name, d.StaticClients)
		}
	}

	if host := strings.TrimSuffix(strings.TrimPrefix(d.Issuer, "https://"), ":5556"); !slices.Contains(
		service.Networks["front"].Aliases,
		host,
	) {
		t.Errorf("replicas don't find %s", host)
	}

	if len(d.StaticPasswords) != 2 || d.StaticPasswords[0].UserID == d.StaticPasswords[1].UserID {
		t.Errorf("two people: %+v", d.StaticPasswords)
	}

	for _, who := range d.StaticPasswords {
		if err := bcrypt.CompareHashAndPassword([]byte(who.Hash), []byte("parley")); err != nil {
			t.Errorf("%s: %v", who.Email, err)
		}
	}
}
