package deploy

import (
	"os/exec"
	"strings"
	"testing"
)

// TestPublishedPortsAskForASignIn: the balancer, the sign-in provider and the guarded
// operators' pages may be published, and services that ask for a user and a password.
func TestPublishedPortsAskForASignIn(t *testing.T) {
	open := map[string]bool{
		"balancer": true, "dex": true, "parley-1": true, "parley-2": true,
		"kafka": true, // for kcat: not a page, so no web page of another origin can use it
	}
	signIn := map[string][]string{
		"kafka-ui": {"AUTH_TYPE", "SPRING_SECURITY_USER_NAME", "SPRING_SECURITY_USER_PASSWORD"},
		"pgweb":    {"PGWEB_AUTH_USER", "PGWEB_AUTH_PASS"},
	}

	for _, s := range project(t).Services {
		if len(s.Ports) == 0 || open[s.Name] {
			continue
		}

		if len(signIn[s.Name]) == 0 {
			t.Errorf("%s publishes a port without a sign-in", s.Name)
		}

		for _, name := range signIn[s.Name] {
			if environment(s)[name] == "" {
				t.Errorf("%s publishes a port without %s", s.Name, name)
			}
		}
	}
}

// TestSecretsReachOnlyTheirServices: the superuser's password stays in PostgreSQL's
// container, and pgweb reads with a role that sees no tokens and no texts.
func TestSecretsReachOnlyTheirServices(t *testing.T) {
	env := exampleEnv(t)
	secret := make(map[string]string)
	for _, v := range env {
		if name, value, _ := strings.Cut(v, "="); strings.HasSuffix(name, "_PASSWORD") {
			secret[name] = value
		}
	}

	allowed := map[string]string{
		"POSTGRES_PASSWORD": "postgres",
		"DATABASE_PASSWORD": "postgres parley-1 parley-2 reader",
		"READER_PASSWORD":   "postgres pgweb",
		"REDIS_PASSWORD":    "redis parley-1 parley-2",
		"TOOLS_PASSWORD":    "kafka-ui pgweb",
	}
	if len(secret) != len(allowed) {
		t.Fatalf("passwords of .env.example: %d, want %d", len(secret), len(allowed))
	}

	p, err := load(t.Context(), withTools(env)...)
	if err != nil {
		t.Fatal(err)
	}

	for _, s := range p.Services {
		text := strings.Join(append([]string(s.Command), s.Entrypoint...), " ")
		for _, value := range environment(s) {
			text += " " + value
		}

		for name, value := range secret {
			if strings.Contains(text, value) && !strings.Contains(" "+allowed[name]+" ", " "+s.Name+" ") {
				t.Errorf("%s has %s", s.Name, name)
			}
		}
	}
}

// TestServicesAreBounded: memory, and the size of logs.
func TestServicesAreBounded(t *testing.T) {
	for _, s := range project(t).Services {
		brief := s.Name == "certificates" || s.Name == "reader" // end at once
		if s.MemLimit == 0 && !brief {
			t.Errorf("%s has no memory limit", s.Name)
		}

		if s.Logging == nil || s.Logging.Options["max-size"] == "" || s.Logging.Options["max-file"] == "" {
			t.Errorf("the log of %s grows without bound", s.Name)
		}
	}
}

// TestRolesOfCompose runs roles.sh and reader.sql at a real PostgreSQL server.
func TestRolesOfCompose(t *testing.T) {
	p := newPostgresServer(t)
	roles := exec.CommandContext(t.Context(), "sh", "compose/roles.sh")
	roles.Env = append(p.environment("super", "super", "postgres"),
		"POSTGRES_USER=super", "DATABASE_PASSWORD=it's", "READER_PASSWORD=reader")
	if out, err := roles.CombinedOutput(); err != nil {
		t.Fatalf("roles.sh: %v: %s", err, out)
	}

	p.migrate(t, "parley", "it's")
	for range 2 {
		p.must(t, "parley", "it's", "parley", "--file", "compose/reader.sql")
	}

	for _, c := range []struct {
		user, password, query string
		ok                    bool
	}{
		{"parley", "it's", "SELECT 1 / (NOT rolsuper)::int FROM pg_roles WHERE rolname = 'parley'", true},
		{"parley", "it's", "COPY messages FROM PROGRAM 'true'", false},
		{"parley_reader", "reader", "SELECT * FROM reader.messages", true},
		{"parley_reader", "reader", "SELECT * FROM reader.people", true},
		{"parley_reader", "reader", "SELECT body FROM messages", false},
		{"parley_reader", "reader", "SELECT * FROM sessions", false},
		{"parley_reader", "reader", "DELETE FROM reader.friendships", false},
		{"parley_reader", "reader", "CREATE TABLE x (y int)", false},
	} {
		if out, err := p.psql(t, c.user, c.password, "parley", "--command", c.query); (err == nil) != c.ok {
			t.Errorf("%s: %s: %v %s", c.user, c.query, err, out)
		}
	}
}
