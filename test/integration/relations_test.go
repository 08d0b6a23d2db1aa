package integration

import (
	"fmt"
	"net/url"
	"path"

	"parley/app/chat"
)

// relations are Ada and one person of each relation to her.
type relations struct {
	ada           *person
	of            map[string]*person // by relation
	conversations map[string]string  // with Ada, by relation
	request       string
	groupID       string // of Ada and her friend; "": see group
}

// group returns the id of a group that Ada owns and in which her friend is the only other member.
func (w *relations) group() string {
	if w.groupID == "" {
		var a struct{ Conversation chat.Conversation }
		form := url.Values{"kind": {"group"}, "name": {"Choir"}, "member": {w.of["friend"].ID.String()}}
		w.ada.post("/conversations", form).decode(&a, 201)
		w.groupID = a.Conversation.ID.String()
	}
	return w.groupID
}

// relations creates the people for one route, of which n is the number.
func (r *instance) relations(n int) relations {
	name := func(s string) string { return fmt.Sprintf("%s of route %d", s, n) }
	w := relations{ada: r.signIn(name("Ada")), of: map[string]*person{}, conversations: map[string]string{}}
	w.of["owner"], w.of["out"] = w.ada, r.visitor()
	for _, relation := range relationNames[1 : len(relationNames)-1] {
		p := r.signIn(name(relation))
		w.of[relation] = p
		switch relation {
		case "asked":
			w.request = p.requestFriend(w.ada).ID.String()
		case "friend", "unfriended", "blocked":
			w.conversations[relation] = path.Base(p.openConversation(w.ada))
		}
		switch relation {
		case "unfriended":
			w.ada.post("/friends/"+p.ID.String()+"/remove", nil).expectStatus(204)
		case "blocked", "unseen":
			w.ada.post("/people/"+p.ID.String()+"/block", nil).expectStatus(204)
		}
	}

	return w
}

// target returns the id of the resource that a route names.
func (w *relations) target(of, relation string) string {
	switch of {
	case "person":
		return w.ada.ID.String()
	case "conversation":
		if conversation, ok := w.conversations[relation]; ok {
			return conversation
		}
		return w.conversations["friend"]
	case "request":
		return w.request
	case "group":
		return w.group()
	case "invite":
		return w.ada.inviteToken()
	case "returned":
		return w.ada.insertReturned(w.conversations["friend"])
	case "session":
		return w.ada.sessions()[0].ID.String()
	}

	return "nothing"
}
