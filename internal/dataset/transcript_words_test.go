package dataset_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/lifecycle"
)

func TestWordsOfTranscripts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		locale, said string
		words        int
	}{
		{"en-US", "the nacelle's too hot - 3 degrees, or so.", 8},
		{"de-DE", "der Rotor läuft", 3},
		{"de-DE", "der Rotor läuft ©", 0}, // the service discards it
		{"ja-JP", "回転が、速い。", 5},
		{"zh-CN", "转子 太快", 4},
		{"ko-KR", "로터가 너무 빠르다", 3},
	} {
		data := pack(member{"a.wav", recording{}.wav()}, text("trans.txt", "\ufeffa.wav\t"+c.said+"\n"))
		if c.locale == "en-US" {
			data = pack(member{"a.wav", recording{}.wav()}, text("trans.txt", "a.wav\t"+c.said+"\n"))
		}
		report := check(t, data, lifecycle.DatasetAcoustic, c.locale, dataset.Limits{Test: true})
		require.Equal(t, c.words, report.Words, "%s: %s: %v", c.locale, c.said, report.Problems)
	}
}
