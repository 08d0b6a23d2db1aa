package drill

import (
	"fmt"
	"io"
	"text/tabwriter"
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
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "longest send outage\tacknowledged\tlost\tduplicated\tout of order\tlive again after\t   fault")
	for _, r := range rows {
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\t%s\t   %s\n", seconds(r.Outage), r.Acknowledged, r.Lost, r.Duplicated, r.OutOfOrder, seconds(r.LiveAgain), r.Fault)
	}
	return table.Flush()
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }
