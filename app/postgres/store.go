// Package postgres keeps Parley's durable truth in PostgreSQL, through pgx and the queries that sqlc generated from db/queries.
package postgres

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	pgxuuid "github.com/vgarvardt/pgx-google-uuid/v5"

	"parley/app/chat"
	"parley/db/queries"
)

// Store implements chat.Store on a pool of connections. Safe for concurrent use.
type Store struct {
	pool *pgxpool.Pool
	gate *breaker // all calls but the writer's and the migrations' go by it
	q    *queries.Queries

	standby *standby // nil: none
}

var _ chat.Store = (*Store)(nil)

// How long a call may take that its caller didn't bound more tightly: one that a person waits for, and one that reads or writes much.
const (
	requestTimeout = 2 * time.Second
	patientTimeout = 10 * time.Second
)

// Options say where the database is.
type Options struct {
	URL            string
	MaxConnections int    // of the pool; 0: 16. The writer, the listener and the breaker's probe have one each besides.
	Pooled         bool   // URL leads to a pooler that gives each transaction another connection
	DirectURL      string // leads to the database itself: "" if URL does
	ReadURL        string // "" or a standby
}

// Open makes the pool without waiting for the database: a replica starts while Postgres is away.
func Open(url string) (*Store, error) { return OpenWith(Options{URL: url}) }

// OpenWith is Open with more to say.
func OpenWith(o Options) (*Store, error) {
	cfg, err := poolConfig("DATABASE_URL", o.URL, cmp.Or(o.MaxConnections, leastConnections))
	if err != nil {
		return nil, err
	}
	gate := &breaker{opened: make(chan struct{}, 1), pooled: o.Pooled}
	direct := cfg
	if o.DirectURL != "" {
		if direct, err = poolConfig("DATABASE_DIRECT_URL", o.DirectURL, 1); err != nil {
			return nil, err
		}
	}
	direct.ConnConfig.Tracer = gate
	if o.Pooled {
		poolable(cfg.ConnConfig)
	}
	cfg.ConnConfig.Tracer = gate
	pool, err := pgxpool.NewWithConfig(context.Background(), cfg)
	if err != nil {
		return nil, err
	}
	s := &Store{pool: pool, gate: gate, q: queries.New(gate)}
	if o.ReadURL != "" {
		if s.standby, err = openStandby(o.ReadURL, cmp.Or(o.MaxConnections, leastConnections), gate); err != nil {
			pool.Close()
			return nil, err
		}
	}
	gate.start(pool, direct.ConnConfig)
	return s, nil
}

const leastConnections = 16

func poolConfig(setting, url string, most int) (*pgxpool.Config, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", setting, err)
	}
	cfg.MaxConns = max(int32(most), cfg.MaxConns)
	cfg.ConnConfig.ConnectTimeout = requestTimeout
	cfg.PingTimeout = requestTimeout / 4 // an idle connection whose server is gone makes room for another
	cfg.ConnConfig.RuntimeParams["idle_in_transaction_session_timeout"] = maxIdle
	cfg.ConnConfig.RuntimeParams["application_name"] = "parley"
	cfg.AfterConnect = prepare
	return cfg, nil
}

// maxIdle: a replica that stalls inside a transaction must not hold its locks for ever. In milliseconds.
const maxIdle = "10000"

// prepare lets pgx write uuids as 16 bytes; by itself it would go by way of their text.
func prepare(_ context.Context, conn *pgx.Conn) error {
	pgxuuid.Register(conn.TypeMap())
	return nil
}

// Close waits for connections in use.
func (s *Store) Close() {
	if s.standby != nil {
		s.standby.close()
	}
	s.gate.close()
	s.pool.Close()
}

// Ping asks whether the database answers, so that its silence is noticed before a person waits for it.
func (s *Store) Ping(ctx context.Context) error {
	_, err := s.gate.Exec(ctx, "-- ping")
	return mapError(err)
}

// Away says why calls are refused: the database doesn't answer, or only reads. nil: they aren't.
func (s *Store) Away() error {
	if why := s.gate.away.Load(); why != nil {
		return *why
	}
	return nil
}

// Connections counts those of the pool, and how often somebody has waited for one.
func (s *Store) Connections() (inUse, idle, most int, waits uint64) {
	stat := s.pool.Stat()
	return int(stat.AcquiredConns()), int(stat.IdleConns()), int(stat.MaxConns()), uint64(stat.EmptyAcquireCount()) // #nosec G115 -- a count
}

func (s *Store) tx(ctx context.Context, f func(q *queries.Queries) error) error {
	return inTx(ctx, s.gate, f)
}

type beginner interface {
	Begin(ctx context.Context) (pgx.Tx, error)
}

// inTx runs f in a READ COMMITTED transaction. An error before COMMIT was sent means that nothing happened; one after it wraps
// chat.ErrUnknownOutcome.
func inTx(ctx context.Context, on beginner, f func(q *queries.Queries) error) error {
	tx, err := on.Begin(ctx)
	if err != nil {
		return mapError(err)
	}
	defer rollback(tx)
	if err := f(queries.New(tx)); err != nil {
		return mapError(err)
	}
	return commit(ctx, tx)
}

// commit tells a commit that was refused from one whose answer never came. After a failed COPY the server answers COMMIT with
// ROLLBACK, which pgx reports as ErrTxCommitRollback.
func commit(ctx context.Context, tx pgx.Tx) error {
	err := tx.Commit(ctx)
	if err == nil {
		return nil
	}
	if serverReplied(err) {
		return mapError(err)
	}
	return mapError(fmt.Errorf("%w: %w", chat.ErrUnknownOutcome, err))
}

// rollback after a commit does nothing. It has a time of its own, since the caller's may be what ran out.
func rollback(tx pgx.Tx) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = tx.Rollback(ctx) // the connection is closed if this fails, which rolls back as well
}

func bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, requestTimeout)
}

func patient(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, patientTimeout)
}
