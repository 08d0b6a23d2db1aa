package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"testing"

	"parley/app/devservices"
	"parley/test/services"
)

// site is where the people of a test go: two replicas of one installation. With PARLEY_TEST_BALANCER=nginx (go tool task e2e-nginx) there is nginx
// before them, without stickiness, and one and two are both nginx: any request and any stream of anybody may be at either replica.
type site struct {
	one, two *replica
	replicas []*replica        // those that run
	nginx    *services.Service // nil: none
	t        *testing.T        // nil: everybody's
}

// certain are the tests that start a replica by itself, since they need a certain one, and why. All others go to a site.
var certain = map[string]string{
	"TestWithoutAnyReplicaTheBalancerSaysSo":   "one comes that the balancer isn't told of; it has a balancer of its own",
	"TestAKilledReplicaLosesNothing":           "its people go to three, and one of them is killed; TestReplicasAreDrainedUnnoticed is the same by a balancer",
	"TestAReleaseMigratesWhileTheOldOneServes": "its people go to an old and to a new release, by turns",
	"TestABackupAndTheLogAreEverything":        "one is killed with its database, another begins on the copy",
	"TestTheGuidesCommands":                    "the guides name each by its address",
	"TestOperatorsPages":                       "operators look at one, on a listener that no balancer leads to",
	"TestOperatorsSeeAnOutage":                 "the same, and its database hangs",
	"TestEmbeddedServices":                     "it is what a stranger has who has only the program",
	"TestAKilledInstallationLosesNothing":      "the same, and the one is killed",
	"TestCtrlCEndsEverything":                  "the same, and the one is stopped",
	"TestEveryPageIsAccessible":                "it looks at pages of a populated installation, embedded",
	"TestOperatorsTablesFit":                   "the same",
	"TestNothingMovesWhenScriptsArrive":        "the same",
}

// onSite brings a test to everybody's site, where it stops nothing.
func onSite(t *testing.T) *site {
	t.Helper()
	s, err := world.site()
	if err != nil {
		t.Fatal(err)
	}
	var said []int
	for _, r := range s.replicas {
		said = append(said, len(r.said(0)))
	}
	t.Cleanup(func() {
		for i, r := range s.replicas {
			if t.Failed() {
				t.Logf("replica %s:\n%s", r.base, r.said(said[i]))
			}
		}
	})
	return s
}

// ownSite gives a test a site that it may hurt, or that has settings of its own.
func ownSite(t *testing.T, settings ...string) *site {
	t.Helper()
	return newSite(t, 2, os.Getenv("PARLEY_TEST_BALANCER") == "nginx", settings...)
}

// behindNginx is a site with n replicas that has its balancer in any case.
func behindNginx(t *testing.T, n int) *site {
	t.Helper()
	return newSite(t, n, true, onRealServices()...)
}

func newSite(t *testing.T, n int, balanced bool, settings ...string) *site {
	t.Helper()
	s, err := startSite(embeddedDir(t), n, balanced, settings...)
	if err != nil {
		t.Fatal(errors.Join(err, s.stop()))
	}
	s.t, s.one.t, s.two.t = t, t, t
	for _, r := range s.replicas {
		r.belongsTo(t)
	}
	t.Cleanup(func() {
		if s.nginx != nil {
			s.nginx.Kill()
		}
	})
	return s
}

// startSite starts n replicas at once, and with balanced nginx before them, whose files are in dir.
func startSite(dir string, n int, balanced bool, settings ...string) (*site, error) {
	s := &site{}
	port, err := devservices.FreePort(0)
	if err != nil {
		return s, err
	}
	public := fmt.Sprintf("https://127.0.0.1:%d", port)
	if balanced {
		settings = append(settings[:len(settings):len(settings)], "PUBLIC_URL="+public, "TRUSTED_PROXIES=127.0.0.1")
	}
	var at []string
	for range n {
		r, err := newReplica(world.program, settings...)
		if err != nil {
			return s, err
		}
		s.replicas, at = append(s.replicas, r), append(at, r.address())
	}
	started := make(chan error)
	for _, r := range s.replicas {
		go func() { started <- r.launch() }()
	}
	for range s.replicas {
		err = errors.Join(err, <-started)
	}
	if !balanced {
		s.one, s.two = s.replicas[0], s.replicas[n-1]
		return s, err
	}
	s.one = &replica{base: public}
	s.two, s.nginx = s.one, services.Nginx(dir, at...)
	s.nginx.Port = port
	return s, errors.Join(err, s.nginx.Start(context.Background()))
}

// stop ends all of it.
func (s *site) stop() (err error) {
	if s == nil {
		return nil
	}
	for _, r := range s.replicas {
		err = errors.Join(err, r.stop(syscall.SIGTERM))
	}
	if s.nginx != nil {
		s.nginx.Kill()
	}
	return err
}

// cutOff lets nothing answer any more at one.
func (s *site) cutOff() {
	if s.nginx != nil {
		s.nginx.Kill()
		return
	}
	s.one.end(syscall.SIGKILL)
}

// comesBack is the end of cutOff.
func (s *site) comesBack() {
	s.t.Helper()
	if s.nginx == nil {
		s.one.start()
	} else if err := s.nginx.Start(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}
