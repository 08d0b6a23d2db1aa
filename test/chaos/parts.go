package chaos

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"parley/test/services"
)

// Names of the log, which are fixed (app/kafka).
const (
	topic     = "chat-messages"
	deadTopic = "chat-messages-dead"
	group     = "message-processor-group"
)

// Parts are the real Postgres, Redis and Kafka, each behind a link.
type Parts struct {
	Postgres, Redis, Kafka Part
	Keep                   bool // the directory, with all logs
	dir                    string
	set                    *services.Set
}

// Part is a service and the link to it.
type Part struct {
	*services.Service
	Link Link
}

// servers are the service itself, or those that it consists of.
func (p Part) servers() []*services.Service {
	if p.Nodes != nil {
		return p.Nodes
	}
	return []*services.Service{p.Service}
}

// StartParts starts them in a directory of their own, with a Kafka of one broker or three. Stop ends them and removes it.
func StartParts(ctx context.Context, three bool) (*Parts, error) {
	if err := services.CheckPrograms(); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "parley-faults-")
	if err != nil {
		return nil, err
	}
	p := &Parts{dir: dir, set: services.New(dir)}
	if three {
		p.set.Kafka = services.KafkaCluster(dir)
	}
	p.Postgres.Service, p.Redis.Service, p.Kafka.Service = p.set.Postgres, p.set.Redis, p.set.Kafka
	if err := p.start(ctx); err != nil {
		p.Stop()
		return nil, err
	}
	return p, nil
}

func (p *Parts) start(ctx context.Context) (err error) {
	if err := os.Chmod(p.dir, 0o755); err != nil { // as root, Postgres runs as another user
		return err
	}
	for _, part := range p.all() {
		if part.Link, err = newLink(len(part.servers())); err != nil {
			return err
		}
	}
	for i, broker := range p.Kafka.servers() {
		broker.AdvertisedPort = p.Kafka.Link[i].port
	}
	if err := p.set.Start(ctx); err != nil {
		return err
	}
	return p.Open()
}

func (p *Parts) all() []*Part { return []*Part{&p.Postgres, &p.Redis, &p.Kafka} }

// Open opens all links.
func (p *Parts) Open() (err error) {
	for _, part := range p.all() {
		for i, server := range part.servers() {
			part.Link[i].to = server.Port
		}
		err = errors.Join(err, part.Link.Open())
	}
	return err
}

// Stop ends everything.
func (p *Parts) Stop() {
	p.set.Stop()
	for _, part := range p.all() {
		_ = part.Link.Cut()
	}
	if p.Keep {
		fmt.Fprintln(os.Stderr, "the logs are in", p.dir)
		return
	}
	os.RemoveAll(p.dir)
}

// Build builds the program into a file of the parts' directory; with an overlay from other sources (go help build).
func (p *Parts) Build(ctx context.Context, name, overlay string) (program string, err error) {
	program = filepath.Join(p.dir, name)
	args := []string{"build", "-o", program}
	if overlay != "" {
		args = append(args, "-overlay", overlay)
	}
	if out, err := exec.CommandContext(ctx, "go", append(args, "parley/app")...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return program, nil
}

// blank gives an empty Redis, a log without topics and groups, and a new database, whose address it answers.
func (p *Parts) blank(ctx context.Context) (database string, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := p.emptyRedis(ctx); err != nil {
		return "", err
	}
	if err := p.emptyKafka(ctx); err != nil {
		return "", err
	}
	conn, err := pgx.Connect(ctx, p.Postgres.URL)
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	name := "world_" + uuid.NewString()[:8]
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		return "", err
	}
	cfg := conn.Config()
	return fmt.Sprintf("postgres://%s:%s@127.0.0.1:%d/%s?sslmode=disable", cfg.User, cfg.Password, p.Postgres.Port, name), nil
}

func (p *Parts) emptyRedis(ctx context.Context) error {
	options, err := redis.ParseURL(p.Redis.URL)
	if err != nil {
		return err
	}
	client := redis.NewClient(options)
	defer client.Close()
	return client.FlushAll(ctx).Err()
}

// emptyKafka waits until nobody is left in the group, and nothing of the topics.
func (p *Parts) emptyKafka(ctx context.Context) error {
	admin, err := p.admin()
	if err != nil {
		return err
	}
	defer admin.Close()
	for {
		_, err1 := admin.DeleteGroup(ctx, group)
		_, err2 := admin.DeleteTopics(ctx, topic, deadTopic)
		groups, err3 := admin.ListGroups(ctx)
		topics, err4 := admin.ListTopics(ctx, topic, deadTopic)
		_, there := groups[group]
		if errors.Join(err3, err4) == nil && !there && !topics.Has(topic) && !topics.Has(deadTopic) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the log isn't empty: %w", errors.Join(err1, err2, err3, err4))
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (p *Parts) admin() (*kadm.Client, error) {
	client, err := kgo.NewClient(kgo.SeedBrokers(p.Kafka.Link.addresses()...), kgo.MetadataMinAge(50*time.Millisecond)) // else an answer is believed for 5 s
	if err != nil {
		return nil, err
	}
	return kadm.NewClient(client), nil
}

// writers are how many share the log, 0 while they are about to divide it anew.
func (p *Parts) writers(ctx context.Context) (int, error) {
	admin, err := p.admin()
	if err != nil {
		return 0, err
	}
	defer admin.Close()
	groups, err := admin.DescribeGroups(ctx, group)
	if g := groups[group]; err == nil && g.State == "Stable" {
		return len(g.Members), nil
	}
	return 0, err
}

// Lag is how many records of the log nobody has committed yet.
func (p *Parts) Lag(ctx context.Context) (lag int64, err error) {
	admin, err := p.admin()
	if err != nil {
		return 0, err
	}
	defer admin.Close()
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	ends, err := admin.ListEndOffsets(ctx, topic)
	if err != nil {
		return 0, err
	}
	committed, err := admin.FetchOffsets(ctx, group)
	if err != nil {
		return 0, err
	}
	ends.Each(func(end kadm.ListedOffset) {
		lag += end.Offset
		if at, ok := committed.Lookup(topic, end.Partition); ok && end.Err == nil {
			lag -= max(at.At, 0)
		}
	})
	return lag, ends.Error()
}
