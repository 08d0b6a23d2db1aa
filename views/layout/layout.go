// Package layout holds the frames around pages: the shell of those who are signed in, and the front of those who aren't.
package layout

import (
	"parley/app/chat"

	"github.com/google/uuid"
)

// Page is what the frame around a page needs to know.
type Page struct {
	Title string
	Pane  string                   // what a phone shows: "list", "talk" or "sheet"
	Asset func(name string) string // the address of a static file

	// Signed in:
	Viewer        chat.Person
	Session       string // the session's public id, for tabs to find each other
	Conversations []chat.Conversation
	Next          string // continues the list
	Filter        string
	Current       uuid.UUID // the open conversation
	Down          []string  // components that are away
	Reach         bool      // false: the list can't be read just now
}

// UIVersion goes up when a page of the previous release can't read this one's events.
const UIVersion = "1"

// htmxConfig keeps htmx within the Content-Security-Policy and out of the browser's history; 422 brings a form back with its problem.
const htmxConfig = `{"allowEval":false,"allowScriptTags":false,"includeIndicatorStyles":false,"historyCacheSize":0,"refreshOnHistoryMiss":true,"historyRestoreAsHxRequest":false,"selfRequestsOnly":true,"responseHandling":[{"code":"204","swap":false},{"code":"[23]..","swap":true},{"code":"422","swap":true},{"code":"[45]..","swap":false,"error":true}]}`

// currentVals tells the list which row is the open one when it refreshes.
func currentVals(p Page) string {
	if p.Current == uuid.Nil {
		return "{}"
	}
	return `{"current":"` + p.Current.String() + `"}`
}
