package postgres

import (
	"context"
	"slices"

	"parley/app/chat"
	"parley/app/status"
	"parley/db/queries"
)

// Limits of the tables that operators browse: the rows of a page, and up to how
// many rows a table's rows are counted rather than estimated.
const (
	tablePageRows = 50
	maxCounted    = 100_000
)

// table reads one table for operators, in the order of a key.
type table struct {
	name   string
	hidden []string // columns whose values are never read
	count  func(q *queries.Queries, ctx context.Context, bound int32) (int64, error)
	read   func(ctx context.Context, q *queries.Queries, page string, showText bool) (status.TablePage, error)
}

// tables are those that operators may browse.
var tables = []table{
	{
		name: "users",
		hidden: []string{
			"folded_name", "name_grams", "picture", "theme",
			"share_read", "share_presence", "share_typing", "picture_chosen",
		},
		count: (*queries.Queries).CountUsers,
		read:  browseUsers,
	},
	{
		name:  "friendships",
		count: (*queries.Queries).CountFriendships,
		read:  browseFriendships,
	},
	{
		name:  "friend_requests",
		count: (*queries.Queries).CountFriendRequests,
		read:  browseFriendRequests,
	},
	{
		name:  "conversations",
		count: (*queries.Queries).CountConversations,
		read:  browseConversations,
	},
	{
		name:   "messages",
		hidden: []string{"client_id", "folded"},
		count:  (*queries.Queries).CountMessages,
		read:   browseMessages,
	},
}

// Tables lists the tables that operators may browse.
func (s *Store) Tables(ctx context.Context) (list []status.TableInfo, err error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	err = s.readOnly(ctx, func(q *queries.Queries) error {
		for _, t := range tables {
			info, err := t.info(ctx, q)
			if err != nil {
				return err
			}
			list = append(list, info)
		}
		return nil
	})
	return list, err
}

// Table reads a page of a table; page is Next of the previous one, or "". The text
// of messages is read only with showText. The error is NotFound for a table that
// is not listed by Tables, and Invalid for a page that no previous one named.
func (s *Store) Table(ctx context.Context, name, page string, showText bool) (p status.TablePage, err error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	i := slices.IndexFunc(tables, func(t table) bool { return t.name == name })
	if i < 0 {
		return p, chat.ErrNotFound()
	}
	err = s.readOnly(ctx, func(q *queries.Queries) error {
		p, err = tables[i].page(ctx, q, page, showText)
		return err
	})
	return p, err
}

func (t table) info(ctx context.Context, q *queries.Queries) (status.TableInfo, error) {
	size, err := q.TableSize(ctx, t.name)
	if err != nil {
		return status.TableInfo{}, err
	}
	rows, err := t.count(q, ctx, maxCounted+1)
	info := status.TableInfo{Name: t.name, Rows: rows, Bytes: size.Bytes}
	if rows > maxCounted {
		info.Rows, info.Estimated = max(rows, size.Estimate), true
	}
	return info, err
}

func (t table) page(ctx context.Context, q *queries.Queries, page string, showText bool) (status.TablePage, error) {
	p, err := t.read(ctx, q, page, showText)
	if err != nil {
		return p, err
	}
	if p.TableInfo, err = t.info(ctx, q); err != nil {
		return p, err
	}

	columns, err := q.TableColumns(ctx, t.name)
	for _, c := range columns {
		hidden := slices.Contains(t.hidden, c.Name) || c.Name == "body" && !showText
		p.Columns = append(p.Columns, status.TableColumn{Name: c.Name, Type: c.Type, Hidden: hidden})
	}
	return p, err
}
