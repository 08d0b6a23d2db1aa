package integration

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"parley/test/wait"
)

// wire is what somebody writes to a bare connection, and what must come back. In it, POST stands for the head of a post to the conversation but for
// its last empty line, and SMUGGLED for a whole request that would send a message.
type wire struct {
	name string
	send string
	want string // statuses in their order, then "open" or "closed": whether more would be taken on the connection
}

var (
	get   = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
	long  = strings.Repeat("x", 20<<10)
	wires = []wire{
		// Where does a body end? Nobody may be of two minds.
		{"a length and chunks", "POSTContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nSMUGGLED", "400 closed"},
		{"chunks and a length", "POSTTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\nSMUGGLED", "400 closed"},
		{"an unknown coding", "POSTTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\nSMUGGLED", "400 closed"},
		{"chunks, then identity", "POSTTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\nSMUGGLED", "400 closed"},
		{"identity", "POSTTransfer-Encoding: identity\r\nContent-Length: 0\r\n\r\nSMUGGLED", "400 closed"},
		{"two codings in two lines", "POSTTransfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\nSMUGGLED", "400 closed"},
		{"a space before the colon", "POSTTransfer-Encoding : chunked\r\n\r\n0\r\n\r\nSMUGGLED", "400 closed"},
		{"a vertical tab before the coding", "POSTTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\nSMUGGLED", "400 closed"},
		{"a quoted coding", "POSTTransfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\nSMUGGLED", "400 closed"},
		{"chunks in HTTP/1.0", "POST10Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nSMUGGLED", "400 closed"},
		{"two lengths", "POSTContent-Length: 0\r\nContent-Length: 4\r\n\r\nSMUGGLED", "400 closed"},
		{"the same length twice", "POSTContent-Length: 0\r\nContent-Length: 0\r\n\r\nSMUGGLED", "400 closed"},
		{"a list of lengths", "POSTContent-Length: 0, 0\r\n\r\nSMUGGLED", "400 closed"},
		{"a length with a plus", "POSTContent-Length: +0\r\n\r\nSMUGGLED", "400 closed"},
		{"a length below nothing", "POSTContent-Length: -1\r\n\r\nSMUGGLED", "400 closed"},
		{"two words of length", "POSTContent-Length: 0 4\r\n\r\nSMUGGLED", "400 closed"},
		{"a length in hex", "POSTContent-Length: 0x0\r\n\r\nSMUGGLED", "400 closed"},
		{"a length too long to count", "POSTContent-Length: 184467440737095516160\r\n\r\nSMUGGLED", "400 closed"},
		{"no length", "POSTContent-Length: \r\n\r\nSMUGGLED", "400 closed"},
		{"a length in a folded line", "POSTContent-Length:\r\n 0\r\n\r\nSMUGGLED", "400 closed"},
		{"a length behind a bare CR", "POSTX: y\rContent-Length: 0\r\n\r\nSMUGGLED", "400 closed"},
		// Chunks.
		{"chunks", "POSTTransfer-Encoding: chunked\r\n\r\nBODYCHUNK0\r\n\r\n", "201 open"},
		{"chunks in capitals", "POSTTransfer-Encoding: CHUNKED\r\n\r\nBODYCHUNK0\r\n\r\n", "201 open"},
		{"a chunk of no size", "POSTTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\nSMUGGLED", "400 closed"},
		{"a chunk below nothing", "POSTTransfer-Encoding: chunked\r\n\r\n-1\r\na\r\n0\r\n\r\nSMUGGLED", "400 closed"},
		{"a chunk with a plus", "POSTTransfer-Encoding: chunked\r\n\r\n+1\r\na\r\n0\r\n\r\nSMUGGLED", "400 closed"},
		{"a chunk in hex notation", "POSTTransfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\nSMUGGLED", "400 closed"},
		{"a chunk too large to count", "POSTTransfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\na\r\n0\r\n\r\nSMUGGLED", "400 closed"},
		{"a chunk longer than it says", "POSTTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\nSMUGGLED", "400 closed"},
		{"a chunk beyond what is taken", "POSTTransfer-Encoding: chunked\r\n\r\n1000000\r\n" + long, "413 closed"},
		{"an extension without end", "POSTTransfer-Encoding: chunked\r\n\r\n1;" + strings.Repeat(long, 8) + "\r\na\r\n0\r\n\r\n", "422 open"},
		{"a chunk's line ended by LF alone", "POSTTransfer-Encoding: chunked\r\n\r\n0\n\r\nSMUGGLED", "400 closed"},
		{"a trailer that would be a head", "POSTTransfer-Encoding: chunked\r\n\r\nBODYCHUNK0\r\nContent-Length: 9\r\nCookie: parley=x\r\n\r\n", "400 closed"},
		// Heads.
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
		{"too many lines", "GET /healthz HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("X: y\r\n", 5000) + "\r\n", "431 closed"},
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
		// More than one request, or less.
		{"three at once", get + get + get, "200 200 200 open"},
		{"a post and a page at once", "POSTContent-Length: LENGTH\r\n\r\nBODY" + get, "201 200 open"},
		{"an empty line first", "\r\n" + get, "200 open"},
		{"garbage behind it", get + "hello\r\n\r\n", "200 400 closed"},
		{"a page's body", "GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: SMUGGLEDLENGTH\r\n\r\nSMUGGLED", "200 open"},
		{"a body to be continued", "POSTExpect: 100-continue\r\nContent-Length: LENGTH\r\n\r\nBODY", "100 201 open"},
		{"a body too large to be continued", "POSTExpect: 100-continue\r\nContent-Length: 100000000\r\n\r\n", "413 closed"},
		{"another expectation", "POSTExpect: the-worst\r\nContent-Length: LENGTH\r\n\r\nBODY", "417 closed"},
		{"a web socket", "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n\r\n", "200 open"},
		{"HTTP/2 by upgrade", "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n", "200 open"},
		{"a head that doesn't end", "GET /healthz HTTP/1.1\r\nHost: x\r\n", "408 closed"},
		{"a head that trickles", "GET /healthz HTTP/1.1\r\nHost: x\r\nTRICKLE", "408 closed"},
		{"a body that doesn't end", "POSTContent-Length: 1000\r\n\r\nbody=half", "408 closed"},
		{"a body that trickles", "POSTContent-Length: 1000\r\n\r\nbody=TRICKLE", "408 closed"},
		{"a chunk that doesn't end", "POSTTransfer-Encoding: chunked\r\n\r\n100\r\nbody=half", "408 closed"},
		{"nothing", "", "408 closed"},
	}
)

// spelt puts the conversation into a wire.
func (w wire) bytes(p *person, conversation string) string {
	body := messageForm(w.name).Encode()
	head := func(version string) string {
		return "POST " + conversation + "/messages HTTP/" + version + "\r\nHost: x\r\nCookie: parley=" + p.token() + "\r\nAccept: application/json\r\nContent-Type: application/x-www-form-urlencoded\r\n"
	}

	other := messageForm("smuggled").Encode()
	smuggled := fmt.Sprintf("%sContent-Length: %d\r\n\r\n%s", head("1.1"), len(other), other)
	s := strings.NewReplacer("SMUGGLEDLENGTH", fmt.Sprint(len(smuggled)), "SMUGGLED", smuggled, "LENGTH", fmt.Sprint(len(body)), "BODYCHUNK", fmt.Sprintf("%x\r\n%s\r\n", len(body), body), "BODY", body).Replace(w.send)
	if rest, ok := strings.CutPrefix(s, "POST10"); ok {
		return head("1.0") + rest
	}
	if rest, ok := strings.CutPrefix(s, "POST"); ok {
		return head("1.1") + rest
	}

	return s
}

// plays a wire against an address, and tells what came back.
func (w wire) exchange(t *testing.T, address, bytes string) string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}

	whole, trickles := strings.CutSuffix(bytes, "TRICKLE")
	go func() {
		_, err := io.WriteString(conn, whole)
		for trickles && err == nil { // until it is cut off
			time.Sleep(20 * time.Millisecond) // a sender that is slow on purpose: what the case is about
			_, err = io.WriteString(conn, "a")
		}
	}()

	var came []string
	answers := bufio.NewReader(conn)
	for {
		if len(came) > 0 && answers.Buffered() == 0 && strings.HasSuffix(w.want, " open") &&
			len(came)+1 == len(strings.Fields(w.want)) {
			return strings.Join(append(came, w.stillServes(conn, answers)), " ")
		}
		res, err := http.ReadResponse(answers, nil)
		if err != nil {
			return strings.Join(append(came, endOf(err)), " ")
		}
		if _, err := io.Copy(io.Discard, res.Body); err != nil {
			return strings.Join(append(came, "cut", err.Error()), " ")
		}
		res.Body.Close()
		came = append(came, fmt.Sprint(res.StatusCode))
	}
}

// stillServes tells whether the connection takes one more request, and answers it and nothing else.
func (w wire) stillServes(conn net.Conn, answers *bufio.Reader) string {
	if _, err := io.WriteString(conn, "GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); err != nil {
		return endOf(err)
	}

	res, err := http.ReadResponse(answers, nil)
	if err != nil {
		return endOf(err)
	}

	res.Body.Close()
	if res.StatusCode != http.StatusNotFound {
		return fmt.Sprintf("and %d for what wasn't asked", res.StatusCode)
	}

	return "open"
}

func endOf(err error) string {
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), strings.Contains(err.Error(), "reset by peer"), strings.Contains(err.Error(), "broken pipe"):
		return "closed"
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "hangs"
	}
	return err.Error()
}

// TestRawSockets: each is refused or served rightly, nothing that was smuggled is done, and whoever comes next is served.
func TestRawSockets(t *testing.T) {
	r := startReplica(t, "READ_TIMEOUT", "1", "LIMIT_MESSAGES", "0")
	ada, bob := r.signIn("Ada"), r.signIn("Bob")
	conversation := ada.openConversation(bob)
	address := r.host()
	t.Run("all", func(t *testing.T) {
		for _, w := range wires {
			t.Run(w.name, func(t *testing.T) {
				t.Parallel() // the slow ones wait together
				if got := w.exchange(t, address, w.bytes(ada, conversation)); got != w.want {
					t.Errorf("got %q, want %q", got, w.want)
				}
				if got := r.sendRaw(get); got.status != 200 {
					t.Errorf("next request: status %d", got.status)
				}
			})
		}
	})

	sentOnly(t, ada, conversation)
}

// sentOnly: of all wires, those that were to send a message did, and no other did.
func sentOnly(t *testing.T, p *person, conversation string) {
	t.Helper()
	want := map[string]bool{}
	for _, w := range wires {
		if strings.Contains(w.want, "201") {
			want[w.name] = true
		}
	}

	wait.Until(t, "the messages are stored", func() bool { return int(p.read(conversation).Conversation.LastSeq) >= len(want) })
	for _, m := range p.read(conversation).Messages {
		if !want[m.Body] {
			t.Errorf("message %q was stored", m.Body)
		}
		delete(want, m.Body)
	}

	if len(want) > 0 {
		t.Errorf("messages not stored: %v", want)
	}
}
