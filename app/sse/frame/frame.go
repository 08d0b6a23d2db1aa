// Package frame encodes Server-Sent Events as the WHATWG HTML standard, section
// "Server-sent events", defines them.
package frame

import (
	"bytes"
	"strconv"
	"time"
)

// Comment is a frame that clients ignore.
var Comment = []byte(":\n\n")

var (
	crlf = []byte("\r\n")
	cr   = []byte("\r")
	lf   = []byte("\n")
)

// Event encodes one event. Every line of data has a "data: " prefix of its own.
// The standard ends a line at CR, LF and CRLF alike, so a lone CR in data becomes a
// line end too. name must not contain a line end.
func Event(name string, data []byte) []byte {
	data = bytes.ReplaceAll(bytes.ReplaceAll(data, crlf, lf), cr, lf)

	var b bytes.Buffer
	b.Grow(len(name) + len(data) + 64)
	b.WriteString("event: ")
	b.WriteString(name)
	for line := range bytes.SplitSeq(data, lf) {
		b.WriteString("\ndata: ")
		b.Write(line)
	}

	b.WriteString("\n\n")
	return b.Bytes()
}

// Heartbeat encodes an event "heartbeat" whose data is the time to the next one, in whole
// milliseconds. A script can see it, other than a comment.
func Heartbeat(interval time.Duration) []byte {
	return Event("heartbeat", strconv.AppendInt(nil, interval.Milliseconds(), 10))
}

// Retry encodes the delay after which the client reconnects, in whole milliseconds.
func Retry(delay time.Duration) []byte {
	return append(strconv.AppendInt([]byte("retry: "), delay.Milliseconds(), 10), "\n\n"...)
}
