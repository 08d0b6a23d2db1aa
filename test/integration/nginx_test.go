package integration

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/test/wait"
)

// nginxConf forwards requests at once over a few kept-alive connections, so that
// bytes left behind by one request would begin the next. The first server marks each
// request as cross-site, so that Parley rejects every POST that nginx has recognized
// as a request; a POST that succeeds was smuggled past nginx.
const nginxConf = `
daemon off; master_process off; pid %[1]s/pid; error_log %[1]s/error.log;
events { worker_connections 512; }
http {
	access_log off;
	client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; fastcgi_temp_path %[1]s/f;
	uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
	client_header_timeout 1s; client_body_timeout 1s; large_client_header_buffers 4 16k;
	upstream parley { server %[3]s; keepalive 2; }
	proxy_http_version 1.1; proxy_request_buffering off; proxy_buffering off;
	proxy_set_header Connection ""; proxy_set_header Host $host;
	server {
		listen 127.0.0.1:%[2]s;
		location / {
			proxy_pass http://parley;
			proxy_set_header Connection ""; proxy_set_header Host $host; proxy_set_header Sec-Fetch-Site cross-site;
		}
	}
	server {
		listen 127.0.0.1:%[4]s;
		location / { proxy_pass http://parley; }
	}
}`

// startNginx runs nginx in front of a replica until the test ends. It returns the
// addresses of both servers.
func startNginx(t *testing.T, replica string) (marking, plain string) {
	t.Helper()
	dir, port, other := t.TempDir(), freePort(t), freePort(t)
	conf := filepath.Join(dir, "nginx.conf")
	must(t, os.WriteFile(conf, fmt.Appendf(nil, nginxConf, dir, port, replica, other), 0o600))

	cmd := exec.Command("nginx", "-p", dir, "-e", filepath.Join(dir, "error.log"), "-c", conf)
	if err := cmd.Start(); err != nil {
		t.Fatalf("starting nginx (checked by go run ./test/services/cmd --check): %v", err)
	}

	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	marking, plain = "127.0.0.1:"+port, "127.0.0.1:"+other
	wait.Until(t, "nginx accepts connections", func() bool {
		conn, err := net.Dial("tcp", plain)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})

	return marking, plain
}

// statuses sends the bytes and returns the statuses of the responses within 4 s.
func (w wire) statuses(address, data string) (statuses []int, err error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(4 * time.Second)); err != nil {
		return nil, err
	}

	whole, _ := strings.CutSuffix(data, "TRICKLE")
	go func() { _, _ = io.WriteString(conn, whole) }() // fails if the connection is closed
	for responses := bufio.NewReader(conn); ; {
		res, err := http.ReadResponse(responses, nil)
		if err != nil {
			return statuses, nil
		}
		_, _ = io.Copy(io.Discard, res.Body) // fails if the connection is closed
		res.Body.Close()
		statuses = append(statuses, res.StatusCode)
	}
}

// TestRawSocketsBehindNginx: nginx and Parley agree on the boundaries of requests.
// No smuggled request is executed, and the connections between both stay usable.
func TestRawSocketsBehindNginx(t *testing.T) {
	t.Parallel()
	r := startReplica(t, "READ_TIMEOUT", "1", "LIMIT_MESSAGES", "0", "TRUSTED_PROXIES", "127.0.0.1")
	ada, _, conversation := r.signInFriends()
	marking, plain := startNginx(t, r.host())
	var all sync.WaitGroup
	for _, w := range wires {
		data := w.bytes(ada, conversation)
		all.Go(func() {
			statuses, err := w.statuses(marking, data)
			if err != nil {
				t.Errorf("%s: %v", w.name, err)
			}

			for _, status := range statuses {
				if status >= 500 && status != http.StatusNotImplemented &&
					status != http.StatusHTTPVersionNotSupported {
					t.Errorf("%s: %v", w.name, statuses)
				}
			}
		})
	}

	all.Wait()
	proxied := *r
	proxied.base = "http://" + plain
	for range 20 {
		proxied.sendRaw(get).expectStatus(200)
	}

	// Parley admits a large body before it reads it, which nginx must not notice.
	const head, tail = "--x\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"me.png\"\r\n\r\n", "\r\n--x--\r\n"
	upload := head + string(largePNG(t)) + tail
	proxied.sendRaw(fmt.Sprintf("POST /account/picture HTTP/1.1\r\nHost: x\r\nCookie: parley=%s\r\n"+
		"Accept: application/json\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary=x\r\n"+
		"Content-Length: %d\r\n\r\n%s", ada.token(), len(upload), upload)).expectStatus(204)

	last := wire{name: "sent through nginx", send: "POSTContent-Length: LENGTH\r\nConnection: close\r\n\r\nBODY"}
	statuses, err := last.statuses(plain, last.bytes(ada, conversation))
	if err != nil || len(statuses) != 1 || statuses[0] != http.StatusCreated {
		t.Errorf("message through nginx: statuses %v, error %v", statuses, err)
	}

	stored := map[string]bool{}
	wait.Until(t, "the message is stored", func() bool {
		for _, m := range ada.read(conversation).Messages {
			stored[m.Body] = true
		}
		return stored[last.name]
	})
	if len(stored) > 1 {
		t.Errorf("smuggled messages were stored: %v", stored)
	}
}
