package main

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// sender posts messages on a connection of its own, for less than net/http takes: a load that shares the machine with what it measures must be cheap.
type sender struct {
	conn net.Conn
	in   *bufio.Reader
	head string // of every request, from behind the talk's path to the length of its body
}

// answer is what of an answer to a send is looked at.
type answer struct {
	status     int
	retryAfter bool
}

const sendersWait = 30 * time.Second // for an answer

func (c *client) sender() (*sender, error) {
	at, err := url.Parse(c.base)
	if err != nil {
		return nil, err
	}
	conn, err := net.DialTimeout("tcp", at.Host, 5*time.Second)
	if err != nil {
		return nil, err
	}
	return &sender{conn: conn, in: bufio.NewReaderSize(conn, 2048),
		head: "/messages HTTP/1.1\r\nHost: " + at.Host + "\r\nCookie: " + c.cookie +
			"\r\nAccept: application/json\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: "}, nil
}

// sends a message and reads the answer.
func (s *sender) sends(talk, body string) (answer, error) {
	form := "client_id=" + uuid.Must(uuid.NewV7()).String() + "&body=" + url.QueryEscape(body)
	var request strings.Builder
	for _, part := range []string{"POST ", talk, s.head, strconv.Itoa(len(form)), "\r\n\r\n", form} {
		request.WriteString(part)
	}
	if err := s.conn.SetDeadline(time.Now().Add(sendersWait)); err != nil {
		return answer{}, err
	}
	if _, err := s.conn.Write([]byte(request.String())); err != nil {
		return answer{}, err
	}
	return s.reads()
}

func (s *sender) reads() (a answer, err error) {
	length := 0
	for first := true; ; first = false {
		line, err := s.in.ReadSlice('\n')
		if err != nil {
			return answer{}, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if first {
			_, status, _ := bytes.Cut(line, []byte(" "))
			if a.status, err = strconv.Atoi(string(status[:min(3, len(status))])); err != nil {
				return answer{}, fmt.Errorf("no status: %q", line)
			}
			continue
		}
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(": "))
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(value)); err != nil {
				return answer{}, err
			}
		case bytes.EqualFold(name, []byte("Retry-After")):
			a.retryAfter = true
		}
	}
	_, err = s.in.Discard(length)
	return a, err
}
