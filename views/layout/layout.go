// Package layout holds the frames around pages: the shell of those who are signed in, and the front of those who aren't.
package layout

import (
	"encoding/json"
	"fmt"
	"time"
	_ "time/tzdata" // a machine may have none

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"parley/app/chat"
	"parley/views/components"
)

// Page is what the frame around a page needs to know.
type Page struct {
	Title string
	Pane  string                   // what a phone shows: "list", "talk" or "sheet"
	Asset func(name string) string // the address of a static file

	// Signed in:
	Viewer        chat.Person
	Settings      chat.Settings
	Counts        chat.Counts
	Session       string // the session's public id, for tabs to find each other
	Conversations []chat.Conversation
	Next          string // continues the list
	Filter        string
	ListPage      string    // of the list, when not its beginning: its page=
	Current       uuid.UUID // the open conversation
	Down          []string  // components that are away
	ListAvailable bool      // false: the list can't be read just now
}

// FullTitle says first how much is new.
func (p Page) FullTitle() string {
	if n := p.news(); n > 0 {
		return fmt.Sprintf("(%d) %s", n, p.Title)
	}
	return p.Title
}

// news leaves out what is new in the open conversation: one is looking at it.
func (p Page) news() int64 {
	return max(0, p.Counts.Unread-p.List().CurrentUnread()) + p.Counts.Requests
}

// Theme is the viewer's own choice, "light" or "dark", or "" for the device's.
func (p Page) Theme() string {
	if p.Settings.Theme == "light" || p.Settings.Theme == "dark" {
		return p.Settings.Theme
	}
	return ""
}

// Zone is the viewer's time zone, UTC when it isn't known.
func (p Page) Zone() *time.Location {
	zone, err := time.LoadLocation(p.Settings.TimeZone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// List is the part of the list that the frame shows.
func (p Page) List() components.ConversationList {
	return components.ConversationList{Conversations: p.Conversations, Viewer: p.Viewer, Current: p.Current, Next: p.Next, Filter: p.Filter, Zone: p.Zone()}
}

// icons are the one that is shown, and the other one: with a dot while there is something new.
func (p Page) icons() (shown, other string) {
	calm, news := p.Asset("favicon.svg"), p.Asset("favicon-unread.svg")
	if p.news() > 0 {
		return news, calm
	}
	return calm, news
}

// again is the page's own address, which after a refused post isn't where the browser is.
func (p Page) again() templ.SafeURL {
	if p.Pane != "talk" {
		return ""
	}
	return templ.URL("/conversations/" + p.Current.String())
}

// Description is Parley in a sentence, for those who list pages and programs.
const Description = "A quiet place to talk with people you know."

// The colour of the window around a page: --ground of static/css/tokens.css, in the notation that all browsers read here.
const (
	GroundLight = "#eaf0f1"
	GroundDark  = "#070f11"
)

// UIVersion goes up when a page of the previous release can't read this one's events.
const UIVersion = "1"

// htmxConfig keeps htmx within the Content-Security-Policy and out of the browser's history; 422 brings a form back with its problem.
const htmxConfig = `{"allowEval":false,"allowScriptTags":false,"includeIndicatorStyles":false,"historyCacheSize":0,"refreshOnHistoryMiss":true,"historyRestoreAsHxRequest":false,"selfRequestsOnly":true,"responseHandling":[{"code":"204","swap":false},{"code":"[23]..","swap":true},{"code":"422","swap":true},{"code":"[45]..","swap":false,"error":true}]}`

// currentVals tells the list which row is the open one when it refreshes.
func currentVals(p Page) string { return vals("current", p.Current.String(), p.Current == uuid.Nil) }

// partVals tells it which part of it is shown, too. What is searched is searched from the beginning.
func partVals(p Page) string {
	if p.ListPage == "" {
		return currentVals(p)
	}
	return vals("page", p.ListPage, false)
}

func vals(name, value string, none bool) string {
	if none {
		return "{}"
	}
	b, err := json.Marshal(map[string]string{name: value})
	if err != nil {
		return "{}"
	}
	return string(b)
}
