package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/app/chat"
	"parley/app/loop"
	"parley/db/queries"
)

// beginner is a connection, or the pool behind the breaker.
type beginner interface {
	Begin(ctx context.Context) (pgx.Tx, error)
}

// tx runs f in a transaction on a connection of the pool, again if it loses a race:
// f must set whatever it returns anew. The errors are those of inTx.
func (s *Store) tx(ctx context.Context, f func(q *queries.Queries) error) error {
	return retryOnConflict(ctx, func() error { return inTx(ctx, s.breaker, f) })
}

// inTx runs f in a READ COMMITTED transaction. An error that wraps
// chat.ErrUnknownOutcome means that the transaction may have committed; any other
// error means that it has not.
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

// commit distinguishes a rejected commit from one whose reply was lost. After a
// failed COPY the server replies to COMMIT with ROLLBACK, which pgx returns as
// ErrTxCommitRollback.
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

// rollback does nothing after a commit. It has a timeout of its own, because the
// caller's context may have ended. If it fails, pgx closes the connection, which
// rolls back as well.
func rollback(tx pgx.Tx) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = tx.Rollback(ctx)
}

// maxConflictAttempts bounds how often a transaction that loses races is run.
// Under stress 16 attempts were the most ever needed.
const maxConflictAttempts = 64

// retryOnConflict runs a transaction again while it loses races with others.
func retryOnConflict(ctx context.Context, run func() error) error {
	return retryOn(ctx, isConflict, run)
}

// retryOn calls run again while its error is lost to others. The delay grows by a
// millisecond per attempt, up to 20 ms.
func retryOn(ctx context.Context, lost func(error) bool, run func() error) error {
	for attempt := 1; ; attempt++ {
		err := run()
		if err == nil || !lost(err) || attempt == maxConflictAttempts || ctx.Err() != nil {
			return err
		}
		loop.Sleep(ctx, min(time.Duration(attempt)*time.Millisecond, 20*time.Millisecond))
	}
}

// requireRow returns NotFound if a statement changed no row.
func requireRow(rows int64, err error) error {
	if err == nil && rows == 0 {
		return chat.ErrNotFound()
	}
	return mapError(err)
}
