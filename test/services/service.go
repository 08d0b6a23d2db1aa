package services

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"parley/app/devservices"
	"parley/app/drill/faults"
)

// Service is one server, or a cluster of them, at one address for its whole
// life. Its methods are for one goroutine at a time.
type Service struct {
	Name string
	// URL is the address in the form of Parley's settings; of Kafka host:port.
	URL  string
	Port int
	// AdvertisedPort is the port of a proxy, which Kafka advertises to its clients;
	// 0 means Port.
	AdvertisedPort int
	// Listeners are the additional listeners of a SecuredKafka: host:port by security protocol.
	Listeners map[string]string
	// Properties are added to those of Kafka, one per line.
	Properties string
	// Nodes are the servers of a cluster.
	Nodes []*Service

	dir     string
	run     func(ctx context.Context, s *Service) (server, error)
	server  server // nil while the service is stopped, and for a cluster
	started bool   // it ran before
}

// server is a running process.
type server interface {
	Process() *os.Process
	Done() <-chan struct{}
}

// retryInterval is the pause before a service that ran before is started once more.
const retryInterval = 100 * time.Millisecond

// Start starts the service, also after Kill or Stop, and returns when it accepts
// requests.
func (s *Service) Start(ctx context.Context) (err error) {
	if s.Port == 0 && s.Nodes == nil {
		if s.Port, err = devservices.FreePort(0); err != nil {
			return err
		}
	}

	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	s.server, err = s.run(ctx, s)
	// After a kill, its port or the memory of PostgreSQL may be in use for a moment.
	for s.started && err != nil && ctx.Err() == nil {
		<-time.After(retryInterval)
		s.server, err = s.run(ctx, s)
	}
	s.started = true
	if err != nil {
		return fmt.Errorf("%s: %w (its log: %s)", s.Name, err, s.log())
	}
	return nil
}

// Kill ends all processes of the service with SIGKILL, like the failure of a machine.
func (s *Service) Kill() {
	for _, node := range s.Nodes {
		node.Kill()
	}
	s.end(func() { _ = s.signal(syscall.SIGKILL) }) // without ps the server's children end later, by themselves
}

// Stop ends the service with SIGTERM.
func (s *Service) Stop() {
	for _, node := range s.Nodes {
		node.Stop()
	}
	s.end(func() { _ = s.server.Process().Signal(syscall.SIGTERM) }) // fails if it has ended by itself
}

func (s *Service) end(signal func()) {
	if s.server == nil {
		return
	}
	signal()
	<-s.server.Done()
	s.server = nil
}

// Pause stops all processes of the service without ending them. PostgreSQL has
// one for each connection.
func (s *Service) Pause() error { return s.signal(syscall.SIGSTOP) }

// Resume continues a paused service.
func (s *Service) Resume() error { return s.signal(syscall.SIGCONT) }

// signal sends a signal to all running processes of the service.
func (s *Service) signal(sig syscall.Signal) (err error) {
	for _, node := range s.Nodes {
		err = errors.Join(err, node.signal(sig))
	}
	if s.server == nil {
		return err
	}

	select {
	case <-s.server.Done():
		return err
	default:
		return errors.Join(err, faults.SignalTree(s.server.Process().Pid, sig))
	}
}

func (s *Service) log() string { return filepath.Join(s.dir, s.Name+".log") }

// exec starts a command and returns when ready succeeds.
func (s *Service) exec(ctx context.Context, cmd *exec.Cmd, ready func() error) (server, error) {
	p, err := devservices.StartProcess(cmd, s.log())
	if err != nil {
		return nil, err
	}
	if err := devservices.Await(ctx, p.Done(), ready); err != nil {
		p.Kill()
		return nil, err
	}
	return p, nil
}

// urls lists the addresses of the nodes.
func (s *Service) urls() (list []string) {
	for _, node := range s.Nodes {
		list = append(list, node.URL)
	}
	return list
}
