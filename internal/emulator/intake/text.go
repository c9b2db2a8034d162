package intake

import (
	"bufio"
	"bytes"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"
)

var (
	bom = []byte{0xEF, 0xBB, 0xBF}
	uri = regexp.MustCompile(`(?i)\b[a-z][a-z0-9+.-]*://|\bwww\.`)
)

// lines calls each for every line that is not blank, without its line end, with its number from 1.
func (r *reader) lines(in io.Reader, needsBOM bool, each func(n int, line string) error) error {
	b := bufio.NewReaderSize(in, 64<<10)
	head, _ := b.Peek(4)
	switch {
	case bytes.HasPrefix(head, bom):
		r.marked = true
		_, _ = b.Discard(len(bom))
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE}) || bytes.HasPrefix(head, []byte{0xFE, 0xFF}),
		needsBOM && r.rules.MissingBOM != Accept:
		return &Failure{Code: "NoUtf8WithBom", Message: "the text is not UTF-8 with a byte order mark"}
	}
	for n := 1; ; n++ {
		line, err := b.ReadString('\n')
		if line = strings.TrimRight(line, "\r\n"); strings.TrimSpace(line) != "" {
			if err := each(n, line); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return failed("line %d: %v", n, err)
		}
	}
}

// encoded rejects lines that are not text. Letters above U+00A1 are allowed: the documentation only advises against
// them, and Microsoft's own German sample has them.
func (r *reader) encoded(file string, n int, line string) bool {
	switch {
	case !utf8.ValidString(line):
		r.reject(file, n, "not valid UTF-8")
	case strings.ContainsFunc(line, func(c rune) bool { return c < ' ' && c != '\t' }):
		r.reject(file, n, "holds a control character")
	default:
		return true
	}
	return false
}

func (r *reader) language(in io.Reader) error {
	return r.lines(in, true, func(n int, line string) error {
		if !r.encoded("", n, line) {
			return nil
		}
		keep := true
		var err error
		if uri.MatchString(line) {
			keep, err = r.defect(r.rules.URILine, "", n, "holds a URI")
		} else if repeats(line) {
			keep, err = r.defect(r.rules.Repetition, "", n, "repeats a word more than three times")
		}
		if keep && err == nil {
			r.accept(line)
		}
		return err
	})
}

func repeats(line string) bool {
	last, run := "", 0
	for _, w := range strings.Fields(strings.ToLower(line)) {
		if w != last {
			last, run = w, 0
		}
		if run++; run > 3 {
			return true
		}
	}
	return false
}

func (r *reader) pronunciation(in io.Reader) error {
	// "ANSI too for English" (D-data): there the mark may be missing.
	english := strings.HasPrefix(r.locale, "en-")
	return r.lines(in, !english, func(n int, line string) error {
		if !(english && !r.marked) && !r.encoded("", n, line) {
			return nil
		}
		display, spoken, ok := strings.Cut(line, "\t")
		if !ok || strings.TrimSpace(display) == "" || strings.TrimSpace(spoken) == "" || strings.Contains(spoken, "\t") {
			r.reject("", n, "not display form, TAB, spoken form")
			return nil
		}
		if foreignPhones(spoken) {
			if keep, err := r.defect(r.rules.Phones, "", n, "a spoken form in a phonetic alphabet"); err != nil || !keep {
				return err
			}
		}
		r.accept(strings.TrimSpace(display))
		return nil
	})
}

// foreignPhones tells signs of the International Phonetic Alphabet.
func foreignPhones(text string) bool {
	return strings.ContainsFunc(text, func(c rune) bool { return c >= 0x250 && c <= 0x2AF || strings.ContainsRune("ˈˌː", c) })
}

// Limits of display rules by section (D-fmt), in lines; #test has none.
var formattingLimits = map[string]int{"itn": 200, "rewrite": 1000, "profanity": 1000, "test": 0}

func (r *reader) formatting(in io.Reader) error {
	section, counts := "", map[string]int{}
	return r.lines(in, true, func(n int, line string) error {
		if !r.encoded("", n, line) {
			return nil
		}
		if strings.HasPrefix(line, "//") {
			return nil // a comment, as in the page's example
		}
		if name, ok := strings.CutPrefix(line, "#"); ok {
			section = strings.ToLower(strings.TrimSpace(name))
			if _, known := formattingLimits[section]; !known {
				return failed("line %d: no section is called #%s", n, section)
			}
			return nil
		}
		counts[section]++
		limit, known := formattingLimits[section]
		switch {
		case !known:
			r.reject("", n, "stands before the first section")
		case limit > 0 && counts[section] > limit:
			return failed("section #%s has more than %d lines", section, limit)
		case (section == "rewrite" || section == "test") && !strings.Contains(line, "\t"):
			r.reject("", n, "has no TAB")
		default:
			r.accept(line)
		}
		return nil
	})
}
