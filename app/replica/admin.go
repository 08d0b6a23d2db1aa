package replica

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"

	"parley/app/admin"
	"parley/app/chat"
	"parley/app/kafka"
	"parley/app/status"
	"parley/app/web"
	"parley/static"
)

// operatorsTimeout bounds the wait for operators' requests at the end.
const operatorsTimeout = time.Second

// serveOperators serves the operators' pages from before the dependencies are up until
// the replica has drained.
func (n *Replica) serveOperators(ctx context.Context) error {
	l := n.options.Operators
	if l == nil {
		return nil
	}

	headers := web.Headers()
	server := admin.New(&backend{n}, admin.Options{
		Metrics:  n.Metrics.Handler(),
		Static:   http.HandlerFunc(n.serveStatic),
		Asset:    n.files.URL,
		Headers:  headers[:],
		Hosts:    ownNames(l),
		Remote:   n.cfg.OpsRemote == "true",
		ShowText: n.options.ShowText,
		Logger:   n.logger("admin"),
		Audit:    n.logger("audit"),
	})

	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}

	end, cancel := context.WithTimeout(context.Background(), operatorsTimeout)
	defer cancel()

	if err := server.Shutdown(end); err != nil {
		n.options.Logger.Warn("operators' requests cut off", "error", err)
	}

	<-served
	return nil
}

// ownNames returns this machine's name and the address that l listens on.
func ownNames(l net.Listener) []string {
	host, _, _ := net.SplitHostPort(l.Addr().String())
	names := []string{host}
	if name, err := os.Hostname(); err == nil {
		names = append(names, name)
	}
	return names
}

func (n *Replica) serveStatic(w http.ResponseWriter, r *http.Request) {
	asset, ok := n.files.Open(r.URL.Path, strings.Join(r.Header.Values("Accept-Encoding"), ","))
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

	_, _ = w.Write(asset.Body) // an error means that the client has disconnected
}

// backend shows a replica to its operators' pages.
type backend struct{ *Replica }

var _ admin.Backend = (*backend)(nil)

func (b *backend) Kafka(ctx context.Context) (status.KafkaState, error) {
	state, err := kafka.State(ctx, b.KafkaOptions)
	backlog := b.Metrics.LastBacklog()
	for i := range state.Partitions {
		p := &state.Partitions[i]
		p.Paused = backlog.Partitions[p.Number].Paused
	}
	return state, err
}

// recordsPerPartition is how many of the newest records are shown.
const recordsPerPartition = 5

func (b *backend) Records(ctx context.Context) ([]status.LogRecord, error) {
	return kafka.Recent(ctx, b.KafkaOptions, recordsPerPartition)
}

func (b *backend) Postgres(ctx context.Context) (status.PostgresState, error) {
	return b.store.DatabaseState(ctx)
}

func (b *backend) Redis(ctx context.Context) (status.RedisState, error) { return b.Bus.State(ctx) }

func (b *backend) Replicas(ctx context.Context) ([]status.Replica, error) {
	return b.registry.All(ctx)
}

func (b *backend) DeadLetters(ctx context.Context) ([]status.DeadLetter, error) {
	all, err := kafka.DeadLetters(ctx, b.KafkaOptions)
	list := make([]status.DeadLetter, len(all))
	for i, d := range all {
		list[i] = d.Status(b.options.ShowText)
	}
	return list, err
}

func (b *backend) ResolveDeadLetter(ctx context.Context, id, resolution string) error {
	b.resolving.Lock()
	defer b.resolving.Unlock()

	all, err := kafka.DeadLetters(ctx, b.KafkaOptions)
	if err != nil {
		return err
	}

	for _, d := range all {
		switch {
		case d.ID != id:
		case d.State != kafka.StateWaiting:
			return nil
		case resolution == admin.Replay:
			return b.Producer.Replay(ctx, d)
		default:
			return b.Producer.Discard(ctx, d)
		}
	}

	return chat.ErrNotFound()
}

func (b *backend) MessageTrace(ctx context.Context, id uuid.UUID) (status.MessageTrace, error) {
	t, err := b.TraceMessage(ctx, id)
	if errors.Is(err, ErrNothingKnown) && len(t.Unknown) == 0 {
		err = chat.ErrNotFound()
	}
	return t, err
}

func (b *backend) Tables(ctx context.Context) ([]status.TableInfo, error) {
	return b.store.Tables(ctx)
}

func (b *backend) Table(ctx context.Context, name, page string) (status.TablePage, error) {
	return b.store.Table(ctx, name, page, b.options.ShowText)
}
