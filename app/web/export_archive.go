package web

import (
	"archive/zip"
	"bufio"
	"context"
	"encoding/json"
	"io"
	"time"

	"github.com/a-h/templ"

	"parley/app/chat"
	"parley/views/pages"
)

// exportArchive writes an export as a ZIP archive. It reads messages while it writes, so
// a long history needs no memory.
type exportArchive struct {
	messages *chat.Messages
	session  chat.Session
	export   chat.Export
	zone     *time.Location
}

func (a exportArchive) write(ctx context.Context, w io.Writer) error {
	z := zip.NewWriter(w)
	for _, file := range []struct {
		name  string
		write func(context.Context, io.Writer) error
	}{
		{"index.html", a.writeHTML},
		{"data.json", a.writeJSON},
		{a.export.Account.Picture, a.writePicture},
	} {
		if file.name == "" {
			continue
		}
		entry, err := z.CreateHeader(&zip.FileHeader{
			Name:     file.name,
			Method:   zip.Deflate,
			Modified: a.export.ExportedAt.Time,
		})
		if err != nil {
			return err
		}
		if err := file.write(ctx, entry); err != nil {
			return err
		}
	}

	return z.Close()
}

func (a exportArchive) writePicture(_ context.Context, w io.Writer) error {
	_, err := w.Write(a.export.Account.Content)
	return err
}

// writeJSON writes the export's object, and appends the conversations to it, one message
// at a time.
func (a exportArchive) writeJSON(ctx context.Context, out io.Writer) error {
	w := bufio.NewWriter(out) // keeps errors until Flush
	head, err := json.MarshalIndent(a.export, "", " ")
	if err != nil {
		return err
	}

	w.Write(head[:len(head)-2]) // without "\n}"
	w.WriteString(",\n \"conversations\": [")
	for i, c := range a.export.Conversations {
		if i > 0 {
			w.WriteByte(',')
		}
		if err := a.writeConversation(ctx, w, c); err != nil {
			return err
		}
	}

	w.WriteString("\n ]\n}\n")
	return w.Flush()
}

func (a exportArchive) writeConversation(ctx context.Context, w *bufio.Writer, c chat.ExportedConversation) error {
	head, err := json.Marshal(c)
	if err != nil {
		return err
	}

	w.WriteString("\n  ")
	w.Write(head[:len(head)-1]) // without "}"
	w.WriteString(`,"messages":[`)

	for m, err := range a.messages.Export(ctx, a.session, c) {
		if err != nil {
			return err
		}
		row, err := json.Marshal(m)
		if err != nil {
			return err
		}
		if *m.Seq > c.FromSeq {
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

func (a exportArchive) writeHTML(ctx context.Context, w io.Writer) error {
	drafts := map[string]string{}
	for _, d := range a.export.Drafts {
		drafts[d.ConversationID.String()] = d.Body
	}

	conversations := templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		for _, c := range a.export.Conversations {
			section := pages.ExportedConversation(c, drafts[c.ID.String()], a.messageList(c))
			if err := section.Render(ctx, w); err != nil {
				return err
			}
		}
		return nil
	})

	return pages.Export(a.export, a.zone, conversations).Render(ctx, w)
}

// messageList renders the messages of a conversation.
func (a exportArchive) messageList(c chat.ExportedConversation) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		for m, err := range a.messages.Export(ctx, a.session, c) {
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
