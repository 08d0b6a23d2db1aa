package static

import (
	"bytes"
	"compress/gzip"
	"io"
	"strconv"
	"strings"

	"github.com/andybalholm/brotli"
)

// Asset is a file in one encoding. Serve it with CacheControl and Vary, and with
// the header Content-Encoding unless Encoding is empty.
type Asset struct {
	Body        []byte // shared: never modify it
	ContentType string
	Encoding    string // "br", "gzip" or ""
}

var contentTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
	".png": "image/png",
}

// encodings are the encodings of one file, best first; the last is the plain one.
type encodings []Asset

func encode(body []byte, contentType string) encodings {
	plain := Asset{Body: body, ContentType: contentType}
	if contentType == "image/png" {
		return encodings{plain}
	}

	br := compress(body, func(w io.Writer) io.WriteCloser { return brotli.NewWriterLevel(w, brotli.BestCompression) })
	gz := compress(body, func(w io.Writer) io.WriteCloser {
		w2, _ := gzip.NewWriterLevel(w, gzip.BestCompression) // fails only for an unknown level
		return w2
	})
	return encodings{{br, contentType, "br"}, {gz, contentType, "gzip"}, plain}
}

func compress(body []byte, writer func(io.Writer) io.WriteCloser) []byte {
	var b bytes.Buffer
	w := writer(&b)
	w.Write(body) // never fails, because a bytes.Buffer never does
	w.Close()
	return b.Bytes()
}

func (e encodings) choose(acceptEncoding string) Asset {
	for _, asset := range e[:len(e)-1] {
		if accepts(acceptEncoding, asset.Encoding) {
			return asset
		}
	}
	return e[len(e)-1]
}

// accepts reports whether an Accept-Encoding header (RFC 9110 §12.5.3) allows a
// coding: by its name with a weight above 0, or else by "*".
func accepts(header, coding string) bool {
	wildcard := false
	for part := range strings.SplitSeq(header, ",") {
		name, parameters, _ := strings.Cut(part, ";")
		name = strings.TrimSpace(name)
		if strings.EqualFold(name, coding) {
			return weight(parameters) > 0
		}
		if name == "*" {
			wildcard = weight(parameters) > 0
		}
	}
	return wildcard
}

// weight parses "q=0.5". It returns 1 without a weight and 0 for an invalid one.
func weight(parameters string) float64 {
	value, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(parameters)), "q=")
	if !ok {
		return 1
	}
	q, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return 0
	}
	return q
}
