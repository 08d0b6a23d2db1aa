package e2e

import (
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"parley/test/wait"
)

// TestAKilledReplicaLosesNothing: kill -9 of one replica while 2,000 messages go through it and two others.
func TestAKilledReplicaLosesNothing(t *testing.T) {
	t.Parallel()
	replicas := []*replica{startReplica(t, onRealServices()...), startReplica(t, onRealServices()...), startReplica(t, onRealServices()...)}
	f := newFlood(t, replicas[0], 10)
	f.run(replicas, 100, func() { replicas[1].end(syscall.SIGKILL) })
	f.check(t, replicas[2])
}

// embeddedDir is a data directory that Postgres' user can reach; the replicas on it end before it goes.
func embeddedDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp(world.dir, "data-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestEmbeddedServices: the journey on what a stranger gets, and with each part replaced by a real one.
func TestEmbeddedServices(t *testing.T) {
	t.Parallel()
	parts := ownParts(t)
	for name, settings := range map[string][]string{
		"all embedded":  nil,
		"real Postgres": {"DATABASE_URL=" + newDatabase(t)},
		"real Redis":    parts[:1:1],
		"real Kafka":    parts[1:],
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings := append(settings, "DATA_DIR="+embeddedDir(t))
			one, two := startReplica(t, settings...), startReplica(t, settings...)
			ada, bob := opensBrowser(t, unique(t, "Ada"), one).signsIn(), opensBrowser(t, unique(t, "Bob"), two).signsIn()
			talk := ada.opensConversationWith(bob)
			bob.opens(talk)
			ada.isLive()
			bob.isLive()
			ada.sends("Hello Bob")
			bob.sees("Hello Bob")
			bob.sends("Hello Ada")
			ada.sees("Hello Ada")
			wait.Until(t, "all is stored", func() bool { return ada.allStored() && len(ada.ids()) == 2 })
			ada.reloads()
			ada.sees("Hello Ada")
			ada.sees("Hello Bob")
		})
	}
}

// TestAKilledInstallationLosesNothing: kill -9 of everything embedded, the services' process first, while messages are being sent.
func TestAKilledInstallationLosesNothing(t *testing.T) {
	t.Parallel()
	dir := embeddedDir(t)
	r := startReplica(t, "DATA_DIR="+dir)
	f := newFlood(t, r, 4)
	f.run([]*replica{r}, 60, func() {
		b, err := os.ReadFile(filepath.Join(dir, "services.pid"))
		if err != nil {
			t.Fatal(err)
		}
		pid, err := strconv.Atoi(string(b))
		if err != nil {
			t.Fatal(err)
		}
		_ = r.cmd.Process.Kill()
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		<-r.gone
		r.start()
	})
	f.check(t, r)
}

// TestCtrlCEndsEverything: within seconds nothing of an embedded run is left, and what was said is there the next time.
func TestCtrlCEndsEverything(t *testing.T) {
	t.Parallel()
	dir := embeddedDir(t)
	r := startReplica(t, "DATA_DIR="+dir)
	f := newFlood(t, r, 1)
	f.run([]*replica{r}, 5, func() {})
	begin := time.Now()
	r.end(syscall.SIGINT)
	t.Logf("ended after %v", time.Since(begin))
	for _, name := range []string{"services.json", "postgres/cluster/postmaster.pid"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			t.Errorf("%s is left", name)
		}
	}
	r.start()
	f.check(t, r)
}
