package db

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// operatorFiles hold queries for operators, which read all conversations or find
// the one of a message.
var operatorFiles = map[string]bool{
	"tables.sql":           true,
	"message_location.sql": true,
}

var (
	reads  = regexp.MustCompile(`(?i)\b(?:FROM|JOIN|UPDATE|DELETE FROM)\s+(?:sent_)?messages\b(?:\s+(?:AS\s+)?([a-z]+))?`)
	writes = regexp.MustCompile(`(?i)\bINSERT INTO messages\s*\(([^)]*)\)`)
	views  = regexp.MustCompile(`(?s)CREATE VIEW (\w+) AS\n(.*?);\n`)

	// keywords may stand where a table's alias would.
	keywords = map[string]bool{"where": true, "set": true, "join": true, "order": true, "limit": true, "": true}
)

// withoutKey counts the accesses of a query to messages (the table, or the view
// sent_messages) that name no conversation.
func withoutKey(sql string) (found int) {
	for _, at := range reads.FindAllStringSubmatchIndex(sql, -1) {
		alias, end := "", at[1]
		if at[2] >= 0 {
			alias = strings.ToLower(sql[at[2]:at[3]])
		}

		prefix := alias + `\.`
		if keywords[alias] {
			prefix = `(?:messages\.)?`
			end -= len(alias)
		}

		key := regexp.MustCompile(`(?i)(?:\(|\b)` + prefix + `conversation_id\s*(?:=|\s+IN\b)`)
		if !key.MatchString(subquery(sql[end:])) {
			found++
		}
	}

	for _, insert := range writes.FindAllStringSubmatch(sql, -1) {
		if !strings.Contains(insert[1], "conversation_id") {
			found++
		}
	}
	return found
}

// subquery cuts sql at the parenthesis that closes the current subquery.
func subquery(sql string) string {
	depth := 0
	for i, c := range sql {
		switch c {
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth < 0 {
			return sql[:i]
		}
	}
	return sql
}

// TestQueriesOfMessagesNameTheConversation checks that every query for a person
// names the conversation, so that messages could be distributed over servers by
// it, and each query would read from a few of them only.
func TestQueriesOfMessagesNameTheConversation(t *testing.T) {
	files, err := filepath.Glob("queries/*.sql")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d files of queries, error %v", len(files), err)
	}

	queries := viewDefinitions(t)
	for _, file := range files {
		if operatorFiles[filepath.Base(file)] {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, query := range strings.Split(string(text), "-- name: ")[1:] {
			name, sql, _ := strings.Cut(query, "\n")
			queries[file+": "+name] = sql
		}
	}

	checked := 0
	for name, sql := range queries {
		if reads.MatchString(sql) || writes.MatchString(sql) {
			checked++
		}
		if n := withoutKey(sql); n > 0 {
			t.Errorf("%s: %d accesses to messages name no conversation", name, n)
		}
	}
	if checked < 12 {
		t.Errorf("only %d queries access messages: the test no longer finds them", checked)
	}
}

// viewDefinitions returns the views of the schema by name, without sent_messages:
// withoutKey counts its uses as those of messages.
func viewDefinitions(t *testing.T) map[string]string {
	t.Helper()
	schema, err := os.ReadFile("migrations/00001_init.sql")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, view := range views.FindAllStringSubmatch(string(schema), -1) {
		found["view "+view[1]] = view[2]
	}
	if _, ok := found["view sent_messages"]; !ok || len(found) < 2 {
		t.Fatalf("the test no longer finds the views: %v", found)
	}
	delete(found, "view sent_messages")
	return found
}

func TestWithoutKey(t *testing.T) {
	for sql, want := range map[string]int{
		"SELECT * FROM messages WHERE id = @id":                                                           1,
		"SELECT * FROM messages m WHERE m.conversation_id = @c AND id = @id":                              0,
		"SELECT * FROM messages WHERE conversation_id = ANY(@c)":                                          0,
		"SELECT (SELECT 1 FROM messages m WHERE m.id = r.id) FROM members r WHERE r.conversation_id = @c": 1,
		"SELECT * FROM conversations c JOIN messages m ON m.conversation_id = c.id":                       0,
		"SELECT * FROM conversations c JOIN messages m ON m.sender_id = c.x WHERE c.conversation_id = @c": 1,
		"SELECT * FROM sent_messages m WHERE m.id = @id":                                                  1,
		"SELECT * FROM sent_messages m WHERE m.conversation_id = @c":                                      0,
		"DELETE FROM messages WHERE sender_id = @s":                                                       1,
		"INSERT INTO messages (id, body) VALUES (@id, @body)":                                             1,
		"INSERT INTO messages (conversation_id, id) VALUES (@c, @id)":                                     0,
		"SELECT * FROM returned_messages WHERE id = @id":                                                  0,
	} {
		if got := withoutKey(sql); got != want {
			t.Errorf("%s: %d accesses without a conversation, want %d", sql, got, want)
		}
	}
}
