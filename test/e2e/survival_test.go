package e2e

import (
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"parley/test/parley"
	"parley/test/wait"
)

// TestAKilledReplicaLosesNothing kills one of three replicas with SIGKILL while 2,000 messages are
// sent to all three.
func TestAKilledReplicaLosesNothing(t *testing.T) {
	t.Parallel()
	replicas := []*parley.Replica{
		startReplica(t, sharedServices()...),
		startReplica(t, sharedServices()...),
		startReplica(t, sharedServices()...),
	}
	w := newWorkload(t, replicas[0].Base, 10)
	w.run(bases(replicas...), 100, replicas[1].Kill)
	w.check(t, replicas[2].Base)
}

// TestEmbeddedServices has two people write on embedded services, and with each embedded service
// replaced by a real one.
func TestEmbeddedServices(t *testing.T) {
	t.Parallel()
	redisAndKafka := newServices(t)
	for name, settings := range map[string][]string{
		"all embedded":  nil,
		"real Postgres": {"DATABASE_URL=" + newDatabase(t)},
		"real Redis":    redisAndKafka[:1:1],
		"real Kafka":    redisAndKafka[1:],
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings := append(settings, "DATA_DIR="+newDataDir(t))
			one, two := startReplica(t, settings...), startReplica(t, settings...)
			site := &site{one: one.Base, two: two.Base}
			ada, bob, _ := site.adaAndBob(t)
			ada.Sends("Hello Bob")
			bob.Sees("Hello Bob")
			bob.Sends("Hello Ada")
			ada.Sees("Hello Ada")
			wait.Until(t, "both messages are stored", func() bool {
				return ada.AllStored() && len(ada.MessageIDs()) == 2
			})
			ada.Reloads()
			ada.Sees("Hello Ada")
			ada.Sees("Hello Bob")
		})
	}
}

// TestAKilledInstallationLosesNothing kills the replica and the process of its embedded services
// with SIGKILL while messages are being sent.
func TestAKilledInstallationLosesNothing(t *testing.T) {
	t.Parallel()
	dir := newDataDir(t)
	r := startReplica(t, "DATA_DIR="+dir)
	w := newWorkload(t, r.Base, 4)
	w.run(bases(r), 60, func() {
		b, err := os.ReadFile(filepath.Join(dir, "services.pid"))
		if err != nil {
			t.Fatal(err)
		}

		pid, err := strconv.Atoi(string(b))
		if err != nil {
			t.Fatal(err)
		}

		// Both at once: the services' process must not notice that its last replica has ended.
		_ = syscall.Kill(r.PID(), syscall.SIGKILL)
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}

		r.Kill()
		r.MustStart(t)
	})
	w.check(t, r.Base)
}

// TestCtrlCEndsEverything: SIGINT leaves no embedded service running, and all messages are there at
// the next start.
func TestCtrlCEndsEverything(t *testing.T) {
	t.Parallel()
	dir := newDataDir(t)
	r := startReplica(t, "DATA_DIR="+dir)
	w := newWorkload(t, r.Base, 1)
	w.run(bases(r), 5, func() {})

	begin := time.Now()
	if err := r.StopWith(syscall.SIGINT); err != nil {
		t.Error(err)
	}

	t.Logf("ended after %v", time.Since(begin))
	for _, name := range []string{"services.json", "postgres/cluster/postmaster.pid"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			t.Errorf("%s is left", name)
		}
	}

	r.MustStart(t)
	w.check(t, r.Base)
}
