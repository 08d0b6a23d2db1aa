package db

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// operators' queries look at all conversations, or look for the one of a message.
var ofOperators = map[string]bool{"tables.sql": true, "traces.sql": true}

var (
	reads  = regexp.MustCompile(`(?i)\b(?:FROM|JOIN|UPDATE|DELETE FROM)\s+messages\b(?:\s+(?:AS\s+)?([a-z]+))?`)
	writes = regexp.MustCompile(`(?i)\bINSERT INTO messages\s*\(([^)]*)\)`)
	words  = map[string]bool{"where": true, "set": true, "join": true, "order": true, "limit": true, "": true}
)

// withoutKey finds how often a query touches messages without saying of which conversation.
func withoutKey(sql string) (found int) {
	for _, at := range reads.FindAllStringSubmatchIndex(sql, -1) {
		alias := ""
		if at[2] >= 0 {
			alias = strings.ToLower(sql[at[2]:at[3]])
		}
		if words[alias] {
			alias = `(?:messages\.)?`
		} else {
			alias += `\.`
		}
		// The rest of the subquery, or of the query: to the parenthesis that closes it.
		rest, depth := sql[at[1]:], 0
		for i, c := range rest {
			if c == '(' {
				depth++
			} else if c == ')' {
				if depth--; depth < 0 {
					rest = rest[:i]
					break
				}
			}
		}
		if at[2] >= 0 && words[strings.ToLower(sql[at[2]:at[3]])] {
			rest = sql[at[2]:at[3]] + rest
		}
		if !regexp.MustCompile(`(?i)(?:\(|\b)` + alias + `conversation_id\s*(?:=|\s+IN\b)`).MatchString(rest) {
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

// TestMessagesCouldBeDistributed: whatever Parley asks of messages on a person's behalf names the conversation, so that the table could be spread over
// servers by it, and each query would go to one of them, or to those of a few.
func TestMessagesCouldBeDistributed(t *testing.T) {
	files, err := filepath.Glob("queries/*.sql")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	touching := 0
	for _, file := range files {
		if ofOperators[filepath.Base(file)] {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, query := range strings.Split(string(text), "-- name: ")[1:] {
			name, sql, _ := strings.Cut(query, "\n")
			if reads.MatchString(sql) || writes.MatchString(sql) {
				touching++
			}
			if n := withoutKey(sql); n > 0 {
				t.Errorf("%s: %s touches messages of any conversation in %d places", file, name, n)
			}
		}
	}
	if touching < 12 {
		t.Errorf("only %d queries touch messages: the rule looks in the wrong place", touching)
	}
}

func TestTheRuleOfDistribution(t *testing.T) {
	for sql, want := range map[string]int{
		"SELECT * FROM messages WHERE id = @id":                                                           1,
		"SELECT * FROM messages m WHERE m.conversation_id = @c AND id = @id":                              0,
		"SELECT * FROM messages WHERE conversation_id = ANY(@c)":                                          0,
		"SELECT (SELECT 1 FROM messages m WHERE m.id = r.id) FROM members r WHERE r.conversation_id = @c": 1,
		"SELECT * FROM conversations c JOIN messages m ON m.conversation_id = c.id":                       0,
		"SELECT * FROM conversations c JOIN messages m ON m.sender_id = c.x WHERE c.conversation_id = @c": 1,
		"DELETE FROM messages WHERE sender_id = @s":                                                       1,
		"INSERT INTO messages (id, body) VALUES (@id, @body)":                                             1,
		"INSERT INTO messages (conversation_id, id) VALUES (@c, @id)":                                     0,
		"SELECT * FROM returned_messages WHERE id = @id":                                                  0,
	} {
		if got := withoutKey(sql); got != want {
			t.Errorf("%s: %d, want %d", sql, got, want)
		}
	}
}
