package devservices

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/twmb/franz-go/pkg/kfake"

	"parley/app/loop"
)

// redisClockStep is how far miniredis' clock, by which keys expire, is moved at once.
const redisClockStep = 100 * time.Millisecond

// services are those of one child. Each is started when it is first wanted. Not safe for
// concurrent use.
type services struct {
	dir          string
	ports        ports
	postgres     *Postgres
	redis        *miniredis.Miniredis
	stopClock    context.CancelFunc // stops miniredis' clock
	kafka        *kfake.Cluster
	disconnector *disconnector
	ready        map[string]Service
}

// ports are stored in the data directory, so that the next child uses the same ones.
type ports struct {
	Postgres int `json:"postgres"`
	Redis    int `json:"redis"`
	Kafka    int `json:"kafka"`
}

func newServices(dir string) *services {
	s := &services{dir: dir, ready: map[string]Service{}}
	readJSON(filepath.Join(dir, portsFile), &s.ports)
	return s
}

// start starts a service, unless it runs already.
func (s *services) start(ctx context.Context, name string) (Service, error) {
	if service, ok := s.ready[name]; ok {
		return service, nil
	}

	begin := time.Now()

	starter, ok := map[string]func(context.Context) (Service, error){
		"postgres": s.startPostgres,
		"redis":    s.startRedis,
		"kafka":    s.startKafka,
	}[name]
	if !ok {
		return Service{}, fmt.Errorf("there is no service %q", name)
	}

	service, err := starter(ctx)
	if err != nil {
		return Service{}, fmt.Errorf("%s: %w", name, err)
	}

	service.Name, service.Embedded, service.ReadyIn = name, true, time.Since(begin)
	s.ready[name] = service
	return service, writeJSON(filepath.Join(s.dir, portsFile), s.ports)
}

func (s *services) startPostgres(ctx context.Context) (_ Service, err error) {
	dir, err := postgresDir(s.dir)
	if err != nil {
		return Service{}, err
	}

	if s.ports.Postgres, err = FreePort(s.ports.Postgres); err != nil {
		return Service{}, err
	}

	s.postgres, err = StartPostgres(ctx, dir, PostgresOptions{
		Port:    s.ports.Postgres,
		Durable: true,
		Log:     filepath.Join(s.dir, "postgres.log"),
	})
	if err != nil {
		return Service{}, err
	}

	// A client never sends the password to a stranger who listens on the port of a dead server.
	url := s.postgres.URL + "&require_auth=scram-sha-256"
	return Service{Product: "PostgreSQL", Location: dir, URL: url}, nil
}

func (s *services) startRedis(context.Context) (_ Service, err error) {
	if s.ports.Redis, err = FreePort(s.ports.Redis); err != nil {
		return Service{}, err
	}

	password, err := s.secret("redis")
	if err != nil {
		return Service{}, err
	}

	server := miniredis.NewMiniRedis()
	server.RequireAuth(password)
	if err := server.StartAddr(fmt.Sprintf("127.0.0.1:%d", s.ports.Redis)); err != nil {
		return Service{}, err
	}

	s.redis = server

	ctx, stop := context.WithCancel(context.Background())
	s.stopClock = stop
	go loop.Every(ctx, redisClockStep, func(context.Context) { server.FastForward(redisClockStep) })
	return Service{Product: "Redis (miniredis)", Location: "memory", URL: "redis://:" + password + "@" + server.Addr() + "/0"}, nil
}

// secret returns a service's password, which a later child uses again: the replicas know it.
func (s *services) secret(name string) (string, error) {
	secrets, path := map[string]string{}, filepath.Join(s.dir, secretsFile)
	readJSON(path, &secrets)
	if secrets[name] == "" {
		secrets[name] = rand.Text()
		return secrets[name], writeJSON(path, secrets)
	}
	return secrets[name], nil
}

func (s *services) startKafka(context.Context) (_ Service, err error) {
	if s.ports.Kafka, err = FreePort(s.ports.Kafka); err != nil {
		return Service{}, err
	}

	dir := filepath.Join(s.dir, "kafka")
	if err := ownDirectory(dir, 0o700, os.Getuid()); err != nil {
		return Service{}, err
	}

	s.kafka, s.disconnector, err = startKafka(kfake.Ports(s.ports.Kafka), kfake.DataDir(dir), kfake.SyncWrites())
	if err != nil {
		return Service{}, err
	}

	return Service{Product: "Kafka (kfake)", Location: dir, URL: s.kafka.ListenAddrs()[0]}, nil
}

// startKafka starts a broker, and the disconnector of its groups' members.
func startKafka(o ...kfake.Opt) (*kfake.Cluster, *disconnector, error) {
	d := newDisconnector()

	cluster, err := kfake.NewCluster(append(o, kfake.NumBrokers(1), kfake.ListenFn(d.listen))...)
	if err != nil {
		return nil, nil, err
	}

	if err := d.start(cluster); err != nil {
		cluster.Close()
		return nil, nil, err
	}

	return cluster, d, nil
}

// close stops the services, the broker last, because the others may still write to it.
func (s *services) close() {
	if s.postgres != nil {
		s.postgres.Stop()
	}

	if s.redis != nil {
		s.stopClock()
		s.redis.Close()
	}

	if s.kafka != nil {
		s.disconnector.close()
		s.kafka.Close()
	}
}
