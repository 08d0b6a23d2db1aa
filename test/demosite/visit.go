package demosite

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"parley/app/client"
	"parley/app/devservices"
	"parley/test/browser"
	"parley/test/parley"
)

// names are the names that the roles sign in under. "parley seed" creates the viewer and the
// friend.
var names = map[Role]string{Viewer: "Noor Haddad", Newcomer: "Nele Newcomer"}

const friend = "Ida Brandt"

// Visit has a session of each role at one replica.
type Visit struct {
	// Base and Ops are the addresses of people's and of operators' pages, such as
	// http://127.0.0.1:8000.
	Base, Ops string
	// Conversation is the path of the viewer's conversation with a friend.
	Conversation string
	// Group is the path of a group that the viewer owns.
	Group string

	message    string // the id of a message between two others, for operators
	deadLetter string // the id of a dead letter
	people     map[Role]*client.Client
}

// NewVisit signs all roles in at a replica of a populated installation, and prepares the messages
// that operators look at. The program and the data directory are the installation's, whose services
// are embedded.
func NewVisit(ctx context.Context, at *parley.Replica, program, dataDir string) (v *Visit, err error) {
	v = &Visit{Base: at.Base, Ops: "http://" + at.Admin, people: map[Role]*client.Client{}}
	if err := v.prepareOperators(ctx, program, dataDir); err != nil {
		return nil, err
	}

	for role, name := range names {
		if v.people[role], err = client.SignIn(ctx, v.Base, name, client.Options{}); err != nil {
			return nil, err
		}
	}

	if err := v.prepareGroup(ctx); err != nil {
		return nil, err
	}

	list, err := v.people[Viewer].Conversations(ctx, friend)
	if err != nil {
		return nil, err
	}

	for _, c := range list {
		if c.Title == friend {
			v.Conversation = "/conversations/" + c.ID.String()
			return v, nil
		}
	}
	return nil, fmt.Errorf("%s has no conversation with %s", names[Viewer], friend)
}

// Address is the address of a page.
func (v *Visit) Address(p Page) string {
	if p.Ops {
		return v.Ops + p.Path
	}
	return v.Base + p.Path
}

// Become is the step that gives a window the session of a role.
func (v *Visit) Become(as Role) browser.Step {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		steps := []browser.Step{browser.Call(network.ClearBrowserCookies, cdp.Empty{})}
		if as != Nobody {
			for _, c := range v.people[as].Cookies() {
				httpOnly := true
				cookie := network.SetCookieParams{Name: c.Name, Value: c.Value, URL: v.Base, HTTPOnly: &httpOnly}
				steps = append(steps, browser.Call(network.SetCookie, cookie))
			}
		}
		return chromedp.Do(ctx, steps...)
	})
}

// complete is true when nothing more will change: the page is loaded and, if it has an event
// stream, live.
const complete = `document.readyState === "complete" && !document.querySelector(".shell > .connection[data-live]")`

// openTimeout bounds the loading of one page.
const openTimeout = 30 * time.Second

// Open opens a page in a window and waits until it is complete.
func (v *Visit) Open(window context.Context, p Page) error {
	ctx, cancel := context.WithTimeout(window, openTimeout)
	defer cancel()
	res, err := chromedp.RunResponse(ctx, chromedp.Navigate(v.Address(p)))
	if err != nil {
		return fmt.Errorf("%s: %w", p.Name, err)
	}
	if want := cmp.Or(p.Status, http.StatusOK); int(res.Status) != want {
		return fmt.Errorf("%s: status %d, want %d", p.Name, res.Status, want)
	}

	err = devservices.Await(ctx, nil, func() error {
		done, err := chromedp.Run(ctx, chromedp.Evaluate[bool](complete))
		if err == nil && !done {
			err = errors.New("the page is not complete")
		}
		return err
	})
	if err != nil {
		text, _ := chromedp.Run(window, chromedp.Evaluate[string](`document.body.innerText`))
		return fmt.Errorf("%s: %w:\n%s", p.Name, err, strings.TrimSpace(text))
	}
	return nil
}
