package components

import "fmt"

// Stat is a figure with its history.
type Stat struct {
	Name   string
	Figure string
	Unit   string
	Note   string
	Points []float64 // oldest first
}

// sparklinePath returns the coordinates of a history, on a grid of 100 × 28. Both
// edges keep a distance of 2 for the width of the line. A history of fewer than two
// points is a line at the bottom.
func sparklinePath(points []float64) string {
	if len(points) < 2 {
		return "0 26L100 26"
	}

	_, highest := extremes(points)
	line := ""

	for i, p := range points {
		y := 26.0
		if highest > 0 {
			y = 26 - 22*p/highest
		}

		if line != "" {
			line += "L"
		}

		line += fmt.Sprintf("%.4g %.4g", 100*float64(i)/float64(len(points)-1), y)
	}

	return line
}

func sparklineLabel(points []float64, unit string) string {
	if len(points) < 2 {
		return "No history yet"
	}

	lowest, highest := extremes(points)
	return fmt.Sprintf(
		"Between %s and %s %s since this page was opened, in the last 5 minutes at most",
		Number(lowest), Number(highest), unit,
	)
}

func extremes(points []float64) (lowest, highest float64) {
	lowest = points[0]
	for _, p := range points {
		lowest, highest = min(lowest, p), max(highest, p)
	}

	return lowest, highest
}
