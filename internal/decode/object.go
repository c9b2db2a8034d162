package decode

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/meant"
)

// checker collects every problem of an input while it is read.
type checker struct{ problems []lifecycle.Problem }

func (c *checker) problem(path, format string, args ...any) {
	c.problems = append(c.problems, lifecycle.Problem{Path: path, Message: fmt.Sprintf(format, args...)})
}

// object reads the fields of one JSON object. Each reader leaves the target alone when the field is
// absent or null, so that the target's value is the default; done reports what nobody asked for.
type object struct {
	*checker
	path   string
	fields []field
	known  []string
}

// asObject begins to read n as an object.
func (c *checker) asObject(n node, path string) (*object, bool) {
	if n.kind != kindObject {
		c.problem(path, "must be an object, not %s", n.kind)
		return nil, false
	}
	return &object{checker: c, path: path, fields: n.fields}, true
}

func (o *object) at(key string) string { return join(o.path, key) }

// get returns the field's value; ok is false when it is absent or null.
func (o *object) get(key string) (node, bool) {
	o.known = append(o.known, key)
	for _, f := range o.fields {
		if f.key == key {
			return f.value, f.value.kind != kindNull
		}
	}
	return node{}, false
}

func (o *object) has(key string) bool {
	return slices.ContainsFunc(o.fields, func(f field) bool { return f.key == key && f.value.kind != kindNull })
}

func (o *object) typed(key string, kind nodeKind) (node, bool) {
	n, ok := o.get(key)
	if !ok {
		return n, false
	}
	if n.kind != kind {
		o.problem(o.at(key), "must be %s, not %s", kind, n.kind)
		return n, false
	}
	return n, true
}

func (o *object) text(key string, target *string) bool {
	n, ok := o.typed(key, kindText)
	if ok {
		*target = n.text
	}
	return ok
}

// line reads a text of 1 to limit printable characters.
func (o *object) line(key string, target *string, limit int) bool {
	if !o.text(key, target) {
		return false
	}
	if !printable(*target, limit) {
		o.problem(o.at(key), "must have 1 to %d printable characters", limit)
		return false
	}
	return true
}

func (o *object) flag(key string, target *bool) {
	if n, ok := o.typed(key, kindBool); ok {
		*target = n.truth
	}
}

// oneOf reads a word of a list.
func oneOf[T ~string](o *object, key string, target *T, options ...T) {
	var s string
	if !o.text(key, &s) {
		return
	}
	if fault := unlisted(T(s), options); fault != "" {
		o.problem(o.at(key), "%s", fault)
		return
	}
	*target = T(s)
}

// unlisted tells that a value is none of the options.
func unlisted[T ~string](s T, options []T) string {
	if slices.Contains(options, s) {
		return ""
	}
	return fmt.Sprintf("must be one of %s, not %s", listed(options), Show(string(s)))
}

func listed[T ~string](options []T) string {
	var b strings.Builder
	for i, option := range options {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(string(option))
	}
	return b.String()
}

func (o *object) whole(key string, target *int, least, most int) {
	n, ok := o.typed(key, kindNumber)
	if !ok {
		return
	}
	v, err := strconv.Atoi(n.text)
	if err != nil || v < least || v > most {
		o.problem(o.at(key), "must be a whole number from %d to %d, not %s", least, most, Show(n.text))
		return
	}
	*target = v
}

// duration reads a length of time; positive asks for more than zero.
func (o *object) duration(key string, target *lifecycle.Duration, positive bool) {
	n, ok := o.get(key)
	if !ok {
		return
	}
	if n.kind != kindText {
		o.problem(o.at(key), "must be a duration as a string, like \"90m\", \"6h\" or \"60d\", not %s", n.kind)
		return
	}
	d, err := lifecycle.ParseDuration(n.text)
	switch {
	case err != nil:
		o.problem(o.at(key), "must be a duration like \"90m\", \"6h\" or \"60d\", not %s", Show(n.text))
	case positive && d <= 0:
		o.problem(o.at(key), "must be more than zero")
	default:
		*target = d
	}
}

// fraction reads a rate.
func (o *object) fraction(key string) *float64 {
	n, ok := o.get(key)
	if !ok {
		return nil
	}
	v, fault := Rate(n.text, n.kind == kindNumber)
	if fault != "" {
		o.problem(o.at(key), "%s", fault)
		return nil
	}
	return &v
}

// Rate reads a rate: a number from 0 to 1, or a percentage as a string, and tells what is wrong with it. A bare 20 could
// mean either, so it is refused.
func Rate(text string, number bool) (rate float64, fault string) {
	digits, percent := text, false
	if !number {
		digits, percent = strings.CutSuffix(text, "%")
	}
	v, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
	if err != nil || (!number && !percent) {
		return 0, "must be a fraction from 0 to 1 or a percentage like \"20%\""
	}
	if percent {
		v /= 100
	}
	switch {
	case v >= 0 && v <= 1:
		return v, ""
	case !percent && v > 1 && v <= 100:
		return 0, fmt.Sprintf("%s is ambiguous: write \"%s%%\" or a fraction from 0 to 1", text, text)
	}
	return 0, "must be a fraction from 0 to 1 or a percentage from \"0%\" to \"100%\""
}

func (o *object) child(key string) (*object, bool) {
	n, ok := o.get(key)
	if !ok {
		return nil, false
	}
	return o.asObject(n, o.at(key))
}

func (o *object) list(key string) ([]node, bool) {
	n, ok := o.typed(key, kindList)
	return n.items, ok
}

// texts reads a list of non-empty strings.
func (o *object) texts(key string) []string {
	items, _ := o.list(key)
	var out []string
	for i, item := range items {
		if item.kind != kindText || item.text == "" {
			o.problem(index(o.at(key), i), "must be a non-empty string")
			continue
		}
		out = append(out, item.text)
	}
	return out
}

// done reports every field that no reader asked for.
func (o *object) done() {
	for _, f := range o.fields {
		if slices.Contains(o.known, f.key) {
			continue
		}
		message := "unknown field"
		if near := meant.Nearest(f.key, o.known); near != "" {
			message = fmt.Sprintf("unknown field: did you mean %q?", near)
		}
		for _, k := range o.known {
			if strings.EqualFold(k, f.key) {
				message = fmt.Sprintf("unknown field: names are case-sensitive, did you mean %q?", k)
			}
		}
		o.problem(o.at(f.key), "%s", message)
	}
}

// Show quotes a value for a message. A value that may be or hold a secret (a URL, anything long) is
// not repeated: messages end up in histories and logs.
func Show(s string) string {
	if len(s) > 40 || strings.ContainsAny(s, "=?/@") || !printable(s, 40) && s != "" {
		return "the given value"
	}
	return strconv.Quote(s)
}

func printable(s string, limit int) bool {
	n := 0
	for _, r := range s {
		if !strconv.IsPrint(r) {
			return false
		}
		n++
	}
	return n >= 1 && n <= limit
}
