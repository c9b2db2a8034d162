package main

import (
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
)

// text is a value that may be absent, safe for a terminal.
func text(s *string) string {
	if s == nil {
		return "-"
	}
	return clean(*s)
}

// newTable is a table without lines: it stays readable in a pipe.
func newTable(columns ...string) table.Writer {
	w := table.NewWriter()
	style := table.StyleDefault
	style.Options = table.OptionsNoBordersAndSeparators
	style.Box.PaddingLeft, style.Box.PaddingRight = "", "  "
	w.SetStyle(style)
	header := table.Row{}
	for _, c := range columns {
		header = append(header, c)
	}
	w.AppendHeader(header)
	return w
}

// printTable prints a table with the lines that belong below each of its rows.
func (a *app) printTable(w table.Writer, below [][]string) {
	lines := strings.Split(w.Render(), "\n")
	fmt.Fprintln(a.Stdout, strings.TrimRight(lines[0], " "))
	for i, line := range lines[1:] {
		fmt.Fprintln(a.Stdout, strings.TrimRight(line, " "))
		for _, more := range below[i] {
			fmt.Fprintln(a.Stdout, "  "+more)
		}
	}
}
