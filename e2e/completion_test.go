package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/stack"
)

// completions are scripts that load what starter prints for a shell, and print what it makes of each line. Bash is asked
// by its own function, with a stand-in for what its package bash-completion has when that is not there; zsh is typed to at a
// terminal of its own, where ^X shows the line; fish has a command for it.
var completions = map[string]string{
	"bash": `[ -f /usr/share/bash-completion/bash_completion ] && source /usr/share/bash-completion/bash_completion
declare -F _init_completion >/dev/null || _init_completion() {
  words=("${COMP_WORDS[@]}"); cword=$COMP_CWORD; cur=${words[cword]}; prev=${words[cword-1]}
}
source <(starter completion bash)
while IFS= read -r line; do
  read -ra COMP_WORDS <<<"$line"; COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMP_LINE=$line; COMP_POINT=${#line}; COMP_TYPE=9; COMPREPLY=()
  __start_starter 2>/dev/null
  echo "${line% *} ${COMPREPLY[*]}"
done <lines`,
	"zsh": `zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z 'PS1=; autoload -U compinit; compinit -u -D; source <(starter completion zsh)
show() { zle -I; print -r -- "LI""NE:$BUFFER:END"; BUFFER= }; zle -N show; bindkey "^X" show'
while IFS= read -r line; do
  zpty -w -n z "$line"$'\t\030'
  zpty -r -m z got '*LINE:*:END*'
  print -r -- ${${got##*LINE:}%%:END*}
done <lines`,
	"fish": `starter completion fish | source
while read line
  echo (string replace -r '[^ ]*$' '' -- $line)(complete -C $line | string split -f 1 \t)
end <lines`,
}

// In each shell that is there, starter completes its commands, its models and the values of its flags. A shell that is not
// installed is named among what make test has skipped.
func TestCompletionInShells(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.apply(b.crew("24h", b.member("calls", "1h")))
	model := b.name + "-calls"
	typed := []string{
		"starter rollb", "starter watch " + model[:len(model)-3], "starter cancel evaluate/" + model[:len(model)-3], "starter report " + model + " --output m",
		"starter data check --kind Pron", "starter run --fo",
	}
	want := []string{
		"starter rollback", "starter watch " + model, "starter cancel evaluate/" + model, "starter report " + model + " --output markdown",
		"starter data check --kind Pronunciation", "starter run --force",
	}
	require.NoError(t, os.WriteFile(filepath.Join(b.dir, "lines"), []byte(strings.Join(typed, "\n")+"\n"), 0o600))
	for shell, script := range completions {
		t.Run(shell, func(t *testing.T) {
			path, err := exec.LookPath(shell)
			if err != nil {
				t.Skipf("%s is not installed: apt-get install %s", shell, shell)
			}
			file := filepath.Join(b.dir, "complete."+shell)
			require.NoError(t, os.WriteFile(file, []byte(script), 0o600))
			complete := func() (got []string) {
				cmd := exec.CommandContext(t.Context(), path, map[string][]string{"bash": {"--norc"}, "zsh": {"-f"}, "fish": {"--no-config"}}[shell]...)
				cmd.Args = append(cmd.Args, file)
				cmd.Dir = b.dir
				cmd.Env = append(b.server.Environment(), "HOME="+b.dir, "TERM=dumb", "PATH="+filepath.Dir(shared.binaries.Starter)+":"+os.Getenv("PATH"))
				cmd.SysProcAttr = stack.DieWithParent()
				out, err := cmd.CombinedOutput()
				require.NoError(t, err, string(out))
				for line := range strings.Lines(string(out)) {
					got = append(got, strings.TrimRight(line, " \r\n"))
				}
				return got
			}
			// Who types is not kept waiting for a server that is busy: then nothing is offered, and the key is pressed once more.
			got := complete()
			for tries := 0; tries < 20 && !slices.Equal(want, got); tries++ {
				got = complete()
			}
			require.Equal(t, want, got)
		})
	}
}
