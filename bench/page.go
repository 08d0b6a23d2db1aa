package main

import (
	"context"
	"fmt"
	"net/http"
	"regexp"

	"parley/app/client"
	"parley/app/devservices"
)

var (
	styleLink  = regexp.MustCompile(`href="?(/static/[^" >]+\.css)`)
	scriptLink = regexp.MustCompile(`src="?(/static/([a-z]+)[^" >]*\.js)`)
)

var sentences = []string{
	"Strange question. Does your boat still take cargo?",
	"Depends on the cargo",
	"If it is another shed, no",
	"Upright, not grand. Grace has found one in Marsworth and " +
		"the owner gives it to whoever can carry it away before Friday.",
	"So it comes by water or it doesn’t come",
	"Exactly",
	"I asked about the locks. The junction is open from 8, and they want to know a day ahead.",
}

// page weighs the first visit of a conversation with 50 messages, and of the
// signed-out page, with gzip.
func page(ctx context.Context, in *installation) error {
	ada, err := signIn(ctx, in.base, "Ada Lovelace")
	if err != nil {
		return err
	}

	bob, err := signIn(ctx, in.base, "Bob")
	if err != nil {
		return err
	}

	id, err := ada.Befriend(ctx, bob)
	if err != nil {
		return err
	}

	for i := range 60 {
		sender := []*client.Client{ada, bob}[i%3%2]
		m := client.Write(id, fmt.Sprintf("%d: %s", i, sentences[i%len(sentences)]))
		if _, err := sender.Send(ctx, m); err != nil {
			return err
		}
	}

	err = devservices.Await(ctx, nil, func() error {
		stored, _, err := ada.HistoryAfter(ctx, id, 0)
		if err == nil && len(stored) < 60 {
			err = fmt.Errorf("%d of 60 messages are stored", len(stored))
		}
		return err
	})
	if err != nil {
		return err
	}

	w, err := weighPage(ctx, ada, "/conversations/"+id.String())
	if err != nil {
		return err
	}

	if w.css == 0 || w.own == 0 || w.libraries == 0 {
		return fmt.Errorf("the page has no stylesheet or no script")
	}
	fmt.Printf("  a conversation, 50 messages, gzipped bytes: HTML %d + CSS %d = %d; "+
		"own JavaScript %d; libraries, deferred, %d\n",
		w.html, w.css, w.html+w.css, w.own, w.libraries)
	stranger := client.New(in.base, client.Options{Transport: transport})
	if w, err = weighPage(ctx, stranger, "/"); err != nil {
		return err
	}
	fmt.Printf("  signed out: HTML %d + CSS %d = %d; JavaScript %d\n", w.html, w.css, w.html+w.css, w.own+w.libraries)
	return nil
}

// weights are the bytes of a page and of the files that it loads.
type weights struct{ html, css, own, libraries int }

func weighPage(ctx context.Context, c *client.Client, path string) (w weights, err error) {
	if w.html, err = weigh(ctx, c, path); err != nil {
		return w, err
	}
	plain, _, err := fetch(ctx, c, path, "identity")
	if err != nil {
		return w, err
	}

	for _, m := range styleLink.FindAllStringSubmatch(plain, -1) {
		n, err := weigh(ctx, c, m[1])
		if err != nil {
			return w, err
		}
		w.css += n
	}

	for _, m := range scriptLink.FindAllStringSubmatch(plain, -1) {
		n, err := weigh(ctx, c, m[1])
		if err != nil {
			return w, err
		}
		if m[2] == "main" {
			w.own += n
		} else {
			w.libraries += n
		}
	}
	return w, nil
}

// weigh returns the length of a response's body with gzip.
func weigh(ctx context.Context, c *client.Client, path string) (int, error) {
	body, encoding, err := fetch(ctx, c, path, "gzip")
	if err == nil && encoding != "gzip" {
		err = fmt.Errorf("%s came without gzip", path)
	}
	return len(body), err
}

func fetch(ctx context.Context, c *client.Client, path, encoding string) (body, got string, err error) {
	res, b, err := c.Fetch(ctx, path, http.Header{"Accept": {"text/html"}, "Accept-Encoding": {encoding}})
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", path, res.Status)
	}
	if err != nil {
		return "", "", err
	}
	return string(b), res.Header.Get("Content-Encoding"), nil
}
