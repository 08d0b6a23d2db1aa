// Package store keeps Parley's durable truth in PostgreSQL, through pgx and the queries that sqlc generated from db/queries.
package store

import (
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
}

var _ chat.Store = (*Store)(nil)

// How long a call may take that its caller didn't bound more tightly: one that a person waits for, and one that reads or writes much.
const (
	requestTimeout = 2 * time.Second
	patientTimeout = 10 * time.Second
)

// Open makes the pool without waiting for the database: a replica starts while Postgres is away.
func Open(url string) (*Store, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("DATABASE_URL: %w", err)
	}
	if cfg.MaxConns < 16 {
		cfg.MaxConns = 16
	}
	cfg.ConnConfig.ConnectTimeout = requestTimeout
	cfg.PingTimeout = requestTimeout / 4 // an idle connection whose server is gone makes room for another
	// A replica that stalls inside a transaction must not hold its locks for ever.
	cfg.ConnConfig.RuntimeParams["idle_in_transaction_session_timeout"] = "10000"
	cfg.ConnConfig.RuntimeParams["application_name"] = "parley"
	cfg.AfterConnect = prepare
	gate := &breaker{opened: make(chan struct{}, 1)}
	cfg.ConnConfig.Tracer = gate
	pool, err := pgxpool.NewWithConfig(context.Background(), cfg)
	if err != nil {
		return nil, err
	}
	gate.start(pool)
	return &Store{pool: pool, gate: gate, q: queries.New(gate)}, nil
}

// prepare lets pgx write uuids as 16 bytes; by itself it would go by way of their text.
func prepare(_ context.Context, conn *pgx.Conn) error {
	pgxuuid.Register(conn.TypeMap())
	return nil
}

// Close waits for connections in use.
func (s *Store) Close() {
	s.gate.close()
	s.pool.Close()
}

// Ping asks whether the database answers, so that its silence is noticed before a person waits for it.
func (s *Store) Ping(ctx context.Context) error {
	_, err := s.gate.Exec(ctx, "-- ping")
	return failed(err)
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
		return failed(err)
	}
	defer rollback(tx)
	if err := f(queries.New(tx)); err != nil {
		return failed(err)
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
	if answered(err) {
		return failed(err)
	}
	return failed(fmt.Errorf("%w: %w", chat.ErrUnknownOutcome, err))
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
