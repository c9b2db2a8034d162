package decode_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/decode"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/secret"
	"speech-retrainer/internal/web"
)

func TestRequestFillsInTheDefaults(t *testing.T) {
	t.Parallel()
	got, problems := decode.Request([]byte(`{"name":"support-calls","locale":"en-US","training":[{"dataset":"My data"}]}`))
	require.Empty(t, problems)
	want := lifecycle.Request{
		Name: "support-calls", Locale: "en-US", BaseModel: lifecycle.BaseSpec{Choose: "latest"},
		Training: []lifecycle.Data{{Dataset: "My data"}},
		Approval: lifecycle.Approval{When: "inconclusive", Timeout: hours(72), OnTimeout: "reject"},
		Untested: "reject", LastResort: lifecycle.LastResort{Before: hours(14 * 24)}, Keep: 2,
		Renew: lifecycle.Renew{
			OnNewBaseModel: true, OnDataChange: true, Window: hours(21 * 24), PilotSoak: hours(3 * 24),
		},
		Limits: lifecycle.Limits{Import: hours(6), Training: hours(8 * 24), Evaluation: hours(72), Deploy: hours(1), Unavailable: hours(1)},
	}
	require.Empty(t, cmp.Diff(want, got))
}

// Whether every field is read, TestRequestIsReadWhole says.
func TestRequestReadsTheFormsOfValues(t *testing.T) {
	t.Parallel()
	got, problems := decode.Request([]byte(`{
		"name": "calls-2", "locale": "sr-Latn-RS", "displayName": "Calls", "description": "d", "project": "Support calls",
		"baseModel": {"choose": "latest", "minAge": "14d", "deny": ["1AAE1070-7972-47E9-A977-87E3B05C457D", ` +
		`"https://westus.api.cognitive.microsoft.com/speechtotext/models/base/9D5F4100-5f8f-4dc2-9f5b-5a8b3e7b6a41?api-version=2025-10-15"], "family": null},
		"training": [
			{"name": "text", "kind": "Language", "contentUrl": "https://example.com/a.txt?v=2", "maxRejected": "10%"},
			{"name": "audio 1", "kind": "Acoustic", "contentUrlFrom": {"env": "CALLS_URL"}},
			{"name": "old", "dataset": "https://westus.api.cognitive.microsoft.com/speechtotext/datasets/9d5f4100-5f8f-4dc2-9f5b-5a8b3e7b6a41?api-version=2025-10-15"}
		],
		"tests": [
			{"name": "calls", "kind": "Acoustic", "contentUrl": "https://example.com/t.zip", ` +
		`"maxWordErrorRate": "20%", "maxRegression": 0.01, "minWords": 500, "strict": true},
			{"name": "look", "kind": "AudioFiles", "dataset": "Audio", "inspect": true}
		],
		"compare": {"base": true}, "approval": {"when": "always", "timeout": "1h", "onTimeout": "promote"}, "deploy": {"endpoint": "Support calls"},
		"untested": "promote", "lastResort": {"before": "0s"}, "keep": 0,
		"renew": {"before": "60d", "onNewBaseModel": false, "onDataChange": false, "window": "0s", "pilotSoak": "0s", "retryAfter": "1d12h", ` +
		`"budget": {"month": 1e2}, "prices": {"trainingHour": 0}},
		"limits": {"import": "1h", "training": "2d", "evaluation": "3h", "deploy": "30m", "unavailable": "10m"}
	}`))
	require.Empty(t, problems)
	require.Equal(t, lifecycle.BaseSpec{
		Choose: "latest", MinAge: hours(14 * 24),
		Deny: []string{"1aae1070-7972-47e9-a977-87e3b05c457d", "9d5f4100-5f8f-4dc2-9f5b-5a8b3e7b6a41"},
	}, got.BaseModel)
	require.Equal(t, "CALLS_URL", got.Training[1].ContentURLFrom.Env)
	require.Equal(t, []string{"contentUrl", "contentUrlFrom", "dataset"}, []string{got.Training[0].Source(), got.Training[1].Source(), got.Training[2].Source()})
	require.Equal(t, lifecycle.Renew{
		Before: hours(60 * 24), Budget: &lifecycle.Budget{Month: 100, OnExceed: "wait"}, Prices: lifecycle.Prices{TrainingHour: lifecycle.Ptr(0.0)},
	}, got.Renew)
	require.Len(t, got.Outdated(), 1)
	require.Contains(t, got.Outdated()[0], "renew.retryAfter has no effect any more")
	require.Equal(t, lifecycle.Limits{
		Import: hours(1), Training: hours(48), Evaluation: hours(3),
		Deploy: lifecycle.Duration(30 * time.Minute), Unavailable: lifecycle.Duration(10 * time.Minute),
	}, got.Limits)
	require.Equal(t, "promote", got.Untested)
	require.Zero(t, got.Keep)
	require.Len(t, got.Tests, 2)
	require.InDelta(t, 0.2, *got.Tests[0].MaxWordErrorRate, 1e-12)
	require.InDelta(t, 0.01, *got.Tests[0].MaxRegression, 1e-12)
	require.Nil(t, got.Tests[0].MinImprovementOverBase)
	require.Equal(t, 500, got.Tests[0].MinWords)
	require.True(t, got.Tests[0].Strict)
	require.True(t, got.Tests[1].Inspect)
	require.InDelta(t, 0.1, got.Training[0].RejectedLimit(), 1e-12)
	require.InDelta(t, 0.05, got.Training[1].RejectedLimit(), 1e-12)
	require.True(t, got.Compare.Base)
	require.Equal(t, lifecycle.Approval{When: "always", Timeout: hours(1), OnTimeout: "promote"}, got.Approval)
	require.Equal(t, &lifecycle.Deploy{Endpoint: "Support calls"}, got.Deploy)
	require.Zero(t, got.LastResort.Before)
}

const ok = `"name":"n","locale":"en-US","training":[{"dataset":"d"}]`

func TestRequestNamesEveryProblemWithItsPath(t *testing.T) {
	t.Parallel()
	training := func(entry string) string { return `{"name":"n","locale":"en-US","training":[` + entry + `]}` }
	cases := []struct {
		name, input string
		want        []lifecycle.Problem
	}{
		{"nothing at all", ``, problems("", "there is no input: give it with --input-file or --input")},
		{"a part", `{"name":`, problems("", "the input is not valid JSON: it ends too early")},
		{"null", `null`, problems("", "must be an object, not null")},
		{"a list", `[]`, problems("", "must be an object, not a list")},
		{"two documents", `{` + ok + `} {}`, problems("", "the input is not valid JSON: there is more after the end of the document")},
		{"everything missing", `{}`, problems("name", "is required", "locale", "is required, like en-US", "training", "at least one data set is required")},
		{
			"many at once",
			`{"name":"Bad Name","locale":"english","training":[],"keep":-1,"extra":1,"Keep":2}`,
			problems(
				"name", "must be 1 to 40 of a-z, 0-9 and -", "locale", "must have the form of a locale, like en-US",
				"training", "at least one data set is required", "keep", "must be a whole number from 0 to 100, not \"-1\"",
				"extra", "unknown field", "Keep", "unknown field: names are case-sensitive, did you mean \"keep\"?",
			),
		},
		{"a key twice", `{` + ok + `,"keep":1,"keep":2}`, problems("keep", "the key is given twice")},
		{"a key twice, deep", training(`{"dataset":"d","dataset":"e"}`), problems("training[0].dataset", "the key is given twice")},
		{
			"wrong types", `{"name":1,"locale":true,"training":{}}`,
			problems(
				"name", "must be a string, not a number",
				"locale", "must be a string, not true or false",
				"training", "must be a list, not an object",
			),
		},
		{
			"locale of another system", `{"name":"n","locale":"en_US","training":[{"dataset":"d"}]}`,
			problems("locale", "must be spelled as the service does: en-US was probably meant"),
		},
		{
			"locale in capitals", `{"name":"n","locale":"EN-us","training":[{"dataset":"d"}]}`,
			problems("locale", "must be spelled as the service does: en-US was probably meant"),
		},
		{
			"name of 41", `{"name":"` + strings.Repeat("a", 41) + `","locale":"en-US","training":[{"dataset":"d"}]}`,
			problems("name", "must be 1 to 40 of a-z, 0-9 and -"),
		},
		{
			"pronunciations beside structured text",
			training(`{"name":"a","kind":"LanguageMarkdown","file":"a.md"},{"dataset":"b","kind":"Language"},` +
				`{"name":"c","kind":"Pronunciation","contentUrl":"https://h/x"}`),
			problems(
				"training[2].kind", "Pronunciation does not go with LanguageMarkdown in one training: "+
					"write the pronunciations as phones into the structured text (@ speech:phoneticlexicon), or leave one of the two out",
			),
		},
		{
			"pronunciations beside all other data",
			training(`{"dataset":"a","kind":"Pronunciation"},{"dataset":"b","kind":"Language"},{"dataset":"c","kind":"Acoustic"},` +
				`{"dataset":"d","kind":"OutputFormatting"},{"dataset":"e"}`),
			nil,
		},
		{
			"structured text beside all other data",
			training(`{"dataset":"a","kind":"LanguageMarkdown"},{"dataset":"b","kind":"Language"},` +
				`{"dataset":"c","kind":"Acoustic"},{"dataset":"d","kind":"AudioFiles"}`),
			nil,
		},
		{"no source", training(`{"name":"a","kind":"Language"}`), problems("training[0]", "must name its data: dataset, contentUrl, contentUrlFrom or file")},
		{
			"two sources", training(`{"name":"a","kind":"Language","dataset":"d","contentUrl":"https://h/x"}`),
			problems("training[0]", "must name exactly one source, not dataset and contentUrl"),
		},
		{
			"content without name and kind", training(`{"contentUrl":"https://h/x"}`),
			problems("training[0].name", "is required with contentUrl", "training[0].kind", "is required with contentUrl"),
		},
		{
			"unknown kind", training(`{"dataset":"d","kind":"language"}`),
			problems(
				"training[0].kind", "must be one of Language, Pronunciation, Acoustic, AudioFiles, LanguageMarkdown, OutputFormatting, not \"language\"",
			),
		},
		{"name with a slash", training(`{"name":"a/b","dataset":"d"}`), problems("training[0].name", "must be 1 to 60 of letters, digits, space, '.', '_' and '-'")},
		{"same name twice", training(`{"name":"a","dataset":"d"},{"name":"a","dataset":"e"}`), problems("training[1].name", "is also the name of training[0]")},
		{"a file of no name", training(`{"name":"a","kind":"Language","file":""}`), problems("training[0].file", "must be a path")},
		{
			"http elsewhere", training(`{"name":"a","kind":"Language","contentUrl":"http://example.com/x"}`),
			problems("training[0].contentUrl", "must be an https URL (http only to this machine)"),
		},
		{"http to this machine", training(`{"name":"a","kind":"Language","contentUrl":"http://127.0.0.1:8090/x"}`), nil},
		{
			"not a URL", training(`{"name":"a","kind":"Language","contentUrl":"file:///etc/passwd"}`),
			problems("training[0].contentUrl", "must be an https URL (http only to this machine)"),
		},
		{
			"our own settings", training(`{"name":"a","kind":"Language","contentUrlFrom":{"env":"speech_key"}}`),
			problems("training[0].contentUrlFrom.env", "may not begin with SPEECH_, TEMPORAL_, AZURE_: those hold our own settings"),
		},
		{
			"no variable", training(`{"name":"a","kind":"Language","contentUrlFrom":{}}`),
			problems("training[0].contentUrlFrom.env", "is required: the name of an environment variable of the worker"),
		},
		{
			"URL of another kind", training(`{"dataset":"https://h/speechtotext/models/1?api-version=x"}`),
			problems("training[0].dataset", "is not the URL of a dataset"),
		},
		{
			"base URL of another kind", `{` + ok + `,"baseModel":"https://h/speechtotext/datasets/1"}`,
			problems("baseModel", "is not the URL of a base model or a custom model"),
		},
		{"empty base", `{` + ok + `,"baseModel":{"choose":""}}`, problems("baseModel.choose", "must be \"latest\", or the ID or URL of a model")},
		{"base that is no ID", `{` + ok + `,"baseModel":"newest"}`, problems("baseModel", "must be \"latest\", or the ID or URL of a model")},
		{
			"deny with a hole", `{` + ok + `,"baseModel":{"deny":["1aae1070-7972-47e9-a977-87e3b05c457d",""]}}`,
			problems("baseModel.deny[1]", "must be a non-empty string"),
		},
		{
			"deny of what can be no base model",
			`{` + ok + `,"baseModel":{"deny":["20260115 Base","https://h/speechtotext/models/1aae1070-7972-47e9-a977-87e3b05c457d","https://h/x", 7]}}`,
			problems(
				"baseModel.deny[0]", "must be an ID, like 1aae1070-7972-47e9-a977-87e3b05c457d, or a URL: a display name means nothing here",
				"baseModel.deny[1]", "is not the URL of a base model",
				"baseModel.deny[2]", "is not the URL of a base model",
				"baseModel.deny[3]", "must be a non-empty string",
			),
		},
		{
			"URLs of other kinds", `{` + ok + `,"project":"https://h/speechtotext/models/1aae1070-7972-47e9-a977-87e3b05c457d",` +
				`"deploy":{"endpoint":"wss://h/stt/speech/universal/v2?cid=1aae1070-7972-47e9-a977-87e3b05c457d"}}`,
			problems("project", "is not the URL of a project", "deploy.endpoint", "is not the URL of an endpoint"),
		},
		{"a family", `{` + ok + `,"baseModel":{"family":"whisper"}}`, nil},
		{"a family of a named model", `{` + ok + `,"baseModel":{"choose":"1aae1070-7972-47e9-a977-87e3b05c457d","family":"whisper"}}`, nil},
		{"an unknown family", `{` + ok + `,"baseModel":{"family":"Whisper"}}`, problems("baseModel.family", "must be one of whisper, not \"Whisper\"")},
		{
			"a family that serves no endpoint",
			`{` + ok + `,"deploy":{"endpoint":"e"},"baseModel":{"choose":"1aae1070-7972-47e9-a977-87e3b05c457d","family":"whisper"}}`,
			problems("baseModel.family", "a Whisper model cannot serve an endpoint: leave out deploy, or baseModel.family"),
		},
		{
			"duration as a number", `{` + ok + `,"limits":{"import":90}}`,
			problems("limits.import", "must be a duration as a string, like \"90m\", \"6h\" or \"60d\", not a number"),
		},
		{"duration of nothing", `{` + ok + `,"limits":{"training":"0s"}}`, problems("limits.training", "must be more than zero")},
		{
			"duration with a typing error", `{` + ok + `,"renew":{"before":"60 days"}}`,
			problems("renew.before", "must be a duration like \"90m\", \"6h\" or \"60d\", not \"60 days\""),
		},
		{"unknown field, deep", `{` + ok + `,"limits":{"trainings":"1d"}}`, problems("limits.trainings", "unknown field: did you mean \"training\"?")},
		{
			"a web hook without anything", `{` + ok + `,"notify":[{}]}`,
			problems(
				"notify[0].urlFrom", "is required: {env: NAME} with the name of the worker's variable that holds the URL",
				"notify[0].on", "at least one of failed, rejected, approval, expiring, promoted is required",
			),
		},
		{
			"a web hook of our own settings", `{` + ok + `,"notify":[{"urlFrom":{"env":"SPEECH_KEY"},"on":["failed","failed","lunch"]}]}`,
			problems(
				"notify[0].urlFrom.env", "may not begin with SPEECH_, TEMPORAL_, AZURE_: those hold our own settings",
				"notify[0].on[1]", "failed is named twice",
				"notify[0].on[2]", "must be one of failed, rejected, approval, expiring, promoted, not \"lunch\"",
			),
		},
		{
			"a web hook of an unknown chat", `{` + ok + `,"notify":[{"urlFrom":{"env":"OPS"},"on":["failed"],"format":"Slack"}]}`,
			problems("notify[0].format", "must be one of json, slack, teams, not \"Slack\""),
		},
		{
			"a test without data", `{` + ok + `,"tests":[{"name":"t","kind":"Acoustic"}]}`,
			problems("tests[0]", "must name its data: dataset, contentUrl, contentUrlFrom or file"),
		},
		{
			"a bare percentage", `{` + ok + `,"tests":[{"dataset":"t","maxWordErrorRate":20}]}`,
			problems("tests[0].maxWordErrorRate", "20 is ambiguous: write \"20%\" or a fraction from 0 to 1"),
		},
		{
			"not a rate", `{` + ok + `,"tests":[{"dataset":"t","maxRegression":"high","minImprovementOverBase":-0.1}]}`,
			problems(
				"tests[0].maxRegression", "must be a fraction from 0 to 1 or a percentage like \"20%\"",
				"tests[0].minImprovementOverBase", "must be a fraction from 0 to 1 or a percentage from \"0%\" to \"100%\"",
			),
		},
		{
			"a test with text", `{` + ok + `,"tests":[{"name":"t","kind":"Language","contentUrl":"https://h/x"}]}`,
			problems("tests[0].kind", "must be one of Acoustic, AudioFiles, not \"Language\""),
		},
		{
			"audio without transcripts", `{` + ok + `,"tests":[{"name":"t","kind":"AudioFiles","contentUrl":"https://h/x"}]}`,
			problems("tests[0].kind", "AudioFiles has no transcripts to count errors against: add inspect: true, or use Acoustic"),
		},
		{
			"an inspection with limits",
			`{` + ok + `,"tests":[{"name":"t","kind":"AudioFiles","contentUrl":"https://h/x","inspect":true,"strict":true}]}`,
			problems("tests[0].strict", "does not go with inspect, which gives no numbers"),
		},
		{
			"two tests on one dataset", `{` + ok + `,"tests":[{"dataset":"t"},{"dataset":"t"}]}`,
			problems("tests[1].name", "is required: tests[0] tests with the same dataset"),
		},
		{
			"a test named like training data",
			`{"name":"n","locale":"en-US","training":[{"name":"a","dataset":"d"}],"tests":[{"name":"a","dataset":"t"}]}`,
			problems("tests[0].name", "is also the name of training[0]"),
		},
		{
			"approval", `{` + ok + `,"approval":{"when":"sometimes","timeout":"0s","onTimeout":"ask"}}`,
			problems(
				"approval.when", "must be one of never, inconclusive, fail, always, not \"sometimes\"",
				"approval.timeout", "must be more than zero",
				"approval.onTimeout", "must be one of reject, promote, not \"ask\"",
			),
		},
		{"deploy to nowhere", `{` + ok + `,"deploy":{}}`, problems("deploy.endpoint", "is required: the ID, URL or exact name of an endpoint")},
		{"control characters", `{` + ok + `,"displayName":"a\u001b[2J"}`, problems("displayName", "must have 1 to 100 printable characters")},
		{
			"days that are none",
			`{` + ok + `,"renew":{"avoid":["Sat","2026-12-19..2026-12-18","sat","2026-02-30..2026-03-01","2026-12-24",7],"timeZone":"Berlin"}}`,
			problems(
				"renew.avoid[1]", lifecycle.AvoidForm+", not \"2026-12-19..2026-12-18\"",
				"renew.avoid[2]", lifecycle.AvoidForm+", not \"sat\"",
				"renew.avoid[3]", lifecycle.AvoidForm+", not \"2026-02-30..2026-03-01\"",
				"renew.avoid[4]", lifecycle.AvoidForm+", not \"2026-12-24\"",
				"renew.avoid[5]", lifecycle.AvoidForm+", not a number",
				"renew.timeZone", "must be the name of a time zone, like Europe/Berlin",
			),
		},
		{
			"the zone of whoever reads it", `{` + ok + `,"renew":{"timeZone":"Local"}}`,
			problems("renew.timeZone", "must be the name of a time zone, like Europe/Berlin"),
		},
		{
			"money", `{` + ok + `,"renew":{"budget":{"month":0,"onExceed":"stop"},"prices":{"currency":"Euro","trainingHour":-1,"endpointHour":"1"},"pilot":"A"}}`,
			problems(
				"renew.pilot", "must be the name of the model that goes first with a new base model: 1 to 40 of a-z, 0-9 and -",
				"renew.budget.month", "must be more than zero",
				"renew.budget.onExceed", "must be one of wait, ask, not \"stop\"",
				"renew.prices.currency", "must be the code of a currency, like EUR",
				"renew.prices.trainingHour", "must be a number from 0 to 1000000000, not \"-1\"",
				"renew.prices.endpointHour", "must be a number, not a string",
				"renew.prices.evaluationAudioHour", "is required with currency \"Euro\": the default prices are in USD",
			),
		},
		{
			"money, unknown fields", `{` + ok + `,"renew":{"budget":{"year":1},"prices":{"training":1},"windows":"1d"}}`,
			problems(
				"renew.budget.month", "is required: what a calendar month may cost, in the currency of prices",
				"renew.budget.year", "unknown field",
				"renew.prices.training", "unknown field",
				"renew.windows", "unknown field: did you mean \"window\"?",
			),
		},
		{"a bad pause of old", `{` + ok + `,"renew":{"retryAfter":7}}`, problems(
			"renew.retryAfter", "must be a duration as a string, like \"90m\", \"6h\" or \"60d\", not a number",
		)},
		{"null is absent", `{` + ok + `,"project":null,"limits":null}`, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, got := decode.Request([]byte(c.input))
			require.Empty(t, cmp.Diff(c.want, got, cmpopts.EquateEmpty()))
		})
	}
}

func TestRequestNeverRepeatsWhatCouldBeASecret(t *testing.T) {
	t.Parallel()
	const secret = "c2VjcmV0c2lnbmF0dXJl"
	for _, input := range []string{
		`{"name":"n","locale":"en-US","training":[{"name":"a","kind":"Language","contentUrl":"https://h/x?sv=1&sig=` + secret + `"}]}`,
		`{"name":"n","locale":"en-US","training":[{"name":"a","kind":"Language","contentUrl":"https://u:` + secret + `@h/x"}]}`,
		`{"name":"n","locale":"en-US","training":[{"name":"a","kind":"https://h/x?sig=` + secret + `","dataset":"d"}]}`,
		`{"name":"n","locale":"https://h/x?sig=` + secret + `","untested":"sig=` + secret + `","training":[{"dataset":"https://h/x?sig=` + secret + `"}]}`,
		`{` + ok + `,"displayName":"https://h/x?sig=` + secret + `"}`,
		`{` + ok + `,"description":"see https://h/x?sig=` + secret + `"}`,
		`{` + ok + `,"baseModel":"https://h/speechtotext/models/base/6f1e8a3e-0000-4000-8000-000000000000?sig=` + secret + `"}`,
		`{` + ok + `,"notify":[{"url":"https://h/x?sig=` + secret + `"}]}`,
		`{` + ok + `,"https://h/?sig=` + secret + `":1}`,
	} {
		request, got := decode.Request([]byte(input))
		require.NotEmpty(t, got)
		printed, err := json.Marshal([]any{got, request})
		require.NoError(t, err)
		require.NotContains(t, string(printed), secret)
	}
	_, got := decode.Request([]byte(`{"name":"n","locale":"en-US","training":[{"name":"a","kind":"Language","contentUrl":"https://h/x?sv=1&sig=s"}]}`))
	require.Len(t, got, 1)
	require.True(t, got[0].Secret, "a signed URL must be named for revoking once it is in a history")
	require.Equal(t, "training[0].contentUrl", got[0].Path)
}

func TestRequestIsBounded(t *testing.T) {
	t.Parallel()
	_, got := decode.Request([]byte(strings.Repeat("[", 100_000)))
	require.Equal(t, problems("", "the input is not valid JSON: it is nested deeper than 32 levels"), got)
	_, got = decode.Request([]byte(`"` + strings.Repeat("a", 600<<10) + `"`))
	require.Len(t, got, 1)
	require.Contains(t, got[0].Message, "more than the 524288 allowed")
}

// What is accepted is complete and keeps the contract, whatever else the input held; what is refused says why in few
// words, and never repeats a signature.
func FuzzRequest(f *testing.F) {
	for _, seed := range []string{
		`{` + ok + `}`, `{}`, `null`, `[[[]]]`, `{"name":{"name":[]}}`, `{` + ok + `,"limits":{"import":"1e9d"}}`,
		`{"training":[{"contentUrl":"https://h/?sig=1"},null,7]}`, `{"a":1,"a":2}`, `{"keep":1e999}`,
		`{"name":"n","locale":"en-US","training":[{"name":"a","kind":"Language","contentUrlFrom":{"env":"DATA"}},{"name":"b","kind":"Acoustic","file":"x"}],` +
			`"tests":[{"name":"t","dataset":"d","maxWordErrorRate":"20%"}]}`,
		`{` + ok + `,"notify":[{"urlFrom":{"env":"SPEECH_KEY"},"on":["failed"]}],` +
			`"baseModel":{"choose":"latest","minAge":"14d","deny":["1aae1070-7972-47e9-a977-87e3b05c457d"]}}`,
	} {
		f.Add([]byte(seed))
	}
	form := regexp.MustCompile(`^[a-z0-9-]{1,40}$`)
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, found := decode.Request(raw)
		if len(found) > 0 {
			require.LessOrEqual(t, len(found), len(raw)+10)
			for _, p := range found {
				require.NotEmpty(t, p.Message)
				require.LessOrEqual(t, len(p.Message), 1000)
			}
			return
		}
		require.Regexp(t, form, r.Name)
		require.NotEmpty(t, r.Locale)
		require.NotEmpty(t, r.Training)
		require.GreaterOrEqual(t, r.Keep, 0)
		all := slices.Clone(r.Training)
		for _, test := range r.Tests {
			all = append(all, test.Data)
		}
		names := map[string]bool{}
		for _, d := range all {
			require.False(t, d.Name != "" && names[d.Name], "%q twice", d.Name)
			names[d.Name] = true
			if d.ContentURL != "" {
				require.NoError(t, web.CheckURL(d.ContentURL))
				require.False(t, secret.SignedURL(d.ContentURL))
			}
			if d.ContentURLFrom != nil {
				notOurs(t, d.ContentURLFrom.Env)
			}
		}
		for _, hook := range r.Notify {
			notOurs(t, hook.URLFrom.Env)
		}
		for _, limit := range []lifecycle.Duration{
			r.Limits.Import, r.Limits.Training, r.Limits.Evaluation, r.Limits.Deploy, r.Limits.Unavailable, r.Approval.Timeout,
		} {
			require.Positive(t, limit)
		}
		// What a workflow is given, it can write down and read again.
		_, err := json.Marshal(r)
		require.NoError(t, err)
	})
}

// notOurs is the name of a variable that a request may read.
func notOurs(t *testing.T, name string) {
	t.Helper()
	require.NotEmpty(t, name)
	for _, prefix := range []string{"SPEECH_", "TEMPORAL_", "AZURE_"} {
		require.False(t, strings.HasPrefix(strings.ToUpper(name), prefix), name)
	}
}

func hours(n int) lifecycle.Duration { return lifecycle.Duration(time.Duration(n) * time.Hour) }

// problems pairs paths and messages.
func problems(pairs ...string) []lifecycle.Problem {
	var out []lifecycle.Problem
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, lifecycle.Problem{Path: pairs[i], Message: pairs[i+1]})
	}
	return out
}
