package e2e

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/overview"
	"speech-retrainer/internal/stack"
)

// alone gives the bench a Temporal server of its own: what is asked about all models sees those of no other test.
func (b *bench) alone() {
	b.Helper()
	var err error
	b.server, err = b.stack.StartServer(b.Context(), stack.ServerOptions{Binary: shared.binaries.Temporal})
	require.NoError(b, err)
	b.client, err = b.server.Client(b.Context(), client.DefaultNamespace)
	require.NoError(b, err)
	b.Cleanup(b.client.Close)
}

// What needs a person is shown first, of all models, whether or not a schedule checks them: a version that waits for an answer, and
// a model that has expired and that nobody renews. The commands are taken as they are printed.
func TestStatusTellsWhatNeedsAPerson(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.alone()
	b.worker()

	old := b.name + "-old"
	report, r := b.run(b.small().with(request{"name": old}))
	require.Zero(b, r.code, r.stderr)
	r = b.starter("status", "--task-queue", b.queue)
	require.Zero(b, r.code, "a model that nobody renews needs nobody yet: %s", r.stdout)
	require.Contains(b, r.stdout, "NOTE no schedule renews it")
	require.NoError(b, b.emulator.Advance(t.Context(), report.Version.ExpiresAt.Sub(*report.Version.CreatedAt)+24*time.Hour))
	_, err := b.emulator.Release(t.Context(), stack.BaseModel{Locale: "en-US"})
	require.NoError(b, err)

	fleet := b.crew("12h", b.member("fine", "20d"), b.member("paused", "20d"))
	b.apply(fleet)
	for _, suffix := range []string{"fine", "paused"} {
		require.Equal(b, "started", b.check(suffix).Outcome)
		b.championed(suffix, 1)
		require.Equal(b, "current", b.check(suffix).Outcome)
	}
	r = b.starter("pause", b.name+"-paused", "--note", "until the new recordings are there")
	require.Zero(b, r.code, r.stderr)
	asking, version := b.ask()

	r = b.starter("status")
	require.Equal(b, exit.Needed, r.code, "%s\n%s", r.stdout, r.stderr)
	b.readable(r.stdout)
	require.NotContains(b, r.stdout, "\x1b", "no colour on a pipe")
	for _, text := range []string{
		"NOW " + old, "expired on", "no schedule renews it", "NOW version " + b.name, "waits for an answer since", "without one it is rejected",
		"starter approve " + b.name + " --version " + version, "starter reject " + b.name, "checks paused: until the new recordings are there, last good check",
	} {
		require.Contains(b, strings.Join(strings.Fields(strings.ReplaceAll(r.stdout, " \\\n", " ")), " "), text, r.stdout)
	}

	r = b.starter("status", "--output", "json")
	require.Equal(b, exit.Needed, r.code, r.stderr)
	var rows []overview.Row
	require.NoError(b, json.Unmarshal([]byte(r.stdout), &rows), r.stdout)
	var names []string
	of := map[string]overview.Row{}
	for _, row := range rows {
		names = append(names, strings.TrimPrefix(row.Model, b.name))
		of[strings.TrimPrefix(row.Model, b.name)] = row
	}
	require.Equal(b, []string{"-old", "", "-fine", "-paused"}, names, r.stdout)
	require.Equal(b, lifecycle.NeedExpired, of["-old"].Needs[0].Kind)
	require.Negative(b, *of["-old"].DaysLeft)
	require.Equal(b, lifecycle.NeedApproval, of[""].Needs[0].Kind)
	require.Equal(b, lifecycle.WaitsForApproval, of[""].WaitingFor.Kind)
	require.Equal(b, version, *of[""].WaitingFor.ID)
	require.NotNil(b, of[""].Needs[0].Until)
	require.Empty(b, of["-fine"].Needs)
	require.NotNil(b, of["-fine"].LastGoodCheck)
	require.NotNil(b, of["-fine"].NextCheck)
	require.Empty(b, of["-paused"].Needs)
	require.Equal(b, "until the new recordings are there", *of["-paused"].PauseNote)

	r = b.starter("approve", b.name, "--version", version, "--by", "ann", "--reason", "as status says")
	require.Zero(b, r.code, r.stderr)
	asking.wait()
	r = b.starter("status", b.name, b.name+"-fine", "--task-queue", b.queue)
	require.Zero(b, r.code, r.stdout)
	require.Contains(b, r.stdout, "endpoint "+b.name)
}
