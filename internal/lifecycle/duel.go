package lifecycle

import (
	"fmt"
	"math"
	"slices"
)

// duel is a challenger and what it is compared with, over all versions of its input that were measured.
type duel struct {
	challenger, compared Number
	// others is the number of versions that count besides the challenger.
	others int
}

// pool joins what a version and other versions of its input measured, each version once: a training that is repeated until
// chance favours it gains nothing. Rates are those of all words together; the words are those of one version, since the
// same audio heard again is no more audio. What cannot be read is left out.
func pool(m Measured, challenger, compared Number) duel {
	counted := []string{m.Version}
	first, second := []Number{challenger}, []Number{compared}
	for _, other := range m.Others {
		if slices.Contains(counted, other.Version) {
			continue
		}
		a, faultA := other.Challenger.Read()
		b, faultB := other.Compared.Read()
		if faultA != "" || faultB != "" {
			continue
		}
		counted, first, second = append(counted, other.Version), append(first, a), append(second, b)
	}
	return duel{challenger: mean(first), compared: mean(second), others: len(counted) - 1}
}

// mean is one measurement's worth of several.
func mean(numbers []Number) Number {
	if len(numbers) == 1 {
		return numbers[0]
	}
	var wrong, words, errors float64
	for _, n := range numbers {
		wrong += n.Rate * float64(n.Words)
		words += float64(n.Words)
		errors += float64(n.Errors)
	}
	count := float64(len(numbers))
	return Number{Rate: wrong / words, Words: int64(math.Round(words / count)), Errors: int64(math.Round(errors / count))}
}

// over says which versions count besides the challenger; empty when none does.
func (d duel) over() string {
	switch d.others {
	case 0:
		return ""
	case 1:
		return ", with another version of the same input"
	}
	return fmt.Sprintf(", with %d other versions of the same input", d.others)
}

// judgeDrift tells why a person is asked about a version that is within its limits and still farther above the best that a
// champion ever had than one step may lead: small steps add up. It is "" when it is not, or nothing is known.
func judgeDrift(t Test, m Measured, challenger Number, visible float64) string {
	if m.Best == nil || m.LastResort {
		return ""
	}
	limit, what := t.DriftLimit(), "maxDrift"
	if visible > limit {
		limit, what = visible, "the smallest difference that its words can show"
	}
	drift := challenger.Rate - m.Best.Rate
	if drift <= limit+tolerance {
		return ""
	}
	return fmt.Sprintf("%s is %s above the best that a champion has had here, %s in %d words: more than %.1f points (%s); small steps add up",
		Percent(challenger.Rate), Points(drift), Percent(m.Best.Rate), m.Best.Words, limit*100, what)
}
