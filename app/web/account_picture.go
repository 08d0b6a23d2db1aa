package web

import (
	"io"

	"github.com/gofiber/fiber/v2"
)

// changePicture sets the uploaded picture, or removes the viewer's picture.
func (s *Server) changePicture(c *fiber.Ctx, v viewer) error {
	image, remove, err := uploadedPicture(c)
	switch {
	case err != nil:
		return err
	case remove:
		err = s.chat.RemovePicture(c.UserContext(), v.Person)
	default:
		err = s.chat.SetPicture(c.UserContext(), v.Person, image)
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
