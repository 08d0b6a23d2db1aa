package main

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"

	"github.com/google/uuid"

	"parley/app/client"
)

// rawSender posts messages on a connection of its own, with less work than
// net/http: a load that shares the machine with what it measures must be cheap.
type rawSender struct {
	conn   net.Conn
	reader *bufio.Reader
	head   string // of every request, from the conversation's id to the length of the body
}

// rawAnswer is what the benchmarks need of an answer to a send.
type rawAnswer struct {
	status     int
	retryAfter bool
}

func newRawSender(c *client.Client) (*rawSender, error) {
	conn, err := net.DialTimeout("tcp", address(c), 5*time.Second)
	if err != nil {
		return nil, err
	}
	head := "/messages HTTP/1.1\r\nHost: " + address(c) +
		"\r\nCookie: " + cookie(c) +
		"\r\nAccept: application/json" +
		"\r\nContent-Type: application/x-www-form-urlencoded" +
		"\r\nContent-Length: "
	return &rawSender{conn, bufio.NewReaderSize(conn, 2048), head}, nil
}

// send posts a message and reads the answer.
func (s *rawSender) send(conversation uuid.UUID, body string) (rawAnswer, error) {
	form := "client_id=" + uuid.Must(uuid.NewV7()).String() + "&body=" + url.QueryEscape(body)
	request := "POST /conversations/" + conversation.String() + s.head + strconv.Itoa(len(form)) + "\r\n\r\n" + form
	if err := s.conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		return rawAnswer{}, err
	}
	if _, err := s.conn.Write([]byte(request)); err != nil {
		return rawAnswer{}, err
	}
	return s.read()
}

func (s *rawSender) read() (a rawAnswer, err error) {
	line, err := s.line()
	if err != nil {
		return a, err
	}

	_, status, _ := bytes.Cut(line, []byte(" "))
	if a.status, err = strconv.Atoi(string(status[:min(3, len(status))])); err != nil {
		return a, fmt.Errorf("no status: %q", line)
	}

	length := 0
	for {
		line, err := s.line()
		if err != nil {
			return a, err
		}
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(": "))
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(value)); err != nil {
				return a, err
			}
		case bytes.EqualFold(name, []byte("Retry-After")):
			a.retryAfter = true
		}
	}
	_, err = s.reader.Discard(length)
	return a, err
}

func (s *rawSender) line() ([]byte, error) {
	line, err := s.reader.ReadSlice('\n')
	return bytes.TrimRight(line, "\r\n"), err
}
