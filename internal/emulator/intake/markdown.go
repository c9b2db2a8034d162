package intake

import (
	"io"
	"regexp"
	"strings"
)

// Limits of structured text (D-data; the overview table of the same page has lower ones).
const (
	maxLists         = 20
	maxListItems     = 35_000
	maxPhonetics     = 15_000
	maxPhoneticsWord = 2
)

var (
	// Names with spaces are in quotes (LU page); the data page shows them without.
	listHead  = regexp.MustCompile(`^@\s*list\s+("[^"]+"|'[^']+'|[^="'@]+?)\s*=\s*$`)
	otherHead = regexp.MustCompile(`^@\s*(simple|ml|prebuilt|intent|speech:phoneticlexicon)\b`)
	phonetics = regexp.MustCompile(`^[-*+]\s*([^/]+)/(.+)$`)
	item      = regexp.MustCompile(`^[-*+]\s*(\S.*)$`)
	reference = regexp.MustCompile(`\{\s*@?("[^"]+"|'[^']+'|[^}=:"']+)`)
	prebuilt  = regexp.MustCompile(`\{\s*@?(number|datetime|date|time|email|url|phonenumber|currency|ordinal|percentage|dimension|temperature|age)\b`)
)

// template is a sentence of structured text that waits for the lists that it refers to.
type template struct {
	line int
	text string
}

type structured struct {
	*reader
	section   string // list, lexicon, sentences
	list      string
	lists     map[string][]string
	entries   int
	words     map[string]int
	templates []template
}

// markdown reads structured text. Both with and without byte order mark: the page says with, Microsoft's own sample
// has none.
func (r *reader) markdown(in io.Reader) error {
	s := &structured{reader: r, lists: map[string][]string{}, words: map[string]int{}}
	if err := r.lines(in, false, s.line); err != nil {
		return err
	}
	for _, t := range s.templates {
		s.expand(t)
	}
	return nil
}

func (s *structured) line(n int, line string) error {
	if !s.encoded("", n, line) {
		return nil
	}
	line = strings.TrimSpace(line)
	switch head := listHead.FindStringSubmatch(line); {
	case strings.HasPrefix(line, ">") || strings.HasPrefix(line, "//"):
		return nil // a comment
	case head != nil:
		s.section, s.list = "list", plainName(head[1])
		s.lists[s.list] = nil
		if len(s.lists) > maxLists {
			return failed("line %d: more than %d lists", n, maxLists)
		}
	case otherHead.MatchString(line):
		s.section = "other"
		if strings.Contains(line, "speech:phoneticlexicon") {
			s.section = "lexicon"
		}
	case strings.HasPrefix(line, "#"):
		s.section = "sentences"
	default:
		return s.item(n, line)
	}
	return nil
}

func plainName(name string) string { return strings.Trim(strings.TrimSpace(name), `"'`) }

func (s *structured) item(n int, line string) error {
	found := item.FindStringSubmatch(line)
	if found == nil || s.section == "" || s.section == "other" {
		s.reject("", n, "neither a heading, nor a list item under one")
		return nil
	}
	switch s.section {
	case "list":
		s.lists[s.list] = append(s.lists[s.list], found[1])
		if len(s.lists[s.list]) > maxListItems {
			return failed("line %d: list %s has more than %d items", n, s.list, maxListItems)
		}
		s.accept(found[1])
	case "lexicon":
		return s.phonetic(n, line)
	default:
		s.templates = append(s.templates, template{n, found[1]})
	}
	return nil
}

func (s *structured) phonetic(n int, line string) error {
	found := phonetics.FindStringSubmatch(line)
	if found == nil {
		s.reject("", n, "not word/phonemes")
		return nil
	}
	if foreignPhones(found[2]) {
		if keep, err := s.defect(s.rules.Phones, "", n, "phones that are no labels of the Universal Phone Set"); err != nil || !keep {
			return err
		}
	}
	s.entries++
	s.words[found[1]]++
	switch {
	case s.entries > maxPhonetics:
		return failed("line %d: more than %d phonetic entries", n, maxPhonetics)
	case s.words[found[1]] > maxPhoneticsWord:
		s.reject("", n, "more than two pronunciations of one word")
	default:
		s.accept(found[1])
	}
	return nil
}

func (s *structured) expand(t template) {
	for _, ref := range reference.FindAllStringSubmatch(t.text, -1) {
		if _, ok := s.lists[plainName(ref[1])]; !ok && !prebuilt.MatchString(ref[0]) {
			s.reject("", t.line, "refers to a list that is not there")
			return
		}
	}
	s.accept(reference.ReplaceAllString(t.text, ""))
}
