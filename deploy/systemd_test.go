package deploy

import (
	"maps"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"parley/app/config"

	"github.com/compose-spec/compose-go/v2/dotenv"
)

// TestConfigAcceptsTheUnitsSettings loads the example settings of the systemd unit, with
// and without real secrets.
func TestConfigAcceptsTheUnitsSettings(t *testing.T) {
	env := map[string]string{"PORT": "8000"}
	for _, file := range []string{"parley.env.example", "secret.env.example"} {
		values, err := dotenv.UnmarshalBytesWithLookup([]byte(read(t, "systemd/"+file)), nil)
		if err != nil {
			t.Fatal(err)
		}
		maps.Copy(env, values)
	}

	_, err := config.Load(lookup(env))
	for _, secret := range []string{"DATABASE_URL", "REDIS_URL", "KAFKA_SASL_PASSWORD", "OIDC_CLIENT_SECRET"} {
		if err == nil || !strings.Contains(err.Error(), secret) {
			t.Errorf("Parley starts with the example's %s: %v", secret, err)
		}

		replaced := strings.NewReplacer("PASSWORD", "5facdfe355d5d71961951405", "SECRET", "be0e3d3e8fb1e128e4d76f62")
		env[secret] = replaced.Replace(env[secret])
	}

	cfg, err := config.Load(lookup(env))
	if err != nil {
		t.Fatal(err)
	}

	if len(cfg.Embedded()) > 0 || !cfg.RealProvider() || len(cfg.TrustedProxies) != 1 {
		t.Errorf("embedded services %v, provider %t, proxies %v", cfg.Embedded(), cfg.RealProvider(), cfg.TrustedProxies)
	}
}

// TestTheUnitDrains: systemd waits longer than a drain may take, and starts the program
// that the guide installs.
func TestTheUnitDrains(t *testing.T) {
	unit := read(t, "systemd/parley@.service")
	value := func(key string) string {
		m := regexp.MustCompile(`(?m)^` + key + `=(.*)$`).FindStringSubmatch(unit)
		if m == nil {
			t.Fatalf("the unit has no %s", key)
		}
		return m[1]
	}

	if seconds, err := strconv.Atoi(value("TimeoutStopSec")); err != nil || seconds <= maxShutdown {
		t.Errorf("systemd kills Parley after %d s, but its shutdown may take %d s (%v)", seconds, maxShutdown, err)
	}

	guide := read(t, "../docs/machines.md")
	for _, text := range []string{value("ExecStart"), "/etc/parley/parley.env", "/etc/parley/secret.env"} {
		if !strings.Contains(guide, text) || !strings.Contains(unit, text) {
			t.Errorf("the guide or the unit lacks %s", text)
		}
	}

	if user := value("DynamicUser"); user != "yes" {
		t.Errorf("DynamicUser=%s", user)
	}
}
