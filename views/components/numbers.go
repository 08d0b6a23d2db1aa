package components

import (
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

// Capitalize returns text with its first letter, which must be ASCII, in upper
// case.
func Capitalize(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
