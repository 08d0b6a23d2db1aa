package drill

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"
)

// Row is what one fault cost.
type Row struct {
	Fault        string
	Outage       time.Duration // the longest wait of anyone for an acknowledgement
	Acknowledged int
	Lost         int           // acknowledged, and not there
	Duplicated   int           // there more than once
	OutOfOrder   int           // behind a later message of the same person, or with a number that doesn't follow
	LiveAgain    time.Duration // after the part's return, until a message sent after it was on every open stream
}

func (r Row) broken() bool { return r.Lost+r.Duplicated+r.OutOfOrder > 0 }

// Print aligns the rows.
func Print(w io.Writer, rows []Row) error {
	const line = "%-16s  %19s  %12s  %4s  %10s  %12s  %16s\n"
	_, err := fmt.Fprintf(w, line, "fault", "longest send outage", "acknowledged", "lost", "duplicated", "out of order", "live again after")
	for _, r := range rows {
		_, e := fmt.Fprintf(w, line, r.Fault, seconds(r.Outage), strconv.Itoa(r.Acknowledged), strconv.Itoa(r.Lost), strconv.Itoa(r.Duplicated),
			strconv.Itoa(r.OutOfOrder), seconds(r.LiveAgain))
		err = errors.Join(err, e)
	}
	return err
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }
