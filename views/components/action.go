package components

import (
	"cmp"

	"github.com/a-h/templ"
	"github.com/google/uuid"
)

// Action is a form of one button.
type Action struct {
	To     string    // the path of the post
	Person string    // a field of the form, unless ""
	Next   string    // the page that shows the effect, unless ""
	Name   string    // of the button
	Icon   string    // "" for none
	Look   string    // "", "primary" or "quiet"
	About  uuid.UUID // the person whose name on the page describes the button, unless nil
	NameID string    // the beginning of the id of their name; "": "name-"
	Live   bool      // a script posts it, and the list is fetched again
}

// id stays the same when the list is fetched again, so that the button keeps the
// focus. Buttons that replace each other have the same id: the first of each state,
// and the second.
func (a Action) id() string {
	verb := "yes"
	if a.Name == "Decline" {
		verb = "no"
	}

	return "act-" + a.About.String() + "-" + verb
}

// description refers to the element with the person's name, unless the button's own
// name has it.
func (a Action) description() templ.Attributes {
	if a.About == uuid.Nil {
		return nil
	}

	return templ.Attributes{"aria-describedby": cmp.Or(a.NameID, "name-") + a.About.String()}
}
