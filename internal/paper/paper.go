// Package paper reads this project's documents for the tests that hold them: blocks of code, command lines, tables and links.
// Nothing that is shipped imports it.
package paper

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Page is one document.
type Page struct {
	// Path is seen from the root of the module, with slashes: docs/gate.md.
	Path string
	Text string
}

// Block is one fenced block of code.
type Block struct {
	Page string
	// Line is that of its first line of code, counted from 1.
	Line int
	// Language is the first word behind the fence (sh, yaml, json, text), and Source what follows it: where an output comes from.
	Language, Source string
	Text             string
}

// fence begins and ends a block.
const fence = "```"

// Root is the module's folder, seen from a package that lies depth folders below it.
func Root(depth int) string { return filepath.Join(slices.Repeat([]string{".."}, depth)...) }

// Pages are all documents for people below root: those in its own folder, in docs and in examples.
func Pages(t testing.TB, root string) []Page {
	t.Helper()
	var pages []Page
	add := func(path string) {
		name, err := filepath.Rel(root, path)
		require.NoError(t, err)
		pages = append(pages, One(t, root, filepath.ToSlash(name)))
	}
	for _, pattern := range []string{"*.md", "examples/*.md"} {
		paths, err := filepath.Glob(filepath.Join(root, pattern))
		require.NoError(t, err)
		for _, path := range paths {
			add(path)
		}
	}
	require.NoError(t, filepath.WalkDir(filepath.Join(root, "docs"), func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && filepath.Ext(path) == ".md" {
			add(path)
		}
		return err
	}))
	require.Greater(t, len(pages), 10)
	return pages
}

// One is the document of a path, seen from root.
func One(t testing.TB, root, path string) Page {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(path)))
	require.NoError(t, err)
	return Page{Path: path, Text: string(text)}
}

// Blocks are the fenced blocks of the page, in order.
func (p Page) Blocks() []Block {
	var blocks []Block
	var inside *Block
	for i, line := range strings.Split(p.Text, "\n") {
		switch mark, is := strings.CutPrefix(line, fence); {
		case !is && inside != nil:
			inside.Text += line + "\n"
		case is && inside != nil:
			blocks, inside = append(blocks, *inside), nil
		case is:
			language, source, _ := strings.Cut(strings.TrimSpace(mark), " ")
			inside = &Block{Page: p.Path, Line: i + 2, Language: language, Source: source}
		}
	}
	return blocks
}

// Prose is the page without its blocks.
func (p Page) Prose() string {
	var out strings.Builder
	inside := false
	for line := range strings.Lines(p.Text) {
		if strings.HasPrefix(line, fence) {
			inside = !inside
		} else if !inside {
			out.WriteString(line)
		}
	}
	return out.String()
}

// Section is what stands below a heading of any level, up to the next of that level or a higher one.
func (p Page) Section(t testing.TB, heading string) Page {
	t.Helper()
	var out strings.Builder
	level, inside, found := 0, false, false
	for line := range strings.Lines(p.Text) {
		if strings.HasPrefix(line, fence) {
			inside = !inside
		}
		if depth := len(line) - len(strings.TrimLeft(line, "#")); depth > 0 && !inside {
			switch {
			case strings.TrimSpace(line[depth:]) == heading:
				level, found = depth, true
				continue
			case depth <= level:
				level = 0
			}
		}
		if level > 0 {
			out.WriteString(line)
		}
	}
	require.True(t, found, "%s has no section %q", p.Path, heading)
	return Page{Path: p.Path, Text: out.String()}
}

// Rows are the rows of all tables of the page, their heads among them, without the lines of dashes. A | that belongs to a cell
// is written \|.
func (p Page) Rows() [][]string {
	var rows [][]string
	for line := range strings.Lines(p.Prose()) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "| ---") || strings.HasPrefix(line, "|---") {
			continue
		}
		const bar = "\x00"
		var cells []string
		for cell := range strings.SplitSeq(strings.Trim(strings.ReplaceAll(line, `\|`, bar), "|"), "|") {
			cells = append(cells, strings.TrimSpace(strings.ReplaceAll(cell, bar, "|")))
		}
		rows = append(rows, cells)
	}
	return rows
}
