package dataset

import (
	"regexp"
	"slices"
	"strings"
)

// definition is one "@ TYPE NAME ROLES =" of structured text (document ".lu file format").
type definition struct {
	// kind is the type: list, ml, prebuilt, ...; "" when the line goes on with an entity defined before.
	kind string
	// names are what sentences may call it: the name first.
	names []string
	// opened tells that its items follow, as the sign = says.
	opened bool
}

func (d definition) name() string { return d.names[0] }

// roleWords begin what follows a name.
var roleWords = regexp.MustCompile(`(?i)^(?:has|uses)(?:role|feature)s?\b`)

// parseDefinition reads a line that begins with @ or, in the older form, with $. Names with spaces are in quotes; the
// data page shows them without, too, so that an unquoted name of two words may be one with a role, and counts as both.
func parseDefinition(line string) definition {
	head, _, opened := cutUnquoted(line[1:], "=")
	if strings.HasPrefix(line, "$") {
		name, _, _ := cutUnquoted(head, ":")
		return definition{kind: "$", names: []string{unquote(name)}}
	}
	kind, rest := nextWord(head)
	name, roles := nextWord(rest)
	d := definition{kind: strings.ToLower(kind), names: []string{unquote(name)}, opened: opened}
	plain := roles != "" && unquote(name) == name && !strings.Contains(name+roles, ",") && !roleWords.MatchString(roles)
	switch {
	case name == "" && !strings.EqualFold(kind, "list"):
		// "@ NAME =" goes on with what was only declared.
		d.kind, d.names = "", []string{unquote(kind)}
	case plain:
		d.names = []string{strings.Join(strings.Fields(rest), " "), name}
	default:
		d.names[0] = strings.TrimSuffix(d.names[0], ",")
	}
	return d
}

// nextWord cuts the first word, or the first text in quotes, off a text.
func nextWord(text string) (word, rest string) {
	text = strings.TrimSpace(text)
	if text != "" && strings.ContainsRune(`"'`, rune(text[0])) {
		if end := strings.IndexByte(text[1:], text[0]); end >= 0 {
			return text[:end+2], strings.TrimSpace(text[end+2:])
		}
	}
	end := strings.IndexAny(text, " \t")
	if end < 0 {
		return text, ""
	}
	return text[:end], strings.TrimSpace(text[end:])
}

// unquote takes the quotes off a name that is in them.
func unquote(name string) string {
	name = strings.TrimSpace(name)
	if n := len(name); n >= 2 && (name[0] == '"' || name[0] == '\'') && name[n-1] == name[0] {
		name = name[1 : n-1]
	}
	return strings.Join(strings.Fields(name), " ")
}

// cutUnquoted cuts a text at the first of the signs that is not in quotes.
func cutUnquoted(text, signs string) (before, after string, found bool) {
	quote := byte(0)
	for i := range len(text) {
		switch b := text[i]; {
		case quote != 0:
			if b == quote {
				quote = 0
			}
		case (b == '"' || b == '\'') && strings.IndexByte(text[i+1:], b) >= 0:
			quote = b
		case strings.IndexByte(signs, b) >= 0:
			return text[:i], text[i+1:], true
		}
	}
	return text, "", false
}

var reference = regexp.MustCompile(`\{\s*@([^}]*)\}`)

// references lists what a sentence refers to: NAME of {@NAME}, {@NAME=value} and {@NAME:role}.
func references(sentence string) []string {
	var names []string
	for _, m := range reference.FindAllStringSubmatch(sentence, -1) {
		name, _, _ := cutUnquoted(m[1], "=:")
		if name = unquote(name); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}
