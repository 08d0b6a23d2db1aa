package main

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

// copy carries out COPY: from another stage, or from the build context without the files that
// .dockerignore names.
func (b *builder) copy(ctx context.Context, i instruction, root, workdir string) error {
	sources, to := i.words[:len(i.words)-1], i.words[len(i.words)-1]
	intoDir := len(sources) > 1 || strings.HasSuffix(to, "/")
	if !path.IsAbs(to) {
		to = path.Join(workdir, to) + map[bool]string{true: "/"}[strings.HasSuffix(to, "/")]
	}

	target := filepath.Join(root, to)

	if from := i.flags["from"]; from != "" {
		if b.roots[from] == "" {
			return fmt.Errorf("no stage is named %q", from)
		}
		return b.run(ctx, "sh", "-e", "-c", `mkdir -p "$(dirname "$2")" && cp -a "$1" "$2"`,
			"sh", filepath.Join(b.roots[from], sources[0]), target)
	}

	ignored, err := b.ignored()
	if err != nil {
		return err
	}

	for _, source := range sources {
		to := target
		if intoDir {
			to = filepath.Join(target, source)
		}
		if err := b.copyTree(filepath.Join(b.source, source), to, ignored); err != nil {
			return err
		}
	}
	return nil
}

// ignored reads .dockerignore.
func (b *builder) ignored() (*patternmatcher.PatternMatcher, error) {
	file, err := os.Open(filepath.Join(b.source, ".dockerignore"))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	patterns, err := ignorefile.ReadAll(file)
	if err != nil {
		return nil, err
	}
	return patternmatcher.New(patterns)
}

// copyTree copies a file or a directory of the build context.
func (b *builder) copyTree(from, to string, ignored *patternmatcher.PatternMatcher) error {
	return filepath.WalkDir(from, func(name string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}

		inContext, err := filepath.Rel(b.source, name)
		if err != nil {
			return err
		}

		rel, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}

		skip, err := ignored.MatchesOrParentMatches(filepath.ToSlash(inContext))
		if err != nil || skip && inContext != "." {
			if d.IsDir() && err == nil && name != from {
				return filepath.SkipDir // no pattern of .dockerignore includes a file below it again
			}
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o755)
		}
		return copyFile(name, filepath.Join(to, rel))
	})
}

func copyFile(from, to string) error {
	body, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	info, err := os.Lstat(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, body, info.Mode().Perm())
}
