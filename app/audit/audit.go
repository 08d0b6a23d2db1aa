// Package audit writes one log line for each act that somebody may have to account for
// later: sign-ins, ended sessions, exports, deletions, and what operators do. A line has
// ids and addresses, and neither names, e-mail addresses, tokens nor messages.
package audit

import (
	"context"
	"log/slog"
	"net/netip"

	"github.com/google/uuid"
)

// Message is the text of every line.
const Message = "audit"

// Action is what was done.
type Action string

// Actions of people.
const (
	SignIn        Action = "sign-in" // also a refused one; see Entry.Result
	SignOut       Action = "sign-out"
	RevokeSession Action = "revoke-session"
	RevokeOthers  Action = "revoke-other-sessions"
	ExportAccount Action = "export-account"
	DeleteAccount Action = "delete-account"
)

// Actions of operators.
const (
	ResolveDeadLetter Action = "resolve-dead-letter" // on the operators' pages
	RunCommand        Action = "run-command"         // one that changes a dependency
)

// Results of an act. Sign-ins have those of chat.SignInResult.
const (
	OK     = "ok"
	Failed = "failed"
)

// Entry is one act. A field with its zero value is omitted.
type Entry struct {
	Action   Action
	Result   string     // "": OK
	Person   uuid.UUID  // who did it
	Session  uuid.UUID  // from which, or which was ended
	Address  netip.Addr // of the client
	Provider string     // of a sign-in: "google", "oidc" or "dev"
	Operator string     // the account on the machine that ran a command
	Target   string     // of an operator's act: the dead letter, the command and its arguments
	Err      error      // why it was refused or failed
}

// Write writes the entry at level INFO.
func Write(ctx context.Context, logger *slog.Logger, e Entry) {
	if e.Result == "" {
		e.Result = OK
		if e.Err != nil {
			e.Result = Failed
		}
	}

	attrs := []slog.Attr{slog.String("action", string(e.Action)), slog.String("result", e.Result)}
	text := func(key, value string) {
		if value != "" {
			attrs = append(attrs, slog.String(key, value))
		}
	}
	if e.Person != uuid.Nil {
		text("person", e.Person.String())
	}
	if e.Session != uuid.Nil {
		text("session", e.Session.String())
	}
	if e.Address.IsValid() {
		text("address", e.Address.String())
	}

	text("provider", e.Provider)
	text("operator", e.Operator)
	text("target", e.Target)
	if e.Err != nil {
		text("error", e.Err.Error())
	}

	logger.LogAttrs(ctx, slog.LevelInfo, Message, attrs...)
}
