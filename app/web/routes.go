package web

import (
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/compress"

	"parley/app/picture"
)

// route is one row of the table of routes. No other code decides anything by the
// address of a request.
type route struct {
	// Method is the HTTP method. A GET route answers HEAD too, uncompressed.
	Method string

	// Path is Fiber's pattern: :name is one segment, * is the rest. Fiber ignores
	// case and a trailing slash. Metrics and logs name a route by its pattern.
	Path string

	// Handler answers the request, or returns an error for Server.fail.
	Handler handler

	// Auth is who may use the route. It is checked before Handler runs.
	Auth access

	// MaxBody is the largest body in bytes. More than formBody is admitted only
	// with a session, and has uploadTimeout to arrive (Server.mayReceive).
	MaxBody int

	// Compression says that a successful answer to GET is compressed if the client
	// accepts it. Answers to POST are short. Files, pictures and archives are
	// compressed already. A stream's compressor would cost 1 MiB each.
	Compression bool

	// LoadShedding says that JSON clients are rejected with 503, before routing,
	// while the limit on sends in flight is reached (Server.shedSend).
	LoadShedding bool

	// Budget is what a request costs the viewer (Server.spend).
	Budget budget
}

// handler answers one request. The viewer is the zero value unless the route's
// Auth is session or confirmed.
type handler func(c *fiber.Ctx, v viewer) error

// access is who may use a route.
type access int

const (
	// probe admits everyone. It is also served by processes that serve no people.
	probe access = iota

	// public admits everyone. The handler may still authenticate by itself.
	public

	// developer admits requests that may use the development sign-in; others get 404.
	developer

	// session admits people who are signed in; others get 401 or the sign-in page.
	session

	// confirmed is session, and redirects pages to /welcome until the person has
	// confirmed their name.
	confirmed
)

// Values of the other columns.
const (
	get, head, post = fiber.MethodGet, fiber.MethodHead, fiber.MethodPost

	formBody    = 64 << 10
	pictureBody = picture.MaxBytes + formBody

	compressed, uncompressed = true, false
	shed, neverShed          = true, false
)

// routes returns the table: Method, Path, Handler, Auth, MaxBody, Compression,
// LoadShedding, Budget.
func (s *Server) routes() []route {
	return []route{
		{get, "/healthz", s.showHealth, probe, formBody, compressed, neverShed, cheap},
		{get, "/readyz", s.showReadiness, probe, formBody, compressed, neverShed, cheap},

		{get, "/static/*", s.showFile, public, formBody, uncompressed, neverShed, cheap},
		{get, "/manifest.webmanifest", s.showManifest, public, formBody, compressed, neverShed, cheap},
		{get, "/worker.js", s.showWorker, public, formBody, compressed, neverShed, cheap},
		{get, "/offline", s.showOffline, public, formBody, compressed, neverShed, cheap},
		{get, "/gallery", s.showGallery, developer, formBody, compressed, neverShed, cheap},
		{get, "/gallery/errors/:status", s.showGalleryError, developer, formBody, compressed, neverShed, cheap},

		{get, "/", s.showFront, public, formBody, compressed, neverShed, cheap},
		{get, "/signin", s.showSignIn, public, formBody, compressed, neverShed, cheap},
		{post, "/signin/dev", s.signInDev, developer, formBody, uncompressed, neverShed, ownLimit},
		{get, "/auth/:provider", s.beginSignIn, public, formBody, compressed, neverShed, ownLimit},
		{get, "/auth/:provider/callback", s.finishSignIn, public, formBody, compressed, neverShed, ownLimit},
		{post, "/signout", s.signOut, confirmed, formBody, uncompressed, neverShed, once},
		{get, "/welcome", s.showWelcome, session, formBody, compressed, neverShed, cheap},
		{post, "/welcome", s.confirmName, session, formBody, uncompressed, neverShed, changes},
		{get, "/pictures/:hash", s.showPicture, session, formBody, uncompressed, neverShed, image},

		{get, "/conversations", s.listConversations, confirmed, formBody, compressed, neverShed, page},
		{post, "/conversations", s.openConversation, confirmed, formBody, uncompressed, neverShed, relation},
		{get, "/conversations/:id", s.showConversation, confirmed, formBody, compressed, neverShed, page},
		{post, "/conversations/:id", s.refreshConversation, confirmed, formBody, uncompressed, neverShed, page},
		{get, "/conversations/:id/details", s.showDetails, confirmed, formBody, compressed, neverShed, count},
		{post, "/conversations/:id/messages", s.createMessage, confirmed, formBody, uncompressed, shed, ownLimit},
		{post, "/conversations/:id/read", s.markRead, confirmed, formBody, uncompressed, neverShed, mark},
		{post, "/conversations/:id/delivered", s.markDelivered, confirmed, formBody, uncompressed, neverShed, mark},
		{post, "/conversations/:id/unread", s.markUnread, confirmed, formBody, uncompressed, neverShed, mark},
		{post, "/conversations/:id/pin", s.pinConversation, confirmed, formBody, uncompressed, neverShed, mark},
		{post, "/conversations/:id/archive", s.archiveConversation, confirmed, formBody, uncompressed, neverShed, mark},
		{post, "/conversations/:id/notify", s.changeNotifications, confirmed, formBody, uncompressed, neverShed, mark},
		{post, "/conversations/:id/typing", s.publishTyping, confirmed, formBody, uncompressed, neverShed, ownLimit},
		{post, "/conversations/:id/draft", s.saveDraft, confirmed, formBody, uncompressed, neverShed, ownLimit},
		{get, "/groups/new", s.showNewGroup, confirmed, formBody, compressed, neverShed, page},
		{post, "/conversations/:id/settings", s.changeGroup, confirmed, formBody, uncompressed, neverShed, relation},
		{get, "/conversations/:id/members", s.listMembers, confirmed, formBody, compressed, neverShed, page},
		{post, "/conversations/:id/members", s.addMember, confirmed, formBody, uncompressed, neverShed, relation},
		{post, "/conversations/:id/members/:person/remove", s.removeMember, confirmed, formBody, uncompressed, neverShed,
			relation},
		{post, "/conversations/:id/members/:person/role", s.changeRole, confirmed, formBody, uncompressed, neverShed,
			relation},
		{post, "/conversations/:id/leave", s.leaveGroup, confirmed, formBody, uncompressed, neverShed, relation},
		{post, "/returned/:id/dismiss", s.dismissReturned, confirmed, formBody, uncompressed, neverShed, relation},

		{get, "/people", s.listPeople, confirmed, formBody, compressed, neverShed, page},
		{post, "/people/invite", s.createInvite, confirmed, formBody, uncompressed, neverShed, relation},
		{get, "/invite/:token", s.showInvite, confirmed, formBody, compressed, neverShed, page},
		{post, "/invite/:token", s.acceptInvite, confirmed, formBody, uncompressed, neverShed, relation},
		{get, "/people/:id", s.showPerson, confirmed, formBody, compressed, neverShed, page},
		{post, "/people/:id/block", s.blockPerson, confirmed, formBody, uncompressed, neverShed, relation},
		{post, "/people/:id/unblock", s.unblockPerson, confirmed, formBody, uncompressed, neverShed, relation},
		{get, "/requests", s.listFriendRequests, confirmed, formBody, compressed, neverShed, page},
		{post, "/requests", s.createFriendRequest, confirmed, formBody, uncompressed, neverShed, relation},
		{post, "/requests/:id/accept", s.acceptFriendRequest, confirmed, formBody, uncompressed, neverShed, relation},
		{post, "/requests/:id/decline", s.declineFriendRequest, confirmed, formBody, uncompressed, neverShed, relation},
		{post, "/requests/:id/cancel", s.cancelFriendRequest, confirmed, formBody, uncompressed, neverShed, relation},
		{get, "/friends", s.listFriends, confirmed, formBody, compressed, neverShed, page},
		{post, "/friends/:person/remove", s.removeFriend, confirmed, formBody, uncompressed, neverShed, relation},

		{get, "/account", s.showAccount, confirmed, formBody, compressed, neverShed, page},
		{post, "/account/profile", s.changeName, confirmed, formBody, uncompressed, neverShed, changes},
		{post, "/account/picture", s.changePicture, confirmed, pictureBody, uncompressed, neverShed, upload},
		{post, "/account/appearance", s.changeSettings("appearance"), confirmed, formBody, uncompressed, neverShed, changes},
		{post, "/account/zone", s.changeSettings("zone"), confirmed, formBody, uncompressed, neverShed, changes},
		{post, "/account/privacy", s.changeSettings("privacy"), confirmed, formBody, uncompressed, neverShed, changes},
		{get, "/account/sessions", s.listSessions, confirmed, formBody, compressed, neverShed, page},
		{post, "/account/sessions/revoke-others", s.revokeOtherSessions, confirmed, formBody, uncompressed, neverShed, ending},
		{post, "/account/sessions/:id/revoke", s.revokeSession, confirmed, formBody, uncompressed, neverShed, ending},
		{get, "/account/export", s.showExport, confirmed, formBody, compressed, neverShed, page},
		{post, "/account/export", s.exportAccount, confirmed, formBody, uncompressed, neverShed, ownLimit},
		{get, "/account/delete", s.showDelete, confirmed, formBody, compressed, neverShed, page},
		{post, "/account/delete", s.deleteAccount, confirmed, formBody, uncompressed, neverShed, ending},

		// HEAD has its own row, before GET's, because Fiber's GET would let it hijack the
		// connection.
		{head, "/events", s.rejectHead, public, formBody, uncompressed, neverShed, ownLimit},
		{get, "/events", s.openStream, public, formBody, uncompressed, neverShed, ownLimit},
	}
}

// register hands the table to Fiber, between the middleware that every request
// passes and the answer to all other addresses.
func (s *Server) register() {
	s.app.Use(s.setRequestInfo, s.recoverPanic, s.sameSite)
	compression := compress.New(compress.Config{
		Next: func(c *fiber.Ctx) bool { return c.Method() != fiber.MethodGet },
	})

	for _, r := range s.routes() {
		if s.options.ProbesOnly && r.Auth != probe {
			continue
		}
		s.table = append(s.table, r)

		handlers := []fiber.Handler{s.authorize(r)}
		if r.Compression {
			handlers = append([]fiber.Handler{compression}, handlers...)
		}
		if r.Method == get {
			s.app.Get(r.Path, handlers...)
		} else {
			s.app.Add(r.Method, r.Path, handlers...)
		}
	}

	s.early = earlyRoutes(s.table)

	if s.options.ProbesOnly {
		s.app.Use(s.rejectPeople)
	}

	s.app.Use(s.showNotFound)
}

// Routes names every route as "METHOD /path", for a test of who may do what.
func (s *Server) Routes() []string {
	var names []string
	for _, r := range s.table {
		names = append(names, r.Method+" "+r.Path)
	}
	return names
}
