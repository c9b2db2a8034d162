package page

import (
	"bytes"
	"fmt"
	"html/template"
	"math"
	"time"

	"github.com/go-analyze/charts/chartdraw"
	"github.com/go-analyze/charts/chartdraw/drawing"

	"speech-retrainer/internal/visible"
)

// Pictures are SVG that the library writes with classes in place of styles: the style sheet colours them, so that they
// are light and dark as the page is, and the policy of its content needs no exception for styles.

// pixels is the resolution at which a point is a pixel.
const pixels = 72

// labelSize is the size of labels in pixels, as .svg-label of the style sheet has it.
const labelSize = 12

// labels is the style of what is written in a picture.
func labels(class string) chartdraw.Style {
	return chartdraw.Style{ClassName: class, FontStyle: chartdraw.FontStyle{FontSize: labelSize, Font: chartdraw.GetDefaultFont()}}
}

// stroked is a style that draws a line: the library draws none without a colour, which the class then takes the place of.
func stroked(class string) chartdraw.Style {
	return chartdraw.Style{ClassName: class, StrokeWidth: 1, StrokeColor: drawing.ColorBlack}
}

// filled is a style that fills.
func filled(class string) chartdraw.Style {
	return chartdraw.Style{ClassName: class, FillColor: drawing.ColorBlack}
}

// canvas is a picture that is drawn by hand.
type canvas struct {
	chartdraw.Renderer
	width, height int
}

func newCanvas(width, height int) canvas {
	c := canvas{Renderer: chartdraw.SVG(width, height), width: width, height: height}
	c.SetDPI(pixels)
	return c
}

// box fills a rectangle.
func (c canvas) box(class string, left, top, right, bottom int) {
	if right <= left || bottom <= top {
		return
	}
	filled(class).WriteToRenderer(c)
	c.MoveTo(left, top)
	c.LineTo(right, top)
	c.LineTo(right, bottom)
	c.LineTo(left, bottom)
	c.Close()
	c.Fill()
}

// line draws a line from one point to another.
func (c canvas) line(class string, x0, y0, x1, y1 int) {
	stroked(class).WriteToRenderer(c)
	c.MoveTo(x0, y0)
	c.LineTo(x1, y1)
	c.Stroke()
}

// text writes with its left end, or its middle, at x.
func (c canvas) text(class, text string, x, y int, middle bool) {
	labels(class).WriteToRenderer(c)
	text = visible.Line(text)
	if middle {
		x -= c.MeasureText(text).Width() / 2
	}
	c.Text(text, max(x, 0), y)
}

// image is the picture for the page. Without a title it is an ornament beside text that says the same.
func (c canvas) image(class, id, title, says string) template.HTML {
	var out bytes.Buffer
	if err := c.Save(&out); err != nil {
		return "" // a buffer takes everything
	}
	return image(out.Bytes(), c.width, c.height, class, id, title, says)
}

// image gives a drawn picture the head that a page needs: its size, and what a screen reader says of it.
func image(drawn []byte, width, height int, class, id, title, says string) template.HTML {
	_, inner, found := bytes.Cut(drawn, []byte(">"))
	if !found {
		return ""
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, `<svg class="%s" viewBox="0 0 %d %d" width="%d" height="%d"`, class, width, height, width, height)
	if title == "" {
		out.WriteString(` aria-hidden="true" focusable="false">`)
	} else {
		fmt.Fprintf(&out, ` role="img" aria-labelledby="%s-t %s-d"><title id="%s-t">%s</title><desc id="%s-d">%s</desc>`,
			id, id, id, template.HTMLEscapeString(visible.Line(title)), id, template.HTMLEscapeString(visible.Line(says)))
	}
	out.Write(inner)
	return template.HTML(out.String()) //nolint:gosec // the library escapes what it writes, and so does this
}

// scale maps a stretch of time to pixels.
type scale struct {
	from, to    time.Time
	left, right int
}

// at is where a moment is; what is outside is at the edge.
func (s scale) at(t time.Time) int {
	share := float64(t.Sub(s.from)) / float64(max(s.to.Sub(s.from), time.Second))
	return s.left + int(math.Round(min(max(share, 0), 1)*float64(s.right-s.left)))
}

// day is a day.
const day = 24 * time.Hour

// timeTicks are at most about most moments that cover a stretch of time, at the beginnings of days, months or years, and how they are
// written.
func timeTicks(from, to time.Time, most int) (ticks []time.Time, form string) {
	from, to = from.UTC(), to.UTC()
	months := func(n int) func(time.Time) time.Time {
		return func(t time.Time) time.Time { return t.AddDate(0, n, 0) }
	}
	days := func(n int) func(time.Time) time.Time {
		return func(t time.Time) time.Time { return t.AddDate(0, 0, n) }
	}
	for _, s := range []struct {
		about time.Duration
		next  func(time.Time) time.Time
		form  string
		month bool
	}{
		{day, days(1), "2 Jan", false},
		{7 * day, days(7), "2 Jan", false},
		{31 * day, months(1), "Jan 2006", true},
		{92 * day, months(3), "Jan 2006", true},
		{183 * day, months(6), "Jan 2006", true},
		{366 * day, months(12), "2006", true},
		{1830 * day, months(60), "2006", true},
	} {
		if to.Sub(from)/s.about >= time.Duration(most-1) && s.about < 1830*day {
			continue
		}
		first := from.Truncate(day)
		if s.month {
			first = time.Date(from.Year(), from.Month(), 1, 0, 0, 0, 0, time.UTC)
			if s.about > 300*day {
				first = time.Date(from.Year(), 1, 1, 0, 0, 0, 0, time.UTC)
			}
		}
		ticks = []time.Time{first}
		for t := first; t.Before(to) && len(ticks) < 4*most; {
			t = s.next(t)
			ticks = append(ticks, t)
		}
		if len(ticks) == 1 {
			ticks = append(ticks, s.next(first))
		}
		return ticks, s.form
	}
	return nil, "2006"
}

// rateTicks are the rates of an axis that holds the rates from low to high: at most six, round ones.
func rateTicks(low, high float64) []float64 {
	low, high = max(low, 0), max(high, low+0.005)
	for _, step := range []float64{0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 10} {
		first, last := math.Floor(low/step+1e-9), math.Ceil(high/step-1e-9)
		if last-first > 5 {
			continue
		}
		var ticks []float64
		for i := first; i <= last; i++ {
			ticks = append(ticks, i*step)
		}
		return ticks
	}
	return []float64{low, high}
}
