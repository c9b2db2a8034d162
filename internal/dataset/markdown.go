package dataset

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Rules for structured text.
const (
	ruleList     = "list"
	ruleItems    = "list-items"
	ruleLexicon  = "lexicon"
	ruleHeading  = "heading"
	ruleSyntax   = "syntax"
	ruleUnknown  = "unknown-list"
	ruleOverview = "overview-limits"
)

// The limits of structured text (document "Training and testing datasets"): those of its section, and the
// smaller ones that the table at the head of the same document names.
const (
	mostLists          = 20
	mostItems          = 35_000
	mostPhonetic       = 15_000
	mostPronunciations = 2
	overviewLists      = 10
	overviewItems      = 4_000
	overviewSentences  = 50_000
	// mostReferences bounds what is kept of a text that refers to lists that do not exist.
	mostReferences = 1_000
)

var (
	lexiconHead = regexp.MustCompile(`(?i)^@\s*speech:phoneticlexicon\s*=?\s*$`)
	headingName = regexp.MustCompile(`^[A-Za-z0-9_]+$`)
	numbered    = regexp.MustCompile(`^\d+[.)]\s`)
)

// structure is structured text being read.
type structure struct {
	*checker
	part markdownPart
	// lists are those defined, and whether items were seen; others are what is defined besides.
	lists    map[string]bool
	others   map[string]bool
	list     definition
	items    int
	tooMany  bool
	entries  int
	phonetic map[string]int
	// wanted are the lists that sentences refer to, each with its first line.
	wanted    map[string]int
	order     []string
	sentences int
}

type markdownPart int

const (
	inNothing markdownPart = iota
	inList
	inLexicon
	inSentences
	inOther
)

// languageMarkdown holds structured text to its rules: lists, phonetic lexicon and sections of sentences.
func (c *checker) languageMarkdown() error {
	s := &structure{checker: c, lists: map[string]bool{}, others: map[string]bool{}, phonetic: map[string]int{}, wanted: map[string]int{}}
	if err := c.text(c.section(), "", withBOM, s.line); err != nil {
		return err
	}
	s.endList()
	for _, name := range slices.Sorted(maps.Keys(s.lists)) {
		if !s.lists[name] {
			c.fail("", 0, ruleItems, "the list %.60q has no items", name)
		}
	}
	for _, name := range s.order {
		if _, known := s.lists[name]; !known && !s.others[name] {
			c.fail("", s.wanted[name], ruleUnknown, "there is no list %.60q; define it with: @ list %.60s =", name, name)
		}
	}
	if len(s.lists) > overviewLists {
		c.warn("", 0, ruleOverview, "%d lists are more than the %d that one part of the documentation names; another allows %d",
			len(s.lists), overviewLists, mostLists)
	}
	if s.sentences > overviewSentences {
		c.warn("", 0, ruleOverview, "%d sentences are more than the %d that the documentation names", s.sentences, overviewSentences)
	}
	c.notEmpty("list, pronunciation or sentence")
	return nil
}

func (s *structure) line(number int, line string) {
	line = strings.TrimSpace(line)
	switch {
	case strings.HasPrefix(line, "//"), strings.HasPrefix(line, ">"):
		// A comment; ">" is that of the markup which this one descends from.
	case strings.HasPrefix(line, "@"), strings.HasPrefix(line, "$"):
		s.define(number, line)
	case strings.HasPrefix(line, "#"):
		s.endList()
		s.part = inSentences
		if name := strings.TrimSpace(strings.TrimLeft(line, "#")); !headingName.MatchString(name) {
			s.fail("", number, ruleHeading, "a heading has only letters, digits and underscores")
		}
	case strings.ContainsRune("-+*", rune(line[0])):
		s.bullet(number, strings.TrimSpace(line[1:]))
	case numbered.MatchString(line):
		s.fail("", number, ruleSyntax, "numbered lists are not taken; begin the item with -, + or *")
	default:
		s.fail("", number, ruleSyntax, "the line is no comment (//), list (@ list NAME =), heading (#) or item (-, + or *)")
	}
}

// define starts a list or the lexicon.
func (s *structure) define(number int, line string) {
	s.endList()
	if lexiconHead.MatchString(line) {
		s.part = inLexicon
		return
	}
	d := parseDefinition(line)
	_, defined := s.lists[d.name()]
	if d.kind == "" && defined {
		s.part, s.list = inList, d
		return
	}
	if d.kind != "list" {
		s.part = inOther
		for _, name := range d.names {
			s.others[name] = true
		}
		s.warn("", number, ruleSyntax, "this definition is not among those that the service documents; its items are not checked")
		return
	}
	s.part, s.list = inList, d
	switch {
	case d.name() == "":
		s.fail("", number, ruleList, "the list has no name")
	case defined:
		s.fail("", number, ruleList, "the list %.60q is defined twice", d.name())
	case len(s.lists) == mostLists:
		if !s.tooMany {
			s.fail("", number, ruleList, "there are more than %d lists", mostLists)
		}
		s.tooMany = true
	default:
		s.lists[d.name()] = false
		for _, alias := range d.names[1:] {
			s.others[alias] = true
		}
	}
}

// endList closes the list that was open.
func (s *structure) endList() {
	if s.part == inList {
		name := s.list.name()
		if _, kept := s.lists[name]; kept && s.items > 0 {
			s.lists[name] = true
		}
		switch {
		case s.items > mostItems:
			s.fail("", 0, ruleItems, "the list %.60q has %d items, more than %d", name, s.items, mostItems)
		case s.items > overviewItems:
			s.warn("", 0, ruleOverview, "the list %.60q has %d items, more than the %d that one part of the documentation names; another allows %d",
				name, s.items, overviewItems, mostItems)
		}
	}
	s.items = 0
}

func (s *structure) bullet(number int, text string) {
	s.report.Lines++
	if text == "" {
		s.fail("", number, ruleSyntax, "the item is empty")
		return
	}
	switch s.part {
	case inNothing:
		s.fail("", number, ruleSyntax, "the item stands before any list or heading")
	case inList:
		s.items++
	case inLexicon:
		s.pronunciationOf(number, text)
	case inSentences:
		s.sentence(number, text)
	}
}

// pronunciationOf checks "word/P H O N E S".
func (s *structure) pronunciationOf(number int, text string) {
	s.entries++
	if s.entries > mostPhonetic {
		if s.entries == mostPhonetic+1 {
			s.fail("", number, ruleLexicon, "the lexicon has more than %d entries", mostPhonetic)
		}
		return
	}
	word, phones, found := strings.Cut(text, "/")
	word = strings.TrimSpace(word)
	if !found || word == "" || strings.TrimSpace(phones) == "" {
		s.fail("", number, ruleLexicon, "an entry is: word, a slash, its phones separated by spaces")
		return
	}
	s.phones(number, phones)
	if s.phonetic[word]++; s.phonetic[word] == mostPronunciations+1 {
		s.fail("", number, ruleLexicon, "the word %.60q has more than %d pronunciations", word, mostPronunciations)
	}
}

func (s *structure) sentence(number int, text string) {
	s.sentences++
	for _, name := range references(text) {
		if _, known := s.wanted[name]; !known && len(s.wanted) < mostReferences {
			s.wanted[name] = number
			s.order = append(s.order, name)
		}
	}
	if hasURI(text) {
		s.report.Rejected++
		s.warn("", number, ruleURI, "the service rejects lines with a web address")
	}
	s.repetitions("", number, text)
}
