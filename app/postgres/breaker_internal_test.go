package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"parley/app/chat"
)

func pgError(code string) error { return fmt.Errorf("query: %w", &pgconn.PgError{Code: code}) }

func TestErrorsThatTripTheBreaker(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err    error
		broken bool
		trips  bool
	}{
		"deadline":                    {context.DeadlineExceeded, true, true},
		"broken connection":           {io.ErrUnexpectedEOF, true, true},
		"cancelled by the caller":     {fmt.Errorf("timeout: %w", context.Canceled), true, false},
		"unreadable value":            {errors.New("can't scan"), false, false},
		"success":                     {nil, false, false},
		"read-only server":            {pgError("25006"), false, true},
		"server stopping":             {pgError("57P01"), true, true},
		"server crashed":              {pgError("57P02"), true, true},
		"server starting":             {pgError("57P03"), true, true},
		"unique violation":            {pgError("23505"), false, false},
		"invalid bytes":               {pgError("22021"), false, false},
		"statement timeout":           {pgError("57014"), false, false},
		"idle in transaction":         {pgError("25P03"), true, false},
		"too many connections":        {pgError("53300"), true, false},
		"disk full":                   {pgError("53100"), false, true},
		"no privilege":                {pgError("42501"), false, true},
		"no such table":               {pgError("42P01"), false, true},
		"prepared statement exists":   {pgError("42P05"), false, true},
		"connect refused by password": {errors.Join(&pgconn.ConnectError{}, pgError("28P01")), true, true},
		"connection reset by a proxy": {pgError("08006"), true, true},
	} {
		b := &breaker{tripped: make(chan struct{}, 1)}
		b.end(b.begin(context.Background()), c.err, c.broken)
		if got := b.suspected.Load(); got != c.trips {
			t.Errorf("%s: tripped = %v, want %v", name, got, c.trips)
		}

		closed := &breaker{tripped: make(chan struct{}, 1)}
		call := closed.begin(context.Background())
		closed.closings.Add(1)
		if closed.end(call, c.err, c.broken); closed.suspected.Load() {
			t.Errorf("%s: a call from before the breaker closed trips it again", name)
		}
	}
}

// TestErrorKindsByCode checks that an error about the server is Unavailable, and
// never one of the content.
func TestErrorKindsByCode(t *testing.T) {
	t.Parallel()
	for _, code := range []string{
		"25006", "57P01", "57P02", "57P03", "57P04", "57014", "53300", "53100", "53200", "08006", "58030", "XX000", "25P03",
	} {
		err := mapError(pgError(code))
		if chat.KindOf(err) != chat.KindUnavailable || isContentError(err) || isConflict(err) {
			t.Errorf("%s: error %v, want Unavailable only", code, err)
		}
	}
	for _, code := range []string{"22021", "23514", "54000"} {
		if err := mapError(pgError(code)); chat.KindOf(err) != "" || !isContentError(err) {
			t.Errorf("%s: error %v, want a content error", code, err)
		}
	}
}
