package postgres

import (
	"context"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"parley/app/status"
	"parley/db/queries"
)

// pairKeyset is the last row of a page of friendships.
type pairKeyset struct{ Low, High uuid.UUID }

// messageKeyset is the last row of a page of messages.
type messageKeyset struct {
	Conversation uuid.UUID
	Seq          int64
}

// browse reads one row more than a page has, to know whether another page follows.
// K is the keyset of the page, R a row.
func browse[K, R any](
	page string, shown []string,
	read func(after K) ([]R, error), keyset func(R) K, cells func(R) []string,
) (p status.TablePage, err error) {
	after, err := decodePage[K](page)
	if err != nil {
		return p, err
	}
	rows, err := read(after)
	p.Shown = shown
	for i, r := range rows {
		if i == tablePageRows {
			p.Next = encodePage(keyset(rows[i-1]))
			break
		}
		p.Rows = append(p.Rows, cells(r))
	}
	return p, err
}

func browseUsers(ctx context.Context, q *queries.Queries, page string, _ bool) (status.TablePage, error) {
	return browse(page,
		[]string{"id", "name", "created_at", "confirmed", "picture", "time_zone", "seen_at", "deleted_at"},
		func(after uuid.UUID) ([]queries.BrowseUsersRow, error) {
			return q.BrowseUsers(ctx, queries.BrowseUsersParams{AfterID: after, MaxRows: tablePageRows + 1})
		},
		func(r queries.BrowseUsersRow) uuid.UUID { return r.ID },
		func(r queries.BrowseUsersRow) []string {
			return []string{
				r.ID.String(),
				r.Name,
				formatTime(r.CreatedAt),
				formatBool(r.Confirmed),
				formatBool(r.HasPicture),
				r.TimeZone,
				formatNullTime(r.SeenAt),
				formatNullTime(r.DeletedAt),
			}
		})
}

func browseFriendships(ctx context.Context, q *queries.Queries, page string, _ bool) (status.TablePage, error) {
	return browse(page,
		[]string{"low_id", "high_id", "since"},
		func(after pairKeyset) ([]queries.Friendship, error) {
			return q.BrowseFriendships(ctx, queries.BrowseFriendshipsParams{
				AfterLow:  after.Low,
				AfterHigh: after.High,
				MaxRows:   tablePageRows + 1,
			})
		},
		func(r queries.Friendship) pairKeyset { return pairKeyset{r.LowID, r.HighID} },
		func(r queries.Friendship) []string {
			return []string{r.LowID.String(), r.HighID.String(), formatTime(r.Since)}
		})
}

func browseFriendRequests(ctx context.Context, q *queries.Queries, page string, _ bool) (status.TablePage, error) {
	return browse(page,
		[]string{"id", "asker_id", "asked_id", "state", "created_at", "answered_at"},
		func(after uuid.UUID) ([]queries.FriendRequest, error) {
			return q.BrowseFriendRequests(ctx, queries.BrowseFriendRequestsParams{
				AfterID: after,
				MaxRows: tablePageRows + 1,
			})
		},
		func(r queries.FriendRequest) uuid.UUID { return r.ID },
		func(r queries.FriendRequest) []string {
			return []string{
				r.ID.String(),
				r.AskerID.String(),
				r.AskedID.String(),
				r.State,
				formatTime(r.CreatedAt),
				formatNullTime(r.AnsweredAt),
			}
		})
}

func browseConversations(ctx context.Context, q *queries.Queries, page string, _ bool) (status.TablePage, error) {
	return browse(page,
		[]string{"id", "kind", "direct_low", "direct_high", "members_count", "created_at"},
		func(after uuid.UUID) ([]queries.BrowseConversationsRow, error) {
			return q.BrowseConversations(ctx, queries.BrowseConversationsParams{
				AfterID: after,
				MaxRows: tablePageRows + 1,
			})
		},
		func(r queries.BrowseConversationsRow) uuid.UUID { return r.ID },
		func(r queries.BrowseConversationsRow) []string {
			return []string{
				r.ID.String(),
				r.Kind,
				formatNullID(r.DirectLow),
				formatNullID(r.DirectHigh),
				strconv.Itoa(int(r.MembersCount)),
				formatTime(r.CreatedAt),
			}
		})
}

func browseMessages(ctx context.Context, q *queries.Queries, page string, showText bool) (status.TablePage, error) {
	shown := []string{"conversation_id", "seq", "id", "sender_id", "log_offset", "sent_at", "bytes"}
	if showText {
		shown = append(shown, "body")
	}
	return browse(page, shown,
		func(after messageKeyset) ([]queries.BrowseMessagesRow, error) {
			return q.BrowseMessages(ctx, queries.BrowseMessagesParams{
				ShowText:          showText,
				AfterConversation: after.Conversation,
				AfterSeq:          after.Seq,
				MaxRows:           tablePageRows + 1,
			})
		},
		func(r queries.BrowseMessagesRow) messageKeyset { return messageKeyset{r.ConversationID, r.Seq} },
		func(r queries.BrowseMessagesRow) []string {
			cells := []string{
				r.ConversationID.String(),
				strconv.FormatInt(r.Seq, 10),
				r.ID.String(),
				r.SenderID.String(),
				formatNullInt(r.LogOffset),
				formatTime(r.SentAt),
				strconv.Itoa(int(r.Bytes)),
			}
			if showText {
				cells = append(cells, r.Body)
			}
			return cells
		})
}

func formatTime(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.000") }

func formatNullTime(t pgtype.Timestamptz) string {
	if !t.Valid {
		return ""
	}
	return formatTime(t.Time)
}

func formatBool(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func formatNullID(id *uuid.UUID) string {
	if id == nil {
		return ""
	}
	return id.String()
}

func formatNullInt(n *int64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(*n, 10)
}
