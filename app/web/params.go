package web

import (
	"strconv"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"parley/app/chat"
)

// pathID returns an ID of the path. An invalid one is the same as an unknown one: 404.
func pathID(c *fiber.Ctx, param string) (uuid.UUID, error) {
	id, err := uuid.Parse(c.Params(param))
	if err != nil || id.String() != c.Params(param) {
		return uuid.Nil, chat.ErrNotFound()
	}
	return id, nil
}

// idAndFields returns an ID of the path and the fields of the body.
func idAndFields(c *fiber.Ctx, param string) (id uuid.UUID, form map[string]string, err error) {
	if id, err = pathID(c, param); err == nil {
		form, err = fields(c)
	}
	return id, form, err
}

// personField returns the ID in a form's field "person".
func personField(form map[string]string) (uuid.UUID, error) {
	person, err := uuid.Parse(form["person"])
	if err != nil {
		return uuid.Nil, chat.Invalid("person", "Choose a person.")
	}
	return person, nil
}

// rangeOf returns the range of messages that the query asks for: before, after or at a
// number, and at most limit messages.
func rangeOf(c *fiber.Ctx) (chat.Range, error) {
	var r chat.Range
	for name, field := range map[string]**int64{"before": &r.Before, "after": &r.After, "at": &r.At} {
		text := c.Query(name)
		if text == "" {
			continue
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return r, chat.ErrNoPlace(name)
		}
		*field = &n
	}

	if text := c.Query("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n == 0 {
			return r, chat.Invalid("limit", "A page has 1 to 100 messages.")
		}
		r.Limit = n
	}

	return r, r.Validate()
}
