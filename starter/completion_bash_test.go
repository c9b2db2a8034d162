package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/exit"
)

// What bash itself does when TAB is pressed at the end of $1 (at its ¦, if it has one), with a starter that writes down what it is
// asked and answers $2.
const pressTab = `
answer=$2 point=${1%%¦*} COMP_LINE=${1/¦/} COMP_POINT=${#point} COMP_TYPE=9
compopt() { :; }
starter() { printf '<%s>' "$@" >asked; printf '%s\n' $answer; }
eval "COMP_WORDS=($3)"
before=($4)
COMP_CWORD=$((${#before[@]} - 1))
__start_starter
printf '%s\n' "$(<asked)" "${COMPREPLY[@]}"
`

// Without its package bash completes all the same, and says nothing else; with it, what the package has is used.
func TestCompletionInBash(t *testing.T) {
	t.Parallel()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("needs bash")
	}
	printed := execute(t.Context(), nil, "completion", "bash")
	require.Equal(t, exit.Done, printed.code)
	const packaged = `
_get_comp_words_by_ref() { cur=packed prev=cked words=(starter packed) cword=1; }
_filedir() { COMPREPLY=("packed $*"); }
`
	for name, tc := range map[string]struct {
		before string
		// line is what is typed, ¦ the cursor, when it is not at the end; words are how bash breaks the line.
		line, words, answer string
		// upTo are the words up to the one with the cursor, when that is not the last.
		upTo string
		want string
	}{
		"a command":  {line: "starter wat", words: "starter wat", answer: "watch :4", want: "<__complete><wat>\nwatch"},
		"a new word": {line: "starter watch ", words: "starter watch ''", answer: "desk crew :4", want: "<__complete><watch><>\ndesk\ncrew"},
		"a value behind =": {
			line: "starter report desk --output=js", words: "starter report desk --output = js", answer: "json :4",
			want: "<__complete><report><desk><--output=js>\njson",
		},
		"a value still empty": {
			line: "starter report desk --output=", words: "starter report desk --output =", answer: "text json :4",
			want: "<__complete><report><desk><--output=>\ntext\njson",
		},
		"an address with its port": {
			line: "starter watch --address 127.0.0.1:7233 d", words: "starter watch --address 127.0.0.1 : 7233 d", answer: "desk :4",
			want: "<__complete><watch><--address><127.0.0.1:7233><d>\ndesk",
		},
		"inside of the line": {
			line: "starter wat¦ch desk", words: "starter watch desk", upTo: "starter watch", answer: "watch :4", want: "<__complete><wat>\nwatch",
		},
		"files of a kind": {
			line: "starter plan --file fl", words: "starter plan --file fl", answer: "yaml yml json :8",
			want: "<__complete><plan><--file><fl>\nfleet.yaml\nfleets\nflat.json",
		},
		"with the package": {
			before: packaged, line: "starter plan --file fl", words: "starter plan --file fl", answer: "yaml yml json :8",
			want: "<__complete><packed>\npacked yaml|yml|json|",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for _, file := range []string{"fleet.yaml", "flat.json", "fleet.txt", "other.yaml", "fleets/x"} {
				path := filepath.Join(dir, file)
				require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
				require.NoError(t, os.WriteFile(path, nil, 0o600))
			}
			upTo := tc.upTo
			if upTo == "" {
				upTo = tc.words
			}
			shell := exec.CommandContext(t.Context(), bash, "--norc", "--noprofile", "-c", printed.stdout+tc.before+pressTab,
				"bash", tc.line, tc.answer, tc.words, upTo)
			shell.Dir, shell.Env = dir, []string{"PATH=/usr/bin:/bin", "HOME=" + dir, "LC_ALL=C.UTF-8"}
			out, err := shell.CombinedOutput()
			require.NoError(t, err, string(out))
			require.ElementsMatch(t, strings.Split(tc.want, "\n"), strings.Split(strings.TrimSpace(string(out)), "\n"))
		})
	}
}
