// Command cmd prints the figures of the Go code's style, and fails when one misses
// its limit:
//
//	go run ./test/codestyle/cmd [-v] [PATH…]
//
// PATH is the root of a tree, by default the working directory. With -v it lists the
// identifiers, lines and functions that miss a limit. A single package may miss the
// limits of the files' sizes.
package main

import (
	"flag"
	"fmt"
	"os"
	"text/tabwriter"

	"parley/test/codestyle"
)

func main() {
	verbose := flag.Bool("v", false, "list identifiers, lines and functions that miss a limit")
	flag.Parse()

	roots := flag.Args()
	if len(roots) == 0 {
		roots = []string{"."}
	}

	figures, err := codestyle.Measure(roots...)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}

	ok := print(figures)
	if *verbose {
		for _, list := range [][]string{figures.Undocumented, figures.TooLong, figures.Complex} {
			for _, finding := range list {
				fmt.Println(finding)
			}
		}
	}

	if !ok {
		os.Exit(1)
	}
}

// print writes the table and reports whether every figure keeps its limit.
func print(figures *codestyle.Figures) bool {
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	ok := true

	for _, row := range figures.Rows() {
		mark := ""
		if !row.OK {
			mark, ok = "MISSED", false
		}

		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", row.Name, row.Value, row.Limit, mark)
	}

	return table.Flush() == nil && ok
}
