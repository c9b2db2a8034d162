package dataset

import (
	"slices"
	"strings"
)

// Rules for display formatting.
const (
	ruleSection      = "section"
	ruleSectionLines = "section-lines"
	ruleLocale       = "locale"
	rulePunctuation  = "punctuation"
)

// sections of a display format file and how many lines each may have, 0 = as many as the file holds
// (document "Training and testing datasets").
var sections = map[string]int{"itn": 200, "rewrite": 1000, "profanity": 1000, "test": 0}

// formattingLocales are those that the document "How to prepare display text format training data" lists.
var formattingLocales = strings.Fields(`da-DK de-DE en-AU en-CA en-GB en-HK en-IE en-IN en-NG en-NZ en-PH en-SG en-US
	es-ES es-MX fi-FI fr-CA fr-FR hi-IN it-IT ja-JP ko-KR nb-NO nl-NL pl-PL pt-BR pt-PT sv-SE tr-TR zh-CN zh-HK`)

// grammarPunctuation may not stand in a profanity phrase (same document).
const grammarPunctuation = ".,?、!:;？。，¿¡।؟،"

// outputFormatting holds display rules to theirs: sections of patterns, pairs and phrases.
func (c *checker) outputFormatting() error {
	if !slices.ContainsFunc(formattingLocales, func(l string) bool { return strings.EqualFold(l, c.report.Locale) }) {
		c.warn("", 0, ruleLocale, "display formatting is not documented for %s", c.report.Locale)
	}
	section, counts := "", map[string]int{}
	err := c.text(c.section(), "", withBOM, func(number int, line string) {
		trimmed := strings.TrimSpace(line)
		if strings.HasPrefix(trimmed, "//") {
			return
		}
		if name, ok := strings.CutPrefix(trimmed, "#"); ok {
			section = strings.ToLower(strings.TrimSpace(name))
			if _, known := sections[section]; !known {
				c.fail("", number, ruleSection, "there is no section #%.40s; the sections are #itn, #rewrite, #profanity and #test", section)
			}
			return
		}
		c.report.Lines++
		limit, known := sections[section]
		if !known {
			if section == "" {
				c.fail("", number, ruleSection, "the line stands before the first section; begin with #itn, #rewrite, #profanity or #test")
			}
			return
		}
		if counts[section]++; counts[section] == limit+1 && limit > 0 {
			c.fail("", number, ruleSectionLines, "section #%s has more than %d lines", section, limit)
		}
		c.formattingRule(number, section, line)
	})
	c.notEmpty("rule")
	return err
}

// formattingRule checks one line of a section.
func (c *checker) formattingRule(number int, section, line string) {
	switch section {
	case "rewrite", "test":
		before, after, found := strings.Cut(line, "\t")
		if !found || strings.TrimSpace(before) == "" || strings.TrimSpace(after) == "" || strings.Contains(after, "\t") {
			c.fail("", number, rulePair, "a line of #%s is two phrases with one TAB between them", section)
		}
	case "profanity":
		if strings.ContainsAny(line, grammarPunctuation) {
			c.fail("", number, rulePunctuation, "a phrase of #profanity has no punctuation")
		}
	}
}
