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

func code(c string) error { return fmt.Errorf("query: %w", &pgconn.PgError{Code: c}) }

func TestWhatOpensTheBreaker(t *testing.T) {
	for name, c := range map[string]struct {
		err    error
		broken bool
		opens  bool
	}{
		"a deadline":                  {context.DeadlineExceeded, true, true},
		"a connection that broke":     {io.ErrUnexpectedEOF, true, true},
		"the caller left":             {fmt.Errorf("timeout: %w", context.Canceled), true, false},
		"a value that can't be read":  {errors.New("can't scan"), false, false},
		"success":                     {nil, false, false},
		"a standby":                   {code("25006"), false, true},
		"it stops":                    {code("57P01"), true, true},
		"it crashed":                  {code("57P02"), true, true},
		"it starts":                   {code("57P03"), true, true},
		"a unique key":                {code("23505"), false, false},
		"bad bytes":                   {code("22021"), false, false},
		"a statement that took long":  {code("57014"), false, false},
		"a transaction left idle":     {code("25P03"), true, false},
		"no connection to spare":      {code("53300"), true, false},
		"no room on the disk":         {code("53100"), false, false},
		"a connection that was reset": {code("08006"), true, true},
	} {
		b := &breaker{opened: make(chan struct{}, 1)}
		b.end(b.begin(context.Background()), c.err, c.broken)
		if b.open.Load() != c.opens {
			t.Errorf("%s: open is %v", name, !c.opens)
		}
		late := &breaker{opened: make(chan struct{}, 1)}
		begun := late.begin(context.Background())
		late.closings.Add(1)
		if late.end(begun, c.err, c.broken); late.open.Load() {
			t.Errorf("%s: heard of after the breaker closed, it opens it again", name)
		}
	}
}

// TestWhatIsUnavailable: what speaks of the server is never a content error, and never an internal one.
func TestWhatIsUnavailable(t *testing.T) {
	for _, c := range []string{"25006", "57P01", "57P02", "57P03", "57P04", "57014", "53300", "53100", "53200", "08006", "58030", "XX000", "25P03"} {
		if err := mapError(code(c)); chat.KindOf(err) != chat.KindUnavailable || badContent(err) || contested(err) {
			t.Errorf("%s is %v", c, err)
		}
	}
	for _, c := range []string{"22021", "23514", "54000"} {
		if err := mapError(code(c)); chat.KindOf(err) != "" || !badContent(err) {
			t.Errorf("%s is %v", c, err)
		}
	}
}
