package page

import (
	"bytes"
	"html/template"
	"time"

	"github.com/go-analyze/charts/chartdraw"

	"speech-retrainer/internal/words"
)

// rate is a word error rate at a moment, with its 95 % interval; fractions.
type rate struct {
	at              time.Time
	rate, low, high float64
}

// rates are those of one side of a comparison: a series of the library.
type rates struct {
	name, class string
	points      []rate
	// aside moves it by some pixels, so that what was measured together does not hide each other.
	aside int
	// shape draws the mark of a rate: sides are told by form, not by colour alone.
	shape func(r chartdraw.Renderer, x, y int)
}

var (
	_ chartdraw.Series                = rates{}
	_ chartdraw.BoundedValuesProvider = rates{}
)

// GetName is the side's name.
func (s rates) GetName() string { return s.name }

// GetYAxis is the axis on the left.
func (s rates) GetYAxis() chartdraw.YAxisType { return chartdraw.YAxisSecondary }

// GetStyle is that of its lines.
func (s rates) GetStyle() chartdraw.Style { return stroked(s.class) }

// Validate finds nothing wrong.
func (s rates) Validate() error { return nil }

// Len is how many rates there are.
func (s rates) Len() int { return len(s.points) }

// GetBoundedValues are the moment and the interval of a rate.
func (s rates) GetBoundedValues(i int) (x, y1, y2 float64) {
	return chartdraw.TimeToFloat64(s.points[i].at), s.points[i].low, s.points[i].high
}

// Render draws the rates, joined by a thin line, and their intervals.
func (s rates) Render(r chartdraw.Renderer, box chartdraw.Box, xs, ys chartdraw.Range, _ chartdraw.Style) {
	x := func(p rate) int { return box.Left + xs.Translate(chartdraw.TimeToFloat64(p.at)) + s.aside }
	y := func(v float64) int { return box.Bottom - ys.Translate(v) }
	stroked(s.class + " svg-join").WriteToRenderer(r)
	for i, p := range s.points {
		if i == 0 {
			r.MoveTo(x(p), y(p.rate))
		} else {
			r.LineTo(x(p), y(p.rate))
		}
	}
	if len(s.points) > 1 {
		r.Stroke()
	}
	for _, p := range s.points {
		if p.high > p.low {
			stroked(s.class + " svg-interval").WriteToRenderer(r)
			for _, end := range []float64{p.low, p.high} {
				r.MoveTo(x(p)-3, y(end))
				r.LineTo(x(p)+3, y(end))
			}
			r.MoveTo(x(p), y(p.low))
			r.LineTo(x(p), y(p.high))
			r.Stroke()
		}
		filled(s.class + " svg-mark").WriteToRenderer(r)
		s.shape(r, x(p), y(p.rate))
		r.Fill()
	}
}

// grid draws a line at each rate of the axis, below what comes after it: the library's own takes no class.
type grid struct{ at []float64 }

// GetName is that of a series without one.
func (grid) GetName() string { return "" }

// GetYAxis is the axis on the left.
func (grid) GetYAxis() chartdraw.YAxisType { return chartdraw.YAxisSecondary }

// GetStyle is that of its lines.
func (grid) GetStyle() chartdraw.Style { return stroked("svg-grid") }

// Validate finds nothing wrong.
func (grid) Validate() error { return nil }

// Render draws the lines.
func (g grid) Render(r chartdraw.Renderer, box chartdraw.Box, _, ys chartdraw.Range, _ chartdraw.Style) {
	g.GetStyle().WriteToRenderer(r)
	for _, v := range g.at {
		y := box.Bottom - ys.Translate(v)
		r.MoveTo(box.Left, y)
		r.LineTo(box.Right, y)
	}
	r.Stroke()
}

// The marks of the sides.
func circle(r chartdraw.Renderer, x, y int) { r.Circle(4.5, x, y) }

func square(r chartdraw.Renderer, x, y int) {
	polygon(r, x, y, [][2]int{{-4, -4}, {4, -4}, {4, 4}, {-4, 4}})
}

func triangle(r chartdraw.Renderer, x, y int) { polygon(r, x, y, [][2]int{{0, -5}, {5, 4}, {-5, 4}}) }

func polygon(r chartdraw.Renderer, x, y int, corners [][2]int) {
	r.MoveTo(x+corners[0][0], y+corners[0][1])
	for _, c := range corners[1:] {
		r.LineTo(x+c[0], y+c[1])
	}
	r.Close()
}

// ratesWidth and ratesHeight are the size of a picture of rates.
const ratesWidth, ratesHeight = 960, 280

// drawRates is the picture of word error rates over time; empty when there are none.
func drawRates(id, title, says string, sides []rates) template.HTML {
	var from, to time.Time
	low, high := 1.0, 0.0
	var series []chartdraw.Series
	for _, s := range sides {
		for _, p := range s.points {
			if from.IsZero() || p.at.Before(from) {
				from = p.at
			}
			if p.at.After(to) {
				to = p.at
			}
			low, high = min(low, p.low), max(high, p.high)
		}
		if len(s.points) > 0 {
			series = append(series, s)
		}
	}
	if len(series) == 0 {
		return ""
	}
	// Some room on both sides: a mark must not sit on an axis.
	room := max(to.Sub(from)/20, day)
	chart := chartdraw.Chart{
		Width: ratesWidth, Height: ratesHeight, DPI: pixels, Series: append([]chartdraw.Series{grid{at: rateTicks(low, high)}}, series...),
		Background: chartdraw.Style{ClassName: "svg-none", Padding: chartdraw.NewBox(8, 12, 24, 4)},
		Canvas:     chartdraw.Style{ClassName: "svg-none"},
		XAxis: chartdraw.XAxis{
			Style: labels("svg-axis"), TickStyle: labels("svg-axis svg-label"), GridMajorStyle: chartdraw.Hidden(), GridMinorStyle: chartdraw.Hidden(),
		},
		// The library wants a first axis, which stands on the right, to have a range.
		YAxis: chartdraw.YAxis{Style: chartdraw.Hidden(), Range: &chartdraw.ContinuousRange{Max: 1}},
		YAxisSecondary: chartdraw.YAxis{
			Style: labels("svg-axis"), TickStyle: labels("svg-axis svg-label"), GridMajorStyle: chartdraw.Hidden(), GridMinorStyle: chartdraw.Hidden(),
			Zero: chartdraw.GridLine{Style: chartdraw.Hidden()},
		},
	}
	ticks, form := timeTicks(from.Add(-room), to.Add(room), 7)
	for _, t := range ticks {
		chart.XAxis.Ticks = append(chart.XAxis.Ticks, chartdraw.Tick{Value: chartdraw.TimeToFloat64(t), Label: t.Format(form)})
	}
	for _, v := range rateTicks(low, high) {
		chart.YAxisSecondary.Ticks = append(chart.YAxisSecondary.Ticks, chartdraw.Tick{Value: v, Label: words.Rate(&v, "")})
	}
	var out bytes.Buffer
	if err := chart.Render(chartdraw.SVG, &out); err != nil {
		return ""
	}
	return image(out.Bytes(), ratesWidth, ratesHeight, "chart", id, title, says)
}
