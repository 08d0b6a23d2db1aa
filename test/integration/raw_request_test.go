package integration

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// host returns the replica's host and port.
func (r *instance) host() string { return strings.TrimPrefix(r.base, "http://") }

// sendRaw sends bytes as they are and reads one response.
func (r *instance) sendRaw(request string) reply {
	r.t.Helper()
	conn, err := net.Dial("tcp", r.host())
	if err != nil {
		r.t.Fatal(err)
	}
	defer conn.Close()
	must(r.t, conn.SetDeadline(time.Now().Add(requestTimeout)))

	if _, err := io.WriteString(conn, request); err != nil {
		r.t.Fatal(err)
	}

	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		r.t.Fatalf("request %.40q: %v", request, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatal(err)
	}

	return reply{r.t, fmt.Sprintf("%.40q", request), res.StatusCode, res.Header, string(body)}
}
