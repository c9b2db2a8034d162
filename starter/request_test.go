package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
)

func TestRefusedRequest(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, file, source string
		// want are lines on stderr, with FILE for the path.
		want []string
	}{
		{
			name: "every problem with its line", file: "r.yaml",
			source: "name: Support\nlocale: en-US\ntraining:\n  - name: a\n    kind: Langage\n    contentUrl: https://example.com/x\n" +
				"  - dataset: foo\n    extra.key: 1\n",
			want: []string{
				"FILE:1: name: must be 1 to 40 of a-z, 0-9 and -",
				`FILE:5: training[0].kind: must be one of Language, Pronunciation, Acoustic, AudioFiles, LanguageMarkdown, OutputFormatting, not "Langage"`,
				"FILE:8: training[1].extra.key: unknown field",
				"starter: FILE was refused with 3 problems: nothing was started; correct it and run it again",
			},
		},
		{
			name: "a name like a flag", file: "r.yaml", source: "name: --all\nlocale: en-US\ntraining:\n- dataset: x\n",
			want: []string{"FILE:1: name: must begin with a letter or a digit: a command would take it for a flag"},
		},
		{
			name: "locale in small letters", file: "r.yaml", source: "name: a\nlocale: en-us\ntraining:\n- dataset: x\n",
			want: []string{"FILE:2: locale: must be spelled as the service does: en-US was probably meant"},
		},
		{
			name: "locale in the wrong case", file: "r.yaml", source: "name: a\nlocale: EN-us\ntraining:\n- dataset: x\n",
			want: []string{"FILE:2: locale: must be spelled as the service does: en-US was probably meant", "was refused with 1 problem:"},
		},
		{
			name: "locale of another system", file: "r.yaml", source: "name: a\nlocale: sr_latn_RS\ntraining:\n- dataset: x\n",
			want: []string{"FILE:2: locale: must be spelled as the service does: sr-Latn-RS was probably meant"},
		},
		{
			name: "something missing stands where it belongs", file: "r.yaml",
			source: "locale: en-US\ntraining:\n- &a\n  kind: Language\n  contentUrl: https://example.com/x\n",
			want:   []string{"FILE: name: is required", "FILE:3: training[0].name: is required with contentUrl"},
		},
		{
			name: "duplicate key in YAML", file: "r.yaml", source: "name: a\nlocale: en-US\nname: b\n",
			want: []string{`starter: FILE:3 is not valid YAML: mapping key "name" already defined at [1:1]`},
		},
		{
			name: "duplicate key in JSON, with tabs", file: "r.json",
			source: "{\n\t\"name\": \"a\",\n\t\"locale\": \"en-US\",\n\t\"name\": \"b\",\n\t\"training\": [\n\t\t{\"dataset\": \"x\"}\n\t]\n}",
			want:   []string{"FILE:4: name: the key is given twice"},
		},
		{
			name: "broken YAML", file: "r.yaml", source: "name: a\ntraining: [\n",
			want: []string{"starter: FILE:2 is not valid YAML:"},
		},
		{
			name: "broken JSON", file: "r.json", source: "{\n\"name\": \"a\"\n\"locale\": 1}",
			want: []string{"starter: FILE:3 is not valid JSON: invalid character '\"' after object key:value pair"},
		},
		{
			name: "JSON that ends too early", file: "r.json", source: "{\n\"name\": \"a\",\n",
			want: []string{"starter: FILE:3 is not valid JSON: unexpected end of JSON input"},
		},
		{name: "two documents", file: "r.yaml", source: request + "---\n" + request, want: []string{"starter: FILE must hold one document"}},
		{name: "empty", file: "r.yaml", source: " \n", want: []string{"starter: FILE is empty"}},
		{name: "a list", file: "r.yaml", source: "- a\n", want: []string{"FILE: must be an object, not a list"}},
		{name: "not a number", file: "r.yaml", source: "keep: .inf\n", want: []string{"starter: FILE holds a value that JSON does not know"}},
		{
			name: "signed URL, not repeated", file: "r.yaml",
			source: "name: a\nlocale: en-US\ntraining:\n- name: x\n  kind: Language\n  contentUrl: https://example.com/x?sig=hunter2\n",
			want:   []string{"FILE:6: training[0].contentUrl: holds a signature or a password"},
		},
		{
			name: "signed URL as a key, not repeated", file: "r.yaml",
			source: "name: a\nhttps://example.com/x?sig=hunter2: 1\nhttps://example.com/x?sig=hunter2: 2\n", want: []string{"FILE:3 is not valid YAML: mapping key"},
		},
		{
			name: "signed URL as an alias, not repeated", file: "r.yaml",
			source: "name: *https://example.com/x?sig=hunter2\n", want: []string{"is not valid YAML"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), tc.file)
			require.NoError(t, os.WriteFile(path, []byte(tc.source), 0o600))
			fake := &fakeTemporal{next: newFakeRun(0)}
			got := execute(t.Context(), fake, "run", "--file", path)
			require.Equal(t, exit.Refused, got.code)
			require.Empty(t, got.stdout)
			require.Nil(t, fake.started)
			require.NotContains(t, got.stderr, "hunter2")
			for _, want := range tc.want {
				require.Contains(t, got.stderr, strings.ReplaceAll(want, "FILE", path))
			}

			asJSON := execute(t.Context(), fake, "run", "--file", path, "--output", "json")
			require.Equal(t, exit.Refused, asJSON.code)
			require.NotContains(t, asJSON.stdout, "hunter2")
			report := asJSON.report(t)
			require.Equal(t, lifecycle.Failed, report.Outcome)
			require.Equal(t, lifecycle.InvalidRequest, report.Error.Type)
			require.Nil(t, report.RunID)
		})
	}
}

func TestProblemsInJSONReport(t *testing.T) {
	t.Parallel()
	o := Options{Args: []string{"run", "-f", "-", "-o", "json"}, Stdin: strings.NewReader("name: A\nlocale: en-US\ntraining: []\n")}
	got := executeOptions(t.Context(), &fakeTemporal{}, o)
	require.Equal(t, exit.Refused, got.code)
	report := got.report(t)
	require.Equal(t, "en-US", report.Locale)
	require.Len(t, report.Error.Problems, 2)
	require.Equal(t, "name", report.Error.Problems[0].Path)
	require.Equal(t, "training", report.Error.Problems[1].Path)
	require.Contains(t, got.stderr, "standard input:3: training: at least one data set is required")
}

const request = `name: support-calls
locale: en-US
training:
  - {name: support phrases, kind: Language, contentUrl: "https://example.com/phrases.txt"}
  - dataset: Calls of May
`
