package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/mattn/go-runewidth"
)

// lineWidth is the most columns that any line for people has.
const lineWidth = 80

// elapsed writes a length of time with its two greatest units: 0s, 12s, 3m05s, 2h40m, 6d3h. A negative
// one (clocks differ) is 0s.
func elapsed(d time.Duration) string {
	d = max(d, 0).Truncate(time.Second)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
	case d < 24*time.Hour:
		return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%dd%dh", int(d.Hours())/24, int(d.Hours())%24)
}

// moment writes a time for people, in UTC: the date alone at midnight, as the service's expiry dates are.
func moment(t time.Time) string {
	t = t.UTC()
	if t.Equal(t.Truncate(24 * time.Hour)) {
		return t.Format("2006-01-02")
	}
	return t.Format("2006-01-02 15:04 UTC")
}

// fit cuts text to width columns, with a sign that something is missing.
func fit(text string, width int) string { return runewidth.Truncate(text, max(width, 1), "…") }

// wrap breaks text between words into lines of at most width columns. A longer word (an ID, a URL) gets
// a line of its own and stays whole, so that it can be copied.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case runewidth.StringWidth(line)+1+runewidth.StringWidth(word) <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	if line != "" || len(lines) == 0 {
		lines = append(lines, line)
	}
	return lines
}

// count writes "1 line", "2 lines".
func count(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// model writes a name with its locale, where that is known: "support-calls (en-US)".
func model(name, locale string) string {
	if locale == "" {
		return name
	}
	return name + " (" + locale + ")"
}
