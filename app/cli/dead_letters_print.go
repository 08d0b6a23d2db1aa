package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"parley/app/kafka"
)

// printedLetter is a dead letter as the command prints it.
type printedLetter struct {
	ID        string `json:"id"`
	State     string `json:"state"`
	DeadSince string `json:"dead_lettered_at"`
	Origin    string `json:"origin"`
	Reason    string `json:"reason"`
	Key       string `json:"key"`
	Bytes     int    `json:"bytes"`

	// Of a record that can be decoded.
	MessageID      string `json:"message_id,omitempty"`
	ConversationID string `json:"conversation_id,omitempty"`
	SenderID       string `json:"sender_id,omitempty"`
	SentAt         string `json:"sent_at,omitempty"`

	Text *string `json:"text"` // null without --show-text
}

func (d *deadLetters) printed(letter kafka.DeadLetter) printedLetter {
	p := printedLetter{
		ID:        letter.ID,
		State:     letter.State,
		DeadSince: letter.DeadLetteredAt,
		Origin:    letter.Origin,
		Reason:    letter.Reason,
		Key:       string(letter.Key),
		Bytes:     len(letter.Value),
	}

	text := string(letter.Value)
	if m, ok := letter.Message(); ok {
		p.MessageID = m.ID.String()
		p.ConversationID = m.ConversationID.String()
		p.SenderID = m.Sender.ID.String()
		p.SentAt = m.SentAt.String()
		text = m.Body
	}
	if d.showText {
		p.Text = &text
	}

	return p
}

func (d *deadLetters) list(all []kafka.DeadLetter) error {
	list := []printedLetter{}
	for _, letter := range all {
		if d.all || letter.State == kafka.StateWaiting {
			list = append(list, d.printed(letter))
		}
	}
	if d.json {
		return d.encode(list)
	}
	if len(list) == 0 {
		_, err := fmt.Fprintln(d.out, "No dead letters.")
		return err
	}

	table := tabwriter.NewWriter(d.out, 0, 0, 2, ' ', 0)
	fmt.Fprint(table, "ID\tSTATE\tDEAD SINCE\tORIGIN\tSENDER\tREASON")
	if d.showText {
		fmt.Fprint(table, "\tTEXT")
	}

	fmt.Fprintln(table)
	for _, p := range list {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%.100q",
			p.ID, p.State, p.DeadSince, p.Origin, cmp.Or(p.SenderID, "unknown"), p.Reason)
		if p.Text != nil {
			fmt.Fprintf(table, "\t%.200q", *p.Text)
		}
		fmt.Fprintln(table)
	}

	return table.Flush()
}

func (d *deadLetters) show(letter kafka.DeadLetter) error {
	p := d.printed(letter)
	if d.json {
		return d.encode(p)
	}

	table := tabwriter.NewWriter(d.out, 0, 0, 2, ' ', 0)
	for _, row := range [][2]string{
		{"id", p.ID},
		{"state", p.State},
		{"dead since", p.DeadSince},
		{"origin", p.Origin},
		{"reason", p.Reason},
		{"key", p.Key},
		{"bytes", fmt.Sprint(p.Bytes)},
		{"message", p.MessageID},
		{"conversation", p.ConversationID},
		{"sender", p.SenderID},
		{"sent at", p.SentAt},
	} {
		if row[1] != "" {
			fmt.Fprintf(table, "%s\t%q\n", row[0], row[1])
		}
	}
	if p.Text == nil {
		fmt.Fprint(table, "text\thidden: --show-text shows it\n")
	} else {
		fmt.Fprintf(table, "text\t%q\n", *p.Text)
	}

	return table.Flush()
}

func (d *deadLetters) encode(v any) error {
	e := json.NewEncoder(d.out)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
