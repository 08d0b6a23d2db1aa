package drill

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
)

// person is somebody who is signed in, as a program.
type person struct {
	name string
	http *http.Client
	id   string
	talk string // the path of their conversation
}

func newPerson(name string) (*person, error) {
	jar, err := cookiejar.New(nil)
	return &person{name: name, http: &http.Client{Jar: jar, Transport: &http.Transport{MaxIdleConnsPerHost: 8}}}, err
}

// sendTimeout is how long a client waits for an answer before it tries the next replica: longer than a replica takes to say no.
const sendTimeout = 6 * time.Second

// do asks for JSON; a status that isn't wanted is an error.
func (p *person) do(ctx context.Context, method, address string, form url.Values, into any, want ...int) error {
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	res, err := p.http.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	for _, status := range want {
		if res.StatusCode == status {
			return json.Unmarshal(body, into)
		}
	}
	return fmt.Errorf("%s %s: %s", method, req.URL.Path, res.Status)
}

// sent is what an acknowledgement says.
type sent struct {
	ID        uuid.UUID
	LogOffset *int64 `json:"log_offset"`
}

func (p *person) send(ctx context.Context, base, body string, clientID uuid.UUID) (sent, error) {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	var a struct{ Message sent }
	err := p.do(ctx, "POST", base+p.talk+"/messages", url.Values{"body": {body}, "client_id": {clientID.String()}}, &a, http.StatusCreated)
	return a.Message, err
}

// said is a stored message.
type said struct {
	Seq  int64
	Body string
}

// history reads what is stored after a seq, and how much waits.
func (p *person) history(ctx context.Context, base string, after int64) (all []said, pending int, err error) {
	for {
		var page struct {
			Messages []said
			Pending  []struct{}
			Complete bool
		}
		err := p.do(ctx, "GET", fmt.Sprintf("%s%s?limit=100&after=%d", base, p.talk, after), nil, &page, http.StatusOK)
		if err == nil && !page.Complete {
			err = fmt.Errorf("%s is out of reach", p.talk)
		}
		if err != nil {
			return nil, 0, err
		}
		all = append(all, page.Messages...)
		if len(page.Messages) < 100 {
			return all, len(page.Pending), nil
		}
		after = all[len(all)-1].Seq
	}
}

// hear follows the person's stream until it ends; heard is told each message's text.
func (p *person) hear(ctx context.Context, base string, heard func(body string)) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/events?format=json", nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "application/json")
	res, err := p.http.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	name := ""
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		if event, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
			name = event
			continue
		}
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		var e struct{ Message said }
		if ok && name == "message" && json.Unmarshal([]byte(data), &e) == nil {
			heard(e.Message.Body)
		}
	}
	return lines.Err()
}
