package drill

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/gofrs/flock"

	"parley/app/devservices"
	"parley/app/drill/faults"
)

// dependency is PostgreSQL, Redis or Kafka, as the replicas reach it.
type dependency interface {
	url() string
	faults() []faults.Fault
	remove()
}

// titles are the names in the table. This is also the order of the faults.
var titles = []struct{ name, title string }{{"redis", "Redis"}, {"kafka", "Kafka"}, {"postgres", "Postgres"}}

// embedded is a dependency in a process of its own, on a directory of its own.
// Its lease starts it again when it dies.
type embedded struct {
	name  string
	title string
	dir   string
	lease *devservices.Lease
	lock  *flock.Flock // held while it must stay down
}

func (d *embedded) url() string { return d.lease.URL(d.name) }

func (d *embedded) faults() []faults.Fault {
	return []faults.Fault{
		{Name: d.title + " killed", Inject: d.kill, Recover: d.restart},
		{Name: d.title + " stalled", Inject: d.signal(syscall.SIGSTOP), Recover: d.signal(syscall.SIGCONT)},
	}
}

// remove ends the dependency. PostgreSQL's data may lie outside of its directory
// (see devservices).
func (d *embedded) remove() {
	_ = d.signal(syscall.SIGCONT)(context.Background()) // it may have ended
	d.lease.Close()

	if d.name == "postgres" {
		os.RemoveAll(d.lease.Services[0].Location)
	}
}

// kill ends the dependency's processes with SIGKILL, and locks its directory,
// without which its lease can't start it again.
func (d *embedded) kill(ctx context.Context) (err error) {
	lock := flock.New(filepath.Join(d.dir, "lock"))
	for deadline := time.Now().Add(recoveryTimeout); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		err = d.signal(syscall.SIGKILL)(ctx) // fails for a process that is just starting, or has ended
		if held, err := lock.TryLock(); held || err != nil {
			d.lock = lock
			return err
		}
	}

	return fmt.Errorf("%s does not end: %w", d.name, err)
}

// restart unlocks the directory, and returns when the lease has the dependency
// back.
func (d *embedded) restart(ctx context.Context) error {
	if d.lock == nil {
		return nil
	}

	if err := d.lock.Unlock(); err != nil {
		return err
	}

	return devservices.Await(ctx, nil, func() error {
		lease, err := devservices.Acquire(ctx, d.dir, []string{d.name}, os.DevNull)
		if err == nil {
			lease.Close()
		}

		return err
	})
}

// signal returns a step that signals all processes of the dependency.
func (d *embedded) signal(s syscall.Signal) func(context.Context) error {
	return func(context.Context) error {
		text, err := os.ReadFile(filepath.Join(d.dir, "services.pid"))
		if err != nil {
			return err
		}

		pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
		if err != nil {
			return err
		}

		return faults.SignalTree(pid, s)
	}
}

// external is a dependency that is not the drill's to signal. The link in front
// of it is cut and frozen instead.
type external struct {
	title   string
	address string // with the link's host and port
	link    *faults.Link
}

func newExternal(name, title, address string) (*external, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}

	link, err := faults.NewLink()
	if err != nil {
		return nil, err
	}

	port := u.Port()
	if port == "" {
		port = map[string]string{"postgres": "5432", "redis": "6379"}[name]
	}

	link.Target = net.JoinHostPort(u.Hostname(), port)
	u.Host = link.Address
	return &external{title: title, address: u.String(), link: link}, link.Open()
}

func (d *external) url() string { return d.address }

func (d *external) faults() []faults.Fault {
	step := func(do func() error) func(context.Context) error {
		return func(context.Context) error { return do() }
	}
	freeze := func() error { d.link.Freeze(); return nil }
	thaw := func() error { d.link.Thaw(); return nil }
	return []faults.Fault{
		{Name: d.title + " cut off", Inject: step(d.link.Cut), Recover: step(d.link.Open)},
		{Name: d.title + " stalled", Inject: step(freeze), Recover: step(thaw)},
	}
}

func (d *external) remove() { _ = d.link.Cut() }
