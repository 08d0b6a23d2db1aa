package replica

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"parley/app/admin"
	"parley/app/chat"
	"parley/app/config"
	"parley/app/kafka"
	"parley/app/status"
	"parley/app/web"
	"parley/static"
)

var _ admin.Backend = (*operated)(nil)

// operators is what a replica has for those who look after it.
type operators struct {
	listener net.Listener // nil: nobody can look
	showText bool
	state    atomic.Value // string: "ready" or "draining"; unset: starting
	settling sync.Mutex   // held while a dead letter is decided on
}

// ListenForOperators opens the operators' port. A taken one that was asked for is an error; else the next free one is taken, so that replicas may stand
// side by side on one machine.
func ListenForOperators(cfg config.Config) (net.Listener, error) {
	l, err := net.Listen("tcp", cfg.OpsAddress())
	if err == nil {
		return l, nil
	}
	host, port, _ := net.SplitHostPort(cfg.OpsAddress())
	first, _ := net.LookupPort("tcp", port)
	for next := first + 1; next < first+100; next++ {
		l, other := net.Listen("tcp", net.JoinHostPort(host, fmt.Sprint(next)))
		if other != nil || next == cfg.Port {
			continue
		}
		if cfg.OpsAddr == "" {
			return l, nil
		}
		l.Close()
		return nil, fmt.Errorf("the operators' address %s is taken (%w): write OPS_ADDR=%s, which is free", cfg.OpsAddr, err, net.JoinHostPort(host, fmt.Sprint(next)))
	}
	return nil, fmt.Errorf("the operators' address %s: %w", cfg.OpsAddress(), err)
}

// Operate has Run serve the operators' pages on l. showText: they show what people wrote.
func (n *Replica) Operate(l net.Listener, showText bool) {
	n.operators.listener, n.operators.showText = l, showText
}

// serveOperators answers from before the parts are there until the replica has drained.
func (n *Replica) serveOperators(ctx context.Context) {
	l := n.operators.listener
	if l == nil {
		return
	}
	headers := web.Headers()
	server := admin.New(&operated{n}, admin.Options{
		Metrics: n.metrics.Handler(), Static: http.HandlerFunc(n.serveStatic), Asset: n.files.URL, Headers: headers[:], Hosts: ownNames(l), Remote: n.cfg.OpsRemote == "true",
		ShowText: n.operators.showText, Logger: n.Logger.With("pkg", "admin"),
	})
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	select {
	case err := <-served:
		n.Logger.Error("the operators' pages ended", "error", err)
	case <-ctx.Done():
		end, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := server.Shutdown(end); err != nil {
			n.Logger.Warn("operators' requests cut off", "error", err)
		}
		<-served
	}
}

// ownNames are those of this machine, and the address that is listened on.
func ownNames(l net.Listener) []string {
	host, _, _ := net.SplitHostPort(l.Addr().String())
	names := []string{host}
	if name, err := os.Hostname(); err == nil {
		names = append(names, name)
	}
	return names
}

func (n *Replica) serveStatic(w http.ResponseWriter, r *http.Request) {
	asset, ok := n.files.Open(r.URL.Path, r.Header.Get("Accept-Encoding"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", asset.ContentType)
	h.Set("Cache-Control", static.CacheControl)
	h.Set("Vary", static.Vary)
	if asset.Encoding != "" {
		h.Set("Content-Encoding", asset.Encoding)
	}
	_, _ = w.Write(asset.Body) // who asked may have left
}

const tellInterval = 3 * time.Second

// tellFigures leaves this replica's figures for the others' pages, and takes them away at its end.
func (n *Replica) tellFigures(ctx context.Context) {
	ticker := time.NewTicker(tellInterval)
	defer ticker.Stop()
	self := operated{n}
	for {
		_ = n.replicas.Publish(ctx, self.Self()) // the bus' own breaker says when Redis is away
		select {
		case <-ticker.C:
		case <-ctx.Done():
			_ = n.replicas.Remove(context.WithoutCancel(ctx), n.Name)
			return
		}
	}
}

// operated is a node as its operators' pages see it.
type operated struct{ n *Replica }

func (o *operated) Kafka(ctx context.Context) (status.KafkaState, error) {
	return kafka.State(ctx, o.n.KafkaOptions)
}

// recentOfEach is how many records of a partition are shown.
const recentOfEach = 5

func (o *operated) Records(ctx context.Context) ([]status.LogRecord, error) {
	return kafka.Recent(ctx, o.n.KafkaOptions, recentOfEach)
}

func (o *operated) DeadLetters(ctx context.Context) ([]status.DeadLetter, error) {
	all, err := kafka.DeadLetters(ctx, o.n.KafkaOptions)
	list := make([]status.DeadLetter, len(all))
	for i, d := range all {
		list[i] = d.Status(o.n.operators.showText)
	}
	return list, err
}

func (o *operated) ResolveDeadLetter(ctx context.Context, id, how string) error {
	o.n.operators.settling.Lock()
	defer o.n.operators.settling.Unlock()
	all, err := kafka.DeadLetters(ctx, o.n.KafkaOptions)
	if err != nil {
		return err
	}
	for _, d := range all {
		switch {
		case d.ID != id:
		case d.State != kafka.StateWaiting:
			return nil
		case how == admin.Replay:
			return o.n.Producer.Replay(ctx, d)
		default:
			return o.n.Producer.Discard(ctx, d)
		}
	}
	return chat.ErrNotFound()
}

func (o *operated) Postgres(ctx context.Context) (status.PostgresState, error) {
	return o.n.store.DatabaseState(ctx)
}

func (o *operated) Redis(ctx context.Context) (status.RedisState, error) { return o.n.Bus.State(ctx) }

func (o *operated) Replicas(ctx context.Context) ([]status.Replica, error) {
	return o.n.replicas.All(ctx)
}

func (o *operated) Self() status.Replica {
	state, ok := o.n.operators.state.Load().(string)
	if !ok {
		state = "starting"
	}
	f := o.n.metrics.Snapshot()
	return status.Replica{
		Name: o.n.Name, State: state, Since: f.Started, At: time.Now(), Streams: f.Streams, People: len(o.n.Hub.People()), Memory: max(f.RSS, f.Heap),
		Goroutines: f.Goroutines, Queued: f.QueuedBytes, Down: o.n.Down(), Acked: f.Ack, Shown: f.Delivered, Stored: f.Stored,
	}
}

func (o *operated) Dependencies() []status.Dependency { return o.n.Dependencies() }

func (o *operated) Ready(ctx context.Context) error { return o.n.Ready(ctx) }

func (o *operated) MessageTrace(ctx context.Context, id uuid.UUID) (status.MessageTrace, error) {
	t, err := o.n.TraceMessage(ctx, id)
	if errors.Is(err, ErrNothingKnown) && len(t.Unknown) == 0 {
		err = chat.ErrNotFound()
	}
	return t, err
}

func (o *operated) Tables(ctx context.Context) ([]status.TableInfo, error) {
	return o.n.store.Tables(ctx)
}

func (o *operated) Table(ctx context.Context, name, page string) (status.TablePage, error) {
	return o.n.store.Table(ctx, name, page, o.n.operators.showText)
}
