package paper_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/paper"
)

// held are programs whose command lines another test parses, by its name.
var held = map[string]string{
	"starter":  "TestPagesTypeCommandsThatExist",
	"worker":   "TestPagesTypeFlagsThatExist",
	"emulator": "TestPagesTypeFlagsOfTheEmulator",
	"temporal": "TestPagesTypeTemporalsFlags",
	"curl":     "TestPagesAskTheAdminAPI",
}

// everyday are programs of any machine, or of the reader, which the pages use without options that could be wrong.
var everyday = []string{"export", "source", "umask", "apt-get", "espeak-ng", "sox", "make.sh", "generate-request", "oauth2-proxy"}

// azure are the commands of the Azure CLI that the pages use, each with the options that it has of those that they use. None is
// run: there is no Azure here. They are as learn.microsoft.com has them ("az group", "az cognitiveservices account",
// "az cognitiveservices account keys", "az role assignment", "az login").
var azure = map[string][]string{
	"login":                               {},
	"group create":                        {"--name", "--location"},
	"cognitiveservices account create":    {"--name", "--resource-group", "--kind", "--sku", "--location", "--custom-domain", "--yes"},
	"cognitiveservices account show":      {"--name", "--resource-group", "--query", "--output"},
	"cognitiveservices account delete":    {"--name", "--resource-group"},
	"cognitiveservices account keys list": {"--name", "--resource-group", "--query", "--output"},
	"role assignment create":              {"--assignee", "--role", "--scope"},
}

var target = regexp.MustCompile(`(?m)^([a-z/-]+):`)

// No page names a program that nobody looks at.
func TestPagesNameProgramsThatAreHeld(t *testing.T) {
	t.Parallel()
	tests := sources(t, "_test.go")
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	require.NoError(t, err)
	var targets []string
	for _, m := range target.FindAllStringSubmatch(string(makefile), -1) {
		targets = append(targets, m[1])
	}
	for _, p := range paper.Pages(t, root) {
		commands, err := p.Commands()
		require.NoError(t, err)
		for _, c := range commands {
			switch test := held[c.Program]; {
			case test != "":
				require.Contains(t, tests, "func "+test+"(t ", c)
				if c.Program == "curl" {
					require.Regexp(t, `^https?://127\.0\.0\.1:8090/`, c.Args[len(c.Args)-1], "%s: not asked of the emulator", c)
				}
			case c.Program == "make":
				for _, word := range c.Args {
					require.True(t, strings.Contains(word, "=") || slices.Contains(targets, word), "%s: the Makefile has no %s", c, word)
				}
			case c.Program == "go":
				for _, word := range c.Args {
					if strings.HasPrefix(word, "./") && word != "./..." {
						require.DirExists(t, filepath.Join(root, word), c)
					}
					if strings.HasPrefix(word, "Test") {
						require.Contains(t, tests, "func "+word, c)
					}
				}
			case c.Program == "docker":
				require.Regexp(t, `^compose --profile (dev|full) up --build$`, strings.Join(c.Args, " "), c)
			case c.Program == "az":
				parsesAzure(t, c)
			default:
				require.Contains(t, everyday, c.Program, c)
			}
		}
	}
}

func parsesAzure(t *testing.T, c paper.Command) {
	t.Helper()
	options := slices.IndexFunc(c.Args, func(word string) bool { return strings.HasPrefix(word, "-") })
	if options < 0 {
		options = len(c.Args)
	}
	known, is := azure[strings.Join(c.Args[:options], " ")]
	require.True(t, is, "%s: the Azure CLI is not known to have this", c)
	for i, word := range c.Args[options:] {
		if strings.HasPrefix(word, "-") {
			require.Contains(t, known, word, c)
			continue
		}
		require.True(t, strings.HasPrefix(c.Args[options+i-1], "--"), "%s: %s belongs to no option", c, word)
	}
}

// What the first steps write into the folder of the project, a key among it, goes neither into git nor into an image.
func TestWhatTheFirstStepsWriteIsIgnored(t *testing.T) {
	t.Parallel()
	steps := page(t, "docs/first-model.md").Text
	for written, patterns := range map[string][2]string{"speech.key": {"*.key", "**/*.key"}, "temporal.db": {"/temporal.db*", "temporal.db*"}} {
		require.Contains(t, steps, " "+written, "the steps write it")
		for i, file := range []string{".gitignore", ".dockerignore"} {
			text, err := os.ReadFile(filepath.Join(root, file))
			require.NoError(t, err)
			require.Contains(t, strings.Split(string(text), "\n"), patterns[i], file)
		}
	}
}
