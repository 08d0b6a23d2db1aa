// Package picturetest writes image files that are small and costly to decode, for tests and
// measurements.
package picturetest

import "slices"

// File is a file that is within the limits of bytes and pixels.
type File struct {
	Name    string
	Content []byte
}

const side = 4000 // 16 million pixels

// Worst returns the costliest files of each format.
func Worst() []File {
	return slices.Concat(worstJPEGs(), worstPNGs(), worstGIFs(), worstWebPs())
}
