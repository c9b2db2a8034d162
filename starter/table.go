package main

import (
	"fmt"
	"strings"

	"speech-retrainer/internal/table"
)

// printTable prints a table with the lines that belong below each of its rows.
func (a *app) printTable(w table.Writer, below [][]string) {
	for _, line := range tableLines(w, below) {
		fmt.Fprintln(a.Stdout, line)
	}
}

// tableLines are the lines of a table with those that belong below each of its rows.
func tableLines(w table.Writer, below [][]string) []string {
	rows := strings.Split(w.Render(), "\n")
	lines := []string{strings.TrimRight(rows[0], " ")}
	for i, row := range rows[1:] {
		lines = append(lines, strings.TrimRight(row, " "))
		for _, more := range below[i] {
			lines = append(lines, "  "+more)
		}
	}
	return lines
}
