package admin

import (
	"context"
	"sync"
	"time"

	"parley/app/chat"
	"parley/app/status"
	views "parley/views/admin"
)

// collector reads the backend for all open pages of this replica, at most once per
// age limit. It reads nothing while no page is open.
type collector struct {
	backend     Backend
	showText    bool
	kafka       *cachedReading[status.KafkaState]
	records     *cachedReading[[]status.LogRecord]
	deadLetters *cachedReading[[]status.DeadLetter]
	postgres    *cachedReading[status.PostgresState]
	redis       *cachedReading[status.RedisState]
	replicas    *cachedReading[[]status.Replica]
	history     history
}

// How old a cached reading may be. Readings that fetch records may be older, because
// they cost more.
const (
	stateMaxAge  = 900 * time.Millisecond
	recordMaxAge = 3 * time.Second
)

func newCollector(backend Backend, showText bool) *collector {
	c := &collector{
		backend:     backend,
		showText:    showText,
		records:     newCachedReading(recordMaxAge, backend.Records),
		deadLetters: newCachedReading(recordMaxAge, backend.DeadLetters),
		postgres:    newCachedReading(stateMaxAge, backend.Postgres),
		redis:       newCachedReading(stateMaxAge, backend.Redis),
		replicas:    newCachedReading(stateMaxAge, backend.Replicas),
	}

	c.kafka = newCachedReading(stateMaxAge, func(ctx context.Context) (status.KafkaState, error) {
		s, err := backend.Kafka(ctx)
		if err == nil {
			c.history.addOffsets(time.Now(), s)
		}
		return s, err
	})

	return c
}

// pipeline reads everything that the pipeline page shows, concurrently.
func (c *collector) pipeline(ctx context.Context) views.Pipeline {
	p := views.Pipeline{ShowText: c.showText}

	var readings sync.WaitGroup
	readings.Go(func() { p.Kafka = c.kafka.get(ctx) })
	readings.Go(func() { p.Records = c.records.get(ctx) })
	readings.Go(func() { p.DeadLetters = c.deadLetters.get(ctx) })
	readings.Go(func() { p.Postgres = c.postgres.get(ctx) })
	readings.Go(func() { p.Redis = c.redis.get(ctx) })
	readings.Go(func() { p.Replicas = c.replicas.get(ctx) })
	readings.Wait()

	p.At, p.Self, p.Dependencies = time.Now(), c.backend.Self(), c.backend.Dependencies()
	p.Appended, p.Stored, p.Lag = c.history.rates()
	p.Acked, p.Shown = c.history.addLatencies(p)
	return p
}

// deadLetter returns one dead letter, or NotFound.
func (c *collector) deadLetter(ctx context.Context, id string) (status.DeadLetter, error) {
	all := c.deadLetters.get(ctx)
	for _, d := range all.Value {
		if d.ID == id {
			return d, nil
		}
	}
	if all.Err != nil {
		return status.DeadLetter{}, chat.Unavailable("kafka", all.Err)
	}

	return status.DeadLetter{}, chat.ErrNotFound()
}
