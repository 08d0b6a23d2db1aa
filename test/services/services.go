// Package services starts the real PostgreSQL, redis-server and Apache Kafka that tests talk to. Each can be killed, paused and
// started again on its port and data.
package services

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/twmb/franz-go/pkg/kgo"

	"parley/app/devservices"
)

// Set is one of each.
type Set struct {
	Postgres, Redis, Kafka *Service
}

// New is a set with data below dir, of which nothing runs yet.
// With PARLEY_TEST_REDIS=cluster its Redis is a cluster, in which each master has a replica.
func New(dir string) *Set {
	set := &Set{Postgres: Postgres(dir), Redis: Redis(dir), Kafka: Kafka(dir)}
	if os.Getenv("PARLEY_TEST_REDIS") == "cluster" {
		set.Redis = RedisCluster(dir, 1)
	}
	return set
}

// Start starts all three, with data below dir.
func Start(ctx context.Context, dir string) (*Set, error) {
	set := New(dir)
	return set, set.Start(ctx)
}

// Start starts all three; if one fails, none is left.
func (s *Set) Start(ctx context.Context) error {
	results := make(chan error)
	for _, s := range s.all() {
		go func() { results <- s.Start(ctx) }()
	}
	err := errors.Join(<-results, <-results, <-results)
	if err != nil {
		s.Stop()
	}
	return err
}

// Stop ends them all at once, without ceremony.
func (s *Set) Stop() {
	for _, s := range s.all() {
		s.Kill()
	}
}

func (s *Set) all() []*Service { return []*Service{s.Postgres, s.Redis, s.Kafka} }

// Service is one server, at one address for its whole life.
type Service struct {
	Name string
	URL  string // for Kafka host:port
	Port int
	// Advertised is, of Kafka, the port that clients are told to come to; 0: its own. A proxy stands there.
	AdvertisedPort int
	// Doors are, of a Kafka that asks who comes, host:port by security protocol.
	Listeners map[string]string
	// Parts are the processes of one that has several.
	Nodes []*Service

	dir  string
	run  func(ctx context.Context, s *Service) (*os.Process, <-chan struct{}, error)
	proc *os.Process
	done <-chan struct{}
}

// Start starts it, again after a Kill or Stop, and returns when it answers.
func (s *Service) Start(ctx context.Context) (err error) {
	if s.Port == 0 && s.Nodes == nil {
		if s.Port, err = devservices.FreePort(0); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if s.proc, s.done, err = s.run(ctx, s); err != nil {
		return fmt.Errorf("%s: %w (its log: %s)", s.Name, err, s.log())
	}
	return nil
}

// Kill ends it with SIGKILL, and its processes with it, as a machine that fails would.
func (s *Service) Kill() {
	for _, part := range s.Nodes {
		part.Kill()
	}
	if s.proc == nil {
		return
	}
	family, _ := s.family() // without ps it is the server alone; its processes follow it by themselves, later
	s.end(syscall.SIGKILL)
	_ = signal(family, syscall.SIGKILL)
}

// Stop ends it in its own way.
func (s *Service) Stop() {
	for _, part := range s.Nodes {
		part.Stop()
	}
	s.end(syscall.SIGTERM)
}

// Pause lets it hang with all of its processes (Postgres has one for each connection); Resume goes on.
func (s *Service) Pause() (err error) {
	if s.Nodes != nil {
		for _, part := range s.Nodes {
			err = errors.Join(err, part.Pause())
		}
		return err
	}
	if err := s.proc.Signal(syscall.SIGSTOP); err != nil { // first: then it starts no more
		return err
	}
	family, err := s.family()
	return errors.Join(err, signal(family, syscall.SIGSTOP))
}

// Resume goes on after Pause.
func (s *Service) Resume() (err error) {
	if s.Nodes != nil {
		for _, part := range s.Nodes {
			err = errors.Join(err, part.Resume())
		}
		return err
	}
	family, err := s.family()
	return errors.Join(err, signal(family, syscall.SIGCONT), s.proc.Signal(syscall.SIGCONT))
}

// family are the server's own child processes. Each of Postgres' is in a group of its own, so that the group can't be told.
func (s *Service) family() (children []int, err error) {
	out, err := exec.Command("ps", "-e", "-o", "ppid=,pid=").Output()
	if err != nil {
		return nil, fmt.Errorf("ps: %w", err)
	}
	for line := range strings.Lines(string(out)) {
		var parent, child int
		if _, err := fmt.Sscan(line, &parent, &child); err == nil && parent == s.proc.Pid {
			children = append(children, child)
		}
	}
	return children, nil
}

func signal(processes []int, sig syscall.Signal) (err error) {
	for _, pid := range processes {
		if e := syscall.Kill(pid, sig); e != nil && !errors.Is(e, syscall.ESRCH) {
			err = errors.Join(err, fmt.Errorf("%v of %d: %w", sig, pid, e))
		}
	}
	return err
}

func (s *Service) end(sig os.Signal) {
	if s.proc == nil {
		return
	}
	_ = s.proc.Signal(sig) // it may have ended by itself
	<-s.done
	s.proc = nil
}

func (s *Service) log() string { return filepath.Join(s.dir, s.Name+".log") }

// Postgres is a durable server: it may be killed.
func Postgres(dir string) *Service {
	return &Service{Name: "postgres", dir: dir, run: func(ctx context.Context, s *Service) (*os.Process, <-chan struct{}, error) {
		pg, err := devservices.StartPostgres(ctx, filepath.Join(s.dir, "postgres"), devservices.PostgresOptions{Port: s.Port, Durable: true, Log: s.log()})
		if err != nil {
			return nil, nil, err
		}
		s.URL = pg.URL
		return pg.Process(), pg.Done(), nil
	}}
}

// Standby is a server that follows another one, for reading.
func Standby(dir string, primary *Service) *Service {
	return &Service{Name: "standby", dir: dir, run: func(ctx context.Context, s *Service) (*os.Process, <-chan struct{}, error) {
		pg, err := devservices.StartPostgres(ctx, filepath.Join(s.dir, "standby"), devservices.PostgresOptions{Port: s.Port, Durable: true, Log: s.log(), Primary: primary.URL})
		if err != nil {
			return nil, nil, err
		}
		s.URL = pg.URL
		return pg.Process(), pg.Done(), nil
	}}
}

// Redis keeps nothing on disk.
func Redis(dir string) *Service {
	return &Service{Name: "redis", dir: dir, run: func(ctx context.Context, s *Service) (*os.Process, <-chan struct{}, error) {
		s.URL = fmt.Sprintf("redis://127.0.0.1:%d/0", s.Port)
		cmd := exec.Command("redis-server", "--port", strconv.Itoa(s.Port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", s.dir)
		return s.exec(ctx, cmd, func() error {
			client := redis.NewClient(&redis.Options{Addr: fmt.Sprintf("127.0.0.1:%d", s.Port), MaxRetries: -1})
			defer client.Close()
			return client.Ping(ctx).Err()
		})
	}}
}

// Kafka is one node of Apache Kafka, broker and controller.
func Kafka(dir string) *Service {
	return &Service{Name: "kafka", dir: dir, run: func(ctx context.Context, s *Service) (*os.Process, <-chan struct{}, error) {
		s.URL = fmt.Sprintf("127.0.0.1:%d", s.Port)
		cmd, err := kafkaCommand(ctx, s)
		if err != nil {
			return nil, nil, err
		}
		return s.exec(ctx, cmd, func() error {
			client, err := kgo.NewClient(kgo.SeedBrokers(s.URL))
			if err != nil {
				return err
			}
			defer client.Close()
			return client.Ping(ctx)
		})
	}}
}

func (s *Service) exec(ctx context.Context, cmd *exec.Cmd, ready func() error) (*os.Process, <-chan struct{}, error) {
	p, err := devservices.StartProcess(cmd, s.log())
	if err != nil {
		return nil, nil, err
	}
	if err := devservices.Await(ctx, p.Done(), ready); err != nil {
		p.Kill()
		return nil, nil, err
	}
	return p.Process(), p.Done(), nil
}
