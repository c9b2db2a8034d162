// Package meant guesses what was meant by a word that does not exist.
package meant

import (
	"errors"
	"fmt"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/spf13/pflag"
)

// mostWrong is how many letters of the longest words may be wrong.
const mostWrong = 3

// Nearest is the one of the known words that word was probably meant to be: a few letters are wrong, missing or too
// many, a third of the word at most; its case does not count. It is empty when no word is near.
func Nearest(word string, known []string) string {
	nearest, least := "", min((len([]rune(word))+2)/3, mostWrong)+1
	for _, k := range known {
		distance := levenshtein.ComputeDistance(strings.ToLower(word), strings.ToLower(k))
		if distance < least {
			nearest, least = k, distance
		}
	}
	return nearest
}

// Flag adds to the error of parsing the flags which one was probably meant. Any other error it gives back.
func Flag(flags *pflag.FlagSet, err error) error {
	unknown, is := errors.AsType[*pflag.NotExistError](err)
	if !is {
		return err
	}
	var names []string
	flags.VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	word := unknown.GetSpecifiedName()
	if group := unknown.GetSpecifiedShortnames(); len(group) > 1 {
		// One dash where two were meant.
		word = group
	}
	if name := Nearest(word, names); name != "" {
		return fmt.Errorf("%w: did you mean --%s?", err, name)
	}
	return err
}
