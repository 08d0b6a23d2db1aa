// Package demosite gives those who look at pages something to look at: an installation with believable people in it, the list of its
// pages, and a browser. Screenshots, accessibility tests and Lighthouse share it.
package demosite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Role is who looks at a page.
type Role string

const (
	Nobody   Role = ""         // signed out
	Viewer   Role = "viewer"   // has friends, conversations and news
	Newcomer Role = "newcomer" // has just signed in for the first time
)

// names are what the roles sign in under. `parley seed` knows the viewer and the friend.
var names = map[Role]string{Viewer: "Noor Haddad", Newcomer: "Nele Newcomer"}

const friend = "Ida Brandt"

// Page is a page in one of its states.
type Page struct {
	Name   string // of its screenshots, and of its failures
	As     Role
	Path   string
	Status int  // that it answers; 0: 200
	Grows  bool // it fetches what comes next by itself, and says so where it does
	Ops    bool // on the operators' listener
	Live   bool // there: it follows a stream
}

// Scripted tells whether it has scripts.
func (p Page) Scripted() bool {
	if p.Ops {
		return p.Live
	}
	return p.As != Nobody && p.Status == 0
}

// Pages is the list of all pages: whoever adds one adds a line here.
func (v *Visit) Pages() []Page {
	return append([]Page{
		{Name: "front", Path: "/"},
		{Name: "conversations", As: Viewer, Path: "/conversations"},
		{Name: "conversations-empty", As: Newcomer, Path: "/conversations"},
		{Name: "conversations-filter", As: Viewer, Path: "/conversations?q=zzz"},
		{Name: "conversation", As: Viewer, Path: v.Talk},
		{Name: "conversation-earlier", As: Viewer, Path: v.Talk + "?before=60", Grows: true},
		{Name: "conversation-permalink", As: Viewer, Path: v.Talk + "?at=30", Grows: true},
		{Name: "conversation-details", As: Viewer, Path: v.Talk + "/details?check=1"},
		{Name: "people", As: Viewer, Path: "/people"},
		{Name: "people-found", As: Viewer, Path: "/people?q=ma"},
		{Name: "people-none", As: Viewer, Path: "/people?q=zzz"},
		{Name: "requests", As: Viewer, Path: "/requests"},
		{Name: "requests-none", As: Newcomer, Path: "/requests"},
		{Name: "friends", As: Viewer, Path: "/friends"},
		{Name: "friends-none", As: Newcomer, Path: "/friends"},
		{Name: "account", As: Viewer, Path: "/account"},
		{Name: "account-delete", As: Viewer, Path: "/account/delete"},
		{Name: "not-found", As: Viewer, Path: "/nowhere", Status: http.StatusNotFound},
		{Name: "broken", As: Viewer, Path: "/gallery/errors/500", Status: http.StatusInternalServerError},
		{Name: "unavailable", As: Viewer, Path: "/gallery/errors/503", Status: http.StatusServiceUnavailable},
		{Name: "offline", Path: "/offline"},
		{Name: "gallery", Path: "/gallery"},
	}, v.operators()...)
}

// Visit is everybody's way into one replica.
type Visit struct {
	Place
	Talk    string // the path of the viewer's conversation with a friend
	message string // the id of one that two others wrote, as operators see it
	letter  string // the id of a dead letter
	cookies map[Role]*http.Cookie
}

// Place is where a replica on embedded services is.
type Place struct {
	Base, Ops        string // addresses, of people's pages and of operators'
	DataDir, Program string
}

// NewVisit signs everybody in at a replica whose installation is populated.
func NewVisit(ctx context.Context, at Place) (*Visit, error) {
	v := &Visit{Place: at, cookies: map[Role]*http.Cookie{}}
	if err := v.prepareOperators(ctx); err != nil {
		return nil, err
	}
	base := at.Base
	for role, name := range names {
		cookie, err := signIn(base, name)
		if err != nil {
			return nil, err
		}
		v.cookies[role] = cookie
	}
	var list struct {
		Conversations []struct{ ID, Title string }
	}
	if err := call("GET", base+"/conversations?q="+url.QueryEscape(friend), v.cookies[Viewer], nil, &list); err != nil {
		return nil, err
	}
	for _, c := range list.Conversations {
		if c.Title == friend {
			v.Talk = "/conversations/" + c.ID
			return v, nil
		}
	}
	return nil, fmt.Errorf("%s has no conversation with %s", names[Viewer], friend)
}

// Address is where a page is.
func (v *Visit) Address(p Page) string {
	if p.Ops {
		return v.Ops + p.Path
	}
	return v.Base + p.Path
}

// Cookie is the header of a role's session.
func (v *Visit) Cookie(as Role) string { return v.cookies[as].Name + "=" + v.cookies[as].Value }

func signIn(base, name string) (*http.Cookie, error) {
	var cookie *http.Cookie
	err := call("POST", base+"/signin/dev", nil, url.Values{"name": {name}}, func(res *http.Response) error {
		if len(res.Cookies()) == 0 {
			return errors.New("the development sign-in gave no cookie")
		}
		cookie = res.Cookies()[0]
		return nil
	})
	return cookie, err
}

// call talks JSON; into is a value to fill, or a function that reads the answer's head.
func call(method, address string, cookie *http.Cookie, form url.Values, into any) error {
	req, err := http.NewRequest(method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "application/json")
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if cookie != nil {
		req.AddCookie(cookie)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s", method, address, res.Status)
	}
	if read, ok := into.(func(*http.Response) error); ok {
		return read(res)
	}
	return json.NewDecoder(res.Body).Decode(into)
}
