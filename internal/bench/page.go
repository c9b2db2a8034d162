package bench

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"speech-retrainer/internal/words"
)

// byHand is the heading of what a person writes: the page is written anew up to there.
const byHand = "## What was tried"

// begun is what stands there at first.
const begun = byHand + "\n\nNothing is written down yet.\n"

// Page is docs/performance.md: ratios first, then all other figures, then how each row is measured. What stands below
// "What was tried" in the page before is kept.
func (d Document) Page(before string) string {
	var b strings.Builder
	b.WriteString("# Performance\n\n")
	b.WriteString("`make bench` writes this page down to \"What was tried\", and the raw figures to [performance.json](performance.json): half an hour, outside\n")
	b.WriteString("CI; `make bench ROWS=\"wall lone\"` measures some rows and leaves the others as they are. Everything is measured from outside: the\n")
	b.WriteString("built programs, a Temporal dev server with its database in memory, and the local Speech service in real time with its quota of\n")
	b.WriteString("100 requests in 10 s. \"Before\" is 76ca15a, where each run looked for itself. Peers are scripts that poll every 500 ms, as the\n")
	b.WriteString("vendor's CLI does, and every 30 s. Load is the machine's average over a minute, before and after the row.\n\n")
	m := d.Machine
	fmt.Fprintf(&b, "Machine: %s, %d cores, %d GiB, %s, %s.\n\n", orUnknown(m.Processor), m.Cores, m.MemoryGiB, m.System, m.Go)
	b.WriteString("## Ratios\n\n")
	d.table(&b, func(f Figure) bool { return f.Unit == ratio })
	b.WriteString("\n## Figures\n\n")
	d.table(&b, func(f Figure) bool { return f.Unit != ratio })
	b.WriteString("\n## How each is measured, and what limits it\n")
	for _, r := range d.Rows {
		at := place(r.Row)
		if at == len(rows) {
			continue
		}
		w := rows[at]
		b.WriteString("\n" + broken(fmt.Sprintf("**%s** (`make bench ROWS=%s`, %s, %s, %.0f s). %s", w.title, w.id, r.Commit,
			r.At.Format("2006-01-02 15:04"), r.Seconds, w.how)) + broken("Limited by: "+w.limits+"."))
	}
	b.WriteString("\n")
	if _, kept, found := strings.Cut(before, byHand); found {
		return b.String() + byHand + kept
	}
	return b.String() + begun
}

// width is that of a line of prose.
const width = 130

// broken is a paragraph in lines.
func broken(text string) string { return strings.Join(words.Wrap(text, width), "\n") + "\n" }

// table writes the figures that are wanted.
func (d Document) table(b *strings.Builder, wanted func(Figure) bool) {
	b.WriteString("| row | figure | now | goal | before |")
	for _, p := range scripts {
		fmt.Fprintf(b, " every %s |", p.name)
	}
	b.WriteString(" load |\n| --- | --- | --- | --- | --- |" + strings.Repeat(" --- |", len(scripts)) + " --- |\n")
	for _, r := range d.Rows {
		for _, f := range r.Figures {
			if !wanted(f) {
				continue
			}
			fmt.Fprintf(b, "| %s | %s | %s%s | %s | %s |", r.Row, f.Name, f.text(), f.mark(), f.goal(), orDash(f.Was))
			for _, p := range scripts {
				fmt.Fprintf(b, " %s |", f.peer(p.name))
			}
			fmt.Fprintf(b, " %.1f, %.1f |\n", r.Load[0], r.Load[1])
		}
	}
}

// text is the value with its unit, or how far it came.
func (f Figure) text() string {
	if f.Value == nil {
		return orUnknown(f.Note)
	}
	return withUnit(short(*f.Value), f.Unit)
}

func withUnit(number, unit string) string {
	switch unit {
	case "", ratio:
		return number
	case "/s":
		return number + unit
	}
	return number + " " + unit
}

// short is a number with at most two decimals, three digits being enough of any.
func short(v float64) string {
	decimals := 2
	switch {
	case v == math.Trunc(v), math.Abs(v) >= 100:
		decimals = 0
	case math.Abs(v) >= 10:
		decimals = 1
	}
	return strconv.FormatFloat(v, 'f', decimals, 64)
}

func (f Figure) goal() string {
	switch {
	case f.Most != nil:
		return "≤ " + withUnit(short(*f.Most), f.Unit)
	case f.Least != nil:
		return "≥ " + withUnit(short(*f.Least), f.Unit)
	}
	return "-"
}

// mark is what the table shows of a goal: a miss must not be overlooked.
func (f Figure) mark() string {
	if met, ok := f.Met(); ok && !met {
		return " **missed**"
	}
	return ""
}

// verdict is the same for the log.
func (f Figure) verdict() string {
	met, ok := f.Met()
	switch {
	case !ok:
		return ""
	case met:
		return " (goal " + f.goal() + ")"
	}
	return " (MISSED, goal " + f.goal() + ")"
}

func (f Figure) peer(name string) string {
	for _, p := range f.Peers {
		if p.Name == name {
			if p.Value == nil {
				return p.Note
			}
			return withUnit(short(*p.Value), f.Unit)
		}
	}
	return "-"
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func orUnknown(s string) string {
	if s == "" {
		return "unknown"
	}
	return s
}
