package stage

import (
	"net/http"
	"net/url"

	"github.com/google/uuid"
)

// populate stands in for `parley seed` UNTIL MERGED: the lead deletes this file and its caller.
func populate(base string) error {
	cookies, ids := map[string]*http.Cookie{}, map[string]string{}
	people := []string{names[Viewer], friend, "Omar Siddiqui", "Mei Lindqvist", "Grace Okafor", "יעל בר־לב", "Ana-Lucía Fernández de la Vega y Montoya"}
	for _, name := range people {
		cookie, err := signIn(base, name)
		if err != nil {
			return err
		}
		var me struct{ User struct{ ID string } }
		if err := call("GET", base+"/account", cookie, nil, &me); err != nil {
			return err
		}
		cookies[name], ids[name] = cookie, me.User.ID
	}
	say := func(path, who, text string) error {
		id, err := uuid.NewV7()
		if err != nil {
			return err
		}
		return call("POST", base+path+"/messages", cookies[who], url.Values{"body": {text}, "client_id": {id.String()}}, &struct{}{})
	}
	for _, name := range people[1:] {
		var a struct{ Conversation struct{ ID string } }
		if err := call("POST", base+"/conversations", cookies[names[Viewer]], url.Values{"person": {ids[name]}}, &a); err != nil {
			return err
		}
		path := "/conversations/" + a.Conversation.ID
		lines := []struct{ who, text string }{{name, "Is the piano insured? I asked twice."}, {names[Viewer], "It is, since Monday."}}
		if name == friend {
			lines = append(lines, []struct{ who, text string }{
				{name, "Then we can move it on Saturday"}, {name, "If the tide lets us"}, {names[Viewer], "High water is at ten past seven"},
				{names[Viewer], "Plan as I see it:\n1. Cast off\n2. Breakfast\n3. Everything else"}, {name, "🎹"}, {name, "Seven at the mooring, then. I’ll have the kettle on."},
			}...)
		}
		for _, l := range lines {
			if err := say(path, l.who, l.text); err != nil {
				return err
			}
		}
	}
	return nil
}
