package lifecycle

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// BestRate is the best word error rate that a champion of a model ever had on one test content: an entry of sr.best.
type BestRate struct {
	// Content is BestContent of the test's data.
	Content string `json:"content"`
	// Rate is a fraction with four digits, Words the number of reference words that gave it.
	Rate  float64 `json:"rate"`
	Words int64   `json:"words"`
}

// String is the entry as it stands in the mark: 1a2b3c4d=0.1034@2310.
func (b BestRate) String() string { return fmt.Sprintf("%s=%.4f@%d", b.Content, b.Rate, b.Words) }

var hexForm = regexp.MustCompile(`^[0-9a-f]{8,}$`)

// BestContent is what a test content is called in sr.best: the first 8 hex digits of its content mark, of the hash of what
// is none (id:<dataset>). content is what ContentOf gives.
func BestContent(content string) string {
	if !hexForm.MatchString(content) {
		content = hash(content)
	}
	return content[:8]
}

var bestForm = regexp.MustCompile(`^([0-9a-f]{8})=([0-9]+(?:\.[0-9]+)?)@([1-9][0-9]*)$`)

// ParseBest reads a mark sr.best. What cannot be read is skipped: a mark can be cut, or changed by hand.
func ParseBest(mark string) []BestRate {
	var all []BestRate
	for _, entry := range strings.Fields(mark) {
		m := bestForm.FindStringSubmatch(entry)
		if m == nil {
			continue
		}
		rate, rateErr := strconv.ParseFloat(m[2], 64)
		words, wordsErr := strconv.ParseInt(m[3], 10, 64)
		if rateErr == nil && wordsErr == nil {
			all = append(all, BestRate{Content: m[1], Rate: rate, Words: words})
		}
	}
	return MergeBest(all)
}

// FormatBest writes a mark sr.best: as many entries, the first first, as fit into a mark by whole entries.
func FormatBest(all []BestRate) string {
	var mark string
	for _, b := range all {
		longer := strings.TrimSpace(mark + " " + b.String())
		if len(longer) > MaxMarkValue {
			break
		}
		mark = longer
	}
	return mark
}

// MergeBest joins lists to one that has each content once, with its lowest rate (of equal ones that of the most words), in
// the order of their first mention: the first list is what is kept when a mark has no room for all.
func MergeBest(lists ...[]BestRate) []BestRate {
	var merged []BestRate
	for _, b := range slices.Concat(lists...) {
		i := slices.IndexFunc(merged, func(m BestRate) bool { return m.Content == b.Content })
		switch {
		case i < 0:
			merged = append(merged, b)
		case b.Rate < merged[i].Rate, b.Rate == merged[i].Rate && b.Words > merged[i].Words:
			merged[i] = b
		}
	}
	return merged
}

// BestOfChampions joins the marks sr.best of the versions of a model that were champion, the newest first: the mark is
// carried on from champion to champion, and one that lost it to foreign properties breaks the chain otherwise. A version of
// the run does not count: after a reset behind its deployment it is judged as before.
func BestOfChampions(versions []Version, run string) []BestRate {
	sorted := slices.Clone(versions)
	SortVersions(sorted)
	var lists [][]BestRate
	for _, v := range sorted {
		if SameRun(v.Run, run) {
			continue
		}
		switch v.State {
		case StateChampion, StateRetired, StateRolledBack:
			lists = append(lists, ParseBest(v.Best))
		}
	}
	return MergeBest(lists...)
}

// FindBest is the entry of a test content; nil when there is none.
func FindBest(all []BestRate, content string) *BestRate {
	key := BestContent(content)
	if i := slices.IndexFunc(all, func(b BestRate) bool { return b.Content == key }); i >= 0 {
		return &all[i]
	}
	return nil
}

// BestMeasured are the rates that a run gives for a test content when its version becomes champion: the version's own, and
// that of the champion before it, nil when it was compared with another model. A number of too few words is none.
func BestMeasured(t Test, content string, j Judgment, champion *float64) []BestRate {
	if j.Rate == nil || j.Words == nil || *j.Words < t.LeastWords() {
		return nil
	}
	rates := []BestRate{{Content: BestContent(content), Rate: fourDigits(*j.Rate), Words: *j.Words}}
	if champion != nil {
		rates = append(rates, BestRate{Content: BestContent(content), Rate: fourDigits(*champion), Words: *j.Words})
	}
	return MergeBest(rates)
}

// fourDigits is a rate as the mark keeps it.
func fourDigits(rate float64) float64 {
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(rate, 'f', 4, 64), 64)
	return rounded
}
