package e2e

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/hostile"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
)

// evil is a name that somebody else might write, with a word to find it by.
const evil = "EVIL" + hostile.Text

// harmless holds what a program has written to the rule: nothing in it drives a terminal.
func (b *bench) harmless(what, text string) {
	b.Helper()
	for line := range strings.Lines(text) {
		at := strings.IndexFunc(line, func(r rune) bool { return r != '\n' && r != '\t' && !unicode.IsPrint(r) })
		require.Equal(b, -1, at, "%s: %q", what, line)
	}
}

// rename gives an object of the service hostile texts by the service's own API, as somebody in the portal could. What
// else its marks say stays.
func (b *bench) rename(path string, marks ...string) {
	b.Helper()
	var object struct {
		CustomProperties map[string]string `json:"customProperties"`
	}
	b.exchange(http.MethodGet, b.emulator.URL+"/speechtotext/"+path+"?api-version=2025-10-15", nil, &object)
	change := data{"description": evil}
	if len(marks) > 0 {
		change["displayName"] = evil
		for _, mark := range marks {
			object.CustomProperties[mark] = evil
		}
		change["customProperties"] = object.CustomProperties
	}
	b.byHand(http.MethodPatch, path, change)
}

// Somebody else who may write to the Speech resource gives its objects names, marks and errors that a terminal would
// obey. All of it is shown, to people as to programs, and none of it is obeyed.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	w := b.worker()
	deployed := b.small().with(request{"deploy": data{"endpoint": b.name}, "untested": "promote"})
	first, r := b.run(deployed)
	require.Zero(t, r.code, r.stderr)
	b.rename("models/"+first.Version.ID, lifecycle.MarkVerdict, lifecycle.MarkAlarm, lifecycle.MarkStep)
	b.rename("endpoints/" + first.Endpoint.ID)
	settled := func(kind string) {
		b.await("the end of every "+kind, func(ctx context.Context) error {
			all, err := b.emulator.Objects(ctx, kind)
			for _, o := range all {
				if o.Status != "Succeeded" {
					return fmt.Errorf("%s is %s", o.ID, o.Status)
				}
			}
			return err
		})
	}
	dataset, err := b.emulator.Create(t.Context(), "datasets", data{
		"displayName": evil, "locale": "en-US", "kind": "Language", "contentUrl": b.emulator.File("training/related-text.txt"),
	})
	require.NoError(t, err)
	settled(stack.Datasets)
	byHand, err := b.emulator.Create(t.Context(), "models", data{
		"displayName": evil, "locale": "en-US", "datasets": []data{{"self": dataset}},
		"baseModel": data{"self": b.emulator.URL + "/speechtotext/models/base/" + first.BaseModel.ID},
	})
	require.NoError(t, err)
	settled(stack.Models)
	b.byHand(http.MethodPatch, "endpoints/"+first.Endpoint.ID, data{"model": data{"self": byHand}})

	again := b.write(deployed.with(request{"training": []data{{"dataset": dataset}}}))
	plan := []string{"plan", "-f", again, "--task-queue", b.queue}
	showing := func(codes []int, args ...string) {
		t.Helper()
		for _, format := range []string{"text", "json"} {
			r := b.starter(append(args, "--output", format)...)
			require.Contains(t, codes, r.code, "%v\n%s\n%s", args, r.stdout, r.stderr)
			b.harmless(fmt.Sprintf("stdout of %v", args), r.stdout)
			b.harmless(fmt.Sprintf("stderr of %v", args), r.stderr)
			require.Contains(t, r.stdout, "EVIL", "it is shown: %v", args)
		}
	}
	shown := func(code int, args ...string) { t.Helper(); showing([]int{code}, args...) }
	// What is changed by hand needs a person: whether a look sees it already depends on when the endpoints were listed last.
	showing([]int{exit.Done, exit.Needed}, "status", b.name, "--task-queue", b.queue)
	shown(0, "history", b.name, "--task-queue", b.queue)
	shown(0, plan...)

	require.NoError(t, b.emulator.Plan(t.Context(), stack.Outcome{Kind: "training", Code: "Odd", Message: evil}))
	r = b.starter("run", "-f", again, "--task-queue", b.queue)
	require.Equal(t, 1, r.code, r.stdout)
	b.harmless("run", r.stdout+r.stderr)
	require.Contains(t, r.stdout, "EVIL")
	shown(0, "report", b.name)
	shown(1, "watch", b.name)
	r = b.starter("report", b.name, "--output", "markdown")
	b.harmless("report in Markdown", r.stdout)
	require.Contains(t, r.stdout, "EVIL")
	page := b.temporal("workflow", "metadata", "--workflow-id", "retrain/"+b.name)
	b.harmless("the page in the web UI", page)
	require.Contains(t, page, "EVIL")
	b.harmless("the worker's log", w.Tail(10_000))
}
