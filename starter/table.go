package main

import (
	"fmt"
	"strings"

	"speech-retrainer/internal/table"
)

// text is a value that may be absent, safe for a terminal.
func text(s *string) string {
	if s == nil {
		return "-"
	}
	return clean(*s)
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
