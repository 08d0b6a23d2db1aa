package services

import (
	"fmt"
	"os/exec"
	"strings"
)

// need is a program that the tests can't do without, and the packages that bring it.
type need struct{ programs, debian, brew string }

var needs = []need{
	{"redis-server", "redis-server", "redis"},
	{"nginx", "nginx-light", "nginx"},
	{"pgbouncer", "pgbouncer", "pgbouncer"},
	{"psql", "postgresql-client", "libpq"},
	{"kcat", "kcat", "kcat"},
	{"java", "default-jre-headless", "openjdk"},
	{"mvn", "maven", "maven"},
	{"node", "nodejs", "node"},
	{"npm", "npm", "node"},
	{"chromium google-chrome chromium-browser", "chromium", "--cask chromium"},
}

// Missing says, for a person, everything that this machine lacks and how to get it; nil when nothing is missing. PostgreSQL isn't
// among it: without an installed one the embedded one is downloaded.
func CheckPrograms() error {
	var lines, debian, brew []string
	for _, n := range needs {
		found := false
		for _, p := range strings.Fields(n.programs) {
			if _, err := exec.LookPath(p); err == nil {
				found = true
			}
		}
		if !found {
			lines = append(lines, "  "+strings.Fields(n.programs)[0])
			debian, brew = append(debian, n.debian), append(brew, n.brew)
		}
	}
	if lines == nil {
		return nil
	}
	return fmt.Errorf("the tests need programs that are not here:\n%s\nGet them with one of\n  apt-get install %s\n  brew install %s",
		strings.Join(lines, "\n"), strings.Join(debian, " "), strings.Join(brew, " "))
}
