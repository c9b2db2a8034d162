// Package table is how tables look that our programs print: without lines, so that they stay readable in a pipe.
package table

import "github.com/jedib0t/go-pretty/v6/table"

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
