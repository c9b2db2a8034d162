// Package recognizer simulates speech recognition. It hears what the transcript says, with errors that depend on
// nothing but the generation of the base model and on the words that the training data taught, so that an error
// rate is earned by data: more of the right data never gives more errors, and a poor base model loses.
package recognizer

import (
	"hash/fnv"
	"strings"
	"time"
	"unicode"
)

// Model is what decides how well a model hears.
type Model struct {
	// Quality is the share (0..1) of words that the base model recognises without any training.
	Quality float64 `json:"quality"`
	// Taught counts the words of the training data.
	Taught map[string]int `json:"taught,omitempty"`
	// Audio is the length of the audio that was trained on.
	Audio time.Duration `json:"audio,omitempty"`
}

// Teach returns the model with the words of one more text.
func (m Model) Teach(locale string, texts ...string) Model {
	taught := make(map[string]int, len(m.Taught))
	for w, n := range m.Taught {
		taught[w] = n
	}
	for _, text := range texts {
		for _, w := range Words(text, locale) {
			taught[w]++
		}
	}
	m.Taught = taught
	return m
}

// errorShare is the share of occurrences of a word that the model gets wrong. Training takes away a good part of the
// base model's errors, never all: the generation of the base goes on to count.
func (m Model) errorShare(word string) float64 {
	share := 1 - m.Quality
	switch n := m.Taught[word]; {
	case n >= 3:
		share *= 0.35
	case n >= 1:
		share *= 0.55
	}
	if m.Audio > 0 {
		share *= 0.9
	}
	return share
}

// Listen returns the display text that the model hears. The same model hears the same in the same recording, always;
// key tells recordings apart.
func (m Model) Listen(key, transcript, locale string) string {
	var b strings.Builder
	n := 0
	for _, r := range runs(transcript, locale) {
		n++
		if r.word {
			b.WriteString(m.hear(key, n, r.text, locale))
			continue
		}
		for i, c := range r.text {
			if unicode.IsSpace(c) || chance("mark", key, string(c), n+i) < m.Quality {
				b.WriteRune(c)
			}
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func (m Model) hear(key string, at int, written, locale string) string {
	word := normal(written)
	if difficulty(key, at, word) < 1-m.errorShare(word) {
		if chance("case", key, word, at) >= m.Quality {
			return strings.ToLower(written)
		}
		return written
	}
	switch kind := chance("kind", key, word, at); {
	case kind < 0.6:
		return mangle(written)
	case kind < 0.85:
		return ""
	}
	if isSpaceless(locale) {
		return written + written
	}
	fillers := []string{"uh", "the", "a", "to"}
	return written + " " + fillers[int(chance("filler", key, word, at)*float64(len(fillers)))]
}

// difficulty is how hard an occurrence is, 0..1. Most of it belongs to the word, the rest to the recording.
func difficulty(key string, at int, word string) float64 {
	d := chance("word", "", word, 0)
	if chance("which", key, word, at) > 0.7 {
		d = chance("here", key, word, at)
	}
	if len([]rune(word)) <= 3 {
		d *= 0.85
	}
	return d
}

// mangle returns a word that sounds alike and is another one.
func mangle(word string) string {
	letters := []rune(word)
	const vowels = "aeiou"
	for i, c := range letters {
		if v := strings.IndexRune(vowels, unicode.ToLower(c)); v >= 0 {
			letters[i] = rune(vowels[(v+1)%len(vowels)])
			return string(letters)
		}
	}
	if len(letters) == 1 && letters[0] > unicode.MaxLatin1 {
		return string(letters[0] + 1)
	}
	return word + "e"
}

// chance is a number in [0, 1) that depends on its arguments and on nothing else.
func chance(what, key, word string, at int) float64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(what + "\x00" + key + "\x00" + word + "\x00"))
	_, _ = h.Write([]byte{byte(at), byte(at >> 8), byte(at >> 16)})
	x := h.Sum64()
	// FNV spreads its last bytes poorly; this is the finisher of MurmurHash3.
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	x ^= x >> 33
	return float64(x>>11) / (1 << 53)
}
