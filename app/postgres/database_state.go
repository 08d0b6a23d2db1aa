package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/app/status"
	"parley/db/queries"
)

// DatabaseState reads the state of the database and of the pool, for operators.
func (s *Store) DatabaseState(ctx context.Context) (status.PostgresState, error) {
	begin := time.Now()
	if err := s.Ping(ctx); err != nil {
		return status.PostgresState{}, err
	}
	state := status.PostgresState{Ping: time.Since(begin)}

	err := s.readOnly(ctx, func(q *queries.Queries) error {
		row, err := q.DatabaseState(ctx)
		state.Version, state.Bytes, state.Connected = row.Version, row.Bytes, row.Connected
		return err
	})
	pool := s.pool.Stat()
	state.Used, state.Open, state.Max = pool.AcquiredConns(), pool.TotalConns(), pool.MaxConns()
	return state, err
}

// readOnly runs f in a read-only transaction. Each of its statements times out
// after 1.5 s.
func (s *Store) readOnly(ctx context.Context, f func(q *queries.Queries) error) error {
	tx, err := s.breaker.BeginTx(ctx, pgx.TxOptions{AccessMode: pgx.ReadOnly})
	if err != nil {
		return mapError(err)
	}
	defer rollback(tx)

	q := queries.New(tx)
	if err := q.LimitStatement(ctx); err != nil {
		return mapError(err)
	}
	return mapError(f(q))
}
