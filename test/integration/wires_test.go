package integration

import (
	"strings"
)

// wire is a sequence of bytes for a raw connection and the expected result. POST
// stands for the head of a request that sends a message, without the empty line at
// its end, and SMUGGLED for a whole request that sends another one.
type wire struct {
	name string
	send string
	want string // the statuses, then "open" or "closed": whether the connection can be reused
}

var (
	get   = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
	long  = strings.Repeat("x", 20<<10)
	wires = []wire{
		// Ambiguous ends of a body.
		{
			"a length and chunks",
			"POSTContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nSMUGGLED",
			"400 closed",
		},
		{
			"chunks and a length",
			"POSTTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\nSMUGGLED",
			"400 closed",
		},
		{"an unknown coding", "POSTTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\nSMUGGLED", "400 closed"},
		{
			"chunks, then identity",
			"POSTTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\nSMUGGLED",
			"400 closed",
		},
		{"identity", "POSTTransfer-Encoding: identity\r\nContent-Length: 0\r\n\r\nSMUGGLED", "400 closed"},
		{
			"two codings in two lines",
			"POSTTransfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\nSMUGGLED",
			"400 closed",
		},
		{"a space before the colon", "POSTTransfer-Encoding : chunked\r\n\r\n0\r\n\r\nSMUGGLED", "400 closed"},
		{
			"a vertical tab before the coding",
			"POSTTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\nSMUGGLED",
			"400 closed",
		},
		{"a quoted coding", "POSTTransfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\nSMUGGLED", "400 closed"},
		{"chunks in HTTP/1.0", "POST10Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nSMUGGLED", "400 closed"},
		{"two lengths", "POSTContent-Length: 0\r\nContent-Length: 4\r\n\r\nSMUGGLED", "400 closed"},
		{"the same length twice", "POSTContent-Length: 0\r\nContent-Length: 0\r\n\r\nSMUGGLED", "400 closed"},
		{"a list of lengths", "POSTContent-Length: 0, 0\r\n\r\nSMUGGLED", "400 closed"},
		{"a length with a plus", "POSTContent-Length: +0\r\n\r\nSMUGGLED", "400 closed"},
		{"a length below nothing", "POSTContent-Length: -1\r\n\r\nSMUGGLED", "400 closed"},
		{"two words of length", "POSTContent-Length: 0 4\r\n\r\nSMUGGLED", "400 closed"},
		{"a length in hex", "POSTContent-Length: 0x0\r\n\r\nSMUGGLED", "400 closed"},
		{
			"a length too long to count",
			"POSTContent-Length: 184467440737095516160\r\n\r\nSMUGGLED",
			"400 closed",
		},
		{"no length", "POSTContent-Length: \r\n\r\nSMUGGLED", "400 closed"},
		{"a length in a folded line", "POSTContent-Length:\r\n 0\r\n\r\nSMUGGLED", "400 closed"},
		{"a length behind a bare CR", "POSTX: y\rContent-Length: 0\r\n\r\nSMUGGLED", "400 closed"},
		// Chunked bodies.
		{"chunks", "POSTTransfer-Encoding: chunked\r\n\r\nBODYCHUNK0\r\n\r\n", "201 open"},
		{"chunks in capitals", "POSTTransfer-Encoding: CHUNKED\r\n\r\nBODYCHUNK0\r\n\r\n", "201 open"},
		{
			"a chunk of no size",
			"POSTTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\nSMUGGLED",
			"400 closed",
		},
		{
			"a chunk below nothing",
			"POSTTransfer-Encoding: chunked\r\n\r\n-1\r\na\r\n0\r\n\r\nSMUGGLED",
			"400 closed",
		},
		{
			"a chunk with a plus",
			"POSTTransfer-Encoding: chunked\r\n\r\n+1\r\na\r\n0\r\n\r\nSMUGGLED",
			"400 closed",
		},
		{
			"a chunk in hex notation",
			"POSTTransfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\nSMUGGLED",
			"400 closed",
		},
		{
			"a chunk too large to count",
			"POSTTransfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\na\r\n0\r\n\r\nSMUGGLED",
			"400 closed",
		},
		{
			"a chunk longer than it says",
			"POSTTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\nSMUGGLED",
			"400 closed",
		},
		{
			"a body of chunks beyond what is taken",
			"POSTTransfer-Encoding: chunked\r\n\r\n1000000\r\n" + strings.Repeat(long, 4),
			"413 closed",
		},
		{
			"an extension without end",
			"POSTTransfer-Encoding: chunked\r\n\r\n1;" + strings.Repeat(long, 8) + "\r\na\r\n0\r\n\r\n",
			"422 open",
		},
		{
			"a chunk's line ended by LF alone",
			"POSTTransfer-Encoding: chunked\r\n\r\n0\n\r\nSMUGGLED",
			"400 closed",
		},
		{
			"a trailer that would be a head",
			"POSTTransfer-Encoding: chunked\r\n\r\nBODYCHUNK0\r\nContent-Length: 9\r\nCookie: parley=x\r\n\r\n",
			"400 closed",
		},
		// Heads of requests.
		{"a line ended by LF alone", "GET /healthz HTTP/1.1\nHost: x\n\n", "408 closed"},
		{"a folded line", "GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n", "400 closed"},
		{"a NUL in a value", "GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n", "400 closed"},
		{"a NUL in a name", "GET /healthz HTTP/1.1\r\nHost: x\r\nX\x00: a\r\n\r\n", "400 closed"},
		{"a name with a space", "GET /healthz HTTP/1.1\r\nHost: x\r\nX Y: a\r\n\r\n", "400 closed"},
		{"no name", "GET /healthz HTTP/1.1\r\nHost: x\r\n: a\r\n\r\n", "400 closed"},
		{"no colon", "GET /healthz HTTP/1.1\r\nHost: x\r\nhello\r\n\r\n", "400 closed"},
		{"no Host", "GET /healthz HTTP/1.1\r\n\r\n", "400 closed"},
		{"no Host, in HTTP/1.0", "GET /healthz HTTP/1.0\r\n\r\n", "200 closed"},
		{"two Hosts", "GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", "400 closed"},
		{"a Host of two words", "GET /healthz HTTP/1.1\r\nHost: x y\r\n\r\n", "400 closed"},
		{"a head too long", "GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + long + "\r\n\r\n", "431 closed"},
		{
			"too many lines",
			"GET /healthz HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("X: y\r\n", 5000) + "\r\n",
			"431 closed",
		},
		{"an address too long", "GET /" + long + " HTTP/1.1\r\nHost: x\r\n\r\n", "431 closed"},
		{"a whole address", "GET http://x/healthz HTTP/1.1\r\nHost: x\r\n\r\n", "200 open"},
		{"a space in the address", "GET /health z HTTP/1.1\r\nHost: x\r\n\r\n", "400 closed"},
		{"a NUL in the address", "GET /health\x00z HTTP/1.1\r\nHost: x\r\n\r\n", "400 closed"},
		{"HTTP/0.9", "GET /healthz\r\n\r\n", "400 closed"},
		{"HTTP/9.9", "GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n", "400 closed"},
		{"HTTP/2 at once", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400 closed"},
		{"TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", "400 closed"},
		{"an unknown method", "FROB /healthz HTTP/1.1\r\nHost: x\r\n\r\n", "400 open"},
		{"a tunnel", "CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\n\r\n", "404 open"},
		// Several requests, and incomplete ones.
		{"three at once", get + get + get, "200 200 200 open"},
		{"a post and a page at once", "POSTContent-Length: LENGTH\r\n\r\nBODY" + get, "201 200 open"},
		{"an empty line first", "\r\n" + get, "200 open"},
		{"garbage behind it", get + "hello\r\n\r\n", "200 400 closed"},
		{
			"a page's body",
			"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: SMUGGLEDLENGTH\r\n\r\nSMUGGLED",
			"200 open",
		},
		{
			"a body to be continued",
			"POSTExpect: 100-continue\r\nContent-Length: LENGTH\r\n\r\nBODY",
			"100 201 open",
		},
		{
			"a body too large to be continued",
			"POSTExpect: 100-continue\r\nContent-Length: 100000000\r\n\r\n",
			"413 closed",
		},
		{"another expectation", "POSTExpect: the-worst\r\nContent-Length: LENGTH\r\n\r\nBODY", "417 closed"},
		{
			"a web socket",
			"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
				"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n\r\n",
			"200 open",
		},
		{
			"HTTP/2 by upgrade",
			"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\n" +
				"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
			"200 open",
		},
		{"a head that doesn't end", "GET /healthz HTTP/1.1\r\nHost: x\r\n", "408 closed"},
		{"a head that trickles", "GET /healthz HTTP/1.1\r\nHost: x\r\nTRICKLE", "408 closed"},
		{"a body that doesn't end", "POSTContent-Length: 1000\r\n\r\nbody=half", "408 closed"},
		{"a body that trickles", "POSTContent-Length: 1000\r\n\r\nbody=TRICKLE", "408 closed"},
		{"a chunk that doesn't end", "POSTTransfer-Encoding: chunked\r\n\r\n100\r\nbody=half", "408 closed"},
		{"nothing", "", "408 closed"},
	}
)
