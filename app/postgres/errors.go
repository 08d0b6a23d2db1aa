package postgres

import (
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"parley/app/chat"
)

// SQLSTATE codes, https://www.postgresql.org/docs/current/errcodes-appendix.html
const (
	codeUniqueViolation      = "23505"
	codeDeadlockDetected     = "40P01"
	codeSerializationFailure = "40001"
	codeReadOnlyTransaction  = "25006" // also from a standby that was the primary
	codeIdleInTransaction    = "25P03"

	codeStringTooLong       = "22001"
	codeNotInRepertoire     = "22021" // bytes that are not valid in the encoding
	codeUntranslatable      = "22P05"
	codeProgramLimitReached = "54000"

	codeAdminShutdown    = "57P01" // also when one connection was terminated
	codeCrashShutdown    = "57P02"
	codeCannotConnectNow = "57P03" // the server is starting, stopping or recovering
	codeDatabaseDropped  = "57P04"

	codeInvalidPassword      = "28P01" // #nosec G101 -- an error code
	codeInvalidAuthorization = "28000"
	codeNoDatabase           = "3D000"
	codeTooManyConnections   = "53300"
	codeDiskFull             = "53100"
	codeIOError              = "58030"

	codeNoPrivilege        = "42501"
	codeNoTable            = "42P01"
	codeNoColumn           = "42703"
	codeNoFunction         = "42883"
	codeNoSchema           = "3F000"
	codePreparedExists     = "42P05" // these two: a pooler that isn't known to be one
	codeNoPreparedStatment = "26000"
)

// mapError gives an error of pgx its kind: NotFound for no row, Unavailable when
// the server is down or can't work. Other errors are returned as they are.
func mapError(err error) error {
	var pg *pgconn.PgError
	switch {
	case err == nil:
		return nil
	case chat.KindOf(err) != "":
		return err
	case errors.Is(err, pgx.ErrNoRows):
		return chat.ErrNotFound()
	case errors.As(err, new(*pgconn.ConnectError)): // for any reason
		return chat.Unavailable("postgres", err)
	case errors.As(err, &pg):
		if isServerState(pg.Code) || isRefusal(pg.Code) {
			return chat.Unavailable("postgres", err)
		}
		return err
	case errors.Is(err, pgx.ErrTxCommitRollback), errors.Is(err, chat.ErrContent):
		return err
	default: // no reply: dialling failed, the connection broke, the deadline passed
		return chat.Unavailable("postgres", err)
	}
}

// isServerState reports whether a code is about the state of the server and not
// about the statement. Class 53 is a lack of connections, memory or disk space.
func isServerState(code string) bool {
	for _, class := range []string{"08", "53", "57", "58", "XX"} {
		if strings.HasPrefix(code, class) {
			return true
		}
	}
	return code == codeReadOnlyTransaction || code == codeIdleInTransaction
}

// isServerDown reports whether a code means that the next call would fail too: the
// connection leads to no server, or to one that accepts no writes.
func isServerDown(code string) bool {
	switch code {
	case codeReadOnlyTransaction, codeAdminShutdown, codeCrashShutdown, codeCannotConnectNow, codeDatabaseDropped:
		return true
	}
	return strings.HasPrefix(code, "08")
}

// isRefusal reports whether a code means that the server works and refuses what
// Parley needs of it, whatever the statement: rights, tables and columns, space. The
// breaker then tries all of it before it rejects calls.
func isRefusal(code string) bool {
	switch code {
	case codeNoPrivilege, codeNoTable, codeNoColumn, codeNoFunction, codeNoSchema, codePreparedExists,
		codeNoPreparedStatment, codeDiskFull, codeIOError:
		return true
	}
	return false
}

// serverReplied reports whether err is the server's own reply (the transaction
// certainly failed) rather than a lost connection or a shutdown (after which its
// outcome is unknown).
func serverReplied(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && !isServerDown(pg.Code) || errors.Is(err, pgx.ErrTxCommitRollback)
}

// isConflict reports whether a transaction lost a race and may succeed when it is
// retried.
func isConflict(err error) bool {
	var pg *pgconn.PgError
	if errors.Is(err, pgx.ErrTxCommitRollback) {
		return true
	}
	if !errors.As(err, &pg) {
		return false
	}
	return pg.Code == codeUniqueViolation || pg.Code == codeDeadlockDetected || pg.Code == codeSerializationFailure
}

// isDeadlock reports whether a statement was cancelled in favour of others that it
// waited for. Even statements that lock rows in one order can deadlock, in the queue
// for a row that several transactions share.
func isDeadlock(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == codeDeadlockDetected || pg.Code == codeSerializationFailure)
}

// isContentError reports whether the same rows will fail again: data exceptions
// (class 22), violated constraints other than unique keys (class 23), and rows
// beyond a limit of the server.
func isContentError(err error) bool {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return false
	}
	return strings.HasPrefix(pg.Code, "22") ||
		strings.HasPrefix(pg.Code, "23") && pg.Code != codeUniqueViolation ||
		pg.Code == codeProgramLimitReached
}

// contentError wraps an error of isContentError together with the reason that the
// sender is given.
func contentError(err error) error {
	var pg *pgconn.PgError
	errors.As(err, &pg)
	switch pg.Code {
	case codeNotInRepertoire, codeUntranslatable:
		return fmt.Errorf("%w: %w: %w", chat.ErrContent, chat.ErrCharacters, err)
	case codeStringTooLong, codeProgramLimitReached:
		return fmt.Errorf("%w: %w: %w", chat.ErrContent, chat.ErrTooLong, err)
	}
	return fmt.Errorf("%w: %w", chat.ErrContent, err)
}
