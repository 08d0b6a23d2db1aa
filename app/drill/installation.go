package drill

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/gofrs/flock"

	"parley/app/config"
	"parley/app/devservices"
)

// installation is two replicas, and each part in a process of its own, so that each can be hurt alone.
type installation struct {
	options  Options
	parts    map[string]*part
	links    map[string]*link // in front of parts that aren't ours
	urls     map[string]string
	replicas []*replica
}

// part is a process that serves one part on a directory of its own, and is started again by its lease.
type part struct {
	name  string
	dir   string
	lease *devservices.Lease
}

func install(ctx context.Context, o Options) (*installation, error) {
	in := &installation{options: o, parts: map[string]*part{}, links: map[string]*link{}, urls: map[string]string{}}
	for _, name := range []string{"postgres", "redis", "kafka"} {
		if address, ok := o.Yours[name]; ok {
			if err := in.link(name, address); err != nil {
				return in, err
			}
			continue
		}
		p := &part{name: name, dir: filepath.Join(o.Dir, name)}
		var err error
		if p.lease, err = devservices.Acquire(ctx, p.dir, []string{name}, o.Program); err != nil {
			return in, err
		}
		in.parts[name], in.urls[name] = p, p.lease.URL(name)
	}
	for range 2 {
		r, err := in.newReplica()
		if err == nil {
			in.replicas = append(in.replicas, r)
			err = r.start(ctx)
		}
		if err != nil {
			return in, err
		}
	}
	return in, nil
}

// link puts the drill between the replicas and a part of somebody's own.
func (in *installation) link(name, address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"postgres": "5432", "redis": "6379"}[name]
	}
	l, err := newLink(net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return err
	}
	u.Host = l.address
	in.links[name], in.urls[name] = l, u.String()
	return nil
}

// remove ends all of it. Postgres' data may lie elsewhere, see devservices.
func (in *installation) remove() {
	for _, r := range in.replicas {
		r.kill()
	}
	for _, l := range in.links {
		_ = l.cut()
	}
	for _, p := range in.parts {
		_ = p.signal(syscall.SIGCONT)
		p.lease.Close()
		if p.name == "postgres" {
			os.RemoveAll(p.lease.Parts[0].Where)
		}
	}
}

func (in *installation) bases() (bases []string) {
	for _, r := range in.replicas {
		bases = append(bases, r.base)
	}
	return bases
}

// faults are what is done, in order.
func (in *installation) faults() []fault {
	nothing := func() error { return nil }
	first := in.replicas[0]
	list := []fault{
		{"none", nothing, func(context.Context) error { return nil }},
		{"replica killed", func() error { first.kill(); return nil }, first.start},
	}
	for _, name := range []string{"redis", "kafka", "postgres"} {
		title := map[string]string{"redis": "Redis", "kafka": "Kafka", "postgres": "Postgres"}[name]
		if l, ok := in.links[name]; ok {
			list = append(list, fault{title + " cut off", l.cut, l.mend}, fault{title + " stalled", l.freeze, l.thaw})
			continue
		}
		p := in.parts[name]
		var held *flock.Flock
		list = append(list,
			fault{title + " killed", func() (err error) { held, err = p.kill(); return err }, func(ctx context.Context) error {
				return errors.Join(held.Unlock(), p.answers(ctx))
			}},
			fault{title + " stalled", func() error { return p.signal(syscall.SIGSTOP) }, func(context.Context) error { return p.signal(syscall.SIGCONT) }})
	}
	return list
}

// kill ends the part's processes with SIGKILL, and holds its directory: its lease starts it again once that is free.
func (p *part) kill() (_ *flock.Flock, err error) {
	lock := flock.New(filepath.Join(p.dir, "lock"))
	for deadline := time.Now().Add(settleTimeout); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		err = p.signal(syscall.SIGKILL) // an error may be of a process that is just beginning, or gone
		if held, err := lock.TryLock(); held || err != nil {
			return lock, err
		}
	}
	return nil, fmt.Errorf("%s doesn't end: %w", p.name, err)
}

// answers waits until the part's lease has it back.
func (p *part) answers(ctx context.Context) error {
	for {
		again, err := devservices.Acquire(ctx, p.dir, []string{p.name}, os.DevNull)
		if err == nil {
			again.Close()
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s doesn't come back: %w", p.name, err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// signal goes to all processes of the part: that of the services and, where Postgres runs in others, first the one that makes more of them.
func (p *part) signal(sig syscall.Signal) error {
	pids, err := p.pids()
	for _, pid := range pids {
		if e := syscall.Kill(pid, sig); e != nil && !errors.Is(e, syscall.ESRCH) {
			err = errors.Join(err, e)
		}
	}
	return err
}

func (p *part) pids() ([]int, error) {
	text, err := os.ReadFile(filepath.Join(p.dir, "services.pid"))
	if err != nil {
		return nil, err
	}
	services, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, err
	}
	// Parents first: what is stopped makes no more children.
	out, err := exec.Command("ps", "-A", "-o", "pid=,ppid=").Output()
	if err != nil {
		return nil, fmt.Errorf("ps: %w", err)
	}
	children := map[int][]int{}
	for line := range strings.Lines(string(out)) {
		var pid, parent int
		if _, err := fmt.Sscan(line, &pid, &parent); err == nil {
			children[parent] = append(children[parent], pid)
		}
	}
	pids := []int{services}
	for i := 0; i < len(pids); i++ {
		pids = append(pids, children[pids[i]]...)
	}
	return pids, nil
}

// replica is a process of the program that serves.
type replica struct {
	program string
	base    string
	env     []string
	log     string
	cmd     *exec.Cmd
	ended   chan struct{}
}

// newReplica is told everything: settings of whoever runs the drill are left out.
func (in *installation) newReplica() (*replica, error) {
	port, err := devservices.FreePort(0)
	if err != nil {
		return nil, err
	}
	r := &replica{program: in.options.Program, base: fmt.Sprintf("http://127.0.0.1:%d", port), log: filepath.Join(in.options.Dir, fmt.Sprintf("replica-%d.log", port))}
	r.env = slices.DeleteFunc(os.Environ(), func(line string) bool {
		name, _, _ := strings.Cut(line, "=")
		return name == "KAFKA_BROKER" || slices.ContainsFunc(config.Settings, func(s config.Setting) bool { return s.Name == name })
	})
	r.env = append(r.env, fmt.Sprintf("PORT=%d", port), "DATABASE_URL="+in.urls["postgres"], "REDIS_URL="+in.urls["redis"], "KAFKA_BROKERS="+in.urls["kafka"],
		"DEV_SIGNIN=true", "LIMIT_SIGNINS=0", "LIMIT_MESSAGES=0", "LIMIT_CONVERSATION=0", "LOG_LEVEL=warn")
	return r, nil
}

// start returns when it is ready.
func (r *replica) start(ctx context.Context) error {
	log, err := os.OpenFile(r.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	r.cmd = exec.Command(r.program)
	r.cmd.Env, r.cmd.Stdout, r.cmd.Stderr = r.env, log, log
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for the drill, which ends it
	if err := r.cmd.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	r.ended = ended
	go func(cmd *exec.Cmd) { _ = cmd.Wait(); close(ended) }(r.cmd)
	return devservices.Await(ctx, ended, func() error {
		res, err := http.Get(r.base + "/readyz")
		if err != nil {
			return err
		}
		res.Body.Close()
		if res.StatusCode != http.StatusOK {
			return errors.New(res.Status)
		}
		return nil
	})
}

func (r *replica) kill() {
	if r.ended == nil {
		return
	}
	_ = r.cmd.Process.Kill()
	<-r.ended
}
