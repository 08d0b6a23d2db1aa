package codestyle

import "fmt"

// Row is one figure beside its limit.
type Row struct {
	Name  string
	Value string
	Limit string // "" if there is none
	OK    bool
}

// Rows returns the figures in the order in which they are printed.
func (f *Figures) Rows() []Row {
	width := 0
	if len(f.widths) > 0 {
		width = f.widths[len(f.widths)*widthPercentile/100]
	}

	var median, largest File
	if n := len(f.files); n > 0 {
		median, largest = f.files[n/2], f.files[n-1]
	}

	long, blank := percent(f.LongLines, f.Lines), percent(f.BlankLines, f.InFunctions)
	documented := percent(f.Documented, f.Exported)

	return []Row{
		{
			"comment width, p90",
			fmt.Sprintf("%d columns", width),
			fmt.Sprintf("≤ %d", maxCommentWidth),
			width <= maxCommentWidth,
		},
		{
			"lines above 120 columns",
			fmt.Sprintf("%.2f %%", long),
			fmt.Sprintf("≤ %.0f %%", maxLongLines),
			long <= maxLongLines,
		},
		{
			"blank lines in functions",
			fmt.Sprintf("%.1f %%", blank),
			fmt.Sprintf("≥ %.0f %%", minBlankLines),
			blank >= minBlankLines,
		},
		{
			"exported with a doc comment",
			fmt.Sprintf("%.1f %% of %d", documented, f.Exported),
			fmt.Sprintf("≥ %.0f %%", minDocumented),
			documented >= minDocumented,
		},
		{
			"median file",
			fmt.Sprintf("%d lines", median.Lines),
			fmt.Sprintf("≤ %d", maxMedianFile),
			median.Lines <= maxMedianFile,
		},
		{
			"largest file",
			fmt.Sprintf("%d lines (%s)", largest.Lines, largest.Path),
			fmt.Sprintf("≤ %d", maxFile),
			largest.Lines <= maxFile,
		},
		{"functions above complexity 15", fmt.Sprint(len(f.Complex)), "0", len(f.Complex) == 0},
		{"code of the program", fmt.Sprintf("%d lines", f.ProgramLines), "", true},
		{"code of tests", fmt.Sprintf("%d lines", f.TestLines), "", true},
		{"code of benches", fmt.Sprintf("%d lines", f.BenchLines), "", true},
	}
}

func percent(part, whole int) float64 {
	if whole == 0 {
		return 100
	}

	return 100 * float64(part) / float64(whole)
}
