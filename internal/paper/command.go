package paper

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"
)

// Command is one command of a block for the shell.
type Command struct {
	Page string
	Line int
	// Settings are the variables that stand before the program (NAME=value), Program is its name without a folder.
	Settings []string
	Program  string
	Args     []string
}

// Shell is the language of blocks that are typed into a shell.
const Shell = "sh"

// separators end a command within a line.
var separators = []string{"&&", "||", ";", "|", "&"}

// Commands are those of all blocks for the shell, in order.
func (p Page) Commands() ([]Command, error) {
	var all []Command
	for _, b := range p.Blocks() {
		if b.Language != Shell {
			continue
		}
		found, err := b.Commands()
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// Commands are those of a block for the shell.
func (b Block) Commands() ([]Command, error) {
	words, err := split(b.Text)
	if err != nil {
		return nil, fmt.Errorf("%s:%d: %w", b.Page, b.Line, err)
	}
	var all []Command
	var one []string
	line, redirected := 0, false
	end := func() {
		if len(one) > 0 {
			all = append(all, b.command(line, one))
		}
		one = nil
	}
	for _, w := range words {
		switch {
		case w.ends:
			end()
			continue
		case redirected:
			redirected = false
			continue
		case w.text == ">", w.text == ">>":
			redirected = true
			continue
		}
		if len(one) == 0 {
			line = w.line
		}
		one = append(one, w.text)
	}
	end()
	return all, nil
}

func (b Block) command(line int, words []string) Command {
	c := Command{Page: b.Page, Line: b.Line + line}
	for len(words) > 1 && assigns(words[0]) {
		c.Settings, words = append(c.Settings, words[0]), words[1:]
	}
	c.Program, c.Args = path.Base(words[0]), words[1:]
	return c
}

func assigns(word string) bool {
	name, _, is := strings.Cut(word, "=")
	return is && name != "" && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
}

// Of are the commands of all pages with one of the programs, for the test that knows them.
func Of(t testing.TB, pages []Page, programs ...string) []Command {
	t.Helper()
	var found []Command
	for _, p := range pages {
		all, err := p.Commands()
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range all {
			if slices.Contains(programs, c.Program) {
				found = append(found, c)
			}
		}
	}
	if len(found) == 0 {
		t.Fatalf("no page has a command of %v", programs)
	}
	return found
}

// String is where the command stands, and what it is.
func (c Command) String() string {
	return fmt.Sprintf("%s:%d: %s %s", c.Page, c.Line, c.Program, strings.Join(c.Args, " "))
}

// word is one word of a shell's input, or the end of a command.
type word struct {
	text string
	line int
	ends bool
}

// split takes apart what a shell would read: words, quotes, comments, lines that go on. What no page needs it refuses.
func split(text string) ([]word, error) {
	var words []word
	var now strings.Builder
	begun, line, start, within := false, 0, 0, 0
	flush := func() {
		if begun {
			words = append(words, word{text: now.String(), line: start})
		}
		now.Reset()
		begun = false
	}
	put := func(s string) {
		if !begun {
			begun, start = true, line
		}
		now.WriteString(s)
	}
	for i := 0; i < len(text); i++ {
		rest := text[i:]
		switch c := text[i]; {
		case strings.HasPrefix(rest, "\\\n"):
			flush()
			i++
			line++
		case c == '\\' && i+1 < len(text):
			i++
			put(text[i : i+1])
		case c == '\'', c == '"':
			end := strings.IndexByte(rest[1:], c)
			if end < 0 {
				return nil, fmt.Errorf("a quote does not end: %q", rest)
			}
			put(rest[1 : 1+end])
			line += strings.Count(rest[:1+end], "\n")
			i += end + 1
		case strings.HasPrefix(rest, "<("), c == ')' && within > 0:
			// What stands there is a command of its own, whose output the other reads.
			flush()
			words = append(words, word{ends: true})
			if c == ')' {
				within--
			} else {
				within++
				i++
			}
		case strings.HasPrefix(rest, "$("), c == '`', c == '<':
			return nil, fmt.Errorf("not read here: %q", rest)
		case c == '#' && !begun:
			for i+1 < len(text) && text[i+1] != '\n' {
				i++
			}
		case c == '\n':
			flush()
			words = append(words, word{ends: true})
			line++
		case c == ' ':
			flush()
		default:
			ending := slices.IndexFunc(separators, func(s string) bool { return strings.HasPrefix(rest, s) })
			if ending < 0 {
				put(rest[:1])
				continue
			}
			flush()
			words = append(words, word{ends: true})
			i += len(separators[ending]) - 1
		}
	}
	flush()
	return words, nil
}
