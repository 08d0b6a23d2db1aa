package replica

import (
	"context"
	"log/slog"
	"net"
	"os"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/config"
	"parley/app/kafka"
	"parley/app/redis"
	"parley/app/sse"
	"parley/app/telemetry"
	"parley/app/web"
)

var (
	_ chat.Observer  = (*Observer)(nil)
	_ redis.Observer = (*Observer)(nil)
	_ sse.Observer   = (*Observer)(nil)
	_ kafka.Observer = (*Observer)(nil)
	_ web.Observer   = (*Observer)(nil)
)

// watch hears what the rooms do, and tells it on: as figures, as spans, as notes of single messages, and in the log, without their text.
type Observer struct {
	Metrics    *telemetry.Metrics
	Traces     *telemetry.Traces // nil: off
	TraceStore *redis.TraceStore
	Logger     *slog.Logger
}

func (w *Observer) Accept(ctx context.Context, m chat.Message) string {
	return w.Traces.Accept(chat.RequestInfoFrom(ctx), m)
}

func (w *Observer) Appended(m chat.Message, began time.Time, err error) {
	w.Metrics.Appended(m, began, err)
	w.Traces.Appended(m, began, err)
}

func (w *Observer) Sent(ctx context.Context, m chat.Message, result chat.Result, began time.Time, err error) {
	w.Metrics.Sent(result)
	if m.ID == uuid.Nil {
		return
	}
	if result != chat.ResultRepeated {
		w.Traces.Sent(chat.RequestInfoFrom(ctx), m, result, began, err)
	}
	switch result {
	case chat.ResultAccepted, chat.ResultDirect:
		w.TraceStore.Accepted(m)
		if w.Logger.Enabled(ctx, slog.LevelDebug) {
			w.Logger.DebugContext(ctx, "sent", "message", m.ID, "conversation", m.ConversationID, "result", result, "took", time.Since(began))
		}
	case chat.ResultNotSent, chat.ResultUnconfirmed:
		w.Logger.DebugContext(ctx, "not sent", "message", m.ID, "conversation", m.ConversationID, "result", result, "took", time.Since(began))
	}
}

func (w *Observer) Published(m chat.Message, began time.Time, ok bool) {
	w.Metrics.Published(m, began, ok)
	w.Traces.Published(m, began, ok)
	if ok {
		w.TraceStore.Published(m)
	}
}

func (w *Observer) Delivered(m chat.Message, streams int) {
	w.Metrics.Delivered(m)
	w.Traces.Delivered(m, streams)
	w.TraceStore.Delivered(m, streams)
}

func (w *Observer) Stored(messages []chat.Message, stored []chat.StoredConversation, began, ended time.Time) {
	w.Metrics.Stored(messages, began, ended)
	w.Traces.Stored(messages, func(m chat.Message) int64 { return seqOf(m, stored) }, began, ended)
	for _, m := range messages {
		w.TraceStore.Stored(m.ID, ended)
	}
	w.Logger.Debug("stored", "messages", len(messages), "conversations", len(stored), "took", ended.Sub(began))
}

func seqOf(m chat.Message, stored []chat.StoredConversation) int64 {
	for _, c := range stored {
		if c.ConversationID == m.ConversationID {
			if seq := c.Seq(m.ID); seq != nil {
				return *seq
			}
		}
	}
	return 0
}

// StoredDirect notes the tail's messages too: the writer, which finds them known later, does it again, and what was noted first counts. Their spans are
// the writer's.
func (w *Observer) StoredDirect(m chat.Message, stored []chat.StoredConversation, began, ended time.Time) {
	w.Metrics.StoredDirect(m, ended)
	w.Traces.Stored([]chat.Message{m}, func(m chat.Message) int64 { return *m.Seq }, began, ended)
	for _, c := range stored {
		for _, one := range c.Messages {
			w.TraceStore.Stored(one.ID, ended)
		}
	}
}

func (w *Observer) DeadLettered() { w.Metrics.Buried() }

func (w *Observer) Assigned(partitions int) { w.Metrics.Assigned(partitions) }

func (w *Observer) Requested(method, route string, status int, took time.Duration) {
	w.Metrics.Requested(method, route, status, took)
}

// observe has the rooms watched. Spans go out when the settings say so.
func (n *Replica) observe() error {
	n.metrics = telemetry.NewMetrics(n.Name, version(), n.sources())
	n.TraceStore = redis.NewTraceStore(n.Bus, n.Name)
	w := n.observer
	w.Metrics, w.TraceStore = n.metrics, n.TraceStore
	if n.cfg.Traces != config.TracesOff {
		traces, err := telemetry.NewTraces(context.Background(), n.Name, version(), n.cfg.Traces == config.TracesGRPC, n.Logger.With("pkg", "telemetry"))
		if err != nil {
			return err
		}
		w.Traces = traces
	}
	n.Traces = w.Traces
	n.Service.Observe(w)
	n.Server = n.newServer(w)
	return nil
}

// Metrics are this replica's.
func (n *Replica) Metrics() *telemetry.Metrics { return n.metrics }

func (n *Replica) sources() telemetry.Sources {
	return telemetry.Sources{
		Streams: n.Hub.Count, Queued: n.Hub.Queued, Stalled: n.Hub.Stalled, SendsInFlight: n.Service.SendsInFlight, AuthorityHits: n.Service.AuthorityHits,
		Dependencies: n.Dependencies,
		Database: func() telemetry.Pool {
			inUse, idle, most, _ := n.store.Connections()
			return telemetry.Pool{InUse: inUse, Idle: idle, Most: most}
		},
		Redis: func() telemetry.Pool {
			s := n.Redis.PoolStats()
			return telemetry.Pool{InUse: int(s.TotalConns) - int(s.IdleConns), Idle: int(s.IdleConns), Most: redis.PoolSize(n.Redis)}
		},
		DatabaseWaits: func() uint64 { _, _, _, waits := n.store.Connections(); return waits },
		RedisTimeouts: func() uint64 { return uint64(n.Redis.PoolStats().Timeouts) },
	}
}

// closeTraces gives what is left a second: a collector that is away holds up no end.
func (n *Replica) closeTraces() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := n.Traces.Close(ctx); err != nil {
		n.Logger.Warn("the last traces were not told", "error", err)
	}
}

// lagInterval is how often the brokers are asked what waits in the log.
const lagInterval = 5 * time.Second

func (n *Replica) watchLag(ctx context.Context) {
	n.insist(ctx, "lag", nil, func() error { return kafka.WatchLag(ctx, n.KafkaOptions, lagInterval, n.metrics.Lag) })
}

// nameOf is how replicas are told apart: this machine's name and the port, since many listen at the same address of their own.
func nameOf(cfg config.Config) string {
	host, err := os.Hostname()
	if err != nil || host == "" {
		host = cfg.Host
	}
	return net.JoinHostPort(host, strconv.Itoa(cfg.Port))
}

// version is what this program was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return s.Value[:12]
		}
	}
	return info.Main.Version
}
