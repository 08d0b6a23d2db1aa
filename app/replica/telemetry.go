package replica

import (
	"context"
	"time"

	"github.com/google/uuid"

	"parley/app/buildinfo"
	"parley/app/chat"
	"parley/app/config"
	"parley/app/kafka"
	"parley/app/redis"
	"parley/app/sse"
	"parley/app/telemetry"
	"parley/app/web"
)

var (
	_ chat.Observer  = (*telemetry.Observer)(nil)
	_ redis.Observer = (*telemetry.Observer)(nil)
	_ sse.Observer   = (*telemetry.Observer)(nil)
	_ kafka.Observer = (*telemetry.Observer)(nil)
	_ web.Observer   = (*telemetry.Observer)(nil)

	_ telemetry.TraceStore = (*redis.TraceStore)(nil)
)

// observe makes the observer of all packages, before any of them. Its trace store
// follows in wireRedis. Spans are exported if the settings name a collector.
func (n *Replica) observe() error {
	n.Metrics = telemetry.NewMetrics(n.Name, buildinfo.Version(), n.sources())
	if n.cfg.Traces != config.TracesOff {
		traces, err := telemetry.NewTraces(context.Background(), n.Name, buildinfo.Version(),
			n.cfg.Traces == config.TracesGRPC, n.logger("telemetry"))
		if err != nil {
			return err
		}
		n.Traces = traces
	}

	n.observer = &telemetry.Observer{
		Metrics: n.Metrics,
		Traces:  n.Traces,
		Logger:  n.logger("replica"),
	}

	return nil
}

// sources returns functions, because the metrics exist before what they read.
func (n *Replica) sources() telemetry.Sources {
	return telemetry.Sources{
		Streams:       func() int { return n.Hub.Count() },
		Queued:        func() int64 { return n.Hub.Queued() },
		Stalled:       func() uint64 { return n.Hub.Stalled() },
		SendsInFlight: func() int { return n.Messages.SendsInFlight() },
		CacheHits:     func() (uint64, uint64) { return n.Access.Hits() },
		Dependencies:  n.Dependencies,
		SchemaCurrent: n.schemaCurrent,
		Postgres: func() telemetry.Pool {
			inUse, idle, limit, waits := n.store.Connections()
			return telemetry.Pool{InUse: inUse, Idle: idle, Max: limit, Waits: waits}
		},
		Redis: func() telemetry.Pool {
			s := n.Redis.PoolStats()
			return telemetry.Pool{
				InUse: int(s.TotalConns) - int(s.IdleConns),
				Idle:  int(s.IdleConns),
				Max:   redis.PoolSize(n.Redis),
				Waits: uint64(s.Timeouts),
			}
		},
	}
}

// traceOf returns the id of a message's trace for its members, or "". It is the id in
// the delivery trace, or else the message's own, which is wrong only for a post with a
// trace of its own.
func (n *Replica) traceOf(ctx context.Context, message uuid.UUID) string {
	if n.Traces == nil {
		return ""
	}
	if t, known, err := n.TraceStore.Read(ctx, message); err == nil && known && t.AcceptedBy != "" {
		return telemetry.TraceOf(t.Trace)
	}
	return n.Traces.Of(message)
}

// tracesTimeout bounds the export of the last spans, because a collector that is down
// must not delay the end.
const tracesTimeout = time.Second

func (n *Replica) closeTraces() {
	ctx, cancel := context.WithTimeout(context.Background(), tracesTimeout)
	defer cancel()
	if err := n.Traces.Close(ctx); err != nil {
		n.options.Logger.Warn("last traces not exported", "error", err)
	}
}

const backlogInterval = 5 * time.Second

// watchBacklog reads periodically what waits in the log.
func (n *Replica) watchBacklog(ctx context.Context) {
	n.retry(ctx, "backlog", func() error {
		return kafka.WatchBacklog(ctx, n.KafkaOptions, backlogInterval, n.Metrics.Backlog)
	})
}
