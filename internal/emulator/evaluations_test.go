package emulator_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/emulator"
)

func evaluationOf(name string, one, two, data object) object {
	return object{
		"displayName": name, "locale": "en-US", "model1": ref(one), "model2": ref(two), "dataset": ref(data),
		"customProperties": object{"testingKind": "Evaluation"},
	}
}

func (s *service) evaluate(one, two, data object) object {
	s.t.Helper()
	e := s.post("/evaluations", evaluationOf("e", one, two, data))
	s.advance(time.Hour)
	return s.again(e)
}

// speech is long enough to tell models apart.
var speech = strings.Repeat(jargon, 15)

func TestEvaluation(t *testing.T) {
	t.Parallel()
	s := setup(t)
	base, test := s.base("en-US"), s.sounds("test", speech)
	m := s.train("m", base, s.text("d", jargon))
	e := s.post("/evaluations", evaluationOf("e", m, base, test))
	require.Equal(t, "NotStarted", e.text("status"))
	properties := e["properties"].(map[string]any)
	require.Len(t, properties, 16)
	for name, v := range properties {
		require.InDelta(t, -1, v, 0, name)
	}
	s.advance(time.Second)
	require.InDelta(t, -1, s.again(e).number("properties.wordErrorRate1"), 0)
	s.advance(time.Minute)
	e = s.again(e)
	require.Equal(t, "Succeeded", e.text("status"))
	for _, n := range []string{"1", "2"} {
		at := func(name string) float64 { return e.number("properties." + name + n) }
		require.EqualValues(t, 15*(12+14), at("wordCount"))
		require.EqualValues(t, 30, at("sentenceCount"))
		require.InDelta(t, at("wordCount"), at("correctWordCount")+at("wordSubstitutionCount")+at("wordDeletionCount"), 0)
		require.InDelta(t, (at("wordSubstitutionCount")+at("wordDeletionCount")+at("wordInsertionCount"))/at("wordCount"), at("wordErrorRate"), 1e-12)
		require.InDelta(t, at("tokenCount"), at("correctTokenCount")+at("tokenSubstitutionCount")+at("tokenDeletionCount"), 0)
		require.Greater(t, at("tokenCount"), at("wordCount"), "punctuation counts")
		require.LessOrEqual(t, at("sentenceErrorRate"), 1.0)
		require.GreaterOrEqual(t, e.number("properties.tokenErrors"+n+".punctuation.numberOfEdits"), 0.0)
	}
	require.Less(t, e.number("properties.wordErrorRate1"), e.number("properties.wordErrorRate2"), "training helps")
	require.Positive(t, e.number("properties.wordErrorRate2"))

	same := s.evaluate(m, m, test)
	require.InDelta(t, same.number("properties.wordErrorRate1"), same.number("properties.wordErrorRate2"), 0)
	require.InDelta(t, e.number("properties.wordErrorRate1"), same.number("properties.wordErrorRate1"), 0, "the same again")
}

func TestErrorRatesAreEarned(t *testing.T) {
	t.Parallel()
	s := setup(t)
	release := func(quality float64) object {
		id, err := s.ReleaseBaseModel(emulator.BaseModel{Locale: "en-US", Quality: &quality})
		require.NoError(t, err)
		return s.get(api + "/models/base/" + id)
	}
	good, poor := release(0.9), release(0.6)
	test := s.sounds("test", speech)
	fitting, unrelated := s.text("fitting", jargon), s.text("unrelated", "zebras graze on quartz meadows")
	rates := func(one, two object) (float64, float64) {
		e := s.evaluate(one, two, test)
		return e.number("properties.wordErrorRate1"), e.number("properties.wordErrorRate2")
	}
	better, worse := rates(s.train("on good", good, fitting), s.train("on poor", poor, fitting))
	require.Less(t, better, worse, "a poor base loses with the same data")
	with, without := rates(s.train("fitting", poor, fitting), s.train("unrelated", poor, unrelated))
	require.Less(t, with, without, "fitting data wins on the same base")
	none, bare := rates(s.train("unrelated 2", poor, unrelated), poor)
	require.InDelta(t, bare, none, 0, "data without the words changes nothing")
	child, parent := rates(s.train("child", s.train("parent", poor, unrelated), fitting), poor)
	require.Less(t, child, parent, "a custom model can be trained on")
}

func TestInspectionOfAudioAlone(t *testing.T) {
	t.Parallel()
	s := setup(t, settings(func(v *emulator.Settings) { v.RejectThreshold = 1 }))
	d := s.dataset("audio", "AudioFiles", recordings("x\ny\n", time.Second))
	s.advance(time.Minute)
	base := s.base("en-US")
	e := s.evaluate(base, base, d)
	require.Equal(t, "Succeeded", e.text("status"), e)
	require.InDelta(t, -1, e.number("properties.wordErrorRate1"), 0, "nothing to compare with")
	files := s.all("/evaluations/" + e.id() + "/files")
	require.Len(t, files, 4)
	r := s.send("GET", files[0].text("links.contentUrl"), nil, false)
	require.NotContains(t, r.raw, "scoringResult")
	require.Contains(t, r.raw, "display")
}

// How an evaluation with a display-only model counts is not documented.
func TestEvaluationOfADisplayOnlyModel(t *testing.T) {
	t.Parallel()
	for form, want := range map[string]struct {
		status string
		counts bool
	}{"none": {"Succeeded", false}, "lexical": {"Succeeded", true}, "fail": {"Failed", false}} {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			s := setup(t, settings(func(v *emulator.Settings) { v.DisplayOnlyScore = form }))
			ordinary := s.base("en-US")
			id, err := s.ReleaseBaseModel(emulator.BaseModel{Locale: "en-US", NoEndpoints: true, DisplayOnly: true})
			require.NoError(t, err)
			e := s.post("/evaluations", evaluationOf("e", ordinary, s.get(api+"/models/base/"+id), s.sounds("test", jargon)))
			s.advance(time.Minute)
			e = s.again(e)
			require.Equal(t, want.status, e.text("status"))
			require.Equal(t, want.status == "Succeeded", e.number("properties.wordErrorRate1") >= 0, "the other model counts")
			require.Equal(t, want.counts, e.number("properties.wordErrorRate2") >= 0)
			for _, f := range s.all("/evaluations/" + e.id() + "/files") {
				raw := s.send("GET", f.text("links.contentUrl"), nil, false).raw
				require.Equal(t, strings.Contains(f.text("name"), "model1"), strings.Contains(raw, "lexical"), "lexical is not populated")
			}
		})
	}
}

func TestEvaluationFiles(t *testing.T) {
	t.Parallel()
	s := setup(t)
	base, test := s.base("en-US"), s.sounds("test", jargon)
	running := s.post("/evaluations", evaluationOf("e", base, base, test))
	require.Empty(t, s.all("/evaluations/"+running.id()+"/files"))
	s.advance(time.Minute)
	e := s.again(running)
	files := s.all("/evaluations/" + e.id() + "/files")
	var names []string
	for _, f := range files {
		names = append(names, f.text("name"))
		require.Equal(t, "EvaluationDetails", f.text("kind"))
	}
	require.Equal(t, []string{
		"audio1.wav.model1_score.json", "audio1.wav.model2_score.json", "audio2.wav.model1_score.json", "audio2.wav.model2_score.json",
	}, names)
	require.Len(t, s.all("/evaluations/"+e.id()+"/files?filter=name+eq+'audio1.wav.model1_score.json'"), 1)
	one := s.again(files[0])
	r := s.send("GET", one.text("links.contentUrl"), nil, false)
	require.Equal(t, 200, r.status)
	require.InDelta(t, float64(len(r.raw)), one.number("properties.size"), 0)
	var details struct {
		RecognizedPhrases []struct {
			NBest []struct{ Display, ScoringResult string }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(r.raw), &details))
	best := details.RecognizedPhrases[0].NBest[0]
	require.NotEmpty(t, best.Display)
	require.Contains(t, best.ScoringResult, "handset")

	v := s.Settings()
	v.DetailsForm = "opaque"
	require.NoError(t, s.SetSettings(v))
	r = s.send("GET", s.again(files[0]).text("links.contentUrl"), nil, false)
	require.True(t, json.Valid([]byte(r.raw)))
	require.Error(t, json.Unmarshal([]byte(r.raw), &details))
}

func TestRefusedEvaluations(t *testing.T) {
	t.Parallel()
	s := setup(t)
	base, german := s.base("en-US"), s.base("de-DE")
	text, test := s.text("text", jargon), s.sounds("test", jargon)
	pending := s.dataset("pending", "Acoustic", recordings(jargon, time.Second))
	training := s.post("/models", trainingOf("m", base, text))
	old := start.AddDate(0, 0, -1)
	id, err := s.ReleaseBaseModel(emulator.BaseModel{Locale: "en-US", Transcription: &old})
	require.NoError(t, err)
	ended := s.get(api + "/models/base/" + id)
	missing := evaluationOf("e", base, base, test)
	delete(missing, "model2")
	for name, tc := range map[string]struct {
		body object
		code string
	}{
		"one model":       {missing, "InvalidPayload"},
		"text":            {evaluationOf("e", base, base, text), "InvalidTest"},
		"pending dataset": {evaluationOf("e", base, base, pending), "InvalidDataset"},
		"other locale":    {evaluationOf("e", base, german, test), "InvalidLocale"},
		"training":        {evaluationOf("e", training, base, test), "InvalidModel"},
		"expired":         {evaluationOf("e", base, ended, test), "ModelDeprecated"},
		"no such model":   {evaluationOf("e", object{"self": s.url + api + "/models/" + unknownID}, base, test), "InvalidPayload"},
		"no such dataset": {evaluationOf("e", base, base, object{"self": s.url + api + "/datasets/" + unknownID}), "InvalidPayload"},
	} {
		t.Run(name, func(t *testing.T) {
			r := s.refused(400, "POST", "/evaluations", tc.body)
			require.Equal(t, tc.code, r.body.text("innerError.code"), r.raw)
		})
	}
}

func TestEvaluationLife(t *testing.T) {
	t.Parallel()
	s := setup(t)
	base, test := s.base("en-US"), s.sounds("test", jargon)
	m := s.train("m", base, s.text("d", jargon))
	p := s.post("/projects", object{"displayName": "p", "locale": "en-US"})
	e := s.post("/evaluations", evaluationOf("e", m, base, test))
	for _, o := range []object{m, test, e} {
		require.Equal(t, 400, s.send("DELETE", o.text("self"), nil, false).status, "in use or running")
	}
	e = s.patch(e, object{"displayName": "f", "project": ref(p), "customProperties": object{"sr.step": "evaluate/x"}})
	require.Equal(t, []string{"sr.step", "testingKind"}, slices.Sorted(maps.Keys(e["customProperties"].(map[string]any))))
	require.Len(t, s.all("/projects/"+p.id()+"/evaluations"), 1)
	s.advance(time.Minute)
	require.Equal(t, 204, s.send("DELETE", test.text("self"), nil, false).status, "a finished evaluation needs no data")
	require.Equal(t, "Succeeded", s.again(e).text("status"))
	for range 2 {
		require.Equal(t, 204, s.send("DELETE", e.text("self"), nil, false).status)
	}

	test = s.sounds("test", jargon)
	require.NoError(t, s.Plan(emulator.Outcome{Kind: "evaluation", Code: "PipelineError", Message: "no luck"}))
	failing := s.evaluate(m, base, test)
	require.Equal(t, "Failed", failing.text("status"))
	require.Equal(t, "no luck", failing.text("properties.error.message"))
	require.InDelta(t, -1, failing.number("properties.wordErrorRate1"), 0)

	expiring := s.post("/evaluations", evaluationOf("e", m, base, test))
	past := s.Now().Add(-time.Hour)
	require.NoError(t, s.Redate(m.id(), nil, &past))
	s.advance(time.Minute)
	require.Equal(t, "ModelDeprecated", s.again(expiring).text("properties.error.code"), "expired while it ran")
}
