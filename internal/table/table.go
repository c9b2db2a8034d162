// Package table is how tables look that our programs print: without lines, so that they stay readable in a pipe.
package table

import (
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
)

// Row is one row of a table, Writer a table that is being written.
type (
	Row    = table.Row
	Writer = table.Writer
)

// New is an empty table with a header.
func New(columns ...string) Writer {
	w := table.NewWriter()
	style := table.StyleDefault
	style.Options = table.OptionsNoBordersAndSeparators
	style.Box.PaddingLeft, style.Box.PaddingRight = "", "  "
	w.SetStyle(style)
	header := Row{}
	for _, c := range columns {
		header = append(header, c)
	}
	w.AppendHeader(header)
	return w
}

// Lines are those of a table, with those that belong below each of its rows; below may be nil.
func Lines(w Writer, below [][]string) []string {
	rows := strings.Split(w.Render(), "\n")
	lines := []string{strings.TrimRight(rows[0], " ")}
	for i, row := range rows[1:] {
		lines = append(lines, strings.TrimRight(row, " "))
		if below == nil {
			continue
		}
		for _, more := range below[i] {
			lines = append(lines, "  "+more)
		}
	}
	return lines
}
