package e2e

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/paper"
	"speech-retrainer/workflows"
)

// pagesNamespace is where the commands of a page are run with the names that stand there.
const pagesNamespace = "pages"

// firstModel is the heading of the front page whose steps docs/first-model.md explains.
const firstModel = "The first model on Azure"

// Who types what docs/first-model.md and README.md say, in their order, has a model that serves and is checked every day. The
// Azure CLI makes the resource, and is not here; the local service stands in for it.
func TestFirstModelPage(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.queue = workflows.DefaultTaskQueue
	namespace := "TEMPORAL_NAMESPACE=" + pagesNamespace
	b.worker(namespace)
	b.env = []string{namespace, "SPEECH_ENDPOINT=" + b.emulator.URL, "SPEECH_KEY=" + b.emulator.Key, "SPEECH_LIST_LAG=" + listLag.String()}
	typed := b.in(shared.root)
	steps := paper.Of(t, []paper.Page{paper.One(t, shared.root, "docs/first-model.md")}, "starter")
	said := map[string]string{}
	for _, step := range steps {
		r := typed.starter(step.Args...)
		if step.Args[0] == "plan" {
			require.Equal(t, 4, r.code, "%s: the model is due\n%s\n%s", step, r.stdout, r.stderr)
		} else {
			require.Zero(t, r.code, "%s\n%s\n%s", step, r.stdout, r.stderr)
		}
		said[step.Args[0]] = r.stdout
	}
	require.Contains(t, said["plan"], "x 10 ", "the hour of training that the page reckons with")
	require.Contains(t, said["run"], "retrain/first-model: succeeded")
	require.Contains(t, said["report"], "the endpoint serves this version")
	require.Contains(t, said["apply"], "1 created")
	require.Contains(t, said["status"], "first-model")

	shows(t, "docs/first-model.md", said["plan"]+said["run"])

	readme := paper.One(t, shared.root, "README.md").Section(t, firstModel)
	for _, step := range paper.Of(t, []paper.Page{readme}, "starter") {
		require.True(t, slices.ContainsFunc(steps, func(c paper.Command) bool { return slices.Equal(c.Args, step.Args) }), "%s: not in docs/first-model.md", step)
	}
}

// numbers are what differs from run to run: durations, and all else with digits.
var numbers = regexp.MustCompile(`(\d+h)?(\d+m)?\d+s\b|\d+`)

// shows holds what a test has printed against what a page shows of it: the same lines in the same order, but for their numbers.
func shows(t *testing.T, page, printed string) {
	t.Helper()
	form := func(text string) string { return numbers.ReplaceAllString(text, "0") }
	rest, found := form(printed), false
	for _, block := range paper.One(t, shared.root, page).Blocks() {
		if block.Source != "held by "+t.Name() {
			continue
		}
		for line := range strings.Lines(block.Text) {
			if line == "[...]\n" {
				continue
			}
			_, after, is := strings.Cut(rest, form(line))
			require.True(t, is, "%sis not in what was printed, or not in this order:\n%s", line, printed)
			rest, found = after, true
		}
	}
	require.True(t, found, "%s shows nothing of it", page)
}
