package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"parley/app/config"
	"parley/app/postgres/postgrestest"
)

// mistake is a change of good settings, and the finding that it causes.
type mistake struct {
	name     string
	settings map[string]string
	subject  string // of the finding; "": any
	finding  string
	before   func() // makes the mistake outside the settings; nil: nothing
}

// expectOneFinding checks that each mistake causes exactly one finding, and that
// no secret is printed.
func expectOneFinding(t *testing.T, good map[string]string, mistakes []mistake, secrets ...string) {
	t.Helper()
	for _, m := range mistakes {
		if m.before != nil {
			m.before()
		}
		settings := maps.Clone(good)
		maps.Copy(settings, m.settings)
		out, err := checked(settings)
		if err == nil || strings.Count(out, "WRONG") != 1 ||
			!strings.Contains(out, "WRONG  "+m.subject) || !strings.Contains(out, m.finding) {
			t.Errorf("%s: %v\n%s", m.name, err, out)
		} else {
			t.Log("mistake named:", m.name)
		}
		for _, secret := range secrets {
			if strings.Contains(out, secret) {
				t.Errorf("%s: a password is shown:\n%s", m.name, out)
			}
		}
	}
}

// expectFine checks that the settings cause this many findings, all of them fine.
func expectFine(t *testing.T, settings map[string]string, findings int) {
	t.Helper()
	out, err := checked(settings)
	if err != nil || strings.Contains(out, "WRONG") || strings.Count(out, "fine") != findings {
		t.Fatalf("without a mistake: %v\n%s", err, out)
	}
}

// TestCheckReportsEachMistake runs against real dependencies.
func TestCheckReportsEachMistake(t *testing.T) {
	t.Parallel()
	database, redis, kafka := testServices(t)
	good := map[string]string{
		"PORT":          freePort(t),
		"DATABASE_URL":  database.String(),
		"REDIS_URL":     redis,
		"KAFKA_BROKERS": kafka,
		"DEV_SIGNIN":    "true",
	}

	expectFine(t, good, 6)

	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()

	_, takenPort, _ := net.SplitHostPort(taken.Addr().String())
	newer := postgrestest.URL(t)
	if _, err := postgrestest.Open(t, newer).Migrate(context.Background()); err != nil {
		t.Fatal(err)
	}

	postgrestest.Exec(t, newer, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (98765, true)")

	withNewer := maps.Clone(good)
	withNewer["DATABASE_URL"] = newer
	expectFine(t, withNewer, 6) // a replica serves on it

	changedDatabase := func(change func(*url.URL)) map[string]string {
		return map[string]string{"DATABASE_URL": changed(database, change)}
	}

	oidc := func(issuer string) map[string]string {
		return map[string]string{
			"DEV_SIGNIN":         "auto",
			"OIDC_NAME":          "Door",
			"OIDC_ISSUER":        issuer,
			"OIDC_CLIENT_ID":     "parley",
			"OIDC_CLIENT_SECRET": "0123456789abcdef0123",
		}
	}

	google := map[string]string{
		"LISTEN_HOST":          "0.0.0.0",
		"DEV_SIGNIN":           "auto",
		"GOOGLE_CLIENT_ID":     "parley",
		"GOOGLE_CLIENT_SECRET": "0123456789abcdef0123",
	}

	password, _ := database.User.Password()
	expectOneFinding(t, good, []mistake{
		{
			name:     "misspelt setting",
			settings: map[string]string{"REDIS_URL": "", "REDIS_URI": redis},
			finding:  "REDIS_URI is no setting: write REDIS_URL",
		},
		{
			name:     "bad number",
			settings: map[string]string{"KAFKA_PARTITIONS": "many"},
			finding:  "KAFKA_PARTITIONS: \"many\" won’t do",
		},
		{
			name:     "plain HTTP on every address",
			settings: google,
			finding:  "LISTEN_HOST 0.0.0.0 can be reached from other machines",
		},
		{
			name:     "taken port",
			settings: map[string]string{"PORT": takenPort},
			finding:  "port " + takenPort + " is taken",
		},
		{
			name: "wrong database password",
			settings: changedDatabase(func(u *url.URL) {
				u.User = url.UserPassword(u.User.Username(), "wrong0wrong")
			}),
			finding: "PostgreSQL refuses the user",
		},
		{
			name:     "no such database",
			settings: changedDatabase(func(u *url.URL) { u.Path = "/nowhere" }),
			finding:  "there is no database \"nowhere\"",
		},
		{
			name:     "no database at the address",
			settings: changedDatabase(func(u *url.URL) { u.Host = "127.0.0.1:1" }),
			finding:  "nobody answers at 127.0.0.1:1",
		},
		{
			name:     "no Redis at the address",
			settings: map[string]string{"REDIS_URL": "redis://127.0.0.1:1"},
			finding:  "no Redis answers there",
		},
		{
			name: "wrong Redis password",
			settings: map[string]string{
				"REDIS_URL": strings.Replace(redis, "redis://", "redis://nobody:pass1234word@", 1),
			},
			finding: "refuses the user or the password of REDIS_URL",
		},
		{
			name:     "no Kafka at the address",
			settings: map[string]string{"KAFKA_BROKERS": "127.0.0.1:1"},
			finding:  "no broker answers",
		},
		{
			name:     "wrong Kafka protocol",
			settings: map[string]string{"KAFKA_SECURITY_PROTOCOL": "SSL"},
			finding:  "KAFKA_SECURITY_PROTOCOL",
		},
		{
			name:     "no sign-in",
			settings: map[string]string{"DEV_SIGNIN": "false"},
			finding:  "nobody can sign in",
		},
		{
			name:     "no provider at the address",
			settings: oidc("http://127.0.0.1:1"),
			finding:  "no provider answers at OIDC_ISSUER",
		},
		{
			name:     "another issuer",
			settings: oidc(provider(t, "https://someone.else.example")),
			finding:  "the provider calls itself \"https://someone.else.example\"",
		},
	}, password, "pass1234word", "wrong0wrong")
}

// checked runs the command with these settings and returns its output.
func checked(settings map[string]string) (string, error) {
	var environ []string
	for name, value := range settings {
		environ = append(environ, name+"="+value)
	}

	cfg, err := config.Load(func(name string) (string, bool) { v, ok := settings[name]; return v, ok })
	var out strings.Builder
	err = check(context.Background(), invocation{
		cfg:         cfg,
		settingsErr: errors.Join(config.Misspelt(environ), err),
		out:         &out,
	})

	return out.String(), err
}

func testServices(t *testing.T) (database *url.URL, redis, kafka string) {
	t.Helper()
	database, err := url.Parse(os.Getenv("PARLEY_TEST_DATABASE_URL"))
	redis, kafka = os.Getenv("PARLEY_TEST_REDIS_URL"), os.Getenv("PARLEY_TEST_KAFKA_BROKERS")
	if err != nil || database.Host == "" || redis == "" || kafka == "" {
		t.Fatal("no services for tests: run `go tool task test`, or `go run ./test/services/cmd go test ./app/cli`")
	}
	return database, redis, kafka
}

func changed(u *url.URL, change func(*url.URL)) string {
	other := *u
	change(&other)
	return other.String()
}

// provider starts an OpenID Connect provider with this issuer in its discovery
// document, and returns its address.
func provider(t *testing.T, issuer string) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"issuer":%q}`, issuer)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func freePort(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}
