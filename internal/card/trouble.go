package card

import (
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/words"
)

// trouble says what keeps a run that goes on from getting on. A card is read later too: its times are not relative.
func (d *document) trouble(all []lifecycle.Trouble) {
	var items []item
	for _, t := range all {
		i := item{line: text(t.Sentence(func(at time.Time) string { return "at " + words.Second(at) }))}
		if t.Next != nil {
			i.sub = append(i.sub, gap("What to do: ").and(sentence(*t.Next)))
		}
		items = append(items, i)
	}
	d.add("Trouble", items)
}
