// Package card writes the model card: what a run did, found and decided, for a person to read. It knows
// only lifecycle.Report; whatever text stands there came from the service or a request and is cleaned.
package card

import "speech-retrainer/internal/lifecycle"

// Markdown is the model card of a report as a document in GitHub's Markdown. Text of the report is
// escaped: it stands there as it is and makes neither links nor headings nor HTML.
func Markdown(r lifecycle.Report) string { return newDocument(r).markdown() }

// Text is the model card of a report for a terminal of width columns; 80 when width is not positive, and
// never less than 40. Only an ID, an address or a command can make a line longer: they stay whole, so that
// they can be copied.
func Text(r lifecycle.Report, width int) string {
	if width <= 0 {
		width = defaultWidth
	}
	return newDocument(r).text(max(width, leastWidth))
}
