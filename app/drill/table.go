package drill

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"
)

// Row is the cost of one fault.
type Row struct {
	Fault        string
	Outage       time.Duration // anybody's longest wait for an acknowledgement
	Acknowledged int           // messages
	Lost         int           // acknowledged, and not stored
	Duplicated   int           // stored more than once
	OutOfOrder   int           // stored behind a message written later, or with a gap before it
	LiveAgain    time.Duration // from the recovery until a message sent after it had reached every open stream
}

func (r Row) broken() bool { return r.Lost+r.Duplicated+r.OutOfOrder > 0 }

// Print writes the rows as an aligned table.
func Print(w io.Writer, rows []Row) error {
	const line = "%-16s  %19s  %12s  %4s  %10s  %12s  %16s\n"

	_, err := fmt.Fprintf(w, line,
		"fault", "longest send outage", "acknowledged", "lost", "duplicated", "out of order", "live again after")
	for _, r := range rows {
		_, e := fmt.Fprintf(w, line,
			r.Fault, seconds(r.Outage), strconv.Itoa(r.Acknowledged), strconv.Itoa(r.Lost),
			strconv.Itoa(r.Duplicated), strconv.Itoa(r.OutOfOrder), seconds(r.LiveAgain))
		err = errors.Join(err, e)
	}

	return err
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }
