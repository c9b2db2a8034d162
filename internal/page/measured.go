package page

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/words"
)

// testOf is what one test has measured, as a picture and as a table.
func testOf(i int, name string, m Model, all []measured, bare map[string][]lifecycle.ObservedTest) testView {
	v := testView{Name: cmp.Or(name, "test")}
	challengers := rates{name: "challenger", class: "side-challenger", aside: -7, shape: circle}
	champions := rates{name: "champion", class: "side-champion", shape: square}
	bases := rates{name: "base", class: "side-base", aside: 7, shape: triangle}
	byVersion := map[string]int{}
	for _, t := range all {
		at, seen := byVersion[t.version.ID]
		if !seen {
			at = len(v.Rows)
			byVersion[t.version.ID] = at
			challengers.points = append(challengers.points, rateAt(t.at(), *t.test.WordErrorRate, t.test.Words))
			v.Rows = append(v.Rows, measureView{
				Version: named(t.version.DisplayName, m.Model), At: words.Day(t.at()), Words: "–", Rate: percent(*t.test.WordErrorRate),
				RateRange: rangeOf(*t.test.WordErrorRate, t.test.Words), Champion: "–", Base: "–", Difference: "–",
			})
		}
		row := &v.Rows[at]
		if !seen {
			for _, b := range bare[t.version.ID] {
				if b.Name == name && b.WordErrorRate != nil {
					bases.points = append(bases.points, rateAt(t.at(), *b.WordErrorRate, b.Words))
					row.Base = percent(*b.WordErrorRate)
				}
			}
		}
		if t.test.Words != nil {
			row.Words = words.Number(*t.test.Words)
		}
		if shows := t.test.Visible(); shows != nil {
			row.Visible = "±" + fmt.Sprintf("%.1f points", 100**shows)
		}
		if t.test.Compared == nil {
			continue
		}
		side, cell := &champions, &row.Champion
		if t.test.OfBase {
			side, cell = &bases, &row.Base
		}
		if *cell == "–" {
			side.points = append(side.points, rateAt(t.at(), *t.test.Compared, t.test.Words))
			*cell = percent(*t.test.Compared)
		}
		if !t.test.OfBase || row.Difference == "–" {
			difference := *t.test.WordErrorRate - *t.test.Compared
			row.Difference = words.Points(&difference, "–")
			if t.test.Words != nil && *t.test.Words > 0 {
				low, high := lifecycle.Difference95(lifecycle.NumberAt(*t.test.WordErrorRate, *t.test.Words), lifecycle.NumberAt(*t.test.Compared, *t.test.Words))
				row.Range = words.Interval(&[2]float64{low, high})
			}
		}
	}
	slices.Reverse(v.Rows) // the newest first, as everywhere
	v.Legend = []legend{{"side-challenger", "●", "this version"}, {"side-champion", "■", "champion at the time"}, {"side-base", "▲", "bare base model"}}
	v.Picture = drawRates(fmt.Sprintf("wer%d", i), "Word error rate on "+v.Name,
		"Each version, what it was compared with, and the 95 % intervals; the table below says the same.", []rates{challengers, champions, bases})
	return v
}

// rateAt is a rate with its interval, as far as its words are known.
func rateAt(at time.Time, r float64, count *int64) rate {
	point := rate{at: at, rate: r, low: r, high: r}
	if count != nil && *count > 0 {
		point.low, point.high = lifecycle.NumberAt(r, *count).Interval95()
	}
	return point
}

// rangeOf is the interval of a rate for people.
func rangeOf(r float64, count *int64) string {
	p := rateAt(time.Time{}, r, count)
	if p.low == p.high {
		return ""
	}
	return fmt.Sprintf("%.1f to %.1f %%", 100*p.low, 100*p.high)
}
