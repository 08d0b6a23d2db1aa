// Package layout holds the frames around pages: Shell for signed-in people, Front for
// signed-out people and errors, Admin for operators, Gallery for designers.
package layout

import (
	"encoding/json"
	"fmt"
	"time"
	_ "time/tzdata" // for machines without time zones

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"parley/app/chat"
	"parley/views/components"
)

// Page is the data of a page's frame.
type Page struct {
	Title string
	Group bool                     // the page is that of a group
	Pane  string                   // shown on narrow screens: "list", "talk" (the conversation) or "sheet"
	Asset func(name string) string // returns the URL of a static file

	// The fields below are for signed-in people.
	Viewer        chat.Person
	Settings      chat.Settings
	Counts        chat.Counts
	Session       string // the session's public id, which names the lock that its tabs share
	Conversations []chat.Conversation
	Next          string // the cursor of the list's next page
	Filter        string
	ListPage      string    // the cursor of the list's page; "" for the first
	Current       uuid.UUID // the open conversation
	Down          []string  // dependencies that are down
	PaneOnly      bool      // the browser has the frame; the answer is the pane alone
	Archive       bool      // the list is that of the archive
	ListAvailable bool      // whether the list can be read now
}

// FullTitle returns the title, with the number of unread messages before it.
func (p Page) FullTitle() string {
	if n := p.Counts.Total(); n > 0 {
		return fmt.Sprintf("(%d) %s", n, p.Title)
	}

	return p.Title
}

// Theme returns the viewer's choice, "light" or "dark", or "" for the device's theme.
func (p Page) Theme() string {
	if p.Settings.Theme == "light" || p.Settings.Theme == "dark" {
		return p.Settings.Theme
	}

	return ""
}

// Zone returns the viewer's time zone, or UTC if it is unknown.
func (p Page) Zone() *time.Location {
	zone, err := time.LoadLocation(p.Settings.TimeZone)
	if err != nil {
		return time.UTC
	}

	return zone
}

// List returns the page of the conversation list that the frame shows.
func (p Page) List() components.ConversationList {
	return components.ConversationList{
		Conversations: p.Conversations,
		Viewer:        p.Viewer,
		Current:       p.Current,
		Next:          p.Next,
		Filter:        p.Filter,
		Archive:       p.Archive,
		Archived:      p.Counts.Archived,
		Zone:          p.Zone(),
	}
}

// icons returns the icon to show, which has a dot while something is unread, and the
// other one.
func (p Page) icons() (shown, other string) {
	plain, dotted := p.Asset("favicon.svg"), p.Asset("favicon-unread.svg")
	if p.Counts.Total() > 0 {
		return dotted, plain
	}

	return plain, dotted
}

// PaneID is the id of the part of a page that scripts replace when the person follows a link.
const PaneID = "pane"

// PaneAttributes are the attributes of the element that is a page's pane. Scripts take from it
// what the frame shows about a page: the title, the selected conversation and the selected tab.
func PaneAttributes(p Page) templ.Attributes {
	attributes := templ.Attributes{
		"class":      "sheet",
		"id":         PaneID,
		"tabindex":   "-1",
		"data-pane":  p.Pane,
		"data-title": p.Title,
		"data-tab":   p.tab(),
	}
	if p.Current != uuid.Nil {
		attributes["data-current"] = p.Current.String()
	}

	return attributes
}

// tab returns the address of the tab that a page belongs to, or "".
func (p Page) tab() string {
	switch p.Title {
	case "People · Parley", "Friends · Parley":
		return "/people"
	case "Requests · Parley":
		return "/requests"
	case "Account · Parley":
		return "/account"
	}

	if p.Pane == "sheet" {
		return ""
	}
	return "/conversations"
}

// sheetUse returns the rel of the styles that only pages of the pane "sheet", and groups, need
// at first.
func (p Page) sheetUse() string {
	if p.Pane == "sheet" || p.Group {
		return "stylesheet"
	}
	return "prefetch"
}

// sideRole returns the landmark of the list: it is the main part of the page that has no other.
func sideRole(pane string) string {
	if pane == "list" {
		return "main"
	}
	return "banner"
}

// reloadURL returns a conversation page's own URL, because after a refused post the
// browser has another one. Other pages return "".
func (p Page) reloadURL() templ.SafeURL {
	if p.Pane != "talk" {
		return ""
	}

	return templ.URL("/conversations/" + p.Current.String())
}

// Description describes Parley in a sentence, for search engines and app launchers.
const Description = "A quiet place to talk with people you know."

// GroundLight and GroundDark are the colour of the window around a page: --ground of
// static/css/tokens.css, in a notation that all browsers accept here.
const (
	GroundLight = "#eaf0f1"
	GroundDark  = "#070f11"
)

// UIVersion is incremented when pages of the previous release can't process the events
// of this one.
const UIVersion = "1"

// htmxConfig keeps htmx within the Content-Security-Policy and out of the browser's
// history. A 422 answer is swapped, because it is the form with its problem.
const htmxConfig = `{"allowEval":false,"allowScriptTags":false,"includeIndicatorStyles":false,` +
	`"historyCacheSize":0,"refreshOnHistoryMiss":true,"historyRestoreAsHxRequest":false,"selfRequestsOnly":true,` +
	`"responseHandling":[{"code":"204","swap":false},{"code":"[23]..","swap":true},` +
	`{"code":"422","swap":true},{"code":"[45]..","swap":false,"error":true}]}`

// listVals are the parameters of a refresh without a filter, which keeps the list's
// page. A filter starts at the first page. The script adds the open conversation.
func listVals(p Page) string {
	b, err := json.Marshal(map[string]string{"page": p.ListPage})
	if err != nil {
		return "{}"
	}

	return string(b)
}
