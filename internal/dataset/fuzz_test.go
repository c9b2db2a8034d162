package dataset_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/lifecycle"
)

// store packs without compressing, which is quick.
func store(members ...member) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, m := range members {
		f, err := w.CreateHeader(&zip.FileHeader{Name: m.name, Method: zip.Store})
		if err == nil {
			_, err = f.Write(m.content)
		}
		if err != nil {
			panic(err)
		}
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// checkInvariants is what holds for any data: a short report, each problem complete.
func checkInvariants(t *testing.T, report dataset.Report) {
	t.Helper()
	require.Less(t, len(report.Problems), 1000)
	require.LessOrEqual(t, report.Rejected, report.Lines)
	require.GreaterOrEqual(t, report.AudioDuration, time.Duration(0))
	for _, p := range report.Problems {
		require.NotEmpty(t, p.Rule)
		require.NotEmpty(t, p.Message)
		require.Contains(t, []dataset.Severity{dataset.Error, dataset.Warning}, p.Severity)
	}
}

func FuzzWAV(f *testing.F) {
	good := recording{length: 5 * time.Millisecond}.wav()
	for _, seed := range [][]byte{good, good[:60], recording{channels: 2, length: time.Millisecond}.wav(), nil} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, wav []byte) {
		report := check(t, store(member{"a.wav", wav}), lifecycle.DatasetAudioFiles, "en-US", dataset.Limits{})
		checkInvariants(t, report)
		require.LessOrEqual(t, report.AudioDuration, time.Duration(len(wav)/2)*time.Second/8000)
		if !report.Failed() {
			require.Equal(t, "RIFF", string(wav[:4]))
			require.Positive(t, report.AudioDuration)
			rate := binary.LittleEndian.Uint32(wav[bytes.Index(wav, []byte("fmt "))+12:])
			require.Contains(t, []uint32{8000, 16000}, rate)
		}
	})
}

func FuzzArchive(f *testing.F) {
	sound := recording{length: time.Millisecond}.wav()
	good := pack(member{"a.wav", sound}, text("trans.txt", bom+"a.wav\thello\n"))
	for _, seed := range [][]byte{
		good, good[:len(good)/2], spoil(pack(member{"a.wav", sound})), pack(), nil,
		store(text("../a.wav", "x"), text("b/c.wav", "y"), text("__MACOSX/._a.wav", "")),
	} {
		f.Add(seed, true)
	}
	f.Fuzz(func(t *testing.T, data []byte, acoustic bool) {
		kind := lifecycle.DatasetAudioFiles
		if acoustic {
			kind = lifecycle.DatasetAcoustic
		}
		report := check(t, data, kind, "en-US", dataset.Limits{Files: 100, Unpacked: 1 << 20})
		checkInvariants(t, report)
		if !report.Failed() {
			require.Positive(t, report.Files)
			archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
			require.NoError(t, err)
			for _, file := range archive.File {
				require.NotContains(t, strings.Split(file.Name, "/"), "..")
			}
		}
	})
}

func FuzzText(f *testing.F) {
	kinds := []lifecycle.DatasetKind{
		lifecycle.DatasetLanguage, lifecycle.DatasetLanguageMarkdown, lifecycle.DatasetPronunciation, lifecycle.DatasetOutputFormatting,
	}
	for _, seed := range []string{
		bom + "one line\nyeah yeah yeah yeah\nhttp://a.b\n", "\xff\xfea\x00", bom + "IEEE\ti triple e\r\n",
		"@ list a =\n- b\n# C\n- d {@a} {@e}\n@ speech:phoneticlexicon\n- f/g h\n", bom + "#itn\n\\d\n#rewrite\na\tb\n#profanity\nc\n#test\nd\te\n",
	} {
		for i := range kinds {
			f.Add([]byte(seed), uint8(i), i%2 == 0)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, which uint8, inEnglish bool) {
		kind, locale := kinds[int(which)%len(kinds)], "de-DE"
		if inEnglish {
			locale = "en-US"
		}
		report := check(t, data, kind, locale, dataset.Limits{})
		checkInvariants(t, report)
		require.LessOrEqual(t, report.Lines, bytes.Count(data, []byte("\n"))+1)
		for _, p := range report.Problems {
			require.LessOrEqual(t, p.Line, bytes.Count(data, []byte("\n"))+1)
		}
		if !report.Failed() {
			require.Positive(t, report.Lines)
			require.NotContains(t, string(data), "\x00")
		}
	})
}
