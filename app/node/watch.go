package node

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
	"parley/app/live"
	"parley/app/messagelog"
	"parley/app/ops"
	"parley/app/web"
)

var (
	_ chat.Watch       = (*watch)(nil)
	_ live.Watch       = (*watch)(nil)
	_ messagelog.Watch = (*watch)(nil)
	_ web.Watch        = (*watch)(nil)
)

// watch hears what the rooms do, and tells it on: as figures, as spans, as notes of single messages, and in the log, without their text.
type watch struct {
	metrics *ops.Metrics
	traces  *ops.Traces // nil: off
	notes   *live.Notes
	logger  *slog.Logger
}

func (w *watch) Accept(ctx context.Context, m chat.Message) string {
	return w.traces.Accept(chat.CallOf(ctx), m)
}

func (w *watch) Appended(m chat.Message, began time.Time, err error) {
	w.metrics.Appended(m, began, err)
	w.traces.Appended(m, began, err)
}

func (w *watch) Sent(ctx context.Context, m chat.Message, result chat.Result, began time.Time, err error) {
	w.metrics.Sent(result)
	if m.ID == uuid.Nil {
		return
	}
	if result != chat.ResultRepeated {
		w.traces.Sent(chat.CallOf(ctx), m, result, began, err)
	}
	switch result {
	case chat.ResultAccepted, chat.ResultDirect:
		w.notes.Accepted(m)
		if w.logger.Enabled(ctx, slog.LevelDebug) {
			w.logger.DebugContext(ctx, "sent", "message", m.ID, "conversation", m.ConversationID, "result", result, "took", time.Since(began))
		}
	case chat.ResultNotSent, chat.ResultUnconfirmed:
		w.logger.DebugContext(ctx, "not sent", "message", m.ID, "conversation", m.ConversationID, "result", result, "took", time.Since(began))
	}
}

func (w *watch) Published(m chat.Message, began time.Time, ok bool) {
	w.metrics.Published(m, began, ok)
	w.traces.Published(m, began, ok)
	if ok {
		w.notes.Published(m)
	}
}

func (w *watch) Delivered(m chat.Message, streams int) {
	w.metrics.Delivered(m)
	w.traces.Delivered(m, streams)
	w.notes.Delivered(m, streams)
}

func (w *watch) Stored(messages []chat.Message, stored []chat.StoredConversation, began, ended time.Time) {
	w.metrics.Stored(messages, began, ended)
	w.traces.Stored(messages, func(m chat.Message) int64 { return seqOf(m, stored) }, began, ended)
	for _, m := range messages {
		w.notes.Stored(m.ID, ended)
	}
	w.logger.Debug("stored", "messages", len(messages), "conversations", len(stored), "took", ended.Sub(began))
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
func (w *watch) StoredDirect(m chat.Message, stored []chat.StoredConversation, began, ended time.Time) {
	w.metrics.StoredDirect(m, ended)
	w.traces.Stored([]chat.Message{m}, func(m chat.Message) int64 { return *m.Seq }, began, ended)
	for _, c := range stored {
		for _, one := range c.Messages {
			w.notes.Stored(one.ID, ended)
		}
	}
}

func (w *watch) Buried() { w.metrics.Buried() }

func (w *watch) Assigned(partitions int) { w.metrics.Assigned(partitions) }

func (w *watch) Requested(method, route string, status int, took time.Duration) {
	w.metrics.Requested(method, route, status, took)
}

// observe has the rooms watched. Spans go out when the settings say so.
func (n *Node) observe() error {
	n.metrics = ops.NewMetrics(n.name, version(), n.sources())
	n.notes = live.NewNotes(n.bus, n.name, n.logger.With("room", "live"))
	w := &watch{metrics: n.metrics, notes: n.notes, logger: n.logger.With("room", "watch")}
	if n.cfg.Traces != config.TracesOff {
		traces, err := ops.NewTraces(context.Background(), n.name, version(), n.cfg.Traces == config.TracesGRPC, n.logger.With("room", "ops"))
		if err != nil {
			return err
		}
		w.traces = traces
	}
	n.traces = w.traces
	n.service.Observe(w)
	n.bus.Observe(w)
	n.hub.Observe(w)
	n.writer.Observe(w)
	n.server.Observe(w, n.traceOf)
	return nil
}

// Metrics are this replica's.
func (n *Node) Metrics() *ops.Metrics { return n.metrics }

func (n *Node) sources() ops.Sources {
	return ops.Sources{
		Streams: n.hub.Count, Queued: n.hub.Queued, Stalled: n.hub.Stalled, SendsInFlight: n.service.SendsInFlight, AuthorityHits: n.service.AuthorityHits,
		Modes: func() (modes []ops.Mode) {
			for _, m := range n.Modes() {
				modes = append(modes, ops.Mode{Component: m.Component, Since: m.Since, Entered: uint64(m.Entered), Lasted: m.Lasted}) // #nosec G115 -- a count
			}
			return modes
		},
		Database: func() ops.Pool {
			inUse, idle, most, _ := n.store.Connections()
			return ops.Pool{InUse: inUse, Idle: idle, Most: most}
		},
		Redis: func() ops.Pool {
			s := n.redis.PoolStats()
			return ops.Pool{InUse: int(s.TotalConns) - int(s.IdleConns), Idle: int(s.IdleConns), Most: live.PoolSize(n.redis)}
		},
		DatabaseWaits: func() uint64 { _, _, _, waits := n.store.Connections(); return waits },
		RedisTimeouts: func() uint64 { return uint64(n.redis.PoolStats().Timeouts) },
	}
}

// closeTraces gives what is left a second: a collector that is away holds up no end.
func (n *Node) closeTraces() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := n.traces.Close(ctx); err != nil {
		n.logger.Warn("the last traces were not told", "error", err)
	}
}

// lagEvery is how often the brokers are asked what waits in the log.
const lagEvery = 5 * time.Second

func (n *Node) watchLag(ctx context.Context) {
	n.insist(ctx, "lag", nil, func() error { return messagelog.WatchLag(ctx, n.log, lagEvery, n.metrics.Lag) })
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
