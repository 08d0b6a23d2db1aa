package postgres

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"parley/app/chat"
	"parley/app/status"
	"parley/db/queries"
)

// Bounds of what operators read: rows of a page, and up to which number rows are counted rather than estimated.
const (
	tableRows  = 50
	countBound = 100_000
)

// browser reads one table for operators, in the order of a key.
type browser struct {
	name   string
	hidden []string // columns whose values are never read
	count  func(ctx context.Context, q *queries.Queries, bound int32) (int64, error)
	read   func(ctx context.Context, q *queries.Queries, page string, showText bool) (status.TablePage, error)
}

func browsers() []browser {
	return []browser{
		{"users", []string{"folded_name", "search_name", "picture", "theme", "share_read", "share_presence", "share_typing", "picture_chosen"},
			func(ctx context.Context, q *queries.Queries, bound int32) (int64, error) {
				return q.CountUsers(ctx, bound)
			}, browseUsers},
		{"friendships", nil, func(ctx context.Context, q *queries.Queries, bound int32) (int64, error) {
			return q.CountFriendships(ctx, bound)
		}, browseFriendships},
		{"friend_requests", nil, func(ctx context.Context, q *queries.Queries, bound int32) (int64, error) {
			return q.CountFriendRequests(ctx, bound)
		}, browseFriendRequests},
		{"conversations", nil, func(ctx context.Context, q *queries.Queries, bound int32) (int64, error) {
			return q.CountConversations(ctx, bound)
		}, browseConversations},
		{"messages", []string{"client_id"}, func(ctx context.Context, q *queries.Queries, bound int32) (int64, error) {
			return q.CountMessages(ctx, bound)
		}, browseMessages},
	}
}

// readOnly runs f in a transaction that can't write, each of whose statements is given up after 1.5 s.
func (s *Store) readOnly(ctx context.Context, f func(q *queries.Queries) error) error {
	tx, err := s.gate.BeginTx(ctx, pgx.TxOptions{AccessMode: pgx.ReadOnly})
	if err != nil {
		return mapError(err)
	}
	defer rollback(tx)
	q := queries.New(tx)
	if err := q.LimitStatement(ctx); err != nil {
		return mapError(err)
	}
	return mapError(f(q))
}

// PostgresState asks the database how it is.
func (s *Store) DatabaseState(ctx context.Context) (status.PostgresState, error) {
	begin := time.Now()
	if err := s.Ping(ctx); err != nil {
		return status.PostgresState{}, err
	}
	state := status.PostgresState{Ping: time.Since(begin)}
	err := s.readOnly(ctx, func(q *queries.Queries) error {
		row, err := q.DatabaseState(ctx)
		state.Version, state.Bytes, state.Connected = row.Version, row.Bytes, row.Connected
		return err
	})
	pool := s.pool.Stat()
	state.Used, state.Open, state.Max = pool.AcquiredConns(), pool.TotalConns(), pool.MaxConns()
	return state, err
}

// Tables lists those that operators may look into.
func (s *Store) Tables(ctx context.Context) ([]status.TableInfo, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	var list []status.TableInfo
	err := s.readOnly(ctx, func(q *queries.Queries) error {
		for _, b := range browsers() {
			info, err := b.info(ctx, q)
			if err != nil {
				return err
			}
			list = append(list, info)
		}
		return nil
	})
	return list, err
}

// Table reads a page of one, from where Next of the one before points. Texts come with showText only. NotFound for another name, Invalid for another page.
func (s *Store) Table(ctx context.Context, name, page string, showText bool) (t status.TablePage, err error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	for _, b := range browsers() {
		if b.name == name {
			err = s.readOnly(ctx, func(q *queries.Queries) error {
				t, err = b.page(ctx, q, page, showText)
				return err
			})
			return t, err
		}
	}
	return t, chat.ErrNotFound()
}

func (b browser) info(ctx context.Context, q *queries.Queries) (status.TableInfo, error) {
	size, err := q.TableSize(ctx, b.name)
	if err != nil {
		return status.TableInfo{}, err
	}
	rows, err := b.count(ctx, q, countBound+1)
	info := status.TableInfo{Name: b.name, Rows: rows, Bytes: size.Bytes}
	if rows > countBound {
		info.Rows, info.Estimated = max(rows, size.Estimate), true
	}
	return info, err
}

func (b browser) page(ctx context.Context, q *queries.Queries, page string, showText bool) (status.TablePage, error) {
	t, err := b.read(ctx, q, page, showText)
	if err != nil {
		return t, err
	}
	if t.TableInfo, err = b.info(ctx, q); err != nil {
		return t, err
	}
	hidden := map[string]bool{}
	for _, name := range b.hidden {
		hidden[name] = true
	}
	hidden["body"] = !showText
	columns, err := q.TableColumns(ctx, b.name)
	for _, c := range columns {
		t.Columns = append(t.Columns, status.TableColumn{Name: c.Name, Type: c.Type, Hidden: hidden[c.Name]})
	}
	return t, err
}

// pairKey continues a table after two ids.
type pairKey struct{ Low, High uuid.UUID }

// placeKey continues it after a place in a conversation.
type placeKey struct {
	Conversation uuid.UUID
	Seq          int64
}

// rowsOf takes one row more than a page has, whose absence says that the table ends.
func rowsOf[R any](t *status.TablePage, rows []R, cells func(R) []string, key func(R) any) {
	for i, r := range rows {
		if i == tableRows {
			t.Next = encodePage(key(rows[i-1]))
			return
		}
		t.Rows = append(t.Rows, cells(r))
	}
}

func browseUsers(ctx context.Context, q *queries.Queries, page string, _ bool) (t status.TablePage, err error) {
	after, err := decodePage[uuid.UUID](page)
	if err != nil {
		return t, err
	}
	rows, err := q.BrowseUsers(ctx, queries.BrowseUsersParams{AfterID: after, MaxRows: tableRows + 1})
	t.Shown = []string{"id", "name", "created_at", "confirmed", "picture", "time_zone", "seen_at", "deleted_at"}
	rowsOf(&t, rows, func(r queries.BrowseUsersRow) []string {
		return []string{r.ID.String(), r.Name, moment(r.CreatedAt), yes(r.Confirmed), yes(r.HasPicture), r.TimeZone, maybe(r.SeenAt), maybe(r.DeletedAt)}
	}, func(r queries.BrowseUsersRow) any { return r.ID })
	return t, err
}

func browseFriendships(ctx context.Context, q *queries.Queries, page string, _ bool) (t status.TablePage, err error) {
	after, err := decodePage[pairKey](page)
	if err != nil {
		return t, err
	}
	rows, err := q.BrowseFriendships(ctx, queries.BrowseFriendshipsParams{AfterLow: after.Low, AfterHigh: after.High, MaxRows: tableRows + 1})
	t.Shown = []string{"low_id", "high_id", "since"}
	rowsOf(&t, rows, func(r queries.Friendship) []string {
		return []string{r.LowID.String(), r.HighID.String(), moment(r.Since)}
	},
		func(r queries.Friendship) any { return pairKey{r.LowID, r.HighID} })
	return t, err
}

func browseFriendRequests(ctx context.Context, q *queries.Queries, page string, _ bool) (t status.TablePage, err error) {
	after, err := decodePage[uuid.UUID](page)
	if err != nil {
		return t, err
	}
	rows, err := q.BrowseFriendRequests(ctx, queries.BrowseFriendRequestsParams{AfterID: after, MaxRows: tableRows + 1})
	t.Shown = []string{"id", "asker_id", "asked_id", "state", "created_at", "answered_at"}
	rowsOf(&t, rows, func(r queries.FriendRequest) []string {
		return []string{r.ID.String(), r.AskerID.String(), r.AskedID.String(), r.State, moment(r.CreatedAt), maybe(r.AnsweredAt)}
	}, func(r queries.FriendRequest) any { return r.ID })
	return t, err
}

func browseConversations(ctx context.Context, q *queries.Queries, page string, _ bool) (t status.TablePage, err error) {
	after, err := decodePage[uuid.UUID](page)
	if err != nil {
		return t, err
	}
	rows, err := q.BrowseConversations(ctx, queries.BrowseConversationsParams{AfterID: after, MaxRows: tableRows + 1})
	t.Shown = []string{"id", "direct_low", "direct_high", "created_at"}
	rowsOf(&t, rows, func(r queries.Conversation) []string {
		return []string{r.ID.String(), idOrNone(r.DirectLow), idOrNone(r.DirectHigh), moment(r.CreatedAt)}
	}, func(r queries.Conversation) any { return r.ID })
	return t, err
}

func browseMessages(ctx context.Context, q *queries.Queries, page string, showText bool) (t status.TablePage, err error) {
	after, err := decodePage[placeKey](page)
	if err != nil {
		return t, err
	}
	rows, err := q.BrowseMessages(ctx, queries.BrowseMessagesParams{ShowText: showText, AfterConversation: after.Conversation, AfterSeq: after.Seq, MaxRows: tableRows + 1})
	t.Shown = []string{"conversation_id", "seq", "id", "sender_id", "log_offset", "sent_at", "bytes"}
	if showText {
		t.Shown = append(t.Shown, "body")
	}
	rowsOf(&t, rows, func(r queries.BrowseMessagesRow) []string {
		cells := []string{r.ConversationID.String(), strconv.FormatInt(r.Seq, 10), r.ID.String(), r.SenderID.String(), offsetOrNone(r.LogOffset), moment(r.SentAt), fmt.Sprint(r.Bytes)}
		if showText {
			cells = append(cells, r.Body)
		}
		return cells
	}, func(r queries.BrowseMessagesRow) any { return placeKey{r.ConversationID, r.Seq} })
	return t, err
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.000") }

func maybe(t pgtype.Timestamptz) string {
	if !t.Valid {
		return ""
	}
	return moment(t.Time)
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func idOrNone(id *uuid.UUID) string {
	if id == nil {
		return ""
	}
	return id.String()
}

func offsetOrNone(n *int64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(*n, 10)
}
