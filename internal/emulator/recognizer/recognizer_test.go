package recognizer_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"speech-retrainer/internal/emulator/recognizer"
)

func TestAlign(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		ref, hyp string
		want     recognizer.Counts
	}{
		"equal":        {"a b c", "a b c", recognizer.Counts{3, 3, 0, 0, 0}},
		"substitution": {"a b c", "a x c", recognizer.Counts{3, 2, 1, 0, 0}},
		"deletion":     {"a b c", "a c", recognizer.Counts{3, 2, 0, 1, 0}},
		"insertion":    {"a b c", "a b x c", recognizer.Counts{3, 3, 0, 0, 1}},
		"all kinds":    {"a b c d e", "x b d e f", recognizer.Counts{5, 3, 1, 1, 1}},
		"nothing said": {"", "a b", recognizer.Counts{0, 0, 0, 0, 2}},
		"nothing":      {"", "", recognizer.Counts{}},
		"all lost":     {"a b", "", recognizer.Counts{2, 0, 0, 2, 0}},
		"wide": {
			strings.Repeat("a ", 100), strings.Repeat("b ", 60),
			recognizer.Counts{100, 0, 60, 40, 0},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := recognizer.Count(recognizer.Align(strings.Fields(tc.ref), strings.Fields(tc.hyp)))
			require.Equal(t, tc.want, got)
		})
	}
}

// The documentation's example: 2 substitutions, 1 deletion, 2 insertions of 173 words are 0.0289.
func TestRate(t *testing.T) {
	t.Parallel()
	c := recognizer.Counts{Words: 173, Correct: 170, Substitutions: 2, Deletions: 1, Insertions: 2}
	require.InDelta(t, 0.0289, c.Rate(), 0.00005)
	require.Zero(t, recognizer.Counts{}.Rate())
	require.Equal(t, 346, c.Add(c).Words)
	require.InDelta(t, c.Rate(), c.Add(c).Rate(), 1e-12)
}

func TestAlignmentIsShortestAndComplete(t *testing.T) {
	t.Parallel()
	words := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c"}), 0, 60)
	rapid.Check(t, func(t *rapid.T) {
		ref, hyp := words.Draw(t, "ref"), words.Draw(t, "hyp")
		edits := recognizer.Align(ref, hyp)
		c := recognizer.Count(edits)
		require.Equal(t, len(ref), c.Words)
		require.Equal(t, len(hyp), c.Correct+c.Substitutions+c.Insertions)
		require.Equal(t, distance(ref, hyp), c.Errors())
		i, j := 0, 0
		for _, e := range edits {
			if e == recognizer.Match {
				require.Equal(t, ref[i], hyp[j])
			}
			if e != recognizer.Insertion {
				i++
			}
			if e != recognizer.Deletion {
				j++
			}
		}
	})
}

// distance is the textbook form, to check the banded one.
func distance(a, b []string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range b {
			cost := diagonal
			if x != y {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}

func TestWords(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"you'll", "use", "speech", "to", "text", "über", "3cpo"},
		recognizer.Words("You’ll 'use' Speech-to-text: Über, 3CPO!", "en-US"))
	require.Equal(t, []string{"音", "声", "で"}, recognizer.Words("音声で。", "ja-JP"))
	require.Equal(t, []string{"Hello", ",", "World", "."}, recognizer.Tokens("Hello, World.", "en-US"))
}

const story = "The codec of the handset negotiates a wideband profile before the gateway answers, and then the agent " +
	"transfers the caller to provisioning, where the subscription and its entitlements are checked against billing."

func wer(m recognizer.Model, text string) float64 {
	return count(m, text).Rate()
}

func count(m recognizer.Model, text string) recognizer.Counts {
	var c recognizer.Counts
	for i, sentence := range strings.Split(strings.Repeat(text+"|", 20), "|") {
		heard := m.Listen(strings.Repeat("x", i), sentence, "en-US")
		c = c.Add(recognizer.Count(recognizer.Align(recognizer.Words(sentence, "en-US"), recognizer.Words(heard, "en-US"))))
	}
	return c
}

func TestErrorsAreEarned(t *testing.T) {
	t.Parallel()
	base := recognizer.Model{Quality: 0.8}
	require.InDelta(t, 0.2, wer(base, story), 0.12)
	require.Less(t, wer(recognizer.Model{Quality: 0.9}, story), wer(base, story), "a better base")
	require.Less(t, wer(base.Teach("en-US", story), story), wer(base, story), "fitting data")
	require.Less(t, wer(base.Teach("en-US", story, story, story), story), wer(base.Teach("en-US", story), story), "more of it")
	require.InDelta(t, wer(base, story), wer(base.Teach("en-US", "entirely unrelated chatter"), story), 0, "data without the words")
	withAudio := base.Teach("en-US", story)
	withAudio.Audio = time.Hour
	require.LessOrEqual(t, wer(withAudio, story), wer(base.Teach("en-US", story), story))
	require.Zero(t, wer(recognizer.Model{Quality: 1}, story))
	c := count(base, story)
	require.Positive(t, c.Substitutions)
	require.Positive(t, c.Deletions)
	require.Positive(t, c.Insertions)
}

func TestListeningIsDeterministic(t *testing.T) {
	t.Parallel()
	m := recognizer.Model{Quality: 0.5}
	require.Equal(t, m.Listen("a.wav", story, "en-US"), m.Listen("a.wav", story, "en-US"))
	require.NotEqual(t, m.Listen("a.wav", story, "en-US"), m.Listen("b.wav", story, "en-US"))
	require.NotEqual(t, "音声認識の評価", m.Listen("a", "音声認識の評価", "ja-JP"))
}

func TestMoreDataIsNeverWorse(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := recognizer.Model{Quality: rapid.Float64Range(0.3, 0.99).Draw(t, "quality")}
		words := strings.Fields(story)
		less := m.Teach("en-US", rapid.SliceOf(rapid.SampledFrom(words)).Draw(t, "less")...)
		more := less.Teach("en-US", rapid.SliceOf(rapid.SampledFrom(words)).Draw(t, "more")...)
		require.LessOrEqual(t, wer(more, story), wer(less, story))
	})
}

func TestTeachLeavesTheModelAlone(t *testing.T) {
	t.Parallel()
	m := recognizer.Model{}.Teach("en-US", "one two")
	m.Teach("en-US", "one")
	require.Equal(t, map[string]int{"one": 1, "two": 1}, m.Taught)
}
