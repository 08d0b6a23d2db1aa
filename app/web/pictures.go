package web

import (
	"context"
	"io"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"parley/app/chat"
)

// Limits on the downloads of providers' pictures.
const (
	maxFetches   = 4 // at once
	fetchTimeout = 20 * time.Second

	acceptedPictures = "image/webp, image/png, image/jpeg, image/gif"
)

// showPicture sends a picture to people who are signed in. Its address is a hash of
// its content, so their browser may cache it for ever; shared caches may not.
func (s *Server) showPicture(c *fiber.Ctx, _ viewer) error {
	hash := strings.Clone(c.Params("hash"))
	if len(hash) != 64 || strings.Trim(hash, "0123456789abcdef") != "" {
		return fiber.ErrNotFound
	}

	p, err := s.accounts.Picture(c.UserContext(), hash)
	if err != nil {
		return err
	}

	h := &c.Response().Header
	h.Set(fiber.HeaderContentType, p.MediaType)
	h.Set(fiber.HeaderCacheControl, "private, max-age=31536000, immutable")
	h.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'; sandbox")
	h.Set(fiber.HeaderVary, "Cookie")
	return c.Send(p.Content)
}

// changePicture sets the uploaded picture, or removes the viewer's picture.
func (s *Server) changePicture(c *fiber.Ctx, v viewer) error {
	image, remove, err := uploadedPicture(c)
	switch {
	case err != nil:
		return err
	case remove:
		err = s.accounts.RemovePicture(c.UserContext(), v.Person)
	default:
		err = s.setPicture(c, v, image)
	}

	switch {
	case err != nil:
		return s.rejectChange(c, v, "picture", nil, err)
	case wantsJSON(c):
		return c.SendStatus(fiber.StatusNoContent)
	case isHTMX(c): // the page shows the picture more than once
		c.Set("HX-Refresh", "true")
		return c.SendStatus(fiber.StatusNoContent)
	}

	return c.Redirect("/account?saved=picture#profile", fiber.StatusSeeOther)
}

// setPicture decodes and stores a picture while the client waits and its session lives.
func (s *Server) setPicture(c *fiber.Ctx, v viewer, image []byte) error {
	ctx, stop := whileConnected(c)
	defer stop()
	ctx, done := s.accounts.WithSession(ctx, v.Session)
	defer done()

	err := s.accounts.SetPicture(ctx, v.Person, image)
	if cause := context.Cause(ctx); chat.KindOf(cause) == chat.KindSignedOut {
		return cause
	}
	return err
}

// uploadedPicture returns a copy of the uploaded file; empty if no file was chosen.
func uploadedPicture(c *fiber.Ctx) (image []byte, remove bool, err error) {
	form, err := fields(c)
	if err != nil || form["remove"] != "" {
		return nil, true, err
	}

	header, err := c.FormFile("picture")
	if err != nil {
		return nil, false, nil
	}

	file, err := header.Open()
	if err != nil {
		return nil, false, err
	}
	defer file.Close()
	image, err = io.ReadAll(file)
	return image, false, err
}

// downloadPicture offers a provider's picture to a person, in the background. A failed
// download is retried at the next sign-in, as is one beyond maxFetches.
func (s *Server) downloadPicture(person chat.Person, address string) {
	if address == "" {
		return
	}

	select {
	case s.fetches <- struct{}{}:
	default:
		return
	}

	s.goBackground(func(ctx context.Context) {
		defer func() { <-s.fetches }()
		ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
		defer cancel()
		err := s.accounts.OfferPicture(ctx, person, func(ctx context.Context) ([]byte, error) {
			return s.pictureClient.Get(ctx, address, acceptedPictures)
		})
		if err != nil {
			s.logger.Warn("download of a provider's picture failed", "person", person.ID, "error", err)
		}
	})
}
