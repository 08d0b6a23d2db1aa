package devservices

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/twmb/franz-go/pkg/kfake"
)

// parts are the services of one child, each started when it is first wanted. Not safe for concurrent use.
type parts struct {
	dir      string
	ports    ports
	postgres *Postgres
	redis    *miniredis.Miniredis
	kafka    *kfake.Cluster
	left     *departures
	ready    map[string]Part
	stop     chan struct{}
}

// Part tells one line of the start-up report.
type Part struct {
	Name     string        `json:"name"`
	What     string        `json:"what"`
	Where    string        `json:"where"`
	URL      string        `json:"url"`
	Embedded bool          `json:"embedded"`
	ReadyIn  time.Duration `json:"ready_in"`
}

// ports are kept in the data directory, so that a child that is started again answers where the last one did.
type ports struct {
	Postgres int `json:"postgres"`
	Redis    int `json:"redis"`
	Kafka    int `json:"kafka"`
}

func newParts(dir string) *parts {
	p := &parts{dir: dir, ready: map[string]Part{}, stop: make(chan struct{})}
	readJSON(filepath.Join(dir, "ports.json"), &p.ports)
	return p
}

// want starts a part if it isn't running.
func (p *parts) want(ctx context.Context, name string) (Part, error) {
	if part, ok := p.ready[name]; ok {
		return part, nil
	}
	begin := time.Now()
	starter, ok := map[string]func(context.Context) (Part, error){
		"postgres": p.startPostgres, "redis": p.startRedis, "kafka": p.startKafka,
	}[name]
	if !ok {
		return Part{}, fmt.Errorf("there is no part %q", name)
	}
	part, err := starter(ctx)
	if err != nil {
		return Part{}, fmt.Errorf("%s: %w", name, err)
	}
	part.Name, part.Embedded, part.ReadyIn = name, true, time.Since(begin)
	p.ready[name] = part
	return part, writeJSON(filepath.Join(p.dir, "ports.json"), p.ports)
}

func (p *parts) startPostgres(ctx context.Context) (_ Part, err error) {
	dir, err := postgresDir(p.dir)
	if err != nil {
		return Part{}, err
	}
	if p.ports.Postgres, err = FreePort(p.ports.Postgres); err != nil {
		return Part{}, err
	}
	if p.postgres, err = StartPostgres(ctx, dir, PostgresOptions{Port: p.ports.Postgres, Durable: true, Log: filepath.Join(p.dir, "postgres.log")}); err != nil {
		return Part{}, err
	}
	return Part{What: "PostgreSQL", Where: dir, URL: p.postgres.URL}, nil
}

func (p *parts) startRedis(context.Context) (_ Part, err error) {
	if p.ports.Redis, err = FreePort(p.ports.Redis); err != nil {
		return Part{}, err
	}
	m := miniredis.NewMiniRedis()
	if err := m.StartAddr(fmt.Sprintf("127.0.0.1:%d", p.ports.Redis)); err != nil {
		return Part{}, err
	}
	p.redis = m
	go p.tick(m)
	return Part{What: "Redis (miniredis)", Where: "memory", URL: "redis://" + m.Addr() + "/0"}, nil
}

// tick drives miniredis' clock, by which keys expire.
func (p *parts) tick(m *miniredis.Miniredis) {
	const step = 100 * time.Millisecond
	ticker := time.NewTicker(step)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			m.FastForward(step)
		case <-p.stop:
			return
		}
	}
}

func (p *parts) startKafka(context.Context) (_ Part, err error) {
	if p.ports.Kafka, err = FreePort(p.ports.Kafka); err != nil {
		return Part{}, err
	}
	dir := filepath.Join(p.dir, "kafka")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return Part{}, err
	}
	if p.kafka, p.left, err = startKafka(kfake.Ports(p.ports.Kafka), kfake.DataDir(dir), kfake.SyncWrites()); err != nil {
		return Part{}, err
	}
	return Part{What: "Kafka (kfake)", Where: dir, URL: p.kafka.ListenAddrs()[0]}, nil
}

// startKafka starts one broker, and what watches its groups.
func startKafka(o ...kfake.Opt) (*kfake.Cluster, *departures, error) {
	left := newDepartures()
	cluster, err := kfake.NewCluster(append(o, kfake.NumBrokers(1), kfake.ListenFn(left.listen))...)
	if err != nil {
		return nil, nil, err
	}
	if err := left.watch(cluster); err != nil {
		cluster.Close()
		return nil, nil, err
	}
	return cluster, left, nil
}

// close stops what runs, the broker last: the others may still be writing to it.
func (p *parts) close() {
	close(p.stop)
	if p.postgres != nil {
		p.postgres.Stop()
	}
	if p.redis != nil {
		p.redis.Close()
	}
	if p.kafka != nil {
		p.left.close()
		p.kafka.Close()
	}
}
