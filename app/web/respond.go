package web

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"parley/app/chat"
)

// wantsJSON tells a program, which prefers application/json.
func wantsJSON(c *fiber.Ctx) bool {
	return c.Accepts(fiber.MIMETextHTML, fiber.MIMEApplicationJSON) == fiber.MIMEApplicationJSON
}

// wantsProblem tells our script, which takes errors as problems and all else as fragments.
func wantsProblem(c *fiber.Ctx) bool {
	return strings.Contains(c.Get(fiber.HeaderAccept), "application/problem+json")
}

func isHTMX(c *fiber.Ctx) bool { return c.Get("HX-Request") == "true" }

// render writes a component into the answer's buffer, so that an error can still change the status.
func render(c *fiber.Ctx, component templ.Component) error {
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return component.Render(c.UserContext(), c.Response().BodyWriter())
}

// fields reads a form, urlencoded or multipart, or a JSON object of the same fields; anything else is 415. Every value is a copy.
func fields(c *fiber.Ctx) (map[string]string, error) {
	values := map[string]string{}
	switch kind, _, _ := strings.Cut(strings.ToLower(c.Get(fiber.HeaderContentType)), ";"); strings.TrimSpace(kind) {
	case fiber.MIMEApplicationForm:
		for k, v := range c.Request().PostArgs().All() {
			values[string(k)] = string(v)
		}
	case fiber.MIMEMultipartForm:
		form, err := c.MultipartForm()
		if err != nil {
			return nil, fiber.ErrBadRequest
		}
		for k, v := range form.Value {
			values[strings.Clone(k)] = strings.Clone(v[0])
		}
	case fiber.MIMEApplicationJSON:
		return jsonFields(c.Body())
	case "":
		if len(c.Body()) > 0 {
			return nil, fiber.ErrUnsupportedMediaType
		}
	default:
		return nil, fiber.ErrUnsupportedMediaType
	}
	return values, nil
}

// jsonFields takes strings as they are and numbers as they are written.
func jsonFields(body []byte) (map[string]string, error) {
	if !utf8.Valid(body) { // encoding/json would quietly replace the bytes
		return nil, chat.Invalid("body", "This text has characters that can’t be kept. Nothing is lost: it stays here.")
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(body, &object); err != nil {
		return nil, fiber.ErrBadRequest
	}
	values := map[string]string{}
	for k, raw := range object {
		var text string
		if err := json.Unmarshal(raw, &text); err != nil {
			text = string(raw)
		}
		values[k] = text
	}
	return values, nil
}
