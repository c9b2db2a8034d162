// Package filter reads the filter expressions of the service's lists (NOTES section 5): comparisons of listed
// properties joined by and, or, not. What the documentation leaves open (quotes inside strings, parentheses, case)
// is an option.
package filter

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// Type says how a property compares: strings know eq and ne, times all six operators.
type Type int

// The types of filterable properties.
const (
	String Type = iota
	Time
)

// Options decide what the documentation leaves open.
type Options struct {
	// Quote says how a string holds a single quote: "double" (two of them), "backslash", or "none" (it cannot).
	Quote string
	// Parentheses allows grouping.
	Parentheses bool
	// FoldCase ignores case in keywords and in the comparison of strings.
	FoldCase bool
}

// Values gives the properties of one entity: a string or a time.Time by name. An absent property counts as "".
type Values map[string]any

// Filter is a parsed expression. The nil Filter matches everything.
type Filter struct {
	root node
}

// Parse reads an expression over the given properties. The error names the position and what was expected there.
func Parse(text string, properties map[string]Type, o Options) (*Filter, error) {
	tokens, err := scan(text, o)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens, properties: properties, options: o}
	root, err := p.or()
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind != end {
		return nil, p.unexpected("the end, 'and' or 'or'")
	}
	return &Filter{root: root}, nil
}

// Match reports whether the entity with these properties is selected.
func (f *Filter) Match(v Values) bool {
	return f == nil || f.root.match(v)
}

type node interface{ match(v Values) bool }

type (
	both    struct{ a, b node }
	either  struct{ a, b node }
	negated struct{ a node }
	compare struct {
		name, op string
		text     string
		at       time.Time
		isTime   bool
		fold     bool
	}
)

func (n both) match(v Values) bool    { return n.a.match(v) && n.b.match(v) }
func (n either) match(v Values) bool  { return n.a.match(v) || n.b.match(v) }
func (n negated) match(v Values) bool { return !n.a.match(v) }

func (n compare) match(v Values) bool {
	if n.isTime {
		at, _ := v[n.name].(time.Time)
		return holds(n.op, at.Compare(n.at))
	}
	text, _ := v[n.name].(string)
	if n.fold && strings.EqualFold(text, n.text) {
		return holds(n.op, 0)
	}
	return holds(n.op, cmp.Compare(text, n.text))
}

func holds(op string, order int) bool {
	switch op {
	case "eq":
		return order == 0
	case "ne":
		return order != 0
	case "gt":
		return order > 0
	case "ge":
		return order >= 0
	case "lt":
		return order < 0
	}
	return order <= 0
}

type parser struct {
	tokens     []token
	properties map[string]Type
	options    Options
}

func (p *parser) peek() token { return p.tokens[0] }

func (p *parser) next() token {
	t := p.tokens[0]
	if t.kind != end {
		p.tokens = p.tokens[1:]
	}
	return t
}

func (p *parser) keyword(word string) bool {
	t := p.peek()
	if t.kind != identifier || (t.text != word && (!p.options.FoldCase || !strings.EqualFold(t.text, word))) {
		return false
	}
	p.next()
	return true
}

func (p *parser) or() (node, error) {
	n, err := p.and()
	for err == nil && p.keyword("or") {
		var right node
		right, err = p.and()
		n = either{n, right}
	}
	return n, err
}

func (p *parser) and() (node, error) {
	n, err := p.not()
	for err == nil && p.keyword("and") {
		var right node
		right, err = p.not()
		n = both{n, right}
	}
	return n, err
}

func (p *parser) not() (node, error) {
	if p.keyword("not") {
		n, err := p.not()
		return negated{n}, err
	}
	if p.peek().kind != open {
		return p.comparison()
	}
	if !p.options.Parentheses {
		return nil, fmt.Errorf("at %d: parentheses are not supported", p.peek().at)
	}
	p.next()
	n, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.next().kind != closed {
		return nil, p.unexpected("')'")
	}
	return n, nil
}

func (p *parser) comparison() (node, error) {
	name := p.peek()
	typ, known := p.properties[name.text]
	if name.kind != identifier || !known {
		return nil, p.unexpected("a filterable property")
	}
	p.next()
	op := p.peek()
	for _, o := range []string{"eq", "ne", "gt", "ge", "lt", "le"} {
		if !p.keyword(o) {
			continue
		}
		if typ == String && o != "eq" && o != "ne" {
			return nil, fmt.Errorf("at %d: %q is not supported on %s", op.at, o, name.text)
		}
		return p.value(compare{name: name.text, op: o, isTime: typ == Time, fold: p.options.FoldCase})
	}
	return nil, p.unexpected("an operator")
}

func (p *parser) value(n compare) (node, error) {
	t := p.peek()
	if !n.isTime {
		if t.kind != text {
			return nil, p.unexpected("a string in single quotes")
		}
		n.text = p.next().text
		return n, nil
	}
	at, err := time.Parse(time.RFC3339, t.text)
	if t.kind != identifier || err != nil {
		return nil, p.unexpected("a date and time like 2026-02-01T11:00:00Z")
	}
	n.at = at
	p.next()
	return n, nil
}

func (p *parser) unexpected(want string) error {
	t := p.peek()
	if t.kind == end {
		return fmt.Errorf("at %d: the expression ends, expected %s", t.at, want)
	}
	return fmt.Errorf("at %d: found %q, expected %s", t.at, t.text, want)
}
