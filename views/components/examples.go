package components

import (
	"context"
	"io"

	"github.com/a-h/templ"
)

// Noun is a group of components with its examples. Name is the name of its stylesheet
// in static/css, and its anchor in the gallery.
type Noun struct {
	Name     string
	In       Frame
	Examples []Example
}

// Example is a component in one of its states. The gallery shows all examples, and
// tests render them.
type Example struct {
	Name  string // of the component
	State string
	templ.Component
}

// Frame is the element around the components of a noun.
type Frame string

// The frames of examples.
const (
	InPlace Frame = ""      // none
	InLog   Frame = "log"   // rows of a conversation
	InRows  Frame = "rows"  // rows of a card
	InSide  Frame = "side"  // the column of conversations
	InStack Frame = "stack" // a list of cards
)

// Examples returns the registry of components. To show a component in the gallery,
// add a line. A test fails for an exported component without an example.
func Examples() []Noun {
	s := newSamples()
	return []Noun{
		{"icon", InPlace, iconExamples()},
		{"base", InPlace, []Example{
			{"MessageText", "with a link", MessageText("See https://example.org/locks, please")},
		}},
		{"status", InPlace, statusExamples()},
		{"pipeline_steps", InPlace, pipelineExamples(s)},
		{"stat_card", InPlace, statExamples()},
		{"table", InPlace, []Example{
			{"Bar", "a third", Bar(.33)},
		}},
		{"badge", InPlace, []Example{
			{"RequestBadge", "two wait", RequestBadge(2, false)},
			{"RequestBadge", "hidden: none waits", RequestBadge(0, false)},
		}},
		{"receipt", InPlace, receiptExamples()},
		{"avatar", InPlace, avatarExamples(s)},
		{"conversation", InSide, conversationExamples(s)},
		{"message", InLog, append(messageExamples(s), systemExamples(s)...)},
		{"group", InPlace, groupExamples(s)},
		{"composer", InPlace, composerExamples(s)},
		{"banner", InPlace, bannerExamples()},
		{"person", InRows, personExamples(s)},
		{"empty", InPlace, profileExamples(s)},
		{"invite", InPlace, inviteExamples()},
		{"menu", InPlace, menuExamples(s)},
		{"request", InStack, requestExamples(s)},
		{"toast", InPlace, toastExamples(s)},
		{"navigation", InSide, navigationExamples(s)},
		{"connection", InPlace, connectionExamples()},
		{"header", InPlace, headerExamples(s)},
		{"settings", InPlace, settingsExamples()},
		{"switch", InRows, switchExamples()},
		{"switcher", InPlace, switcherExamples()},
		{"emoji", InPlace, []Example{
			{"EmojiMenu", "two names begin so", EmojiMenu()},
			{"EmojiPicker", "", EmojiPicker("")},
			{"EmojiPicker", "nothing found", EmojiPicker("No emoji is called “lock keeper”.")},
		}},
	}
}

// rowList begins the list of conversations around rows.
const rowList = `<ul class="conversations">`

// within puts an example into the elements that it needs around it.
func within(begin, end string, c templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		if _, err := io.WriteString(w, begin); err != nil {
			return err
		}
		if err := c.Render(ctx, w); err != nil {
			return err
		}
		_, err := io.WriteString(w, end)
		return err
	})
}
