package integration

import (
	"strings"
)

const messageBody = "body=hi&client_id=0198a3c2-7d1e-7c44-9e0b-5b1f8e2d9a10"

// accessRules name the status of each route for each relation, in the order of
// relationNames. "of" names the resource in the path: Ada herself (person), her
// conversation with this person or else with her friend (conversation), the friend
// request that "asked" sent her (request), her invite link (invite), a message returned
// to her (returned), a group that she owns and in which her friend is a member (group), or her
// session (session).
var accessRules = []struct {
	route string
	of    string
	form  string
	want  string
}{
	{"GET /healthz", "", "", "200 200 200 200 200 200 200 200"},
	{"GET /readyz", "", "", "200 200 200 200 200 200 200 200"},
	{"GET /static/*", "", "", "404 404 404 404 404 404 404 404"},
	{"GET /", "", "", "200 303 303 303 303 303 303 303"},
	{"GET /signin", "", "", "200 200 200 200 200 200 200 200"},
	{"POST /signin/dev", "", "name=Somebody", "200 200 200 200 200 200 200 200"},
	{"POST /signout", "", "", "401 204 204 204 204 204 204 204"},
	{"GET /conversations", "", "", "401 200 200 200 200 200 200 200"},
	{"POST /conversations", "person", "person=:person", "401 403 403 200 403 403 403 422"},
	{"GET /conversations/:id", "conversation", "", "401 404 404 200 200 200 404 200"},
	{"POST /conversations/:id", "conversation", "body=hi", "401 405 405 405 405 405 405 405"},
	{"GET /conversations/:id/details", "conversation", "", "401 404 404 200 200 200 404 200"},
	{"POST /conversations/:id/typing", "conversation", "", "401 404 404 204 204 204 404 204"},
	{"POST /conversations/:id/draft", "conversation", messageBody, "401 404 404 204 403 403 404 204"},
	{"POST /conversations/:id/messages", "conversation", messageBody, "401 404 404 201 403 403 404 201"},
	{"POST /conversations/:id/read", "conversation", "seq=1", "401 404 404 204 204 204 404 204"},
	{"POST /conversations/:id/delivered", "conversation", "seq=1", "401 404 404 204 204 204 404 204"},
	{"POST /conversations/:id/unread", "conversation", "seq=1", "401 404 404 204 204 204 404 204"},
	{"POST /conversations/:id/pin", "conversation", "on=true", "401 404 404 204 204 204 404 204"},
	{"POST /conversations/:id/archive", "conversation", "on=true", "401 404 404 204 204 204 404 204"},
	{"POST /conversations/:id/notify", "conversation", "mute=always", "401 404 404 204 204 204 404 204"},
	{"GET /groups/new", "", "", "401 200 200 200 200 200 200 200"},
	{"POST /conversations/:id/settings", "group", "name=Quartet", "401 404 404 403 404 404 404 200"},
	{"GET /conversations/:id/members", "group", "", "401 404 404 200 404 404 404 200"},
	{"POST /conversations/:id/members", "group", "person=:person", "401 404 404 403 404 404 404 403"},
	{"POST /conversations/:id/members/:person/remove", "group", "", "401 404 404 404 404 404 404 404"},
	{"POST /conversations/:id/members/:person/role", "group", "role=admin", "401 404 404 404 404 404 404 404"},
	{"POST /conversations/:id/leave", "group", "", "401 404 404 204 404 404 404 204"},
	{"POST /returned/:id/dismiss", "returned", "", "401 404 404 404 404 404 404 204"},
	{"GET /people", "", "", "401 200 200 200 200 200 200 200"},
	{"POST /people/invite", "", "", "401 200 200 200 200 200 200 200"},
	{"GET /invite/:token", "invite", "", "401 200 200 200 200 404 404 200"},
	{"POST /invite/:token", "invite", "", "401 200 200 200 200 404 404 422"},
	{"GET /people/:id", "person", "", "401 200 200 200 200 200 200 200"},
	{"POST /people/:id/block", "person", "", "401 204 204 204 204 204 204 422"},
	{"POST /people/:id/unblock", "person", "", "401 204 204 204 204 204 204 204"},
	{"GET /requests", "", "", "401 200 200 200 200 200 200 200"},
	{"POST /requests", "person", "person=:person", "401 201 200 200 201 201 201 422"},
	{"POST /requests/:id/accept", "request", "", "401 404 404 404 404 404 404 200"},
	{"POST /requests/:id/decline", "request", "", "401 404 404 404 404 404 404 200"},
	{"POST /requests/:id/cancel", "request", "", "401 404 200 404 404 404 404 404"},
	{"GET /friends", "", "", "401 200 200 200 200 200 200 200"},
	{"POST /friends/:person/remove", "person", "", "401 204 204 204 204 204 204 204"},
	{"GET /account", "", "", "401 200 200 200 200 200 200 200"},
	{"POST /account/profile", "", "name=Somebody+else", "401 200 200 200 200 200 200 200"},
	{"POST /account/picture", "", "remove=picture", "401 204 204 204 204 204 204 204"},
	{"POST /account/appearance", "", "theme=dark", "401 200 200 200 200 200 200 200"},
	{"POST /account/zone", "", "time_zone=UTC", "401 200 200 200 200 200 200 200"},
	{"POST /account/privacy", "", "share_read=off", "401 200 200 200 200 200 200 200"},
	{"GET /account/sessions", "", "", "401 200 200 200 200 200 200 200"},
	{"POST /account/sessions/revoke-others", "", "", "401 204 204 204 204 204 204 204"},
	{"POST /account/sessions/:id/revoke", "session", "", "401 404 404 404 404 404 404 204"},
	{"GET /account/export", "", "", "401 200 200 200 200 200 200 200"},
	{"POST /account/export", "", "", "401 200 200 200 200 200 200 200"},
	{"GET /account/delete", "", "", "401 200 200 200 200 200 200 200"},
	{"POST /account/delete", "", "name=nobody", "401 422 422 422 422 422 422 422"},
	{"POST /welcome", "", "name=Somebody+else", "401 200 200 200 200 200 200 200"},
	{"GET /auth/:provider", "", "", "404 404 404 404 404 404 404 404"},
	{"GET /auth/:provider/callback", "", "", "404 404 404 404 404 404 404 404"},
	{"GET /pictures/:hash", "", "", "401 404 404 404 404 404 404 404"},
	{"GET /welcome", "", "", "401 200 200 200 200 200 200 200"},
	{"GET /manifest.webmanifest", "", "", "200 200 200 200 200 200 200 200"},
	{"GET /worker.js", "", "", "200 200 200 200 200 200 200 200"},
	{"GET /offline", "", "", "200 200 200 200 200 200 200 200"},
	{"GET /gallery", "", "", "200 200 200 200 200 200 200 200"},
	{"GET /gallery/errors/:status", "", "", "404 404 404 404 404 404 404 404"},
	{"HEAD /events", "", "", "405 405 405 405 405 405 405 405"},
	{"GET /events", "", "", "401 200 200 200 200 200 200 200"},
}

// relationNames are the relations to Ada that somebody may have. "blocked" was her
// friend before she blocked them, "unseen" was not; "out" is signed out.
var relationNames = strings.Fields("out stranger asked friend unfriended blocked unseen owner")
