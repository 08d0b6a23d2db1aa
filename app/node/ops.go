package node

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

	"parley/app/chat"
	"parley/app/config"
	"parley/app/messagelog"
	"parley/app/ops"
	"parley/app/web"
	"parley/static"
)

var _ ops.Parts = (*operated)(nil)

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
func (n *Node) Operate(l net.Listener, showText bool) {
	n.operators.listener, n.operators.showText = l, showText
}

// serveOperators answers from before the parts are there until the replica has drained.
func (n *Node) serveOperators(ctx context.Context) {
	l := n.operators.listener
	if l == nil {
		return
	}
	headers := web.Headers()
	server := ops.New(&operated{n}, ops.Options{
		Metrics: n.metrics.Handler(), Static: http.HandlerFunc(n.serveStatic), Asset: n.files.URL, Headers: headers[:], Hosts: ownNames(l), Remote: n.cfg.OpsRemote == "true",
		ShowText: n.operators.showText, Logger: n.logger.With("room", "ops"),
	})
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	select {
	case err := <-served:
		n.logger.Error("the operators' pages ended", "error", err)
	case <-ctx.Done():
		end, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := server.Shutdown(end); err != nil {
			n.logger.Warn("operators' requests cut off", "error", err)
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

func (n *Node) serveStatic(w http.ResponseWriter, r *http.Request) {
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

const tellEvery = 3 * time.Second

// tellFigures leaves this replica's figures for the others' pages, and takes them away at its end.
func (n *Node) tellFigures(ctx context.Context) {
	ticker := time.NewTicker(tellEvery)
	defer ticker.Stop()
	self := operated{n}
	for {
		_ = n.replicas.Tell(ctx, self.Self()) // the bus' own breaker says when Redis is away
		select {
		case <-ticker.C:
		case <-ctx.Done():
			_ = n.replicas.Forget(context.WithoutCancel(ctx), n.name)
			return
		}
	}
}

// operated is a node as its operators' pages see it.
type operated struct{ n *Node }

func (o *operated) Log(ctx context.Context) (chat.LogState, error) {
	return messagelog.State(ctx, o.n.log)
}

// recentOfEach is how many records of a partition are shown.
const recentOfEach = 5

func (o *operated) Records(ctx context.Context) ([]chat.LogRecord, error) {
	return messagelog.Recent(ctx, o.n.log, recentOfEach)
}

func (o *operated) Letters(ctx context.Context) ([]chat.DeadLetter, error) {
	all, err := messagelog.DeadLetters(ctx, o.n.log)
	list := make([]chat.DeadLetter, len(all))
	for i, d := range all {
		list[i] = d.Shown(o.n.operators.showText)
	}
	return list, err
}

func (o *operated) Settle(ctx context.Context, id, how string) error {
	o.n.operators.settling.Lock()
	defer o.n.operators.settling.Unlock()
	all, err := messagelog.DeadLetters(ctx, o.n.log)
	if err != nil {
		return err
	}
	for _, d := range all {
		switch {
		case d.ID != id:
		case d.State != messagelog.LetterWaits:
			return nil
		case how == ops.Replay:
			return o.n.producer.Replay(ctx, d)
		default:
			return o.n.producer.Discard(ctx, d)
		}
	}
	return chat.ErrNotFound()
}

func (o *operated) Database(ctx context.Context) (chat.DatabaseState, error) {
	return o.n.store.DatabaseState(ctx)
}

func (o *operated) Bus(ctx context.Context) (chat.BusState, error) { return o.n.bus.State(ctx) }

func (o *operated) Replicas(ctx context.Context) ([]chat.ReplicaFigures, error) {
	return o.n.replicas.All(ctx)
}

func (o *operated) Self() chat.ReplicaFigures {
	state, ok := o.n.operators.state.Load().(string)
	if !ok {
		state = "starting"
	}
	f := o.n.metrics.Snapshot()
	return chat.ReplicaFigures{
		Name: o.n.name, State: state, Since: f.Started, At: time.Now(), Streams: f.Streams, People: len(o.n.hub.People()), Memory: max(f.RSS, f.Heap),
		Goroutines: f.Goroutines, Queued: f.QueuedBytes, Down: o.n.Down(), Acked: took(f.Ack), Shown: took(f.Delivered), Stored: took(f.Stored),
	}
}

func took(q ops.Quantiles) chat.Took { return chat.Took{Count: q.Count, P50: q.P50, P99: q.P99} }

func (o *operated) Modes() []chat.ComponentMode {
	modes := o.n.Modes()
	list := make([]chat.ComponentMode, len(modes))
	for i, m := range modes {
		list[i] = chat.ComponentMode{Component: m.Component, Since: m.Since, Entered: m.Entered}
	}
	return list
}

func (o *operated) Ready(ctx context.Context) error { return o.n.Ready(ctx) }

func (o *operated) Message(ctx context.Context, id uuid.UUID) (ops.MessageTrace, error) {
	t, err := o.n.TraceMessage(ctx, id)
	if errors.Is(err, ErrNothingKnown) && len(t.Unknown) == 0 {
		err = chat.ErrNotFound()
	}
	return t, err
}

func (o *operated) Tables(ctx context.Context) ([]chat.TableInfo, error) {
	return o.n.store.Tables(ctx)
}

func (o *operated) Table(ctx context.Context, name, page string) (chat.TablePage, error) {
	return o.n.store.Table(ctx, name, page, o.n.operators.showText)
}
