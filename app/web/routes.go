package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/compress"
)

// routes is the table of contents: DESIGN.md's table, "The interface".
func (s *Server) routes() {
	a := s.app
	a.Use(s.known, s.recovery, s.sameSite)
	a.Use(compress.New(compress.Config{Next: uncompressed}))

	a.Get("/healthz", s.showHealth)
	a.Get("/readyz", s.showReadiness)
	if s.options.ProbesOnly {
		a.Use(func(c *fiber.Ctx) error {
			return c.Status(fiber.StatusNotFound).SendString("This process stores messages. People come to others.\n")
		})
		return
	}
	a.Get("/static/*", s.showFile)
	a.Get("/manifest.webmanifest", s.showManifest)
	a.Get("/worker.js", s.showWorker)
	a.Get("/offline", s.showOffline)
	a.Get("/gallery", s.developers(s.showGallery))
	a.Get("/gallery/errors/:status", s.developers(s.showGalleryError))

	a.Get("/", s.showFront)
	a.Get("/signin", s.showSignIn)
	a.Post("/signin/dev", s.signInDev)
	a.Get("/auth/:provider", s.beginSignIn)
	a.Get("/auth/:provider/callback", s.finishSignIn)
	a.Post("/signout", s.signedIn(s.signOut))
	a.Get("/welcome", s.signedIn(s.showWelcome))
	a.Post("/welcome", s.signedIn(s.confirmName))
	a.Get("/pictures/:hash", s.showPicture)

	a.Get("/conversations", s.signedIn(s.listConversations))
	a.Post("/conversations", s.signedIn(s.openConversation))
	a.Get("/conversations/:id", s.signedIn(s.showConversation))
	a.Post("/conversations/:id", s.signedIn(s.showWithWords))
	a.Get("/conversations/:id/details", s.signedIn(s.showDetails))
	a.Post("/conversations/:id/messages", s.signedIn(s.createMessage))
	a.Post("/conversations/:id/read", s.signedIn(s.markRead))
	a.Post("/conversations/:id/delivered", s.signedIn(s.markDelivered))
	a.Post("/conversations/:id/typing", s.signedIn(s.tellTyping))
	a.Post("/conversations/:id/draft", s.signedIn(s.saveDraft))

	a.Post("/returned/:id/dismiss", s.signedIn(s.dismissReturned))

	a.Get("/people", s.signedIn(s.listPeople))
	a.Post("/people/:id/block", s.signedIn(s.blockPerson))
	a.Post("/people/:id/unblock", s.signedIn(s.unblockPerson))
	a.Get("/requests", s.signedIn(s.listRequests))
	a.Post("/requests", s.signedIn(s.createRequest))
	a.Post("/requests/:id/accept", s.signedIn(s.acceptRequest))
	a.Post("/requests/:id/decline", s.signedIn(s.declineRequest))
	a.Post("/requests/:id/cancel", s.signedIn(s.cancelRequest))
	a.Get("/friends", s.signedIn(s.listFriends))
	a.Post("/friends/:person/remove", s.signedIn(s.removeFriend))

	a.Get("/account", s.signedIn(s.showAccount))
	a.Post("/account/profile", s.signedIn(s.rename))
	a.Post(uploadPath, s.signedIn(s.changePicture))
	a.Post("/account/appearance", s.signedIn(s.changeSettings("appearance")))
	a.Post("/account/zone", s.signedIn(s.changeSettings("zone")))
	a.Post("/account/privacy", s.signedIn(s.changeSettings("privacy")))
	a.Get("/account/sessions", s.signedIn(s.listSessions))
	a.Post("/account/sessions/revoke-others", s.signedIn(s.revokeOtherSessions))
	a.Post("/account/sessions/:id/revoke", s.signedIn(s.revokeSession))
	a.Get("/account/export", s.signedIn(s.exportAccount))
	a.Post("/account/export", s.signedIn(s.exportAccount))
	a.Get("/account/delete", s.signedIn(s.showDelete))
	a.Post("/account/delete", s.signedIn(s.deleteAccount))

	a.Add(fiber.MethodHead, "/events", s.refuseHead) // Fiber's Get would let HEAD hijack the connection
	a.Get("/events", s.openStream)

	a.Use(s.showNothing)
}

// uncompressed are files and archives, which are compressed already; streams, where it would cost 1 MiB each; and answers to posts, which are short.
func uncompressed(c *fiber.Ctx) bool {
	return c.Method() != fiber.MethodGet || strings.HasPrefix(c.Path(), "/static/") || strings.HasPrefix(c.Path(), "/pictures/") ||
		c.Path() == "/events" || c.Path() == "/account/export"
}
