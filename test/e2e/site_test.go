package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parley/app/devservices"
	"parley/test/browser"
	"parley/test/parley"
	"parley/test/services"
)

// site is one installation with several replicas. With PARLEY_TEST_BALANCER=nginx (go tool task
// e2e-nginx) nginx is in front of them without stickiness, so any request and any stream may reach
// any replica.
type site struct {
	one, two string            // addresses of the first and the last replica, or both of nginx
	replicas []*parley.Replica // those that were started
	settings []string          // of the replicas
	nginx    *services.Service // nil without a balancer
}

// balanced reports whether sites have nginx in front of their replicas.
func balanced() bool { return os.Getenv("PARLEY_TEST_BALANCER") == "nginx" }

// sharedSite returns the site of all tests that stop nothing. If the test fails, its log has what
// the replicas logged meanwhile.
func sharedSite(t *testing.T) *site {
	t.Helper()
	s, err := suite.site()
	if err != nil {
		t.Fatal(err)
	}

	var before []int
	for _, r := range s.replicas {
		before = append(before, len(r.Output()))
	}
	t.Cleanup(func() {
		for i, r := range s.replicas {
			if t.Failed() {
				t.Logf("replica %s:\n%s", r.Base, r.Output()[before[i]:])
			}
		}
	})
	return s
}

// newSite starts a site of two replicas for a test that stops them or needs settings of its own.
func newSite(t *testing.T, settings ...string) *site {
	t.Helper()
	return newSiteOf(t, 2, balanced(), settings...)
}

// newSiteBehindNginx starts a site of n replicas that has a balancer in any case.
func newSiteBehindNginx(t *testing.T, n int) *site {
	t.Helper()
	return newSiteOf(t, n, true, sharedServices()...)
}

func newSiteOf(t *testing.T, n int, balanced bool, settings ...string) *site {
	t.Helper()
	s, err := startSite(newDataDir(t), n, balanced, settings...)
	for _, r := range s.replicas {
		r.StopAtEnd(t)
	}
	if s.nginx != nil {
		t.Cleanup(s.nginx.Kill)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// startSite starts n replicas concurrently, and with balanced nginx in front of them. Its files are
// in dir. The site is never nil, and has what was started before an error.
func startSite(dir string, n int, balanced bool, settings ...string) (*site, error) {
	s := &site{settings: settings[:len(settings):len(settings)]}
	port, err := devservices.FreePort(0)
	if err != nil {
		return s, err
	}

	public := fmt.Sprintf("https://127.0.0.1:%d", port)
	if balanced {
		s.settings = append(s.settings, "PUBLIC_URL="+public, "TRUSTED_PROXIES=127.0.0.1")
	}

	var addresses []string
	for i := range n {
		r, err := parley.New(suite.program, filepath.Join(dir, fmt.Sprintf("replica-%d.log", i)), s.settings...)
		if err != nil {
			return s, err
		}

		s.replicas, addresses = append(s.replicas, r), append(addresses, r.Address())
	}
	if err := startReplicas(s.replicas); err != nil {
		return s, err
	}

	if !balanced {
		s.one, s.two = s.replicas[0].Base, s.replicas[n-1].Base
		return s, nil
	}

	s.one, s.two, s.nginx = public, public, services.Nginx(dir, addresses...)
	s.nginx.Port = port
	return s, s.nginx.Start(context.Background())
}

// startReplicas starts replicas concurrently and waits until all are ready.
func startReplicas(replicas []*parley.Replica) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), parley.StartTimeout)
	defer cancel()
	started := make(chan error)
	for _, r := range replicas {
		go func() {
			err := r.Start(ctx)
			if err != nil {
				err = fmt.Errorf("%w\n%s", err, r.Output())
			}

			started <- err
		}()
	}

	for range replicas {
		err = errors.Join(err, <-started)
	}
	return err
}

// stop stops the replicas and the balancer.
func (s *site) stop() (err error) {
	if s == nil {
		return nil
	}
	for _, r := range s.replicas {
		err = errors.Join(err, r.Stop())
	}
	if s.nginx != nil {
		s.nginx.Kill()
	}
	return err
}

// disconnect kills what answers at s.one: the balancer, or the first replica.
func (s *site) disconnect() {
	if s.nginx != nil {
		s.nginx.Kill()
		return
	}
	s.replicas[0].Kill()
}

// reconnect is the end of disconnect.
func (s *site) reconnect(t *testing.T) {
	t.Helper()
	if s.nginx == nil {
		s.replicas[0].MustStart(t)
	} else if err := s.nginx.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// adaAndBob are two friends who have their conversation open, each at a replica of the shared site.
func adaAndBob(t *testing.T) (ada, bob *browser.Person, conversation string) {
	t.Helper()
	return sharedSite(t).adaAndBob(t)
}

func (s *site) adaAndBob(t *testing.T) (ada, bob *browser.Person, conversation string) {
	t.Helper()
	ada, bob = newPerson(t, "Ada", s.one).SignsIn(), newPerson(t, "Bob", s.two).SignsIn()
	conversation = ada.OpensConversationWith(bob)
	bob.Opens(conversation)
	ada.IsLive()
	bob.IsLive()
	return ada, bob, conversation
}

// singleReplicaTests are the tests that start replicas without a site, and the reasons. All other
// tests use a site, so that they also run behind nginx.
var singleReplicaTests = map[string]string{
	"TestBalancerWithoutReplicas":              "a second replica starts outside its site",
	"TestAKilledReplicaLosesNothing":           "one of three is killed; TestDrainUnderLoad has a balancer",
	"TestAReleaseMigratesWhileTheOldOneServes": "people use an old and a new release in turn",
	"TestBackupAndLogRestoreEverything":        "one is killed with its database, another starts on the copy",
	"TestCommandsInTheGuides":                  "the guides name each replica by its address",
	"TestEveryLogLineIsJSON":                   "it is the log of one replica",
	"TestOperatorsPagesAreLive":                "the operators' listener of one replica has no balancer",
	"TestOperatorsSeeAnOutage":                 "the same, and its database hangs",
	"TestEmbeddedServices":                     "the installation is the program alone",
	"TestAKilledInstallationLosesNothing":      "the same, and it is killed",
	"TestCtrlCEndsEverything":                  "the same, and it is stopped",
	"TestEveryPageIsAccessible":                "the populated installation has embedded services",
	"TestOperatorsTablesFit":                   "the same",
	"TestLayoutIsStableWhileScriptsLoad":       "the same",
	"TestDocumentNeverScrolls":                 "the same",
}

// startReplica starts a replica without a site, until the test ends.
func startReplica(t testing.TB, settings ...string) *parley.Replica {
	t.Helper()
	return startProgram(t, suite.program, settings...)
}

func startProgram(t testing.TB, program string, settings ...string) *parley.Replica {
	t.Helper()
	if name, _, _ := strings.Cut(t.Name(), "/"); singleReplicaTests[name] == "" {
		t.Fatalf("%s starts a replica: use a site, or give the reason in singleReplicaTests", name)
	}
	return parley.Start(t, program, settings...)
}
