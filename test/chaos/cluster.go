package chaos

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"parley/app/loop"
	"parley/test/parley"
	"parley/test/services"
)

// Cluster is some replicas on the dependencies, with a fresh database, fresh
// topics and an empty Redis.
type Cluster struct {
	*Dependencies
	Replicas []*parley.Replica

	random   *rand.Rand
	victim   *parley.Replica   // the replica that a fault of this round hits
	leader   *services.Service // the one of three brokers that a fault of this round hits
	workload *Workload
	database string // its address past the links
}

// NewCluster starts n replicas of a program. They share the links of the
// dependencies, so that there is one cluster at a time. Close ends it.
func NewCluster(
	ctx context.Context, d *Dependencies, program string, n int, random *rand.Rand, settings ...string,
) (*Cluster, error) {
	database, err := d.reset(ctx)
	if err != nil {
		return nil, fmt.Errorf("emptying the dependencies: %w", err)
	}

	settings = append(settings,
		"DATABASE_URL="+d.Postgres.Links.through(database),
		"REDIS_URL="+d.Redis.Links.through(d.Redis.URL),
		"KAFKA_BROKERS="+d.Kafka.Links.through(""),
	)
	if d.Kafka.Nodes != nil {
		settings = append(settings, "KAFKA_REPLICATION_FACTOR=3", "KAFKA_MIN_INSYNC_REPLICAS=2")
	}

	c := &Cluster{Dependencies: d, random: random, database: database}
	for i := range n {
		log := filepath.Join(d.dir, fmt.Sprintf("replica-%s-%d.log", uuid.NewString()[:8], i))

		r, err := parley.New(program, log, settings...)
		if err != nil {
			return nil, err
		}

		c.Replicas = append(c.Replicas, r)
	}

	err = c.each(func(r *parley.Replica) error { return r.Start(ctx) })
	if err == nil {
		err = c.awaitConsumers(ctx)
	}

	if err != nil {
		c.Close()
		return nil, err
	}

	return c, nil
}

// awaitConsumers waits until every replica's writer has its partitions.
func (c *Cluster) awaitConsumers(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()

	for {
		n, err := c.consumers(ctx)
		if err == nil && n == len(c.Replicas) {
			return nil
		}

		if !loop.Sleep(ctx, 100*time.Millisecond) {
			return fmt.Errorf("%d of %d writers have partitions: %w", n, len(c.Replicas), errors.Join(err, ctx.Err()))
		}
	}
}

// Close stops all replicas at once.
func (c *Cluster) Close() {
	_ = c.each(func(r *parley.Replica) error { return r.Stop() }) // the round is over
}

// chooseVictims chooses the replica and the broker that a fault may hit.
func (c *Cluster) chooseVictims() {
	c.victim = c.Replicas[c.random.IntN(len(c.Replicas))]
	if brokers := c.Kafka.Nodes; brokers != nil {
		c.leader = brokers[c.random.IntN(len(brokers))]
	}
}

func (c *Cluster) bases() (list []string) {
	for _, r := range c.Replicas {
		list = append(list, r.Base)
	}

	return list
}

// each calls do for every replica at once.
func (c *Cluster) each(do func(r *parley.Replica) error) error {
	results := make(chan error)

	for _, r := range c.Replicas {
		go func() { results <- do(r) }()
	}

	var err error
	for range c.Replicas {
		err = errors.Join(err, <-results)
	}

	return err
}

// stored reads all messages from the database, by the index of their
// conversation.
func (c *Cluster) stored(ctx context.Context, conversations []uuid.UUID) (map[int][]Row, error) {
	conn, err := pgx.Connect(ctx, c.database)
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx)

	rows, err := conn.Query(ctx,
		"SELECT conversation_id::text, id::text, seq, body FROM messages ORDER BY conversation_id, seq")
	if err != nil {
		return nil, err
	}

	index := map[string]int{}
	for i, id := range conversations {
		index[id.String()] = i
	}

	store := map[int][]Row{}
	var conversation, id, body string
	var seq int64
	_, err = pgx.ForEachRow(rows, []any{&conversation, &id, &seq, &body}, func() error {
		if i, ok := index[conversation]; ok {
			store[i] = append(store[i], Row{ID: uuid.MustParse(id), Seq: seq, Body: body})
		}

		return nil
	})
	return store, err
}
