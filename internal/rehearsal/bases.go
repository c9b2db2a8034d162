package rehearsal

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"

	"speech-retrainer/internal/emulator"
)

// How good the base models of a rehearsal are: the share (0..1) of words that one recognises untrained. They grow better
// slowly, and some are worse than the one before.
const (
	firstQuality, mostQuality = 0.92, 0.96
	growth                    = 0.004
	// spread is by how much a good one is better or worse than that, a bad one worse.
	spread            = 0.01
	leastBad, mostBad = 0.02, 0.06
	// bad is the share of those that went wrong.
	bad = 0.3
)

// quality of the nth base model (from 0) that comes out for a locale: by the seed, and always the same.
func quality(seed uint64, locale string, n int) float64 {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%s/%d", strings.ToLower(locale), n) // writing to a hash does not fail
	chance := rand.New(rand.NewPCG(seed, h.Sum64()))           //nolint:gosec // a play, not a secret
	q := min(firstQuality+growth*float64(n+1), mostQuality)
	if chance.Float64() < bad {
		return q - leastBad - (mostBad-leastBad)*chance.Float64()
	}
	return q + spread*(2*chance.Float64()-1)
}

// release lets a base model come out for each locale of the fleet; all models are checked after that.
func (r *rehearsal) release() error {
	var locales []string
	for _, p := range r.parts {
		p.next = checkAfter(r.service.Now())
		if locale := p.request.Locale; !slices.Contains(locales, locale) {
			locales = append(locales, locale)
		}
	}
	for _, locale := range locales {
		q := quality(r.Seed, locale, r.released)
		if _, err := r.service.ReleaseBaseModel(emulator.BaseModel{Locale: locale, Quality: &q}); err != nil {
			return fmt.Errorf("release a base model for %s: %w", locale, err)
		}
		r.tell(Event{
			At: r.service.Now(), What: "released",
			Why: fmt.Sprintf("a base model for %s came out, which recognises %.1f %% of the words untrained", locale, 100*q),
		})
	}
	r.released++
	return nil
}
