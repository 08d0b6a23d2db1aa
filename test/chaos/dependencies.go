package chaos

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"parley/app/drill/faults"
	"parley/test/parley"
	"parley/test/services"
)

// Dependencies are a real PostgreSQL, Redis and Kafka, each behind links.
type Dependencies struct {
	Postgres Dependency
	Redis    Dependency
	Kafka    Dependency
	// Keep leaves the directory with all logs behind.
	Keep bool

	dir string
	set *services.Set
}

// StartDependencies starts them in a directory of their own, with one Kafka
// broker or three. Stop ends them and removes the directory.
func StartDependencies(ctx context.Context, threeBrokers bool) (*Dependencies, error) {
	if err := services.CheckPrograms(); err != nil {
		return nil, err
	}

	dir, err := os.MkdirTemp("", "parley-chaos-")
	if err != nil {
		return nil, err
	}

	d := &Dependencies{dir: dir, set: services.New(dir)}
	if threeBrokers {
		d.set.Kafka = services.KafkaCluster(dir)
	}

	d.Postgres.Service, d.Redis.Service, d.Kafka.Service = d.set.Postgres, d.set.Redis, d.set.Kafka
	if err := d.start(ctx); err != nil {
		d.Stop()
		return nil, err
	}

	return d, nil
}

func (d *Dependencies) start(ctx context.Context) (err error) {
	if err := os.Chmod(d.dir, 0o755); err != nil { // as root, PostgreSQL runs as another user
		return err
	}

	for _, dependency := range d.all() {
		if dependency.Links, err = newLinks(len(dependency.servers())); err != nil {
			return err
		}
	}

	for i, broker := range d.Kafka.servers() {
		if broker.AdvertisedPort, err = port(d.Kafka.Links[i].Address); err != nil {
			return err
		}
	}

	if err := d.set.Start(ctx); err != nil {
		return err
	}

	for _, dependency := range d.all() {
		for i, server := range dependency.servers() {
			dependency.Links[i].Target = fmt.Sprintf("127.0.0.1:%d", server.Port)
		}

		err = errors.Join(err, dependency.Links.Open())
	}

	return err
}

func (d *Dependencies) all() []*Dependency { return []*Dependency{&d.Postgres, &d.Redis, &d.Kafka} }

// Stop ends everything.
func (d *Dependencies) Stop() {
	d.set.Stop()

	for _, dependency := range d.all() {
		_ = dependency.Links.Cut() // each is closed, or was never opened
	}

	if d.Keep {
		fmt.Fprintln(os.Stderr, "the logs are in", d.dir)
		return
	}

	os.RemoveAll(d.dir)
}

// Build builds the program into a file of the directory; flags are for "go
// build".
func (d *Dependencies) Build(ctx context.Context, name string, flags ...string) (program string, err error) {
	program = filepath.Join(d.dir, name)
	return program, parley.Build(ctx, program, flags...)
}

// reset empties Redis, deletes the topics and the consumer group, and creates a
// database, whose address it returns.
func (d *Dependencies) reset(ctx context.Context) (database string, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()

	options, err := redis.ParseURL(d.Redis.URL)
	if err != nil {
		return "", err
	}

	client := redis.NewClient(options)
	defer client.Close()

	if err := client.FlushAll(ctx).Err(); err != nil {
		return "", err
	}

	if err := d.emptyKafka(ctx); err != nil {
		return "", err
	}

	conn, err := pgx.Connect(ctx, d.Postgres.URL)
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)

	name := "chaos_" + uuid.NewString()[:8]
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		return "", err
	}

	c := conn.Config()
	address := fmt.Sprintf("127.0.0.1:%d/%s?sslmode=disable", d.Postgres.Port, name)
	return fmt.Sprintf("postgres://%s:%s@%s", c.User, c.Password, address), nil
}

// Dependency is a service, and the links to it.
type Dependency struct {
	*services.Service
	Links Links
}

// servers are the service itself, or the nodes that it consists of.
func (d Dependency) servers() []*services.Service {
	if d.Nodes != nil {
		return d.Nodes
	}

	return []*services.Service{d.Service}
}

// Links are the network between the replicas and a dependency: one link to each
// of its servers.
type Links []*faults.Link

func newLinks(n int) (links Links, err error) {
	for range n {
		l, err := faults.NewLink()
		if err != nil {
			return nil, err
		}

		links = append(links, l)
	}

	return links, nil
}

// Open lets everything through.
func (l Links) Open() error { return l.each((*faults.Link).Open) }

// Cut breaks all connections and refuses new ones.
func (l Links) Cut() error { return l.each((*faults.Link).Cut) }

// Silence accepts connections and drops every byte.
func (l Links) Silence() error { return l.each((*faults.Link).Silence) }

// Slow delays every byte, by a third of max to all of it.
func (l Links) Slow(max time.Duration) error {
	return l.each(func(link *faults.Link) error { return link.Slow(max) })
}

func (l Links) each(do func(*faults.Link) error) (err error) {
	for _, link := range l {
		err = errors.Join(err, do(link))
	}

	return err
}

// addresses lists where clients connect, as host:port.
func (l Links) addresses() (list []string) {
	for _, link := range l {
		list = append(list, link.Address)
	}

	return list
}

// through returns an address of the dependency by way of the links; for Kafka,
// which has no URL, the list of brokers.
func (l Links) through(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return strings.Join(l.addresses(), ",")
	}

	u.Host = l[0].Address
	return u.String()
}

func port(address string) (int, error) {
	return strconv.Atoi(address[strings.LastIndex(address, ":")+1:])
}
