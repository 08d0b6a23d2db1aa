package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// emojiSource is the package with the emoji, their names and their groups.
const emojiSource = "node_modules/emojibase-data"

// newestEmoji is the newest version of the emoji that are offered. Devices of the last years show
// its emoji; newer ones would be empty boxes on many.
const newestEmoji = 15.1

// emojiGroups are the headings of emojibase's groups, by their numbers. Group 2 has parts of emoji.
var emojiGroups = map[int]string{
	0: "Smileys", 1: "People", 3: "Animals and nature", 4: "Food and drink", 5: "Travel and places",
	6: "Activities", 7: "Objects", 8: "Symbols", 9: "Flags",
}

type emoji struct {
	Char    string  `json:"emoji"`
	Label   string  `json:"label"`
	Hexcode string  `json:"hexcode"`
	Group   *int    `json:"group"`
	Order   int     `json:"order"`
	Version float64 `json:"version"`
}

// names are the names of an emoji for :name:, which the data has as one text or several.
type names []string

func (n *names) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		*n = names{""}
		return json.Unmarshal(b, &(*n)[0])
	}

	return json.Unmarshal(b, (*[]string)(n))
}

// emojiScript returns a module with the emoji as lines of text, which static/js/emoji_names.js
// reads. GitHub's names come first, because most people know them.
func emojiScript(root string) ([]byte, error) {
	var all []emoji
	var github, others map[string]names
	for file, value := range map[string]any{
		"en/data.json": &all, "en/shortcodes/github.json": &github, "en/shortcodes/emojibase.json": &others,
	} {
		b, err := os.ReadFile(filepath.Join(root, emojiSource, file))
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(b, value); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	slices.SortFunc(all, func(a, b emoji) int { return a.Order - b.Order })

	var out strings.Builder
	out.WriteString("// From emojibase-data, MIT License, Copyright (c) 2017-2019 Miles Johnson: its emoji, their names and groups.\n")
	out.WriteString("export const emojiData = `")
	group := -1
	for _, e := range all {
		if e.Group == nil || emojiGroups[*e.Group] == "" || e.Version > newestEmoji {
			continue
		}
		if *e.Group != group {
			group = *e.Group
			fmt.Fprintf(&out, "# %s\n", emojiGroups[group])
		}

		called := slices.Concat(github[e.Hexcode], others[e.Hexcode])
		slices.Sort(called[len(github[e.Hexcode]):])
		fmt.Fprintf(&out, "%s|%s|%s\n", e.Char, strings.Join(distinct(called), " "), e.Label)
	}
	out.WriteString("`\n")
	return []byte(out.String()), nil
}

// distinct returns the names without repetitions, in their order.
func distinct(all []string) (kept []string) {
	for _, name := range all {
		if !slices.Contains(kept, name) {
			kept = append(kept, name)
		}
	}
	return kept
}
