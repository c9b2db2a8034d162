package main

import (
	"bytes"
	_ "embed"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// shells are those that a script is made for.
var shells = map[string]func(root *cobra.Command, out io.Writer) error{
	"bash": completeInBash,
	"zsh":  completeInZsh,
	"fish": func(root *cobra.Command, out io.Writer) error { return root.GenFishCompletion(out, true) },
}

// withoutPackage is what bash needs where its package bash-completion is not there.
//
//go:embed completion.bash
var withoutPackage string

// completeInBash prints cobra's script. Two functions in it are the package's, and many machines have no package: ours ask it
// where it is, and do without it elsewhere.
func completeInBash(root *cobra.Command, out io.Writer) error {
	var script bytes.Buffer
	if err := root.GenBashCompletionV2(&script, true); err != nil {
		return err
	}
	ours := strings.NewReplacer("_get_comp_words_by_ref", "__starter_words", "_filedir", "__starter_files")
	_, err := io.WriteString(out, ours.Replace(script.String())+withoutPackage)
	return err
}

// completeInZsh prints cobra's script, which takes for granted that completion is turned on: a shell that nobody has set up
// knows no compdef. The first line must stay the first: by it zsh finds the script in a folder of its own.
func completeInZsh(root *cobra.Command, out io.Writer) error {
	var script bytes.Buffer
	if err := root.GenZshCompletion(&script); err != nil {
		return err
	}
	first, rest, _ := strings.Cut(script.String(), "\n")
	_, err := io.WriteString(out, first+"\n(( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i }\n"+rest)
	return err
}
