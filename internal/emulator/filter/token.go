package filter

import (
	"fmt"
	"strings"
)

type kind int

const (
	end kind = iota
	identifier
	text
	open
	closed
)

type token struct {
	kind kind
	text string
	at   int
}

// scan cuts the expression into tokens; the last one is always of kind end.
func scan(s string, o Options) ([]token, error) {
	var out []token
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == ' ' || c == '\t':
			i++
		case c == '(':
			out = append(out, token{open, "(", i})
			i++
		case c == ')':
			out = append(out, token{closed, ")", i})
			i++
		case c == '\'':
			value, length, err := quoted(s[i:], o.Quote)
			if err != nil {
				return nil, fmt.Errorf("at %d: %w", i, err)
			}
			out = append(out, token{text, value, i})
			i += length
		default:
			n := strings.IndexAny(s[i:], " \t()'")
			if n < 0 {
				n = len(s) - i
			}
			out = append(out, token{identifier, s[i : i+n], i})
			i += n
		}
	}
	return append(out, token{end, "", len(s)}), nil
}

// quoted reads the string literal that s begins with and returns its value and its length in s.
func quoted(s, quote string) (string, int, error) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quote == "backslash" && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case s[i] == '\'' && quote == "double" && i+1 < len(s) && s[i+1] == '\'':
			i++
			b.WriteByte('\'')
		case s[i] == '\'':
			return b.String(), i + 1, nil
		default:
			b.WriteByte(s[i])
		}
	}
	return "", 0, fmt.Errorf("a string is not closed")
}
