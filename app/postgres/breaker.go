package postgres

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"parley/app/chat"
	"parley/db/queries"
)

// breaker stands before the pool: while Postgres doesn't answer, or answers as one that only reads, calls are refused at once. It hears
// how every use of a connection ended (trace.go), the writer's own included, which it doesn't hold up. What it hears is a suspicion, since a busy
// machine is slow too and a single connection may break; a probe tells within its time. Safe for concurrent use.
type breaker struct {
	pool     *pgxpool.Pool
	pooled   bool                  // by way of a pooler, see poolable
	direct   *pgx.ConnConfig       // of connections that are somebody's own, to the database itself
	single   *pgx.ConnConfig       // of the probe's connection, the pool's way
	open     atomic.Bool           // suspected
	away     atomic.Pointer[error] // why calls are refused, once a probe has found it so too; else nil
	closings atomic.Uint64         // so far: what began before the last one says nothing about now
	opened   chan struct{}         // has room for one
	stop     context.CancelFunc
	ended    chan struct{}
}

var (
	_ queries.DBTX = (*breaker)(nil)
	_ beginner     = (*breaker)(nil)

	errRefused  = errors.New("the database doesn't answer")
	errReadOnly = errors.New("the database only reads")
)

// Intervals of the probe. The time to connect is for one address of several.
const (
	probeInterval = 500 * time.Millisecond
	probeConnect  = 700 * time.Millisecond
	probeTimeout  = 2 * time.Second
)

// start begins the probe, which runs until close.
func (b *breaker) start(pool *pgxpool.Pool, direct *pgx.ConnConfig) {
	ctx, stop := context.WithCancel(context.Background())
	b.pool, b.stop, b.ended = pool, stop, make(chan struct{})
	b.single, b.direct = pool.Config().ConnConfig, direct
	b.single.Tracer, b.single.ConnectTimeout = nil, probeConnect
	go b.probe(ctx)
}

func (b *breaker) close() {
	b.stop()
	<-b.ended
}

// trip suspects, and wakes the probe.
func (b *breaker) trip() {
	if b.open.CompareAndSwap(false, true) {
		select {
		case b.opened <- struct{}{}:
		default:
		}
	}
}

// probe closes the breaker when a new connection finds a database that takes writes. Older connections may lead to a server that is the
// primary no longer, so they go.
func (b *breaker) probe(ctx context.Context) {
	defer close(b.ended)
	ticker := time.NewTicker(probeInterval)
	defer ticker.Stop()
	for {
		select {
		case <-b.opened:
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		if !b.open.Load() {
			continue
		}
		if err := b.ask(ctx); err != nil {
			if ctx.Err() == nil {
				b.away.CompareAndSwap(nil, &err)
			}
			continue
		}
		b.pool.Reset()
		b.closings.Add(1)
		b.away.Store(nil)
		b.open.Store(false)
	}
}

func (b *breaker) ask(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, b.single.Copy())
	if err != nil {
		return err
	}
	defer hangUp(conn)
	return writable(ctx, conn)
}

// writable tells a primary from a standby, and from one that was told to only read.
func writable(ctx context.Context, conn *pgx.Conn) error {
	var readOnly string
	err := conn.QueryRow(ctx, "SHOW transaction_read_only").Scan(&readOnly)
	if err == nil && readOnly == "on" {
		return errReadOnly
	}
	return err
}

// hangUp ends a connection; what wasn't committed is rolled back either way.
func hangUp(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = conn.Close(ctx)
}

func (b *breaker) allow() error {
	if b.away.Load() != nil {
		return chat.Unavailable("postgres", errRefused)
	}
	return nil
}

// Exec, Query, QueryRow, CopyFrom, Begin and BeginTx are the pool's.

func (b *breaker) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	if err := b.allow(); err != nil {
		return pgconn.CommandTag{}, err
	}
	return b.pool.Exec(ctx, sql, args...)
}

func (b *breaker) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	if err := b.allow(); err != nil {
		return nil, err
	}
	return b.pool.Query(ctx, sql, args...)
}

func (b *breaker) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	if err := b.allow(); err != nil {
		return refusedRow{err}
	}
	return b.pool.QueryRow(ctx, sql, args...)
}

func (b *breaker) CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error) {
	if err := b.allow(); err != nil {
		return 0, err
	}
	return b.pool.CopyFrom(ctx, table, columns, rows)
}

func (b *breaker) Begin(ctx context.Context) (pgx.Tx, error) { return b.BeginTx(ctx, pgx.TxOptions{}) }

func (b *breaker) BeginTx(ctx context.Context, o pgx.TxOptions) (pgx.Tx, error) {
	if err := b.allow(); err != nil {
		return nil, err
	}
	if b.pooled {
		o = beginPooled(o)
	}
	return b.pool.BeginTx(ctx, o)
}

type refusedRow struct{ err error }

func (r refusedRow) Scan(...any) error { return r.err }
