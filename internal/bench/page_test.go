package bench

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/bundle"
)

// some is a document with every kind of figure.
func some() Document {
	d := Document{Machine: Machine{Processor: "a processor", Cores: 2, MemoryGiB: 23, System: "linux/amd64", Go: "go1.26"}}
	value := 120.0
	d.Put(Result{Row: "lone", Commit: "abc1234", At: at(0), Seconds: 121, Load: [2]float64{0.5, 1.26}, Figures: []Figure{
		figure("requests", 57, "").atMost(6).was("57").beside(Peer{Name: "500 ms", Value: &value}, Peer{Name: "30 s", Note: "12 of 100 in 60 s"}),
		figure("without a goal", 0.123, "/s"),
	}})
	d.Put(Result{Row: "wall", Commit: "abc1234+", At: at(60), Seconds: 66, Figures: []Figure{
		figure("by reference", 1.0199, ratio).atMost(1.02),
		missed("by contentUrl", ratio, "not ended in %d s", 99).atMost(1.04).was("1.54"),
		figure("rate", 0.9, ratio).atLeast(0.85),
	}})
	return d
}

func TestPage(t *testing.T) {
	t.Parallel()
	bundle.Golden(t, "performance.md", some().Page(""))
}

// What a person has written stays when the page is written anew, word for word.
func TestPageKeepsWhatAPersonWrote(t *testing.T) {
	t.Parallel()
	const mine = "\n\nA bigger page did not help.\n"
	page := some().Page("# Old\n\n" + byHand + mine)
	require.True(t, strings.HasSuffix(page, byHand+mine))
	require.Equal(t, page, some().Page(page))
}

func TestDocument(t *testing.T) {
	t.Parallel()
	data, page := filepath.Join(t.TempDir(), "p.json"), filepath.Join(t.TempDir(), "p.md")
	d, err := Read(data)
	require.NoError(t, err, "there is none yet")
	require.Empty(t, d.Rows)
	require.NoError(t, some().Write(data, page))
	d, err = Read(data)
	require.NoError(t, err)
	require.Equal(t, some(), d)

	newer := Result{Row: "lone", Commit: "def5678", Figures: []Figure{figure("requests", 5, "")}}
	d.Put(newer)
	require.Equal(t, []string{"wall", "lone"}, []string{d.Rows[0].Row, d.Rows[1].Row}, "in the order of the page")
	require.Equal(t, newer, d.Rows[1], "in place of the former one")
	d.Put(Result{Row: "lone", Failed: "no room on device"})
	require.Equal(t, newer, d.Rows[1], "what has failed takes no place")

	require.NoError(t, os.WriteFile(data, []byte("{"), 0o600))
	_, err = Read(data)
	require.ErrorContains(t, err, "p.json")
}

func TestMet(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		figure  Figure
		met, ok bool
	}{
		"no goal":       {figure("x", 1, ""), false, false},
		"at most":       {figure("x", 1, "").atMost(1), true, true},
		"above":         {figure("x", 1.01, "").atMost(1), false, true},
		"at least":      {figure("x", 1, "").atLeast(1), true, true},
		"below":         {figure("x", 0.99, "").atLeast(1), false, true},
		"never reached": {missed("x", "", "3 of 4").atMost(1), false, true},
	} {
		met, ok := c.figure.Met()
		require.Equal(t, c.met, met, name)
		require.Equal(t, c.ok, ok, name)
	}
}

func TestChoose(t *testing.T) {
	t.Parallel()
	every, err := choose(nil)
	require.NoError(t, err)
	require.Len(t, every, len(rows))
	some, err := choose([]string{"lone", "wall"})
	require.NoError(t, err)
	require.Equal(t, []string{"lone", "wall"}, []string{some[0].id, some[1].id})
	_, err = choose([]string{"tempo"})
	require.ErrorContains(t, err, "use some of "+strings.Join(Rows(), " "))
	seen := map[string]bool{}
	for _, r := range rows {
		require.False(t, seen[r.id], r.id)
		seen[r.id] = true
		require.NotEmpty(t, r.title, r.id)
		require.NotEmpty(t, r.how, r.id)
		require.NotEmpty(t, r.limits, r.id)
	}
}

// A round decides by the figure, and not by how it is printed.
func TestShort(t *testing.T) {
	t.Parallel()
	for want, value := range map[string]float64{"0": 0, "57": 57, "1.02": 1.0199, "65.1": 65.12, "123": 123.4, "0.75": 0.75, "1200": 1200.4} {
		require.Equal(t, want, short(value))
	}
}
