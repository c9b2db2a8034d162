package recognizer

// Edit is one step of an alignment.
type Edit byte

// The steps. Match and Substitution take one word from both sides, Deletion one from the reference only, Insertion
// one from the hypothesis only.
const (
	Match Edit = iota
	Substitution
	Deletion
	Insertion
)

// Align returns the edits of least number that turn the reference into the hypothesis (Levenshtein over words).
func Align(reference, hypothesis []string) []Edit {
	// The cost within a band around the diagonal is exact when it does not exceed the width of the band (Ukkonen);
	// so a long recording with few errors stays cheap.
	for width := 32; ; width *= 2 {
		edits, cost := banded(reference, hypothesis, width)
		if cost <= width {
			return edits
		}
	}
}

const unreachable = 1 << 30

func banded(ref, hyp []string, width int) ([]Edit, int) {
	if d := len(ref) - len(hyp); d > width || -d > width {
		return nil, unreachable
	}
	span := 2*width + 1
	steps := make([]Edit, (len(ref)+1)*span) // steps[i*span + j-i+width] leads to (i, j)
	above, row := make([]int, span+1), make([]int, span+1)
	for i := 0; i <= len(ref); i++ {
		for k := range row {
			row[k] = unreachable
		}
		for j := max(0, i-width); j <= min(len(hyp), i+width); j++ {
			k := j - i + width
			best, step := unreachable, Match
			if i == 0 && j == 0 {
				best = 0
			}
			if i > 0 && j > 0 {
				best, step = above[k], Match
				if ref[i-1] != hyp[j-1] {
					best, step = above[k]+1, Substitution
				}
			}
			if i > 0 && k+1 < span && above[k+1]+1 < best {
				best, step = above[k+1]+1, Deletion
			}
			if j > 0 && k > 0 && row[k-1]+1 < best {
				best, step = row[k-1]+1, Insertion
			}
			row[k], steps[i*span+k] = best, step
		}
		above, row = row, above
	}
	return trace(steps, len(ref), len(hyp), span, width), above[len(hyp)-len(ref)+width]
}

func trace(steps []Edit, i, j, span, width int) []Edit {
	var back []Edit
	for i > 0 || j > 0 {
		step := steps[i*span+j-i+width]
		back = append(back, step)
		if step != Insertion {
			i--
		}
		if step != Deletion {
			j--
		}
	}
	for a, b := 0, len(back)-1; a < b; a, b = a+1, b-1 {
		back[a], back[b] = back[b], back[a]
	}
	return back
}

// Counts sums alignments. Words is the number of words of the references: Correct + Substitutions + Deletions.
type Counts struct {
	Words, Correct, Substitutions, Deletions, Insertions int
}

// Count sums one alignment.
func Count(edits []Edit) Counts {
	var c Counts
	for _, e := range edits {
		switch e {
		case Match:
			c.Correct++
		case Substitution:
			c.Substitutions++
		case Deletion:
			c.Deletions++
		case Insertion:
			c.Insertions++
		}
	}
	c.Words = c.Correct + c.Substitutions + c.Deletions
	return c
}

// Errors is the number of edits.
func (c Counts) Errors() int { return c.Substitutions + c.Deletions + c.Insertions }

// Rate is the error rate (I + D + S) / N as a fraction, 0 without words (D-eval).
func (c Counts) Rate() float64 {
	if c.Words == 0 {
		return 0
	}
	return float64(c.Errors()) / float64(c.Words)
}

// Add sums two counts.
func (c Counts) Add(o Counts) Counts {
	return Counts{
		c.Words + o.Words, c.Correct + o.Correct, c.Substitutions + o.Substitutions,
		c.Deletions + o.Deletions, c.Insertions + o.Insertions,
	}
}
