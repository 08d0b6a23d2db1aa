package web

import (
	"context"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"parley/app/chat"
	"parley/app/picture"
)

// Bounds of pictures that come: those fetched at once after sign-ins, and the upload's.
const (
	maxFetches     = 4
	pictureTimeout = 20 * time.Second
	uploadPath     = "/account/picture"
	uploadTimeout  = 60 * time.Second
	uploadAuth     = 2 * time.Second
)

// showPicture serves a picture to those who are signed in. Its address is its content's, so it may be kept for ever, by their browser only.
func (s *Server) showPicture(c *fiber.Ctx) error {
	if _, err := s.authenticate(c); err != nil {
		return err
	}
	hash := strings.Clone(c.Params("hash"))
	if len(hash) != 64 || strings.Trim(hash, "0123456789abcdef") != "" {
		return fiber.ErrNotFound
	}
	p, err := s.chat.Picture(c.UserContext(), hash)
	if err != nil {
		return err
	}
	h := &c.Response().Header
	h.Set(fiber.HeaderContentType, p.MediaType)
	h.Set(fiber.HeaderCacheControl, "private, max-age=31536000, immutable")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
	h.Set(fiber.HeaderVary, "Cookie")
	return c.Send(p.Content)
}

// bringPicture fetches a provider's picture in the background. One that doesn't come, or for which there is no place, is tried again at the
// next sign-in.
func (s *Server) bringPicture(person chat.Person, address string) {
	if address == "" {
		return
	}
	select {
	case s.fetching <- struct{}{}:
	default:
		return
	}
	s.inBackground(func(ctx context.Context) {
		defer func() { <-s.fetching }()
		ctx, cancel := context.WithTimeout(ctx, pictureTimeout)
		defer cancel()
		err := s.chat.OfferPicture(ctx, person, func(ctx context.Context) ([]byte, error) { return s.fetcher.fetch(ctx, address) })
		if err != nil {
			s.logger.Warn("a provider’s picture didn’t come", "person", person.ID, "error", err)
		}
	})
}

// bodyLimit gives one route a larger body than the others, before any of it is read, and only to those who are signed in: fasthttp makes room
// for a body as soon as its length is known.
func (s *Server) bodyLimit(h *fasthttp.RequestHeader) fasthttp.RequestConfig {
	path, _, _ := strings.Cut(string(h.RequestURI()), "?")
	if path != uploadPath || !h.IsPost() {
		return fasthttp.RequestConfig{}
	}
	ctx, cancel := context.WithTimeout(context.Background(), uploadAuth)
	defer cancel()
	if _, err := s.chat.Authenticate(ctx, string(h.Cookie(s.cookie))); err != nil {
		return fasthttp.RequestConfig{}
	}
	return fasthttp.RequestConfig{MaxRequestBodySize: picture.MaxBytes + maxBody, ReadTimeout: uploadTimeout}
}
