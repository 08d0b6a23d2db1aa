package web

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"parley/app/chat"
)

// fields reads a form, urlencoded or multipart, or a JSON object with the same fields.
// Other types are rejected with 415. Every value is a copy, because Fiber reuses the
// request's bytes.
func fields(c *fiber.Ctx) (map[string]string, error) {
	values := map[string]string{}
	switch mediaType(c.Get(fiber.HeaderContentType)) {
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
		return jsonFields(c.BodyRaw())
	case "":
		if len(c.BodyRaw()) > 0 {
			return nil, fiber.ErrUnsupportedMediaType
		}
	default:
		return nil, fiber.ErrUnsupportedMediaType
	}

	return values, nil
}

// jsonFields returns strings decoded, and other values in their JSON form.
func jsonFields(body []byte) (map[string]string, error) {
	if !utf8.Valid(body) { // encoding/json would replace the bytes without an error
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

// idList returns the IDs in a field that a form may repeat, or that is a list in JSON.
func idList(c *fiber.Ctx, form map[string]string, name string) ([]uuid.UUID, error) {
	var texts []string
	switch mediaType(c.Get(fiber.HeaderContentType)) {
	case fiber.MIMEApplicationForm:
		for _, text := range c.Request().PostArgs().PeekMulti(name) {
			texts = append(texts, string(text))
		}
	case fiber.MIMEMultipartForm:
		if parts, err := c.MultipartForm(); err == nil {
			texts = parts.Value[name]
		}
	default:
		if text := form[name]; text != "" && json.Unmarshal([]byte(text), &texts) != nil {
			texts = []string{text}
		}
	}

	var ids []uuid.UUID
	for _, text := range texts {
		id, err := uuid.Parse(text)
		if err != nil {
			return nil, chat.Invalid(name, "Choose people from the list.")
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// mediaType returns a Content-Type in lower case and without its parameters.
func mediaType(contentType string) string {
	kind, _, _ := strings.Cut(strings.ToLower(contentType), ";")
	return strings.TrimSpace(kind)
}
