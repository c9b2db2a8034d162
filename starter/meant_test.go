package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/sample"
	"speech-retrainer/workflows"
)

// What was mistyped is answered in one line, with what was probably meant.
func TestWhatWasMeant(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{
		"request.yaml": "name: support-calls\nlocale: en-US\ntraining: [{dataset: Calls of May}]\n",
		"fleet.yaml":   fleetWithFile,
		"half.yaml":    "fleet: desk\ntraining: [{dataset: Calls of May}]\n",
		"typo.yaml":    "name: support-calls\nlocale: en-US\ntraining: [{dataset: x, maxRejcted: 0.1}]\n",
		"broken.yaml":  "fleet: desk\nmodles: []\n",
		"times.yaml":   "fleet: desk\nmodels:\n  - {name: one, locale: en-US, training: [{dataset: x}], schedule: {evry: 1d}}\n",
	})
	for _, tc := range []struct{ typed, says string }{
		{"rnu", `unknown command "rnu" for "starter"; did you mean: starter run`},
		{"stat", `unknown command "stat" for "starter"; did you mean: starter status`},
		{"aply --file FLEET", `unknown command "aply" for "starter"; did you mean: starter apply`},
		{"data chekc x --kind Language", `unknown command "chekc" for "starter data"; did you mean: starter data check`},
		{"frobnicate", `unknown command "frobnicate" for "starter"; see: starter --help`},
		{"run REQUEST", `starter run takes its file with --file, not as "REQUEST"; did you mean: starter run --file REQUEST`},
		{"apply FLEET", `starter apply takes its file with --file, not as "FLEET"; did you mean: starter apply --file FLEET`},
		{"rehearse FLEET", `starter rehearse takes its file with --file, not as "FLEET"; did you mean: starter rehearse --file FLEET`},
		{"version now", `starter version takes no arguments, but "now" is one; see: starter version --help`},
		{"run a b", `starter run takes one model, but "b" is another; see: starter run --help`},
		{"run --fiel REQUEST", `unknown flag: --fiel: did you mean --file?; see: starter run --help`},
		{"history REQUEST", `starter history takes the name of a model, and "REQUEST" is a file; did you mean: starter history support-calls`},
		{"status FLEET", `starter status takes the name of a model, and "FLEET" is a file; did you mean: starter status one`},
		{"status FLEET REQUEST", `starter status takes the name of a model, and "FLEET" is a file; the models in it: one`},
		{"trigger BROKEN", `starter trigger takes the name of a model, and "BROKEN" is a file; see: starter trigger --help`},
		{"plan FLEET", `starter plan takes its file with --file, not as "FLEET"; did you mean: starter plan --file FLEET`},
		{"plan FLEET one", `starter plan takes its file with --file, not as "FLEET"; did you mean: starter plan one --file FLEET`},
		{"plan -f FLEET REQUEST", `starter plan takes one file, that of --file, and then names of models: "REQUEST" is a file; see: starter plan --help`},
		{"pause FLEET --yes", `starter pause takes its file with --file, not as "FLEET"; did you mean: starter pause --file FLEET`},
		{"notify test FLEET", `starter notify test takes its file with --file, not as "FLEET"; did you mean: starter notify test --file FLEET`},
		{"test REQUEST", `starter test takes its file with --file, not as "REQUEST"; did you mean: starter test support-calls --file REQUEST`},
		{"adopt BROKEN --version x", `starter adopt takes its file with --file, not as "BROKEN"; did you mean: starter adopt NAME --file BROKEN`},
		{"doctor FLEET", `starter doctor takes its file with --file, not as "FLEET"; did you mean: starter doctor --file FLEET`},
		{"history a b", `starter history takes one model, but "b" is another; see: starter history --help`},
		{"history", `say which model: starter history NAME [flags]; for example: starter history support-calls`},
		{"adopt", `say which model: starter adopt NAME --version ID [flags]; for example: ` +
			`starter adopt support-calls --version c0c0a1b2-93f7-4a55-8d2a-0f4f2c3b1a90`},
		{"data check", `say which file: starter data check FILE... [flags]; see: starter data check --help`},
		{"data upload a b", `starter data upload takes one file, but "b" is another; see: starter data upload --help`},
		{"plan -f FLEET on", `FLEET has no model on; did you mean one?`},
		{"plan -f FLEET other", `FLEET has no model other; it has: one`},
		{"notify test -f FLEET on", `FLEET has no model on; did you mean one?`},
		{"run -f REQUEST --detatch", `unknown flag: --detatch: did you mean --detach?; see: starter run --help`},
		{"run --frobnicate", `unknown flag: --frobnicate; see: starter run --help`},
		{"run -f FLEET", `FLEET is a fleet, not a request; did you mean: starter apply --file FLEET`},
		{"test one -f FLEET", `FLEET is a fleet, not a request; did you mean: starter apply --file FLEET`},
		{"apply -f REQUEST", `REQUEST is a request, not a fleet; did you mean: starter run --file REQUEST`},
		{"rehearse -f REQUEST", `REQUEST is a request, not a fleet; did you mean: starter run --file REQUEST`},
		{"run -f HALF", `HALF is a fleet, not a request; did you mean: starter apply --file HALF`},
		{"run -f TYPO", `TYPO:3: training[0].maxRejcted: unknown field: did you mean "maxRejected"?`},
		{"apply -f BROKEN", `BROKEN:2: modles: unknown field: a fleet has fleet, id, defaults, models, pilots, budget and prices; did you mean "models"?`},
		{"apply -f TIMES", `TIMES:3: models[0].schedule.evry: unknown field: did you mean "every"?`},
	} {
		t.Run(tc.typed, func(t *testing.T) {
			t.Parallel()
			paths := strings.NewReplacer(
				"REQUEST", filepath.Join(dir, "request.yaml"), "FLEET", filepath.Join(dir, "fleet.yaml"), "HALF", filepath.Join(dir, "half.yaml"),
				"TYPO", filepath.Join(dir, "typo.yaml"), "BROKEN", filepath.Join(dir, "broken.yaml"), "TIMES", filepath.Join(dir, "times.yaml"),
			)
			k := &fakeTemporal{}
			typed := strings.Fields(paths.Replace(tc.typed))
			plain := executeOptions(t.Context(), k, Options{Args: typed, Env: env{}})
			got := executeOptions(t.Context(), k, Options{Args: append(typed, "-o", "json"), Env: env{}})
			require.Equal(t, exit.Refused, got.code, got.stderr)
			require.Equal(t, plain.stderr, got.stderr)
			require.Empty(t, k.did())
			says := paths.Replace(tc.says)
			if strings.Contains(says, "unknown field") {
				require.Contains(t, got.stderr, says+"\n")
				return
			}
			require.Equal(t, "starter: "+says+"\n", got.stderr)
			require.Equal(t, lifecycle.InvalidRequest, got.report(t).Error.Type)
		})
	}
}

// What mistyped values and names of models are answered with. Of a model whose name is right nothing is guessed.
func TestWhichModelWasMeant(t *testing.T) {
	t.Parallel()
	text := filepath.Join(folder(t, map[string]string{"text.txt": goodText}), "text.txt")
	const nothing = "starter: nothing is known of "
	for typed, says := range map[string]string{
		"watch suport-calls":   "knows no run of suport-calls in namespace default; did you mean support-calls? Else start one with: starter run --file",
		"cancel suport-calls":  "did you mean support-calls? Else start one with",
		"report suport-calls":  "neither Temporal nor the Speech service knows a run of suport-calls; did you mean support-calls? Else start one with: starter run",
		"history suport-calls": "did you mean support-calls? Else check the name",
		"trigger suport-calls": "cannot trigger suport-calls: there is no schedule renew/suport-calls; did you mean support-calls? Else see those that are there",
		"pause suport-calls":   "did you mean support-calls? Else see those that are there",
		"run suport-calls":     "did you mean support-calls? Or name a request",
		"watch support-calls":  "knows no run of support-calls in namespace default; start one with: starter run support-calls; ended runs",
		"watch evaluate/desk":  "knows no run of evaluate/desk in namespace default; start one with: starter run --file FILE",
		"watch other":          "knows no run of other in namespace default; start one with",
		"status --output josn": `--output must be text or json, not "josn"; did you mean --output json?`,
		"data check " + text + " --locale en-US --kind Languge":     `OutputFormatting, not "Languge"; did you mean --kind Language?`,
		"rollback suport-calls --by ann --reason x":                 "did you mean support-calls? Else check the name",
		"approve suport-calls --by ann --reason x":                  "did you mean support-calls? Else start one with",
		"test suport-calls":                                         "did you mean support-calls? Else name the request with the tests: --file FILE",
		"sweep suport-calls":                                        "suport-calls has no version and no schedule that tells its locale; did you mean support-calls?",
		"adopt suport-calls --by ann --version " + sample.VersionID: "no version and no schedule yet that tells its locale; did you mean support-calls?",
		"status suport-calls": nothing + "suport-calls: neither a version nor a schedule; " +
			"did you mean support-calls? Else check the name, and --task-queue\n",
		"status far-away": "neither a version nor a schedule; check the name, and --task-queue\n",
		"history":         "there are: support-calls; for example: starter history support-calls\n",
	} {
		t.Run(typed, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				k := &fakeTemporal{rows: []lifecycle.Row{}}
				k.kept = map[string]*client.ScheduleDescription{"renew/support-calls": renewed("west", "en-US")}
				got := execute(t.Context(), k, strings.Fields(typed)...)
				require.Contains(t, []int{exit.Refused, exit.Failed}, got.code)
				require.Contains(t, got.stderr, says)
			})
		})
	}
}

// Without a name those that there are are told, and the example is one of them.
func TestSayWhichModel(t *testing.T) {
	t.Parallel()
	k := &fakeTemporal{kept: map[string]*client.ScheduleDescription{"renew/desk": renewed("west", "en-US"), "renew/field": renewed("west", "de-DE")}}
	for _, command := range []string{"watch", "cancel", "approve", "reject", "report", "test", "rollback", "sweep", "history", "adopt", "trigger"} {
		got := execute(t.Context(), k, command)
		require.Equal(t, exit.Refused, got.code, command)
		require.Contains(t, got.stderr, "starter: say which model: starter "+command+" NAME", command)
		require.Contains(t, got.stderr, "; there are: desk, field; for example: starter "+command+" desk", command)
	}
}

// A command that takes any name says all the same which one it takes for mistyped: one that a schedule has.
func TestANameThatIsTakenIsHintedAt(t *testing.T) {
	t.Parallel()
	const hint = "note: no model suport-calls has a schedule; did you mean support-calls?"
	adopt := []string{"adopt", "NAME", "--locale", "en-US", "--by", "ann", "--version", sample.VersionID}
	for name, tt := range map[string]struct {
		model  string
		args   []string
		swept  workflows.SweepReport
		hinted bool
	}{
		"a sweep of nothing":             {model: "suport-calls", args: []string{"sweep", "NAME", "--locale", "en-US"}, hinted: true},
		"a sweep of something":           {model: "suport-calls", args: []string{"sweep", "NAME", "--locale", "en-US"}, swept: cleared()["sweep/support-calls"]},
		"a sweep of the name meant":      {model: "support-calls", args: []string{"sweep", "NAME", "--locale", "en-US"}},
		"taken over by a name like it":   {model: "suport-calls", args: adopt, hinted: true},
		"taken over by a name of no one": {model: "field", args: adopt},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				k := ended(takenOver(), nil)
				if tt.args[0] == "sweep" {
					k.run, k.next, k.swept = nil, nil, map[string]workflows.SweepReport{"sweep/" + tt.model: tt.swept}
				}
				k.kept = map[string]*client.ScheduleDescription{"renew/support-calls": renewed("west", "en-US")}
				got := execute(t.Context(), k, strings.Fields(strings.ReplaceAll(strings.Join(tt.args, " "), "NAME", tt.model))...)
				require.Equal(t, exit.Done, got.code, got.stderr)
				require.Equal(t, tt.hinted, strings.Contains(got.stderr, hint), got.stderr)
			})
		})
	}
}

// A file from standard input has no name to give back.
func TestAFleetOnStandardInputIsNoRequest(t *testing.T) {
	t.Parallel()
	got := executeOptions(t.Context(), &fakeTemporal{}, Options{Args: []string{"run", "-f", "-"}, Stdin: strings.NewReader(fleetWithFile), Env: env{}})
	require.Equal(t, exit.Refused, got.code)
	require.Equal(t, "starter: standard input is a fleet, not a request; did you mean: starter apply --file -\n", got.stderr)
}
