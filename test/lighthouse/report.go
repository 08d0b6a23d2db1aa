package main

import (
	"fmt"
	"math"
)

// categories are the categories of Lighthouse that are measured.
var categories = []string{"performance", "accessibility", "best-practices", "seo"}

// report is the part of Lighthouse's JSON report that is read.
type report struct {
	Categories map[string]struct {
		Score     float64
		AuditRefs []struct {
			ID     string
			Weight float64
		}
	}
	Audits map[string]struct {
		Title        string
		Score        *float64
		DisplayValue string
	}
	FinalDisplayedURL string
	Environment       struct{ BenchmarkIndex float64 }
	RuntimeError      struct{ Message string }
}

// score is the score of a category, from 0 to 100.
func (r report) score(category string) int {
	return int(math.Round(100 * r.Categories[category].Score))
}

// sum is the sum of all scores.
func (r report) sum() (sum int) {
	for _, c := range categories {
		sum += r.score(c)
	}
	return sum
}

// failures lists the audits that lower a category's score, one a line.
func (r report) failures(category string) (lines string) {
	for _, ref := range r.Categories[category].AuditRefs {
		if a := r.Audits[ref.ID]; ref.Weight > 0 && a.Score != nil && *a.Score < 1 {
			lines += fmt.Sprintf("\n  %s: %s %s", ref.ID, a.Title, a.DisplayValue)
		}
	}
	return lines
}
