package dataset_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/lifecycle"
)

// rows is an archive with a recording for each row of its transcript.
func rows(texts ...string) []byte {
	sound := recording{length: 1000000}.wav()
	var members []member
	transcript := bom
	for i, said := range texts {
		name := fmt.Sprintf("%d.wav", i+1)
		members = append(members, member{name, sound})
		transcript += name + "\t" + said + "\n"
	}
	return pack(append(members, text("trans.txt", transcript))...)
}

func many(n int, said string) []string {
	return strings.Split(strings.TrimSuffix(strings.Repeat(said+"\n", n), "\n"), "\n")
}

// What the service discards is named by line and counted.
func TestDiscardedRows(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("あい", 45) + "う"
	for _, tc := range []struct {
		name, locale, said, rule string
	}{
		{"sign of degrees", "de-DE", "80 ° warm", "special-characters"},
		{"sign of cents in Austria", "de-AT", "5 ¢", "special-characters"},
		{"Danish letter", "de-DE", "Herr Øre", "special-characters"},
		{"y with diaeresis, decomposed", "de-DE", "Lou\u0079\u0308s", "special-characters"},
		{"91 characters", "ja-JP", long, "sentence-length"},
		{"93 characters with a number", "ja-JP", long[:150] + "3.5" + long[:120], "sentence-length"},
		{"dots", "en-US", "...", "no-words"},
		{"a dash and a question mark", "fr-FR", "— ?", "no-words"},
		{"signs of Japanese", "ja-JP", "。、…", "no-words"},
		{"a smile", "de-DE", "🙂", "no-words"},
		{"invisible", "de-DE", "\u200b\u200b", "no-words"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			report := check(t, rows(append(many(20, "ja"), tc.said)...), lifecycle.DatasetAcoustic, tc.locale, dataset.Limits{})
			require.Equal(t, []string{"warning trans.txt:21 " + tc.rule}, found(report), "5 % may be lost")
			require.Equal(t, 1, report.Rejected)
		})
	}
	for _, sign := range "¢¤¥¦§©ª¬®°±²µ×ÿØ" {
		report := check(t, rows("Wort "+string(sign)), lifecycle.DatasetAcoustic, "de-DE", dataset.Limits{})
		require.Equal(t, 1, report.Rejected, "%q", sign)
		require.Contains(t, messages(report, "special-characters"), fmt.Sprintf("%q (%U)", sign, sign))
	}
}

func TestRowsThatAreKept(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, locale, said string }{
		{"90 characters", "ja-JP", strings.Repeat("あい", 45)},
		{"two sentences of 90", "ja-JP", strings.Repeat("あい", 45) + "。" + strings.Repeat("あい", 45)},
		{"91 characters elsewhere", "ko-KR", strings.Repeat("가나", 45) + "다"},
		{"sign of degrees in French", "fr-FR", "80 ° chaud"},
		{"umlauts and quotes", "de-DE", "„Äpfel“, «Öl», über ß 3,5"},
		{"a number alone", "en-US", "42"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			report := check(t, rows(tc.said), lifecycle.DatasetAcoustic, tc.locale, dataset.Limits{})
			require.Empty(t, found(report))
			require.Zero(t, report.Rejected)
		})
	}
}

// A share of few lines says nothing: up to 19 lines a warning, from 20 on it is refused above the limit.
func TestShareOfDiscardedRows(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name       string
		good, lost int
		share      float64
		want       string
	}{
		{"1 of 1", 0, 1, 0, "warning rejected-share"},
		{"19 of 19", 0, 19, 0, "warning rejected-share"},
		{"1 of 20", 19, 1, 0, ""},
		{"2 of 20", 18, 2, 0, "error rejected-share"},
		{"2 of 20, 10 % allowed", 18, 2, 0.1, ""},
		{"1 of 20, 4 % allowed", 19, 1, 0.04, "error rejected-share"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			lines := append(many(tc.good, "gut")[:tc.good], many(tc.lost, "§ 1")[:tc.lost]...)
			report := check(t, rows(lines...), lifecycle.DatasetAcoustic, "de-DE", dataset.Limits{RejectedShare: tc.share})
			require.Equal(t, tc.lost, report.Rejected)
			last := ""
			for _, p := range report.Problems {
				if p.Rule == "rejected-share" {
					last = string(p.Severity) + " " + p.Rule
					require.Contains(t, p.Message, fmt.Sprintf("drops %d of %d line", tc.lost, tc.good+tc.lost))
				}
			}
			require.Equal(t, tc.want, last)
		})
	}
}

// Hints are told and not counted: the service keeps the row and reads it in another way.
func TestHintsOnTranscripts(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, locale, said, want, says string
	}{
		{"comma", "zh-CN", "你好,世界", "half-width", "half-width punctuation, ','"},
		{"question mark at the end", "zh-TW", "需要什么帮助?", "half-width", "'?'"},
		{"quotes", "zh-CN", `"你好"`, "half-width", `'"'`},
		{"half-width stop of Japan", "zh-CN", "你好｡", "half-width", "'｡'"},
		{"punctuation before digits", "zh-CN", "我在 3 号塔,来", "half-width", "','"},
		{"digits", "zh-CN", "我今年 21", "half-width", "digits, '2'; the service asks for numbers in their spoken form"},
		{"digits of full width", "zh-CN", "我今年２１", "half-width", "digits, '２'"},
		{"full-width", "zh-CN", "你好，“世界”。", "", ""},
		{"Latin words", "zh-CN", "我用 don't-care 和 Node.js", "", ""},
		{"half-width elsewhere", "ja-JP", "はい,", "", ""},
		{"e with diaeresis", "de-DE", "Citroën", "umlaut", `drops "ë"`},
		{"i with diaeresis, decomposed", "de-DE", "nai\u0308v", "umlaut", `"ï"`},
		{"decomposed umlauts", "de-DE", "fu\u0308r", "decomposed", "NFD"},
		{"decomposed accents", "fr-FR", "e\u0301te\u0301", "decomposed", "NFC"},
		{"composed is the longer form in Hindi", "hi-IN", "क़", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			report := check(t, rows(tc.said), lifecycle.DatasetAcoustic, tc.locale, dataset.Limits{})
			require.Zero(t, report.Rejected)
			if tc.want == "" {
				require.Empty(t, found(report))
				return
			}
			require.Contains(t, found(report), "warning trans.txt:1 "+tc.want)
			require.Contains(t, messages(report, tc.want), tc.says)
			require.False(t, report.Failed())
		})
	}
}

// Audio without transcripts trains in one locale only; a test may have it in any.
func TestAudioOnly(t *testing.T) {
	t.Parallel()
	data := pack(member{"a.wav", recording{}.wav()})
	runCases(t, []dataCase{
		{name: "en-US", kind: lifecycle.DatasetAudioFiles, locale: "en-us", data: data},
		{name: "en-GB", kind: lifecycle.DatasetAudioFiles, locale: "en-GB", data: data, want: []string{"warning audio-only"}},
		{name: "de-DE", kind: lifecycle.DatasetAudioFiles, locale: "de-DE", data: data, want: []string{"warning audio-only"}},
		{name: "de-DE, test", kind: lifecycle.DatasetAudioFiles, locale: "de-DE", data: data, limits: dataset.Limits{Test: true}},
		{name: "de-DE with transcript", kind: lifecycle.DatasetAcoustic, locale: "de-DE", data: rows("ja")},
	})
}
