package chaos

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"parley/app/chat"
)

// listener is told what a stream brings. lost says that there is no live path.
type listener interface {
	event(name string, data []byte)
	lost()
}

// listen keeps a stream open until ctx ends, as static/js/stream.js does: it comes back after the server's "retry" or a backoff, by chance,
// to whatever replica answers.
func (c *client) listen(ctx context.Context, to listener) {
	for failures := 0; ctx.Err() == nil; failures++ {
		retry, opened := c.follow(ctx, to)
		to.lost()
		if opened {
			failures = 0
		} else {
			c.move()
			retry = min(4*time.Second, 500*time.Millisecond<<min(failures, 3))
		}
		select {
		case <-time.After(retry/2 + rand.N(retry/2+1)):
		case <-ctx.Done():
		}
	}
}

// follow reads one stream to its end.
func (c *client) follow(ctx context.Context, to listener) (retry time.Duration, opened bool) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base()+"/events?format=json", nil)
	if err != nil {
		return 0, false
	}
	req.Header.Set("Accept", "text/event-stream")
	res, err := c.stream.Do(req)
	if err != nil {
		return 0, false
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		c.told(res.StatusCode, "opening a stream")
		return 0, false
	}
	retry = time.Second
	lines, name, data := bufio.NewScanner(res.Body), "", []byte(nil)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Bytes()
		field, value, _ := bytes.Cut(line, []byte(": "))
		switch {
		case len(line) == 0 && name != "":
			c.inspect(data, "a stream's "+name)
			to.event(name, data)
			name, data = "", nil
		case string(field) == "event":
			name = string(value)
		case string(field) == "data":
			data = append(data, value...)
		case string(field) == "retry":
			if ms, err := strconv.Atoi(strings.TrimSpace(string(value))); err == nil {
				retry = time.Duration(ms) * time.Millisecond
			}
		}
	}
	return retry, true
}

// decode reads an event's JSON; what can't be read is as good as a gap.
func decode[E chat.Event](data []byte) (e E, ok bool) {
	err := json.Unmarshal(data, &e)
	return e, err == nil
}
