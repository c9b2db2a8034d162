package intake_test

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/emulator/intake"
)

// unclosed is a sound of one second with the sizes of its header changed.
func unclosed(riff, data uint32) string {
	b := []byte(second)
	binary.LittleEndian.PutUint32(b[4:], riff)
	binary.LittleEndian.PutUint32(b[40:], data)
	return string(b)
}

// extensible is a sound of one second that is declared as WAVE_FORMAT_EXTENSIBLE.
func extensible(subFormat string) string {
	b := []byte(second)
	head := append([]byte{}, b[:36]...)
	binary.LittleEndian.PutUint32(head[16:], 40)
	binary.LittleEndian.PutUint16(head[20:], 0xfffe)
	extra := "\x16\x00\x10\x00\x04\x00\x00\x00" + subFormat + "\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"
	return string(head) + extra + string(b[36:])
}

// What the documentation leaves open is tried each way.
func TestOpenRules(t *testing.T) {
	t.Parallel()
	sounds := func(sound string) string {
		return archive(t, "t.txt", "a.wav\tone\nb.wav\ttwo\n", "a.wav", second, "b.wav", sound)
	}
	littered := func(name string) string {
		return archive(t, "t.txt", "a.wav\tone\n", "a.wav", second, name, "\x00\x05\x16\x07")
	}
	for _, tc := range []struct {
		name, kind, locale, content string
		set                         func(*intake.Rules, string)
		// accepted by each action; -1 for a dataset that fails.
		accept, reject, fail int
	}{
		{"ffmpeg to a pipe", "Acoustic", "en-US", sounds(unclosed(0xffffffff, 0xffffffff)), func(r *intake.Rules, a string) { r.UnclosedAudio = a }, 2, 1, -1},
		{"sizes of zero", "Acoustic", "en-US", sounds(unclosed(0, 0)), func(r *intake.Rules, a string) { r.UnclosedAudio = a }, 2, 1, -1},
		{"sizes of 2 GB", "Acoustic", "en-US", sounds(unclosed(0x7fffffff, 0x7fffffff)), func(r *intake.Rules, a string) { r.UnclosedAudio = a }, 2, 1, -1},
		{"extensible", "Acoustic", "en-US", sounds(extensible("\x01\x00")), func(r *intake.Rules, a string) { r.ExtensibleAudio = a }, 2, 1, -1},
		{"extensible floats are no PCM", "Acoustic", "en-US", sounds(extensible("\x03\x00")), func(r *intake.Rules, a string) { r.ExtensibleAudio = a }, 1, 1, 1},
		{
			"dots", "Acoustic", "en-US", archive(t, "t.txt", "a.wav\tone\nb.wav\t...\n", "a.wav", second, "b.wav", second),
			func(r *intake.Rules, a string) { r.EmptyText = a }, 2, 1, -1,
		},
		{"AppleDouble sound", "Acoustic", "en-US", littered("._a.wav"), func(r *intake.Rules, a string) { r.Litter = a }, 1, 1, -1},
		{"AppleDouble transcript", "Acoustic", "en-US", littered("x/._t.txt"), func(r *intake.Rules, a string) { r.Litter = a }, 1, 1, -1},
		{"Finder", "Acoustic", "en-US", littered("x/.DS_Store"), func(r *intake.Rules, a string) { r.Litter = a }, 1, 1, -1},
		{"Explorer", "Acoustic", "en-US", littered("Thumbs.db"), func(r *intake.Rules, a string) { r.Litter = a }, 1, 1, -1},
		{"the Mac's folder", "Acoustic", "en-US", littered("__MACOSX/t.txt"), func(r *intake.Rules, a string) { r.Litter = a }, 1, 1, -1},
		{"IPA in a pronunciation", "Pronunciation", "en-US", bom + "a\tone\nb\tˈdeɪtə\n", func(r *intake.Rules, a string) { r.Phones = a }, 2, 1, -1},
		{"IPA in a lexicon", "LanguageMarkdown", "en-US", "@ speech:phoneticlexicon\n- b/ɹɛn\n- a/A\n", func(r *intake.Rules, a string) { r.Phones = a }, 2, 1, -1},
		{"missing mark", "Language", "de-DE", "eins\n", func(r *intake.Rules, a string) { r.MissingBOM = a }, 1, -1, -1},
		{
			"nothing accepted", "Acoustic", "ja-JP", archive(t, "t.txt", bom+"a.wav\t"+long, "a.wav", second),
			func(r *intake.Rules, a string) { r.AllRejected = a }, 0, -1, -1,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "content")
			require.NoError(t, os.WriteFile(file, []byte(tc.content), 0o600))
			for action, accepted := range map[string]int{intake.Accept: tc.accept, intake.Reject: tc.reject, intake.Fail: tc.fail} {
				rules := strict
				tc.set(&rules, action)
				got := intake.Check(file, tc.kind, tc.locale, rules)
				if accepted < 0 {
					require.NotNil(t, got.Failure, action)
					continue
				}
				require.Nil(t, got.Failure, action)
				require.Equal(t, accepted, got.Accepted, "%s: %v", action, got.Problems)
				if tc.kind == "Acoustic" && accepted > 0 {
					require.Equal(t, time.Duration(accepted)*time.Second, got.Duration, action)
				}
			}
		})
	}
}

const long = "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをん" +
	"あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをん"

// A name in another Unicode form is the same or not, as the setting says.
func TestNameForm(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "content")
	content := archive(t, "t.txt", bom+"St\u00f6r.wav\tja\nb.wav\tnein\n", "Sto\u0308r.wav", second, "b.wav", second)
	require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
	rules := strict
	rules.NameForm = intake.Accept
	require.Equal(t, 2, intake.Check(file, "Acoustic", "de-DE", rules).Accepted)
	rules.NameForm = intake.Reject
	got := intake.Check(file, "Acoustic", "de-DE", rules)
	require.Equal(t, []int{1, 1}, []int{got.Accepted, got.Rejected})
}

// What the documentation does say: rows of German and Japanese are discarded, lists of structured text are written in
// three ways, and pronunciations in English may be ANSI.
func TestRulesOfLanguages(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		kind, locale, content string
		accepted, rejected    int
	}{
		"special character in German": {"Acoustic", "de-DE", archive(t, "t.txt", bom+"a.wav\t80 ° warm\nb.wav\tschön\n", "a.wav", second, "b.wav", second), 1, 1},
		"the same in French":          {"Acoustic", "fr-FR", archive(t, "t.txt", bom+"a.wav\t80 ° chaud\nb.wav\tbien\n", "a.wav", second, "b.wav", second), 2, 0},
		"two sentences in Japanese": {
			"Acoustic", "ja-JP",
			archive(t, "t.txt", bom+"a.wav\t"+long[:60*3]+"。"+long[:60*3]+"\nb.wav\t"+long+"\n", "a.wav", second, "b.wav", second), 1, 1,
		},
		"bullets": {
			"LanguageMarkdown", "en-US", "@ list \"hand tool\" =\n- saw\n* key\n+ awl\n# A\n* my {@hand tool}\n+ a {@\"hand tool\"=saw}\n",
			5, 0,
		},
		"ANSI":               {"Pronunciation", "en-US", "caf\xe9\tcah fay\n", 1, 0},
		"ANSI behind a mark": {"Pronunciation", "en-US", bom + "a\tb\nc\td\ncaf\xe9\tcah fay\n", 2, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "content")
			require.NoError(t, os.WriteFile(file, []byte(tc.content), 0o600))
			got := intake.Check(file, tc.kind, tc.locale, strict)
			require.Nil(t, got.Failure)
			require.Equal(t, []int{tc.accepted, tc.rejected}, []int{got.Accepted, got.Rejected}, got.Problems)
		})
	}
}
