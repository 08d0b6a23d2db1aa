package postgres

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"parley/app/chat"
	"parley/db/queries"
)

// breaker is a circuit breaker in front of the pool: while Postgres is down or
// read-only, it rejects calls at once. As pgx's tracer (breaker_trace.go) it
// observes every use of a connection, also those of the writer, which it never
// rejects.
//
// A failed call makes the breaker only suspect the database, because a busy
// machine is slow too and a single connection may break. Calls are rejected when
// a probe on a new connection has failed as well. Safe for concurrent use.
type breaker struct {
	pool   *pgxpool.Pool
	pooled bool            // the pool's connections lead to a pooler, see configureForPooler
	direct *pgx.ConnConfig // for connections outside the pool, to the database itself
	probed *pgx.ConnConfig // for the probe's connection, by the pool's route

	setting       string // that has the address of the pool
	directSetting string // that has the address of direct; "": the same address

	reserving atomic.Int32 // connects beside the pool that wait for room
	checking  sync.Mutex   // serializes check
	suspected atomic.Bool
	down      atomic.Pointer[error] // why calls are rejected; nil: they aren't
	closings  atomic.Uint64         // how often the breaker closed: failures of earlier calls are ignored

	tripped chan struct{} // wakes the probe; capacity 1
	stop    context.CancelFunc
	done    chan struct{}
}

var (
	_ queries.DBTX = (*breaker)(nil)
	_ beginner     = (*breaker)(nil)

	errDown = errors.New("the database is down or refuses what Parley needs")
)

// Times of the probe. A host name may have several addresses; the connect timeout
// is for each of them.
const (
	probeInterval       = 500 * time.Millisecond
	probeConnectTimeout = 700 * time.Millisecond
	probeTimeout        = 2 * time.Second
)

// start starts the probe, which runs until close.
func (b *breaker) start(pool *pgxpool.Pool, direct *pgx.ConnConfig) {
	ctx, stop := context.WithCancel(context.Background())
	b.pool, b.stop, b.done = pool, stop, make(chan struct{})
	b.probed, b.direct = pool.Config().ConnConfig, direct
	go b.run(ctx)
}

func (b *breaker) close() {
	b.stop()
	<-b.done
}

// trip makes the breaker suspect the database and wakes the probe.
func (b *breaker) trip() {
	if !b.suspected.CompareAndSwap(false, true) {
		return
	}
	select {
	case b.tripped <- struct{}{}:
	default:
	}
}

// run probes a suspected database, at once and then every probeInterval.
func (b *breaker) run(ctx context.Context) {
	defer close(b.done)
	ticker := time.NewTicker(probeInterval)
	defer ticker.Stop()

	for {
		select {
		case <-b.tripped:
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		if b.suspected.Load() {
			b.check(ctx)
		}
	}
}

// check opens the breaker if a probe fails, and closes it if one succeeds.
// Closing also resets the pool, because its connections may lead to a server that
// is no longer the primary.
func (b *breaker) check(ctx context.Context) {
	b.checking.Lock()
	defer b.checking.Unlock()

	if err := b.probe(ctx); err != nil {
		if ctx.Err() == nil {
			b.down.Store(&err)
		}
		return
	}

	b.pool.Reset()
	b.closings.Add(1)
	b.down.Store(nil)
	b.suspected.Store(false)
}

// probe connects to the database by each of its addresses and returns nil if Parley
// can do there what it does. An error says what to change.
func (b *breaker) probe(ctx context.Context) error {
	err := b.probeBy(ctx, b.setting, b.probed, b.pooled)
	if err == nil && b.directSetting != "" {
		err = b.probeBy(ctx, b.directSetting, b.direct, false)
	}
	return err
}

func (b *breaker) probeBy(ctx context.Context, setting string, cfg *pgx.ConnConfig, pooled bool) error {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()

	cfg = cfg.Copy()
	cfg.Tracer, cfg.ConnectTimeout = nil, probeConnectTimeout
	p := &probe{setting: setting, cfg: cfg, pooled: pooled}
	if err := p.open(ctx, b.connect); err != nil {
		return err
	}
	defer p.close(ctx)
	return p.checkUsable(ctx)
}

// checkWritable returns an error for a standby, and for a primary whose configuration
// makes transactions read-only.
func checkWritable(ctx context.Context, conn *pgx.Conn) error {
	var readOnly string
	err := conn.QueryRow(ctx, "SHOW transaction_read_only").Scan(&readOnly)
	if err == nil && readOnly == "on" {
		return errReadOnly
	}
	return err
}

var errReadOnly = errors.New("the database is read-only")

// closeConn closes a connection. An error is ignored, because an open transaction
// is rolled back either way.
func closeConn(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = conn.Close(ctx)
}

func (b *breaker) allow() error {
	if b.down.Load() != nil {
		return chat.Unavailable("postgres", errDown)
	}
	return nil
}

// Exec rejects the call or forwards it to the pool, again after a
// deadlock, and while it can get no connection because the server accepts no more.
func (b *breaker) Exec(ctx context.Context, sql string, args ...any) (tag pgconn.CommandTag, err error) {
	if err := b.allow(); err != nil {
		return pgconn.CommandTag{}, err
	}
	err = retryOn(ctx, isTransient, func() error {
		tag, err = b.pool.Exec(ctx, sql, args...)
		return err
	})
	return tag, err
}

// Query rejects the call or forwards it to the pool.
func (b *breaker) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	if err := b.allow(); err != nil {
		return nil, err
	}
	var rows pgx.Rows
	err := retryOn(ctx, isCrowded, func() (err error) {
		rows, err = b.pool.Query(ctx, sql, args...)
		return err
	})
	return rows, err
}

// QueryRow rejects the call or forwards it to the pool, again as Exec does.
func (b *breaker) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return rowFunc(func(dest ...any) error {
		if err := b.allow(); err != nil {
			return err
		}
		return retryOn(ctx, isTransient, func() error { return b.pool.QueryRow(ctx, sql, args...).Scan(dest...) })
	})
}

// CopyFrom rejects the call or forwards it to the pool.
func (b *breaker) CopyFrom(
	ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource,
) (int64, error) {
	if err := b.allow(); err != nil {
		return 0, err
	}
	return b.pool.CopyFrom(ctx, table, columns, rows)
}

// Begin rejects the call or begins a transaction on a connection of the pool.
func (b *breaker) Begin(ctx context.Context) (pgx.Tx, error) { return b.BeginTx(ctx, pgx.TxOptions{}) }

// BeginTx is Begin with options.
func (b *breaker) BeginTx(ctx context.Context, o pgx.TxOptions) (pgx.Tx, error) {
	if err := b.allow(); err != nil {
		return nil, err
	}
	if b.pooled {
		o = pooledTxOptions(o)
	}

	var tx pgx.Tx
	err := retryOn(ctx, isCrowded, func() (err error) {
		tx, err = b.pool.BeginTx(ctx, o)
		return err
	})
	return tx, err
}

// rowFunc is a row whose query runs when it is scanned.
type rowFunc func(dest ...any) error

func (f rowFunc) Scan(dest ...any) error { return f(dest...) }
