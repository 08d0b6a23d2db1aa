package demosite

import (
	"context"
	"net/url"

	"github.com/google/uuid"

	"parley/app/client"
)

// prepareGroup has the viewer make a group of friends, in which two of them write.
func (v *Visit) prepareGroup(ctx context.Context) error {
	viewer := v.people[Viewer]
	var list struct{ Friends []client.Person }
	if err := viewer.Get(ctx, "/friends", &list); err != nil {
		return err
	}

	form := url.Values{"kind": {"group"}, "name": {"Harbour choir"}, "about": {"Mondays at seven, at the mooring."}}
	for _, f := range list.Friends[:5] {
		form.Add("member", f.ID.String())
	}
	var made struct{ Conversation struct{ ID uuid.UUID } }
	if err := viewer.Post(ctx, "/conversations", form, &made); err != nil {
		return err
	}

	v.Group = "/conversations/" + made.Conversation.ID.String()
	for i, text := range []string{"Who brings the notes?", "I can print them", "Twelve copies are enough", "Thank you!"} {
		writer := viewer
		if i < 3 {
			var err error
			if writer, err = client.SignIn(ctx, v.Base, list.Friends[i/2].Name, client.Options{}); err != nil {
				return err
			}
		}
		if _, err := writer.Send(ctx, client.Write(made.Conversation.ID, text)); err != nil {
			return err
		}
	}

	role := url.Values{"role": {"admin"}}
	return viewer.Post(ctx, v.Group+"/members/"+list.Friends[0].ID.String()+"/role", role, nil)
}
