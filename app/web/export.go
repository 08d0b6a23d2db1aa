package web

import (
	"context"
	"io"
	"net"
	"runtime/debug"
	"time"

	"github.com/gofiber/fiber/v2"

	"parley/app/audit"
	"parley/views/pages"
)

// exportTimeout ends an export whose reader is too slow or has disappeared.
const exportTimeout = 15 * time.Minute

// showExport is the page whose button sends for the archive. A link of another page can
// open it, and spends nothing.
func (s *Server) showExport(c *fiber.Ctx, v viewer) error {
	return render(c, pages.ExportAccount(s.shell(c, v, "Export · Parley", "sheet", noConversation)))
}

// exportAccount sends an archive of everything that is stored about the viewer
// (chat.Export): data.json, index.html and the picture. The archive is written while it
// is read. After an error the connection is cut, so that nobody takes a part of the
// archive for the whole. The end of the session is such an error.
func (s *Server) exportAccount(c *fiber.Ctx, v viewer) error {
	e, err := s.accounts.Export(c.UserContext(), v.Person)
	s.audit(c, audit.Entry{Action: audit.ExportAccount, Person: v.Person.ID, Session: v.ID, Err: err})
	if err != nil {
		return err
	}

	c.Set(fiber.HeaderContentType, "application/zip")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="parley-export.zip"`)
	conn := c.Context().Conn()
	if err := conn.SetWriteDeadline(time.Now().Add(exportTimeout)); err != nil {
		return err
	}

	c.Context().SetConnectionClose() // because the deadline stays on the connection

	archive := exportArchive{messages: s.messages, session: v.Session, export: e, zone: v.zone()}
	r, w := io.Pipe()
	c.Context().SetBodyStream(r, -1) // closes r when the reader disappears, and w's writes fail
	go s.writeExport(archive, w, conn)
	return nil
}

// writeExport writes an archive to w, and closes w with the error, or with nil at the
// end. The end of the session also ends a write to a slow reader.
func (s *Server) writeExport(archive exportArchive, w *io.PipeWriter, conn net.Conn) {
	defer func() {
		if r := recover(); r != nil {
			s.logger.Error("panic in an export", "panic", r, "stack", string(debug.Stack()))
			w.CloseWithError(io.ErrUnexpectedEOF)
		}
	}()

	ctx, cancel := context.WithTimeout(context.Background(), exportTimeout)
	defer cancel()
	ctx, stop := s.accounts.WithSession(ctx, archive.session)
	defer stop()
	cut := context.AfterFunc(ctx, func() {
		w.CloseWithError(context.Cause(ctx))
		_ = conn.SetWriteDeadline(time.Now()) // fails if the connection is closed already
	})
	defer cut()

	err := archive.write(ctx, w)
	if err != nil {
		s.logger.Warn("export ended early", "error", err)
	}

	w.CloseWithError(err)
}
