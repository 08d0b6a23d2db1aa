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

	"parley/test/services"
)

// World is some replicas on the parts, with a database, topics and a Redis that nobody has used.
type Cluster struct {
	*Parts
	Replicas []*Replica
	random   *rand.Rand
	victim   *Replica          // whom this round's fault hits, if it hits one of them
	leader   *services.Service // of three brokers, the one that it hits
	crowd    *Workload         // who talks here
	database string            // not by way of the link
}

// NewCluster starts n replicas of a program. Their links are those of the parts, so that there is one world at a time. End ends it.
func NewCluster(ctx context.Context, parts *Parts, program string, n int, random *rand.Rand, settings ...string) (*Cluster, error) {
	w := &Cluster{Parts: parts, random: random}
	database, err := parts.blank(ctx)
	if err != nil {
		return nil, fmt.Errorf("an empty world: %w", err)
	}
	w.database = database
	settings = append(settings, "DATABASE_URL="+parts.Postgres.Link.through(database),
		"REDIS_URL="+parts.Redis.Link.through(parts.Redis.URL), "KAFKA_BROKERS="+parts.Kafka.Link.through(""))
	if parts.Kafka.Nodes != nil {
		settings = append(settings, "KAFKA_REPLICATION_FACTOR=3", "KAFKA_MIN_INSYNC_REPLICAS=2")
	}
	for i := range n {
		r, err := newReplica(program, filepath.Join(parts.dir, fmt.Sprintf("replica-%s-%d.log", uuid.NewString()[:8], i)), settings...)
		if err != nil {
			return nil, err
		}
		w.Replicas = append(w.Replicas, r)
	}
	if err = w.each(func(r *Replica) error { return r.Start(ctx) }); err == nil {
		err = w.atWork(ctx)
	}
	if err != nil {
		w.End()
		return nil, err
	}
	return w, nil
}

// atWork waits until every replica's writer has its share of the log.
func (w *Cluster) atWork(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		n, err := w.writers(ctx)
		if err == nil && n == len(w.Replicas) {
			return nil
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("%d of %d writers are at work: %w", n, len(w.Replicas), errors.Join(err, ctx.Err()))
		}
	}
}

// End ends the replicas, all at once.
func (w *Cluster) End() {
	ended := make(chan struct{})
	for _, r := range w.Replicas {
		go func() { r.End(); ended <- struct{}{} }()
	}
	for range w.Replicas {
		<-ended
	}
}

// choose takes one to be hit.
func (w *Cluster) choose() {
	w.victim = w.Replicas[w.random.IntN(len(w.Replicas))]
	if brokers := w.Kafka.Nodes; brokers != nil {
		w.leader = brokers[w.random.IntN(len(brokers))]
	}
}

func (w *Cluster) bases() (list []string) {
	for _, r := range w.Replicas {
		list = append(list, r.Base)
	}
	return list
}

// each does something with every replica at once.
func (w *Cluster) each(do func(r *Replica) error) error {
	results := make(chan error)
	for _, r := range w.Replicas {
		go func() { results <- do(r) }()
	}
	var err error
	for range w.Replicas {
		err = errors.Join(err, <-results)
	}
	return err
}

// stored reads conversations from the database, by their places in talks.
func (w *Cluster) stored(ctx context.Context, talks []uuid.UUID) (map[int][]Row, error) {
	conn, err := pgx.Connect(ctx, w.database)
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx)
	places := map[string]int{}
	for i, id := range talks {
		places[id.String()] = i
	}
	rows, err := conn.Query(ctx, "SELECT conversation_id::text, id::text, seq, body FROM messages ORDER BY conversation_id, seq")
	if err != nil {
		return nil, err
	}
	store := map[int][]Row{}
	var talk, id, body string
	var seq int64
	_, err = pgx.ForEachRow(rows, []any{&talk, &id, &seq, &body}, func() error {
		if place, ok := places[talk]; ok {
			store[place] = append(store[place], Row{ID: uuid.MustParse(id), Seq: seq, Body: body})
		}
		return nil
	})
	return store, err
}
