package main

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"time"
)

var (
	styleLink  = regexp.MustCompile(`href="?(/static/[^" >]+\.css)`)
	scriptLink = regexp.MustCompile(`src="?(/static/([a-z]+)[^" >]*\.js)`)
)

// page weighs the first visit of a conversation with 50 messages, and of the signed-out page, as gzip brings them.
func page(_ context.Context, l *local) error {
	ada, err := signIn(l.base, "Ada Lovelace")
	if err != nil {
		return err
	}
	bob, err := signIn(l.base, "Bob")
	if err != nil {
		return err
	}
	talk, err := ada.opens(bob)
	if err != nil {
		return err
	}
	for i := range 60 {
		by := []*client{ada, bob}[i%3%2]
		if err := by.sends(talk, fmt.Sprintf("%d: %s", i, sentences[i%len(sentences)])); err != nil {
			return err
		}
	}
	time.Sleep(2 * time.Second) // stored
	w, err := ada.weighs(talk)
	if err != nil {
		return err
	}
	if w.css == 0 || w.own == 0 || w.other == 0 {
		return fmt.Errorf("the page has no stylesheet or no script")
	}
	fmt.Printf("  a conversation, 50 messages, gzipped bytes: HTML %d + CSS %d = %d; own JavaScript %d; libraries, deferred, %d\n", w.html, w.css, w.html+w.css, w.own, w.other)
	stranger := &client{base: l.base}
	if w, err = stranger.weighs("/"); err != nil {
		return err
	}
	fmt.Printf("  signed out: HTML %d + CSS %d = %d; JavaScript %d\n", w.html, w.css, w.html+w.css, w.own+w.other)
	return nil
}

// weights of a page and of what it brings along, in bytes.
type weights struct{ html, css, own, other int }

func (c *client) weighs(path string) (w weights, err error) {
	if w.html, _, err = c.weigh(path); err != nil {
		return w, err
	}
	plain, _, err := c.fetch(path, "")
	if err != nil {
		return w, err
	}
	for _, m := range styleLink.FindAllStringSubmatch(plain, -1) {
		n, _, err := c.weigh(m[1])
		if err != nil {
			return w, err
		}
		w.css += n
	}
	for _, m := range scriptLink.FindAllStringSubmatch(plain, -1) {
		n, _, err := c.weigh(m[1])
		if err != nil {
			return w, err
		}
		if m[2] == "client" {
			w.own += n
		} else {
			w.other += n
		}
	}
	return w, nil
}

var sentences = []string{
	"Strange question. Does your boat still take cargo?", "Depends on the cargo", "If it is another shed, no",
	"Upright, not grand. Grace has found one in Marsworth and the owner gives it to whoever can carry it away before Friday.",
	"So it comes by water or it doesn’t come", "Exactly", "I asked about the locks. The junction is open from 8, and they want to know a day ahead.",
}

// weigh is the length of an answer's body as gzip brings it.
func (c *client) weigh(path string) (int, string, error) {
	body, encoding, err := c.fetch(path, "gzip")
	if err == nil && encoding != "gzip" {
		err = fmt.Errorf("%s came without gzip", path)
	}
	return len(body), body, err
}

func (c *client) fetch(path, accept string) (body, encoding string, err error) {
	req, err := http.NewRequest("GET", c.base+path, nil)
	if err != nil {
		return "", "", err
	}
	req.Header.Set("Accept", "text/html")
	if accept != "" {
		req.Header.Set("Accept-Encoding", accept)
	}
	res, b, err := c.do(req)
	if err == nil && res.StatusCode != 200 {
		err = fmt.Errorf("%s: %s", path, res.Status)
	}
	if err != nil {
		return "", "", err
	}
	return string(b), res.Header.Get("Content-Encoding"), nil
}
