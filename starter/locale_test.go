package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/overview"
	"speech-retrainer/internal/sample"
)

// A name can have versions in two locales: they are two models, and a name alone is not enough to pick one.
func TestALocaleIsPicked(t *testing.T) {
	t.Parallel()
	const both = "there are models support-calls of several locales: de-DE, en-US; say which one is meant: --locale de-DE"
	for name, tt := range map[string]struct {
		args []string
		code int
		out  string
		err  string
	}{
		"history":                   {[]string{"history", "support-calls"}, exit.Refused, "", both},
		"history of one":            {[]string{"history", "support-calls", "--locale", "de-DE"}, exit.Done, "e2e2", ""},
		"history in small letters":  {[]string{"history", "support-calls", "--locale", "de-de"}, exit.Done, "e2e2", ""},
		"history of the other":      {[]string{"history", "support-calls", "--locale", "en-US"}, exit.Done, sample.VersionID, ""},
		"history of a third":        {[]string{"history", "support-calls", "--locale", "fr-FR"}, exit.Failed, "", "has no version of support-calls (fr-FR)"},
		"history, no locale's form": {[]string{"history", "support-calls", "--locale", "german"}, exit.Refused, "", "--locale must"},
		"report":                    {[]string{"report", "support-calls"}, exit.Refused, "", both},
		"report of one":             {[]string{"report", "support-calls", "--locale", "de-DE"}, exit.Done, "de-DE", ""},
		"report of a third":         {[]string{"report", "support-calls", "--locale", "fr-FR"}, exit.Failed, "", "knows a run of support-calls (fr-FR)"},
		"report, no locale's form":  {[]string{"report", "support-calls", "--locale", "german"}, exit.Refused, "", "--locale must"},
		"adopt":                     {[]string{"adopt", "support-calls", "--version", sample.VersionID, "--by", "ann"}, exit.Refused, "", both},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				fake := &fakeTemporal{rows: twoLocales()}
				got := execute(t.Context(), fake, tt.args...)
				require.Equal(t, tt.code, got.code, got.stderr)
				require.Contains(t, got.stdout, tt.out)
				require.Contains(t, got.stderr, tt.err)
				require.Nil(t, fake.started)
				if tt.code != exit.Done {
					require.Empty(t, got.stdout)
				}
			})
		})
	}
}

// Each locale of a name has a line; the schedule and the retrain are those of one of them.
func TestStatusOfTwoLocales(t *testing.T) {
	t.Parallel()
	german := sample.Champion("support-calls")
	german.Locale, german.Endpoint, german.Serving = "de-DE", nil, nil
	german.EndpointNote = "2 endpoints carry its mark: e1e1 (calls), e2e2 (calls old); name the right one as deploy.endpoint of its request"
	f := &fakeTemporal{
		kept:     map[string]*client.ScheduleDescription{"renew/support-calls": renewed("speech-retrainer", "en-us")},
		retrains: map[string]retrain{"support-calls": {stage: "train"}},
		rows:     []lifecycle.Row{sample.Champion("support-calls"), german},
	}
	got := execute(t.Context(), f, "status")
	require.Equal(t, exit.Needed, got.code, got.stderr)
	sample.Narrow(t, got.stdout)
	sample.Golden(t, "status-locales", got.stdout)

	got = execute(t.Context(), f, "status", "-o", "json")
	var rows []overview.Row
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &rows))
	require.Equal(t, "de-DE", rows[0].Locale)
	require.Nil(t, rows[0].NextCheck)
	require.Nil(t, rows[0].RetrainRunID)
	require.Equal(t, german.EndpointNote, *rows[0].EndpointNote)
	require.Equal(t, "en-US", rows[1].Locale)
	require.Equal(t, nextCheck, *rows[1].NextCheck)
	require.NotNil(t, rows[1].RetrainRunID)
	require.Nil(t, rows[1].EndpointNote)

	f.kept["renew/support-calls"] = renewed("speech-retrainer", "fr-FR")
	f.retrains["support-calls"] = retrain{stage: "train", locale: "de-DE"}
	got = execute(t.Context(), f, "status", "-o", "json")
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &rows))
	require.Len(t, rows, 3, "a schedule of a locale without versions has a line, too")
	of := map[string]overview.Row{}
	for _, r := range rows {
		of[r.Locale] = r
	}
	require.Equal(t, nextCheck, *of["fr-FR"].NextCheck)
	require.Nil(t, of["en-US"].NextCheck)
	require.NotNil(t, of["de-DE"].RetrainRunID, "the retrain says its locale")
	require.Nil(t, of["fr-FR"].RetrainRunID)
}

// A model without versions is read without a locale: that of its schedule is its own.
func TestStatusOfAModelWithoutVersions(t *testing.T) {
	t.Parallel()
	f := &fakeTemporal{
		kept: map[string]*client.ScheduleDescription{"renew/new": renewed("speech-retrainer", "en-US")},
		rows: []lifecycle.Row{{Name: "new", ObservedAt: sample.At(0)}},
	}
	got := execute(t.Context(), f, "status", "-o", "json")
	var rows []overview.Row
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &rows))
	require.Len(t, rows, 1)
	require.Equal(t, "en-US", rows[0].Locale)
}

// A model that has a schedule and no version yet has its locale from there: sweep and adopt ask for none. The schedule of
// another task queue, and one with the request of another model, tell nothing.
func TestTheLocaleOfASchedule(t *testing.T) {
	t.Parallel()
	adopt := []string{"adopt", "--version", sample.VersionID, "--by", "ann"}
	for name, tt := range map[string]struct {
		model string
		args  []string
		says  string
	}{
		"sweep":                          {model: "support-desk", args: []string{"sweep"}},
		"adopt":                          {model: "support-desk", args: adopt},
		"sweep on another queue":         {model: "support-calls", args: []string{"sweep"}, says: "its schedule is of en-US, on task queue west: --task-queue west"},
		"sweep on its queue":             {model: "support-calls", args: []string{"sweep", "--task-queue", "west"}},
		"adopt of a slip":                {model: "support-dask", args: adopt, says: "did you mean support-desk?"},
		"sweep with another one's":       {model: "other", args: []string{"sweep"}, says: "--locale is required: other has no version and no schedule"},
		"sweep of somebody's own backup": {model: "backup", args: []string{"sweep"}, says: "--locale is required: backup has no version and no schedule"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				k := scheduledFake(t)
				k.rows = []lifecycle.Row{{Name: tt.model, ObservedAt: sample.At(0)}}
				k.kept["renew/other"] = k.kept["renew/support-desk"]
				got := execute(t.Context(), k, append([]string{tt.args[0], tt.model}, tt.args[1:]...)...)
				if tt.says != "" {
					require.Equal(t, exit.Refused, got.code, got.stderr)
					require.Contains(t, got.stderr, tt.says)
					require.Nil(t, k.started)
					return
				}
				require.Equal(t, exit.Done, got.code, got.stderr)
				require.Contains(t, string(k.input)+strings.Join(k.inputs, ""), `"locale":"en-US"`)
			})
		})
	}
}
