package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/sample"
)

// takenOver is the report of an adoption.
func takenOver() lifecycle.Report {
	r := lifecycle.NewReport("support-calls", "en-US")
	r.Outcome = lifecycle.Succeeded
	r.WorkflowID, r.RunID = lifecycle.Ptr("adopt/support-calls"), lifecycle.Ptr(sample.RunID)
	r.Version = sample.Succeeded().Version
	r.Approval = &lifecycle.ApprovalReport{By: "ann", Reason: "taken over by its ID", At: sample.Noon, Answer: "adopt"}
	return r
}

func TestAdopt(t *testing.T) {
	t.Parallel()
	const request = "name: support-calls\nlocale: de-DE\ntraining: [{dataset: words}]\n"
	for name, tc := range map[string]struct {
		args   []string
		locale string
		asked  bool
	}{
		"the locale of its versions": {nil, "en-US", true},
		"the locale given":           {[]string{"--locale", "fr-FR"}, "fr-FR", false},
		"the locale of its request":  {[]string{"--file", "-"}, "de-DE", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				fake := ended(takenOver(), nil)
				fake.rows = sample.Observed()
				got := executeOptions(t.Context(), fake, Options{
					Args:  append([]string{"adopt", "support-calls", "--version", sample.VersionID, "--by", "ann"}, tc.args...),
					Stdin: strings.NewReader(request),
				})
				require.Equal(t, exit.Done, got.code, got.stderr)
				require.Equal(t, "adopt/support-calls: succeeded\nadopt by ann: taken over by its ID\nversion support-calls 2026-07-29 1a2b3c4d\n"+
					"(b7b4e6c0-2a3f-4f7e-8f0e-5f6f3a1d9c22), expires 2028-07-15\n", got.stdout)
				require.Equal(t, "Adopt", fake.workflow)
				require.Equal(t, "adopt/support-calls", fake.started.ID)
				require.JSONEq(t, `{"name": "support-calls", "locale": "`+tc.locale+`", "versionId": "`+sample.VersionID+`", "by": "ann"}`, string(fake.input))
				require.Equal(t, tc.asked, len(fake.observed) > 0)
				says := strings.Join(strings.Fields(got.stderr), " ")
				require.Contains(t, says, "version "+sample.VersionID+" is from now on treated like one of ours: it is deleted when later champions have replaced it")
			})
		})
	}
}

func TestAdoptRefused(t *testing.T) {
	t.Parallel()
	whole := []string{"adopt", "support-calls", "--version", sample.VersionID, "--by", "ann"}
	for name, tc := range map[string]struct {
		args []string
		says string
	}{
		"no version":         {[]string{"adopt", "support-calls", "--by", "ann"}, "--version is required"},
		"nobody":             {[]string{"adopt", "support-calls", "--version", sample.VersionID}, "--by is required"},
		"a locale's form":    {append(whole, "--locale", "english"), "--locale must"},
		"two locales":        {append(whole, "--locale", "en-US", "--file", "-"), "none of the others can be"},
		"another request":    {append(whole, "--file", "-"), "is the request of other, not of support-calls"},
		"nothing tells it":   {whole, "--locale or --file is required"},
		"one goes on":        {append(whole, "--locale", "en-US"), "is being taken over as support-calls already"},
		"a bad output":       {append(whole, "-o", "yaml"), "--output must be"},
		"no ID":              {append([]string{"adopt", "support-calls", "--version", "nosuch"}, whole[4:]...), "--version must be the ID of a version, like 1aae"},
		"a signed URL":       {append([]string{"adopt", "support-calls", "--version", "https://a.example/x?sig=s3cr3t"}, whole[4:]...), "is not the URL of"},
		"a name that is not": {[]string{"adopt", "A", "--version", sample.VersionID, "--by", "ann"}, "NAME must be 1 to 40"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				fake := ended(takenOver(), nil)
				fake.rows = []lifecycle.Row{}
				if name == "one goes on" {
					fake.startErr = serviceerror.NewWorkflowExecutionAlreadyStarted("already started", "", "run-7")
				}
				got := executeOptions(t.Context(), fake, Options{Args: tc.args, Stdin: strings.NewReader("name: other\nlocale: en-US\ntraining: [{dataset: words}]\n")})
				require.Equal(t, exit.Refused, got.code, got.stderr)
				require.Contains(t, got.stderr, tc.says)
				require.NotContains(t, got.stderr, "s3cr3t")
				require.Nil(t, fake.started)
				if name == "one goes on" {
					require.Contains(t, got.stderr, "temporal workflow show --workflow-id adopt/support-calls --run-id run-7")
				}
			})
		})
	}
}
