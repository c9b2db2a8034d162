package card

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	pretty "github.com/jedib0t/go-pretty/v6/text"
	"github.com/mattn/go-runewidth"
)

const (
	defaultWidth = 80
	leastWidth   = 40
	// indent of what stands below a heading, and labels' width with it.
	indent     = 2
	labelWidth = 16
	// leastFlex is the narrowest that a table's column of words may become.
	leastFlex  = 10
	columnsGap = "  "
)

// text writes the card for a terminal.
func (d document) text(width int) string {
	var b strings.Builder
	for _, l := range wrap(line{{text: d.title}}, width) {
		fmt.Fprintln(&b, l)
	}
	fmt.Fprintln(&b, strings.Repeat("=", min(columns.StringWidth(d.title), width)))
	for _, s := range d.sections {
		fmt.Fprintln(&b)
		if s.title != "" {
			for _, l := range wrap(line{{text: s.title}}, width) {
				fmt.Fprintln(&b, l)
			}
		}
		for i, p := range s.parts {
			if _, isGrid := p.(grid); i > 0 && (isGrid || followsGrid(s.parts[i-1]) || isParagraph(p)) {
				fmt.Fprintln(&b)
			}
			writePart(&b, p, width)
		}
	}
	return b.String()
}

func followsGrid(p any) bool { _, is := p.(grid); return is }

func isParagraph(p any) bool { _, is := p.(paragraph); return is }

func writePart(b *strings.Builder, p any, width int) {
	switch p := p.(type) {
	case paragraph:
		hang(b, "", "", line(p), width)
	case []field:
		for _, f := range p {
			hang(b, fmt.Sprintf("%-*s", labelWidth-indent, f.label), strings.Repeat(" ", labelWidth-indent), f.value, width)
		}
	case []item:
		for _, i := range p {
			hang(b, "- ", "  ", i.line, width)
			for _, sub := range i.sub {
				hang(b, "  ", "    ", sub, width)
			}
		}
	case grid:
		rendered, ok := p.text(width - indent)
		if !ok {
			writePart(b, p.instead, width)
			return
		}
		for l := range strings.Lines(rendered) {
			fmt.Fprintln(b, strings.TrimRight(strings.Repeat(" ", indent)+l, " \n"))
		}
	}
}

// hang writes a wrapped line, indented, after first, and its further lines after rest.
func hang(b *strings.Builder, first, rest string, l line, width int) {
	for i, text := range wrap(l, width-indent-max(len(first), len(rest))) {
		lead := first
		if i > 0 {
			lead = rest
		}
		fmt.Fprintln(b, strings.TrimRight(strings.Repeat(" ", indent)+lead+text, " "))
	}
}

// columns counts the columns of a text the same in every environment.
var columns = &runewidth.Condition{StrictEmojiNeutral: true}

// wrap breaks a line between words into lines of at most width columns. Longer words are broken too, but
// not what is shown as typed: that keeps a line for itself.
func wrap(l line, width int) []string {
	var lines []string
	current, used := "", 0
	for _, word := range l.words(width) {
		wide := columns.StringWidth(word)
		switch {
		case used == 0:
			current, used = word, wide
		case used+1+wide <= width:
			current, used = current+" "+word, used+1+wide
		default:
			lines = append(lines, current)
			current, used = word, wide
		}
	}
	if used > 0 || len(lines) == 0 {
		lines = append(lines, current)
	}
	return lines
}

// words are the pieces between which a line may be broken. What touches without a blank is one word.
func (l line) words(width int) []string {
	var all []string
	glue, whole := false, false // whether the next piece belongs to the last one, and that is not to be broken
	push := func(piece string, typed bool) {
		if glue && len(all) > 0 {
			all[len(all)-1] += piece
			whole = whole || typed
		} else {
			all = append(all, piece)
			whole = typed
		}
		if last := all[len(all)-1]; !whole {
			all = append(all[:len(all)-1], split(last, width)...)
		}
	}
	for _, s := range l {
		if s.code {
			push(s.text, true)
			glue = true
			continue
		}
		if strings.HasPrefix(s.text, " ") {
			glue = false
		}
		for _, word := range strings.Fields(s.text) {
			if strings.HasPrefix(word, "%") && !glue && len(all) > 0 {
				word, glue = " "+word, true // a number keeps its sign
			}
			push(word, false)
			glue = false
		}
		glue = s.text != "" && !strings.HasSuffix(s.text, " ")
	}
	return all
}

// split cuts a word that is wider than a line.
func split(word string, width int) []string {
	var parts []string
	for columns.StringWidth(word) > width {
		part := columns.Truncate(word, width, "")
		if part == "" {
			break
		}
		parts = append(parts, part)
		word = word[len(part):]
	}
	return append(parts, word)
}

// text draws the table within width columns, or says that it cannot.
func (g grid) text(width int) (string, bool) {
	room := width - len(columnsGap)*(len(g.header)-1)
	for i := range g.header {
		if i != g.flex {
			room -= g.natural(i)
		}
	}
	if room < min(leastFlex, g.natural(g.flex)) {
		return "", false
	}
	// The renderer could break lines too, but it counts characters where a terminal counts columns.
	narrow := grid{header: g.header, flex: g.flex, right: g.right}
	for _, row := range g.rows {
		cells := slices.Clone(row)
		var lines []string
		for l := range strings.Lines(row[g.flex]) {
			lines = append(lines, wrap(line{{text: l}}, room)...)
		}
		cells[g.flex] = strings.Join(lines, "\n")
		narrow.rows = append(narrow.rows, cells)
	}
	w := narrow.writer(func(cell string) string { return cell })
	w.SetColumnConfigs(g.alignments())
	w.SetStyle(table.Style{
		Box:     table.BoxStyle{MiddleHorizontal: "-", MiddleVertical: columnsGap, MiddleSeparator: columnsGap, EmptySeparator: columnsGap},
		Options: table.Options{SeparateColumns: true, SeparateHeader: true},
	})
	return w.Render(), true
}

// natural is the width that a column has by itself.
func (g grid) natural(column int) int {
	most := columns.StringWidth(g.header[column])
	for _, row := range g.rows {
		for l := range strings.Lines(row[column]) {
			most = max(most, columns.StringWidth(strings.TrimRight(l, "\n")))
		}
	}
	return most
}

// writer fills a table with the cells, each as form makes it.
func (g grid) writer(form func(string) string) table.Writer {
	w := table.NewWriter()
	row := func(cells []string) table.Row {
		r := make(table.Row, len(cells))
		for i, cell := range cells {
			r[i] = form(cell)
		}
		return r
	}
	w.AppendHeader(row(g.header))
	for _, cells := range g.rows {
		w.AppendRow(row(cells))
	}
	return w
}

func (g grid) alignments() []table.ColumnConfig {
	configs := make([]table.ColumnConfig, len(g.header))
	for i := range g.header {
		align := pretty.AlignLeft
		if g.right[i] {
			align = pretty.AlignRight
		}
		configs[i] = table.ColumnConfig{Number: i + 1, Align: align, AlignHeader: align}
	}
	return configs
}
