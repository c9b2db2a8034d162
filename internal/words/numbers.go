package words

import (
	"fmt"

	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"speech-retrainer/internal/lifecycle"
)

// Count writes "1 line", "2 lines".
func Count[N int | int64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// LongCount is Count as a model card writes it: 12,345 lines.
func LongCount(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Number(n) + " " + noun + "s"
}

// Number writes a count with separators: 12,345.
func Number(n int64) string { return message.NewPrinter(language.English).Sprintf("%d", n) }

// Rate is a fraction as people read it, 11.2 %, or none when it is not known.
func Rate(fraction *float64, none string) string {
	if fraction == nil {
		return none
	}
	return lifecycle.Percent(*fraction)
}

// Points is a difference of two fractions, +0.8 points, or none when it is not known.
func Points(difference *float64, none string) string {
	if difference == nil {
		return none
	}
	return lifecycle.Points(*difference)
}

// Interval writes an interval of differences, -3.1 to +0.2 points; nothing when it is not known.
func Interval(of *[2]float64) string {
	if of == nil {
		return ""
	}
	return lifecycle.PointsRange(of[0], of[1])
}
