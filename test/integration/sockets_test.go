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
	"syscall"
	"testing"
	"time"

	"parley/test/wait"
)

// bytes replaces the placeholders of a wire for a person and a conversation.
func (w wire) bytes(p *person, conversation string) string {
	body := messageForm(w.name).Encode()
	head := func(version string) string {
		return "POST " + conversation + "/messages HTTP/" + version + "\r\n" +
			"Host: x\r\n" +
			"Cookie: parley=" + p.token() + "\r\n" +
			"Accept: application/json\r\n" +
			"Content-Type: application/x-www-form-urlencoded\r\n"
	}

	other := messageForm("smuggled").Encode()
	smuggled := fmt.Sprintf("%sContent-Length: %d\r\n\r\n%s", head("1.1"), len(other), other)
	s := strings.NewReplacer(
		"SMUGGLEDLENGTH", fmt.Sprint(len(smuggled)),
		"SMUGGLED", smuggled,
		"LENGTH", fmt.Sprint(len(body)),
		"BODYCHUNK", fmt.Sprintf("%x\r\n%s\r\n", len(body), body),
		"BODY", body,
	).Replace(w.send)
	if rest, ok := strings.CutPrefix(s, "POST10"); ok {
		return head("1.0") + rest
	}
	if rest, ok := strings.CutPrefix(s, "POST"); ok {
		return head("1.1") + rest
	}

	return s
}

// exchange sends the bytes of a wire and returns the result in the format of want.
func (w wire) exchange(t *testing.T, address, data string) string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	must(t, conn.SetDeadline(time.Now().Add(10*time.Second)))

	whole, trickles := strings.CutSuffix(data, "TRICKLE")
	go func() {
		_, err := io.WriteString(conn, whole)
		for trickles && err == nil { // until the replica closes the connection
			time.Sleep(20 * time.Millisecond) // the slow client that this case tests
			_, err = io.WriteString(conn, "a")
		}
	}()

	var got []string
	responses := bufio.NewReader(conn)
	for {
		if len(got) > 0 && responses.Buffered() == 0 && strings.HasSuffix(w.want, " open") &&
			len(got)+1 == len(strings.Fields(w.want)) {
			return strings.Join(append(got, w.stillServes(conn, responses)), " ")
		}
		res, err := http.ReadResponse(responses, nil)
		if err != nil {
			return strings.Join(append(got, endOf(err)), " ")
		}
		if _, err := io.Copy(io.Discard, res.Body); err != nil {
			return strings.Join(append(got, "cut", err.Error()), " ")
		}
		res.Body.Close()
		got = append(got, fmt.Sprint(res.StatusCode))
	}
}

// stillServes reports whether the connection answers one more request, and nothing
// else.
func (w wire) stillServes(conn net.Conn, responses *bufio.Reader) string {
	if _, err := io.WriteString(conn, "GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); err != nil {
		return endOf(err)
	}

	res, err := http.ReadResponse(responses, nil)
	if err != nil {
		return endOf(err)
	}

	res.Body.Close()
	if res.StatusCode != http.StatusNotFound {
		return fmt.Sprintf("an unexpected response with status %d", res.StatusCode)
	}

	return "open"
}

// endOf names the end of a connection.
func endOf(err error) string {
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "closed"
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "hangs"
	}
	return err.Error()
}

// TestRawSockets: each sequence of bytes is rejected or answered correctly, no
// smuggled request is executed, and the next request is served.
func TestRawSockets(t *testing.T) {
	t.Parallel()
	r := startReplica(t, "READ_TIMEOUT", "1", "LIMIT_MESSAGES", "0")
	ada, _, conversation := r.signInFriends()
	address := r.host()
	t.Run("all", func(t *testing.T) {
		for _, w := range wires {
			t.Run(w.name, func(t *testing.T) {
				t.Parallel() // the slow cases overlap
				if got := w.exchange(t, address, w.bytes(ada, conversation)); got != w.want {
					t.Errorf("got %q, want %q", got, w.want)
				}
				r.sendRaw(get).expectStatus(200)
			})
		}
	})

	checkStored(t, ada, conversation)
}

// checkStored checks that exactly the messages of the accepted wires are stored.
func checkStored(t *testing.T, p *person, conversation string) {
	t.Helper()
	want := map[string]bool{}
	for _, w := range wires {
		if strings.Contains(w.want, "201") {
			want[w.name] = true
		}
	}

	wait.Until(t, "the messages are stored", func() bool {
		return int(p.read(conversation).Conversation.LastSeq) >= len(want)
	})
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
