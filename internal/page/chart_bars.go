package page

import (
	"fmt"
	"html/template"
	"slices"
	"time"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/words"
)

// barYear is the stretch of time that an expiry bar shows: all bars of a fleet can be compared.
const barYear = 365 * day

// expiryBar is how much of the next twelve months what serves still lives, with marks at its due day and at the begin of its last
// resort.
func expiryBar(m Model, now time.Time) template.HTML {
	const width, height = 160, 14
	c := newCanvas(width, height)
	s := scale{from: now, to: now.Add(barYear), left: 0, right: width}
	c.box("bar-track", 0, 4, width, height-4)
	if m.ExpiresAt != nil {
		end := max(s.at(*m.ExpiresAt), 3)
		c.box("bar-"+leftTone(m, now), 0, 4, end, height-4)
		for _, mark := range []struct {
			class string
			at    *time.Time
		}{{"bar-due", m.DueAt}, {"bar-resort", m.LastResortAt}} {
			if mark.at != nil && mark.at.After(now) && s.at(*mark.at) < width {
				c.box(mark.class, s.at(*mark.at)-1, 0, s.at(*mark.at)+1, height)
			}
		}
	}
	return c.image("bar", "", "", "")
}

// barSays is the same in words.
func barSays(m Model) (parts []string) {
	if m.DueAt != nil {
		parts = append(parts, "due "+words.Day(*m.DueAt))
	}
	if m.LastResortAt != nil {
		parts = append(parts, "last resort "+words.Day(*m.LastResortAt))
	}
	return parts
}

// measured is one number that a version was given.
type measured struct {
	version lifecycle.Version
	test    lifecycle.ObservedTest
}

// at is when the version was made: what it was measured for is the decision on it.
func (t measured) at() time.Time {
	if t.version.CreatedAt != nil {
		return *t.version.CreatedAt
	}
	return t.test.CreatedAt
}

// testsOf are the numbers of a model by test, oldest first; the tests in the order of the newest version that has them.
func testsOf(seen lifecycle.Row) (names []string, of map[string][]measured) {
	of = map[string][]measured{}
	for _, v := range seen.Versions {
		for _, t := range v.Tests {
			if t.WordErrorRate == nil {
				continue
			}
			if of[t.Name] == nil {
				names = append(names, t.Name)
			}
			of[t.Name] = append(of[t.Name], measured{version: v, test: t})
		}
	}
	for _, all := range of {
		slices.SortStableFunc(all, func(a, b measured) int { return a.at().Compare(b.at()) })
	}
	return names, of
}

// served tells that a version serves, or has served.
func served(v lifecycle.Version) bool {
	return v.State == lifecycle.StateChampion || v.State == lifecycle.StateRetired || v.State == lifecycle.StateRolledBack
}

// trendOf is the word error rates of what has served, on the test that the newest of them was measured with first, and what that says.
func trendOf(m Model) (picture template.HTML, says []string) {
	names, of := testsOf(m.Seen)
	var points []rate
	for _, name := range names {
		for _, t := range of[name] {
			if served(t.version) && (len(points) == 0 || points[len(points)-1].at != t.at()) {
				points = append(points, rate{at: t.at(), rate: *t.test.WordErrorRate})
			}
		}
		if len(points) > 0 {
			break
		}
	}
	if len(points) < 2 {
		return "", nil
	}
	const width, height, room = 72, 22, 3
	c := newCanvas(width, height)
	low, high := points[0].rate, points[0].rate
	for _, p := range points {
		low, high = min(low, p.rate), max(high, p.rate)
	}
	s := scale{from: points[0].at, to: points[len(points)-1].at, left: room, right: width - room}
	y := func(r float64) int { return height - room - int((r-low)/max(high-low, 0.001)*float64(height-2*room)) }
	stroked("trend-line").WriteToRenderer(c)
	for i, p := range points {
		if i == 0 {
			c.MoveTo(s.at(p.at), y(p.rate))
		} else {
			c.LineTo(s.at(p.at), y(p.rate))
		}
	}
	c.Stroke()
	last := points[len(points)-1]
	filled("trend-last").WriteToRenderer(c)
	c.Circle(2.5, s.at(last.at), y(last.rate))
	c.Fill()
	before := points[len(points)-2]
	difference := last.rate - before.rate
	return c.image("trend", "", "", ""), []string{words.Points(&difference, "no change"), "since " + words.Day(before.at)}
}

// lifeline is the lives of versions on one axis of time, newest at the top.
func lifeline(id, title, says string, m Model, clock time.Time) template.HTML {
	const width, rowHeight, top, labelWidth = 960, 24, 22, 180
	now := m.now(clock)
	versions := m.Seen.Versions[:min(len(m.Seen.Versions), mostLives)]
	from, to := now, now
	for _, v := range versions {
		if v.CreatedAt == nil {
			continue
		}
		if v.CreatedAt.Before(from) {
			from = *v.CreatedAt
		}
		if v.ExpiresAt != nil && v.ExpiresAt.After(to) {
			to = *v.ExpiresAt
		}
	}
	if !from.Before(now) {
		return ""
	}
	ticks, form := timeTicks(from, to.Add(7*day), 7)
	bottom := top + rowHeight*len(versions)
	c := newCanvas(width, bottom+8)
	s := scale{from: ticks[0], to: ticks[len(ticks)-1], left: labelWidth, right: width - 36}
	for i, t := range ticks {
		c.line("svg-grid", s.at(t), top-4, s.at(t), bottom)
		if i%2 == 0 || len(ticks) < 7 {
			c.text("svg-label", t.Format(form), s.at(t), 12, true)
		}
	}
	for i, v := range versions {
		if v.CreatedAt == nil {
			continue
		}
		y := top + i*rowHeight
		c.text("svg-label svg-strong", words.Fit(line(named(v.DisplayName, m.Model)), 24), 0, y+15, false)
		end := now
		if v.ExpiresAt != nil {
			end = *v.ExpiresAt
		}
		left := s.at(*v.CreatedAt)
		c.box("life-"+string(lifeTone(v)), left, y+6, max(s.at(end), left+4), y+18)
	}
	c.line("svg-now", s.at(now), top-4, s.at(now), bottom)
	c.text("svg-label svg-strong", "now", s.at(now), bottom+8, true)
	return c.image("chart", id, title, says)
}

// mostLives is how many versions are drawn: the table below has all.
const mostLives = 24

// lifeTone is the class of a version's life.
func lifeTone(v lifecycle.Version) lifecycle.State {
	switch v.State {
	case lifecycle.StateChampion, lifecycle.StateRetired, lifecycle.StateRejected, lifecycle.StateCandidate, lifecycle.StateDeploying:
		return v.State
	}
	return lifecycle.StateFailed
}

// drawMonths is the cost of months as stacked bars.
func drawMonths(id, title, says string, months []lifecycle.Month) template.HTML {
	const width, height, top, bottom, left = 960, 230, 12, 200, 56
	most := 0.0
	for _, m := range months {
		most = max(most, m.Total)
	}
	if most <= 0 {
		return ""
	}
	c := newCanvas(width, height)
	y := func(amount float64) int { return bottom - int(amount/most*float64(bottom-top)) }
	for i := range 5 {
		amount := most * float64(i) / 4
		c.line("svg-grid", left, y(amount), width, y(amount))
		c.text("svg-label", fmt.Sprintf("%.0f", amount), 4, y(amount)+4, false)
	}
	step := (width - left) / max(len(months), 1)
	for i, m := range months {
		at := left + i*step
		sum := 0.0
		for _, part := range []struct {
			class  string
			amount float64
		}{{"cost-hosting", m.Hosting}, {"cost-training", m.Training}, {"cost-evaluation", m.Evaluation}} {
			c.box(part.class, at+step/5, y(sum+part.amount), at+step-step/5, y(sum))
			sum += part.amount
		}
		month, err := time.Parse("2006-01", m.Month)
		if err == nil {
			form := "Jan"
			if month.Month() == time.January || i == 0 {
				form = "Jan 06"
			}
			c.text("svg-label", month.Format(form), at+step/2, bottom+18, true)
		}
	}
	return c.image("chart", id, title, says)
}
