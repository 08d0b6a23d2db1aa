package components

import (
	"math"
	"strconv"
	"strings"
)

// Thousands formats n with a comma before each group of three digits: 4,812.
func Thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}

	return s
}

// Number returns n with about three digits, for people: 0.25, 12.3, 1,510.
func Number(n float64) string {
	digits := 0
	switch size := math.Abs(n); {
	case size < 10:
		digits = 2
	case size < 100:
		digits = 1
	default:
		return Thousands(int64(math.Round(n)))
	}

	text := strconv.FormatFloat(n, 'f', digits, 64)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// Capitalize returns text with its first letter, which must be ASCII, in upper
// case.
func Capitalize(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
