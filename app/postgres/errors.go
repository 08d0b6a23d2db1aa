package postgres

import (
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"parley/app/chat"
)

// SQLSTATE codes (PostgreSQL documentation, appendix A).
const (
	uniqueViolation     = "23505"
	deadlockDetected    = "40P01"
	serializationFailed = "40001"
	readOnly            = "25006" // a standby that was the primary
	tooLong             = "22001"
	badCharacter        = "22021" // bytes that are not of the encoding
	noCharacter         = "22P05"
	tooLarge            = "54000"
	idleInTransaction   = "25P03"
	adminShutdown       = "57P01" // also: this one connection was ended
	crashShutdown       = "57P02"
	cannotConnectNow    = "57P03" // starting, stopping or recovering
	databaseDropped     = "57P04"
)

// failed gives an error of pgx its kind: NotFound for no row, Unavailable when the database is away or can't work, as it is otherwise.
func mapError(err error) error {
	var pg *pgconn.PgError
	switch {
	case err == nil:
		return nil
	case chat.KindOf(err) != "":
		return err
	case errors.Is(err, pgx.ErrNoRows):
		return chat.ErrNotFound()
	case errors.As(err, new(*pgconn.ConnectError)): // whatever the server had against it
		return chat.Unavailable("postgres", err)
	case errors.As(err, &pg):
		if away(pg.Code) {
			return chat.Unavailable("postgres", err)
		}
		return err
	case errors.Is(err, pgx.ErrTxCommitRollback), errors.Is(err, chat.ErrContent):
		return err
	default: // no answer: dialling, a broken connection, a deadline
		return chat.Unavailable("postgres", err)
	}
}

// away tells codes that speak of the server's state (53: too many connections, no room on the disk), not of the statement.
func away(code string) bool {
	for _, class := range []string{"08", "53", "57", "58", "XX"} {
		if strings.HasPrefix(code, class) {
			return true
		}
	}
	return code == readOnly || code == idleInTransaction
}

// gone tells those after which the next call would fare no better: there is no server behind the connection, or one that doesn't take writes.
func gone(code string) bool {
	switch code {
	case readOnly, adminShutdown, crashShutdown, cannotConnectNow, databaseDropped:
		return true
	}
	return strings.HasPrefix(code, "08")
}

// answered tells an error by which the server refused, not one by which it, or its connection, ended.
func serverReplied(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && !gone(pg.Code) || errors.Is(err, pgx.ErrTxCommitRollback)
}

// contested tells a transaction that lost a race and may win the next.
func contested(err error) bool {
	var pg *pgconn.PgError
	if errors.Is(err, pgx.ErrTxCommitRollback) {
		return true
	}
	return errors.As(err, &pg) && (pg.Code == uniqueViolation || pg.Code == deadlockDetected || pg.Code == serializationFailed)
}

// badContent tells an error that the same rows will cause again: data exceptions (class 22), constraints other than unique keys (class 23), and
// rows beyond a limit of the server.
func badContent(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (strings.HasPrefix(pg.Code, "22") || strings.HasPrefix(pg.Code, "23") && pg.Code != uniqueViolation || pg.Code == tooLarge)
}

// refused wraps an error of badContent, with what its sender may be told.
func refused(err error) error {
	var pg *pgconn.PgError
	errors.As(err, &pg)
	switch pg.Code {
	case badCharacter, noCharacter:
		return fmt.Errorf("%w: %w: %w", chat.ErrContent, chat.ErrCharacters, err)
	case tooLong, tooLarge:
		return fmt.Errorf("%w: %w: %w", chat.ErrContent, chat.ErrTooLong, err)
	}
	return fmt.Errorf("%w: %w", chat.ErrContent, err)
}
