package cli

import (
	"context"
	"errors"
	"fmt"
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

// TestCheckNamesEachMistake: with real parts, one planted mistake at a time; all else is fine then.
func TestCheckNamesEachMistake(t *testing.T) {
	database, redis, kafka := partsOfTests(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, takenPort, _ := net.SplitHostPort(taken.Addr().String())
	other := provider(t, "https://someone.else.example")
	good := map[string]string{"PORT": freePort(t), "DATABASE_URL": database.String(), "REDIS_URL": redis, "KAFKA_BROKERS": kafka, "DEV_SIGNIN": "true"}
	if out, err := checked(good); err != nil || strings.Contains(out, "WRONG") || strings.Count(out, "fine") != 6 {
		t.Fatalf("with nothing wrong: %v\n%s", err, out)
	}
	ahead := postgrestest.URL(t)
	if _, err := postgrestest.Open(t, ahead).Migrate(context.Background()); err != nil {
		t.Fatal(err)
	}
	postgrestest.Exec(t, ahead, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (98765, true)")
	oidc := func(issuer string) map[string]string {
		return map[string]string{"DEV_SIGNIN": "auto", "OIDC_NAME": "Door", "OIDC_ISSUER": issuer, "OIDC_CLIENT_ID": "parley", "OIDC_CLIENT_SECRET": "0123456789abcdef0123"}
	}
	for _, mistake := range []struct {
		what  string
		wrong map[string]string
		says  string
	}{
		{"a name misspelt", map[string]string{"REDIS_URL": "", "REDIS_URI": redis}, "REDIS_URI is no setting: write REDIS_URL"},
		{"a bad number", map[string]string{"KAFKA_PARTITIONS": "many"}, "KAFKA_PARTITIONS: \"many\" won’t do"},
		{"plain HTTP for all", map[string]string{"LISTEN_HOST": "0.0.0.0", "DEV_SIGNIN": "auto", "GOOGLE_CLIENT_ID": "parley", "GOOGLE_CLIENT_SECRET": "0123456789abcdef0123"}, "LISTEN_HOST 0.0.0.0 can be reached from other machines"},
		{"a taken port", map[string]string{"PORT": takenPort}, "port " + takenPort + " is taken"},
		{"a wrong password", map[string]string{"DATABASE_URL": with(database, func(u *url.URL) { u.User = url.UserPassword(u.User.Username(), "wrong0wrong") })}, "PostgreSQL refuses the user"},
		{"no such database", map[string]string{"DATABASE_URL": with(database, func(u *url.URL) { u.Path = "/nowhere" })}, "there is no database \"nowhere\""},
		{"a later release's schema", map[string]string{"DATABASE_URL": ahead}, "the schema is newer than this program: it is at version 98765, this program knows up to "},
		{"another host", map[string]string{"DATABASE_URL": with(database, func(u *url.URL) { u.Host = "127.0.0.1:1" })}, "nobody answers at 127.0.0.1:1"},
		{"Redis elsewhere", map[string]string{"REDIS_URL": "redis://127.0.0.1:1"}, "no Redis answers there"},
		{"a password that Redis has not", map[string]string{"REDIS_URL": strings.Replace(redis, "redis://", "redis://nobody:pass1234word@", 1)}, "refuses the user or the password of REDIS_URL"},
		{"Kafka elsewhere", map[string]string{"KAFKA_BROKERS": "127.0.0.1:1"}, "no broker answers"},
		{"another protocol", map[string]string{"KAFKA_SECURITY_PROTOCOL": "SSL"}, "KAFKA_SECURITY_PROTOCOL"},
		{"nobody can sign in", map[string]string{"DEV_SIGNIN": "false"}, "nobody can sign in"},
		{"no provider there", oidc("http://127.0.0.1:1"), "no provider answers at OIDC_ISSUER"},
		{"another issuer", oidc(other), "the provider calls itself \"https://someone.else.example\""},
	} {
		settings := map[string]string{}
		for _, from := range []map[string]string{good, mistake.wrong} {
			for name, value := range from {
				settings[name] = value
			}
		}
		out, err := checked(settings)
		if err == nil || strings.Count(out, "WRONG") != 1 || !strings.Contains(out, mistake.says) {
			t.Errorf("%s: %v\n%s", mistake.what, err, out)
		}
		if password, _ := database.User.Password(); strings.Contains(out, password) || strings.Contains(out, "pass1234word") || strings.Contains(out, "wrong0wrong") {
			t.Errorf("%s: a password is shown:\n%s", mistake.what, out)
		}
	}
}

func checked(settings map[string]string) (string, error) {
	var environ []string
	for name, value := range settings {
		environ = append(environ, name+"="+value)
	}
	cfg, err := config.Load(func(name string) (string, bool) { v, ok := settings[name]; return v, ok })
	var out strings.Builder
	err = check(context.Background(), cfg, errors.Join(config.Misspelt(environ), err), &out)
	return out.String(), err
}

func partsOfTests(t *testing.T) (database *url.URL, redis, kafka string) {
	t.Helper()
	database, err := url.Parse(os.Getenv("PARLEY_TEST_DATABASE_URL"))
	redis, kafka = os.Getenv("PARLEY_TEST_REDIS_URL"), os.Getenv("PARLEY_TEST_KAFKA_BROKERS")
	if err != nil || database.Host == "" || redis == "" || kafka == "" {
		t.Fatal("the parts of tests aren't there: run go tool task test, or go tool task services beside")
	}
	return database, redis, kafka
}

func with(u *url.URL, change func(*url.URL)) string {
	other := *u
	change(&other)
	return other.String()
}

func provider(t *testing.T, calledItself string) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintf(w, `{"issuer":%q}`, calledItself) }))
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
