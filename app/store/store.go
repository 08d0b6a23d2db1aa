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
	q    *queries.Queries
}

var _ chat.Store = (*Store)(nil)

// queryTimeout bounds every call that its caller didn't bound more tightly.
const queryTimeout = 5 * time.Second

// Open makes the pool without waiting for the database: a replica starts while Postgres is away.
func Open(url string) (*Store, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("DATABASE_URL: %w", err)
	}
	if cfg.MaxConns < 16 {
		cfg.MaxConns = 16
	}
	cfg.ConnConfig.Tracer = patience{}
	cfg.ConnConfig.ConnectTimeout = 3 * time.Second
	// A replica that stalls inside a transaction must not hold its locks for ever.
	cfg.ConnConfig.RuntimeParams["idle_in_transaction_session_timeout"] = "10000"
	cfg.ConnConfig.RuntimeParams["application_name"] = "parley"
	cfg.AfterConnect = prepare
	pool, err := pgxpool.NewWithConfig(context.Background(), cfg)
	if err != nil {
		return nil, err
	}
	return &Store{pool: pool, q: queries.New(pool)}, nil
}

// prepare lets pgx write uuids as 16 bytes; by itself it would go by way of their text.
func prepare(_ context.Context, conn *pgx.Conn) error {
	pgxuuid.Register(conn.TypeMap())
	return nil
}

// Close waits for connections in use.
func (s *Store) Close() { s.pool.Close() }

// Ping tells whether the database answers.
func (s *Store) Ping(ctx context.Context) error { return failed(s.pool.Ping(ctx)) }

func (s *Store) tx(ctx context.Context, f func(q *queries.Queries) error) error {
	return inTx(ctx, s.pool, f)
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
	return context.WithTimeout(ctx, queryTimeout)
}
