package admin

import (
	"context"
	"sync"
	"time"

	"parley/app/chat"
	"parley/app/status"
	pages "parley/views/admin"
)

// collector reads the parts for everybody who looks at this replica's pages; while nobody does, it reads nothing.
type collector struct {
	parts    Backend
	showText bool
	log      *box[status.KafkaState]
	records  *box[[]status.LogRecord]
	letters  *box[[]status.DeadLetter]
	database *box[status.PostgresState]
	bus      *box[status.RedisState]
	replicas *box[[]status.Replica]
	history  history
}

// How long readings stand: those that cost more stand longer.
const (
	liveFor = 900 * time.Millisecond
	heldFor = 3 * time.Second
)

func newCollector(parts Backend, showText bool) *collector {
	c := &collector{
		parts: parts, showText: showText,
		records: newBox(heldFor, parts.Records), letters: newBox(heldFor, parts.DeadLetters), database: newBox(liveFor, parts.Database),
		bus: newBox(liveFor, parts.Bus), replicas: newBox(liveFor, parts.Replicas),
	}
	c.log = newBox(liveFor, func(ctx context.Context) (status.KafkaState, error) {
		s, err := parts.Log(ctx)
		if err == nil {
			c.history.add(time.Now(), s)
		}
		return s, err
	})
	return c
}

// look reads all parts at once.
func (c *collector) look(ctx context.Context) pages.Pipeline {
	p := pages.Pipeline{ShowText: c.showText}
	var all sync.WaitGroup
	all.Go(func() { p.Kafka = c.log.get(ctx) })
	all.Go(func() { p.Records = c.records.get(ctx) })
	all.Go(func() { p.DeadLetters = c.letters.get(ctx) })
	all.Go(func() { p.Postgres = c.database.get(ctx) })
	all.Go(func() { p.Redis = c.bus.get(ctx) })
	all.Go(func() { p.Replicas = c.replicas.get(ctx) })
	all.Wait()
	p.At, p.Self, p.Dependencies = time.Now(), c.parts.Self(), c.parts.Dependencies()
	p.Appended, p.Stored, p.Lag = c.history.rates()
	p.Acked, p.Shown = c.history.times(p)
	return p
}

// letter finds one among the dead.
func (c *collector) letter(ctx context.Context, id string) (status.DeadLetter, error) {
	all := c.letters.get(ctx)
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
