package picture

import "image"

// scalingMemory is the memory of crop: an image of less than 4 × Side, and its rows at
// their final width, in four float64 for each pixel.
const scalingMemory = 4*Side*4*Side*4 + 4*Side*Side*32

func pixels(c image.Config) int64 { return int64(c.Width) * int64(c.Height) }

// pngMemory reads the IHDR chunk, which pngConfig has found.
func pngMemory(file []byte, c image.Config) (int64, error) {
	depth, colorType, interlaced := file[24], file[25], file[28] != 0

	perPixel := int64(4) // grey with transparency becomes RGBA
	switch {
	case depth == 16:
		perPixel = 8
	case colorType == 3: // a palette
		perPixel = 1
	}

	memory := pixels(c) * perPixel
	if interlaced {
		memory *= 2 // each pass is an image, and together they have as many pixels
	}

	return memory + 2*int64(c.Width)*perPixel, nil // a row and the previous row
}

// gifMemory is that of the first frame, which is not larger than the image, and of a copy
// in another order of rows.
func gifMemory(_ []byte, c image.Config) (int64, error) { return 2 * pixels(c), nil }

// webpMemory is that of the costliest kind: lossy with compressed transparency, which is
// decoded to RGBA, and whose palette is expanded to RGBA.
func webpMemory(_ []byte, c image.Config) (int64, error) { return 11 * pixels(c), nil }

// jpegMemory is that of the components, each block of 64 samples with its coefficients if
// the file is progressive, and of the conversion of the colors.
func jpegMemory(file []byte, c image.Config) (int64, error) {
	h, err := readJPEG(file)
	if err != nil {
		return 0, err
	}

	perBlock, scans := int64(64), len(h.sampling)
	if h.progressive {
		perBlock, scans = 64+64*4, maxScans
	}

	if h.scans > scans {
		return 0, ErrTooCostly
	}

	memory := h.blocks(c) * perBlock
	switch {
	case len(h.sampling) == 4:
		memory += 8 * pixels(c) // to RGBA, and to CMYK
	case h.rgb:
		memory += 4 * pixels(c)
	}

	return memory, nil
}
