// Package demosite has an installation with believable people, the list of its pages, and the way
// to open each page in a browser. Screenshots, accessibility tests and Lighthouse share it.
package demosite

import "net/http"

// Role is the person who looks at a page.
type Role string

// The roles.
const (
	Nobody   Role = ""         // signed out
	Viewer   Role = "viewer"   // has friends, conversations and unread messages
	Newcomer Role = "newcomer" // has just signed in for the first time
)

// Page is a page in one of its states.
type Page struct {
	// Name is part of the names of its screenshots and of its tests.
	Name string
	As   Role
	Path string
	// Status is the HTTP status of the page; 0 for 200.
	Status int
	// Grows marks a page that loads more rows by itself, so its layout shifts.
	Grows bool
	// Ops marks a page on the operators' listener.
	Ops bool
	// Live marks an operators' page with an event stream.
	Live bool
}

// Scripted reports whether the page has scripts.
func (p Page) Scripted() bool {
	if p.Ops {
		return p.Live
	}
	return p.Name == "offline" || p.As != Nobody && (p.Status == 0 || p.Status == http.StatusNotFound) // a 404 keeps the frame
}

// Pages lists all pages. A new page is a line here or in operatorPages.
func (v *Visit) Pages() []Page {
	return append([]Page{
		{Name: "front", Path: "/"},
		{Name: "conversations", As: Viewer, Path: "/conversations"},
		{Name: "conversations-empty", As: Newcomer, Path: "/conversations"},
		{Name: "conversations-filter", As: Viewer, Path: "/conversations?q=zzz"},
		{Name: "conversation", As: Viewer, Path: v.Conversation},
		{Name: "conversation-earlier", As: Viewer, Path: v.Conversation + "?before=60", Grows: true},
		{Name: "conversation-permalink", As: Viewer, Path: v.Conversation + "?at=30", Grows: true},
		{Name: "conversation-details", As: Viewer, Path: v.Conversation + "/details?check=1"},
		{Name: "group", As: Viewer, Path: v.Group},
		{Name: "group-details", As: Viewer, Path: v.Group + "/details"},
		{Name: "group-new", As: Viewer, Path: "/groups/new"},
		{Name: "group-new-alone", As: Newcomer, Path: "/groups/new"},
		{Name: "people", As: Viewer, Path: "/people"},
		{Name: "people-found", As: Viewer, Path: "/people?q=ma"},
		{Name: "people-none", As: Viewer, Path: "/people?q=zzz"},
		{Name: "requests", As: Viewer, Path: "/requests"},
		{Name: "requests-none", As: Newcomer, Path: "/requests"},
		{Name: "friends", As: Viewer, Path: "/friends"},
		{Name: "friends-none", As: Newcomer, Path: "/friends"},
		{Name: "account", As: Viewer, Path: "/account"},
		{Name: "account-delete", As: Viewer, Path: "/account/delete"},
		{Name: "account-export", As: Viewer, Path: "/account/export"},
		{Name: "not-found", As: Viewer, Path: "/nowhere", Status: http.StatusNotFound},
		{Name: "broken", As: Viewer, Path: "/gallery/errors/500", Status: http.StatusInternalServerError},
		{Name: "unavailable", As: Viewer, Path: "/gallery/errors/503", Status: http.StatusServiceUnavailable},
		{Name: "offline", Path: "/offline"},
		{Name: "gallery", Path: "/gallery"},
	}, v.operatorPages()...)
}

// operatorPages lists the pages on the operators' listener. Their look while a dependency is down
// is tested in test/e2e/operators_test.go.
func (v *Visit) operatorPages() []Page {
	list := []Page{
		{Name: "ops-pipeline", Path: "/pipeline", Live: true},
		{Name: "ops-tables", Path: "/pipeline/tables"},
		{Name: "ops-table-users", Path: "/pipeline/tables/users"},
		{Name: "ops-table-requests", Path: "/pipeline/tables/friend_requests"},
		{Name: "ops-table-messages", Path: "/pipeline/tables/messages"},
		{Name: "ops-dead-letter", Path: "/pipeline/letters/" + v.deadLetter},
		{Name: "ops-message", Path: "/pipeline/messages/" + v.message},
		{
			Name:   "ops-message-unknown",
			Path:   "/pipeline/messages?id=seven+o'clock",
			Status: http.StatusUnprocessableEntity,
		},
		{Name: "ops-not-found", Path: "/pipeline/letters/9-9", Status: http.StatusNotFound},
	}

	for i := range list {
		list[i].Ops = true
	}
	return list
}
