package web

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/a-h/templ"

	"parley/app/chat"
	"parley/app/sse/frame"
	"parley/views/components"
)

// Frames renders events for streams (sse.Renderer).
type Frames struct{}

// Frame returns an event as bytes of a stream in a format, or nil if it can't be
// rendered. own says that the stream's person sent the message. HTML streams carry
// fragments for htmx, except for events that only the page's script reads: these are
// JSON in both formats.
func (Frames) Frame(format chat.StreamFormat, e chat.Event, own bool) []byte {
	if format == chat.StreamHTML {
		if _, ok := e.(chat.SignOutEvent); ok {
			return signOutFrame
		}
		if fragment := eventFragment(e, own); fragment != nil {
			var b bytes.Buffer
			if err := fragment.Render(context.Background(), &b); err != nil {
				return nil
			}
			return frame.Event(string(e.Kind()), b.Bytes())
		}
	}

	data, err := json.Marshal(e)
	if err != nil {
		return nil
	}

	return frame.Event(string(e.Kind()), data)
}

// eventFragment returns the HTML of an event; nil: the page's script reads its JSON.
func eventFragment(e chat.Event, own bool) templ.Component {
	switch e := e.(type) {
	case chat.MessageEvent:
		return components.Message(components.MessageRow{Message: e.Message, Mine: own, Live: true})
	case chat.ModeEvent:
		return components.Banner(e.Down, true)
	case chat.RequestEvent:
		return components.RequestUpdate(e)
	case chat.FriendEvent:
		return components.FriendUpdate(e)
	}

	return nil
}
