package card

import (
	"strings"

	"speech-retrainer/internal/lifecycle"
)

// document is a card before it takes a form. All text in it has been through oneLine.
type document struct {
	title    string
	sections []section
}

// section is a part of a card under a heading; the first has none.
type section struct {
	title string
	parts []any // of paragraph, []field, []item, grid
}

type paragraph line

// field is a fact with its name.
type field struct {
	label string
	value line
}

// item is an entry of a list, with lines below it.
type item struct {
	line line
	sub  []line
}

// grid is a table. Where it is too wide for the screen, instead is shown.
type grid struct {
	header []string
	rows   [][]string
	// right tells which columns hold numbers; flex is the column of words that gives way.
	right   []bool
	flex    int
	instead []item
	// markdown has the table in another cut for Markdown, where width is no matter; nil for this one.
	markdown *grid
}

// line is text, part of which is to be shown as it is typed.
type line []span

type span struct {
	text string
	code bool
}

// text makes a line of cleaned words.
func text(words ...string) line {
	return line{{text: oneLine(strings.Join(words, " "))}}
}

// verbatim is an ID or an address; a text that is neither is shown as text.
func verbatim(s string) line {
	s = oneLine(s)
	return line{{text: s, code: verbatimForm.MatchString(s)}}
}

// sentence is text in which commands are shown as such.
func sentence(s string) line {
	s = oneLine(s)
	var l line
	for {
		at := commandForm.FindStringSubmatchIndex(s)
		if at == nil {
			return l.and(line{{text: s}})
		}
		l = l.and(line{{text: s[:at[3]]}, {text: strings.TrimRight(s[at[4]:at[5]], " "), code: true}})
		s = s[at[5]:]
	}
}

// and is the line followed by others as they are.
func (l line) and(others ...line) line {
	all := append(line{}, l...)
	for _, other := range others {
		for _, s := range other {
			if s.text != "" {
				all = append(all, s)
			}
		}
	}
	return all
}

// gap is a piece of our own text between two others, with its blanks.
func gap(s string) line { return line{{text: s}} }

// newDocument puts a report's facts into sections; what the report does not have is left out.
func newDocument(r lifecycle.Report) document {
	subject := oneLine(r.Name)
	if subject == "" {
		subject = "the request"
	}
	if r.Locale != "" {
		subject += " (" + oneLine(r.Locale) + ")"
	}
	d := document{title: "Model card: " + subject}
	d.add("", []field{{"Outcome", outcome(r)}})
	d.trouble(r.Trouble)
	d.failure(r.Error)
	d.version(r)
	d.dates(r)
	d.base(r)
	d.datasets(r.Datasets)
	d.tests(r.Tests)
	d.inspections(r.Inspections)
	d.decision(r)
	d.endpoint(r.Endpoint)
	d.disposed("Kept", r.Kept)
	d.disposed("Deleted", r.Deleted)
	d.notes(r.Notes)
	d.run(r)
	return d
}

// add appends a section unless it is empty.
func (d *document) add(title string, parts ...any) {
	s := section{title: title}
	for _, p := range parts {
		switch p := p.(type) {
		case []field:
			if len(p) > 0 {
				s.parts = append(s.parts, p)
			}
		case []item:
			if len(p) > 0 {
				s.parts = append(s.parts, p)
			}
		case grid:
			if len(p.rows) > 0 {
				s.parts = append(s.parts, p)
			}
		default:
			s.parts = append(s.parts, p)
		}
	}
	if len(s.parts) > 0 {
		d.sections = append(d.sections, s)
	}
}

// named is the name of an object with its ID, either of which may be unknown.
func named(name, id string) line {
	switch {
	case oneLine(name) == "":
		return verbatim(id)
	case oneLine(id) == "":
		return text(name)
	}
	return text(name).and(gap(" ("), verbatim(id), gap(")"))
}
