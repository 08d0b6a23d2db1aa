// Package deploy has no code. Its tests parse the compose file, the manifests, the
// alerts and the dashboard with the libraries of compose, Kubernetes and Prometheus,
// and compare them with the program.
package deploy

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/types"
)

const compose = "../docker-compose.yml"

// exampleEnv runs the command in .env.example that creates .env, and returns the
// variables of its output as NAME=value.
func exampleEnv(t *testing.T) []string {
	t.Helper()
	text := read(t, "../.env.example")

	command := regexp.MustCompile(`(?m)^#\s+(awk .*) > \.env$`).FindStringSubmatch(text)
	if command == nil {
		t.Fatal(".env.example has no command that creates .env")
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

// load reads the compose file with the variables env and without profiles other
// than those of COMPOSE_PROFILES.
func load(ctx context.Context, env ...string) (*types.Project, error) {
	options, err := cli.NewProjectOptions([]string{compose}, cli.WithEnv(env), cli.WithDefaultProfiles())
	if err != nil {
		return nil, err
	}

	return options.LoadProject(ctx)
}

// withTools adds the profile tools to the profiles of env.
func withTools(env []string) []string {
	for i, v := range env {
		if strings.HasPrefix(v, "COMPOSE_PROFILES=") {
			env[i] += ",tools"
		}
	}
	return env
}

// project reads the compose file with the variables of exampleEnv and all profiles.
func project(t *testing.T) *types.Project {
	t.Helper()

	p, err := load(t.Context(), withTools(exampleEnv(t))...)
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

// environment returns the environment of a service's container.
func environment(s types.ServiceConfig) map[string]string {
	env := map[string]string{}

	for name, value := range s.Environment {
		if value != nil {
			env[name] = *value
		}
	}

	return env
}

// replicas returns the services that run the image of this repository.
func replicas(t *testing.T, p *types.Project) (list []types.ServiceConfig) {
	t.Helper()

	for _, s := range p.Services {
		if s.Build != nil {
			list = append(list, s)
		}
	}

	if len(list) != 2 {
		t.Fatalf("%d services build the image, want 2", len(list))
	}

	return list
}

// lookup returns the function by which config.Load reads env.
func lookup(env map[string]string) func(name string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := env[name]
		return value, ok
	}
}
