package web

import (
	"archive/zip"
	"bufio"
	"context"
	"encoding/json"
	"io"
	"runtime/debug"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"parley/app/chat"
	"parley/views/pages"
)

// exportTimeout ends an export whose reader is too slow, or gone without a word.
const exportTimeout = 15 * time.Minute

// exportAccount answers one archive: data.json and index.html with everything that is kept of the viewer (chat.Export says what it promises). It is written
// while it is read. When that fails on the way the connection is cut, so that nobody takes half an archive for a whole one.
func (s *Server) exportAccount(c *fiber.Ctx, v viewer) error {
	e, err := s.chat.Export(c.UserContext(), v.Person)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/zip")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="parley-export.zip"`)
	if err := c.Context().Conn().SetWriteDeadline(time.Now().Add(exportTimeout)); err != nil {
		return err
	}
	c.Context().SetConnectionClose() // the deadline is the connection's
	page := s.page(c, "")
	page.Settings = v.Settings
	x := archive{service: s.chat, viewer: v.Person, export: e, zone: page.Zone()}
	out, in := io.Pipe()
	c.Context().SetBodyStream(out, -1) // closes out when the reader is gone, which fails the writes
	go func() {
		defer func() {
			if r := recover(); r != nil {
				s.logger.Error("panic in an export", "panic", r, "stack", string(debug.Stack()))
				in.CloseWithError(io.ErrUnexpectedEOF)
			}
		}()
		ctx, cancel := context.WithTimeout(context.Background(), exportTimeout)
		defer cancel()
		err := x.write(ctx, in)
		if err != nil {
			s.logger.Warn("export cut off", "error", err)
		}
		in.CloseWithError(err) // nil: the end
	}()
	return nil
}

// archive is an export on its way into a file.
type archive struct {
	service *chat.Service
	viewer  chat.Person
	export  chat.Export
	zone    *time.Location
}

func (a archive) write(ctx context.Context, w io.Writer) error {
	z := zip.NewWriter(w)
	for _, file := range []struct {
		name  string
		write func(context.Context, io.Writer) error
	}{{"index.html", a.html}, {"data.json", a.json}, {a.export.Account.Picture, a.picture}} {
		if file.name == "" {
			continue
		}
		entry, err := z.CreateHeader(&zip.FileHeader{Name: file.name, Method: zip.Deflate, Modified: a.export.ExportedAt.Time})
		if err != nil {
			return err
		}
		if err := file.write(ctx, entry); err != nil {
			return err
		}
	}
	return z.Close()
}

func (a archive) picture(_ context.Context, w io.Writer) error {
	_, err := w.Write(a.export.Account.Content)
	return err
}

// json writes the conversations behind all else, one message at a time.
func (a archive) json(ctx context.Context, out io.Writer) error {
	w := bufio.NewWriter(out)
	head, err := json.MarshalIndent(a.export, "", " ")
	if err != nil {
		return err
	}
	w.Write(head[:len(head)-2]) // without "\n}"; errors stay in w until Flush
	w.WriteString(",\n \"conversations\": [")
	for i, c := range a.export.Conversations {
		if i > 0 {
			w.WriteByte(',')
		}
		if err := a.jsonTalk(ctx, w, c); err != nil {
			return err
		}
	}
	w.WriteString("\n ]\n}\n")
	return w.Flush()
}

func (a archive) jsonTalk(ctx context.Context, w *bufio.Writer, c chat.ExportedConversation) error {
	head, err := json.Marshal(c)
	if err != nil {
		return err
	}
	w.WriteString("\n  ")
	w.Write(head[:len(head)-1])
	w.WriteString(`,"messages":[`)
	for m, err := range a.service.ExportMessages(ctx, a.viewer, c) {
		if err != nil {
			return err
		}
		row, err := json.Marshal(m)
		if err != nil {
			return err
		}
		if *m.Seq > 1 {
			w.WriteByte(',')
		}
		w.WriteString("\n   ")
		if _, err := w.Write(row); err != nil {
			return err
		}
	}
	_, err = w.WriteString("]}")
	return err
}

func (a archive) html(ctx context.Context, w io.Writer) error {
	drafts := map[string]string{}
	for _, d := range a.export.Drafts {
		drafts[d.ConversationID.String()] = d.Body
	}
	talks := templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		for _, c := range a.export.Conversations {
			if err := pages.ExportedConversation(c, drafts[c.ID.String()], a.htmlMessages(c)).Render(ctx, w); err != nil {
				return err
			}
		}
		return nil
	})
	return pages.Export(a.export, a.zone, talks).Render(ctx, w)
}

func (a archive) htmlMessages(c chat.ExportedConversation) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		for m, err := range a.service.ExportMessages(ctx, a.viewer, c) {
			if err != nil {
				return err
			}
			if err := pages.ExportedMessage(m, a.zone).Render(ctx, w); err != nil {
				return err
			}
		}
		return nil
	})
}
