package emulator_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/emulator"
)

const unknownID = "0b0d0e0f-1111-4222-8333-444455556666"

func TestRefusedTrainings(t *testing.T) {
	t.Parallel()
	s := setup(t)
	base := s.base("en-US")
	german := s.base("de-DE")
	good, audio := s.text("good", jargon), s.sounds("audio", jargon)
	broken := s.dataset("broken", "Language", "\xff\xfeo\x00")
	structured := s.dataset("structured", "LanguageMarkdown", "# S\n- one\n")
	spoken := s.dataset("spoken", "Pronunciation", bom+"a\tb\n")
	s.advance(time.Minute)
	pending := s.dataset("pending", "Language", bom+"x")
	release := func(change func(*emulator.BaseModel)) object {
		d := emulator.BaseModel{Locale: "en-US"}
		change(&d)
		id, err := s.ReleaseBaseModel(d)
		require.NoError(t, err)
		return s.get(api + "/models/base/" + id)
	}
	yesterday := start.AddDate(0, 0, -1)
	ended := release(func(d *emulator.BaseModel) { d.Adaptation = &yesterday })
	unready := release(func(d *emulator.BaseModel) { d.Status = "Running" })
	textOnly := release(func(d *emulator.BaseModel) { d.Kinds = &[]string{"Language"} })
	unknown := release(func(d *emulator.BaseModel) { d.NoDates = true })
	nowhere := object{"self": s.url + api + "/models/base/" + unknownID}
	with := func(o object, name string, value any) object { o[name] = value; return o }
	for name, tc := range map[string]struct {
		body object
		code string
	}{
		"no datasets":             {trainingOf("m", base), "InvalidPayload"}, // null is no array
		"empty datasets":          {with(trainingOf("m", base), "datasets", []object{}), "InvalidDataset"},
		"dataset not there":       {trainingOf("m", base, object{"self": s.url + api + "/datasets/" + unknownID}), "InvalidPayload"},
		"a model as dataset":      {trainingOf("m", base, base), "InvalidPayload"},
		"pending dataset":         {trainingOf("m", base, pending), "InvalidDataset"},
		"failed dataset":          {trainingOf("m", base, broken), "FailedDataset"},
		"other locale of dataset": {with(trainingOf("m", german, good), "locale", "de-DE"), "InvalidLocale"},
		"other locale of base":    {trainingOf("m", german, good), "InvalidLocale"},
		"base not there":          {trainingOf("m", nowhere, good), "InvalidPayload"},
		"a dataset as base":       {trainingOf("m", good, good), "InvalidPayload"},
		"base past adaptation":    {trainingOf("m", ended, good), "ModelDeprecated"},
		"base not succeeded":      {trainingOf("m", unready, good), "InvalidBaseModel"},
		"base without audio":      {trainingOf("m", textOnly, good, audio), "InvalidAdaptationMapping"},
		"base without kinds":      {trainingOf("m", unknown, good), "InvalidAdaptationMapping"},
		"words with structure":    {trainingOf("m", base, structured, spoken), "InvalidAdaptationMapping"},
		"weight":                  {with(trainingOf("m", base, good), "properties", object{"customModelWeightPercent": 101}), "InvalidPayload"},
		"text":                    {with(trainingOf("m", base, good), "text", "old API"), "InvalidPayload"},
	} {
		t.Run(name, func(t *testing.T) {
			r := s.refused(400, "POST", "/models", tc.body)
			require.Equal(t, tc.code, r.body.text("innerError.code"), r.raw)
		})
	}
	require.Empty(t, s.Objects("model"), "nothing was created")
	m := s.post("/models", with(trainingOf("m", base, good, audio, spoken), "properties", object{"customModelWeightPercent": 40}))
	require.EqualValues(t, 40, m.number("properties.customModelWeightPercent"))
	require.Equal(t, "The value of model.BaseModel.Self does not reference an entity.",
		s.refused(400, "POST", "/models", trainingOf("m", nowhere, good)).body.text("message"))
}

func TestTrainingFromCustomModel(t *testing.T) {
	t.Parallel()
	s := setup(t)
	d := s.text("d", jargon)
	parent := s.train("parent", s.base("en-US"), d)
	child := s.train("child", parent, d)
	require.Equal(t, parent.text("self"), child.text("baseModel.self"))

	running := s.post("/models", trainingOf("grandchild", child, d))
	r := s.send("DELETE", child.text("self"), nil, false)
	require.Equal(t, "InUseViolation", r.body.text("innerError.code"))
	require.Equal(t, "InvalidBaseModel", s.refused(400, "POST", "/models", trainingOf("m", running, d)).body.text("innerError.code"))
	yesterday := start.AddDate(0, 0, -1)
	require.NoError(t, s.Redate(parent.id(), nil, &yesterday))
	require.Equal(t, "ModelDeprecated", s.refused(400, "POST", "/models", trainingOf("m", parent, d)).body.text("innerError.code"))
	require.ErrorContains(t, s.Redate(parent.id(), &yesterday, nil), "no adaptation date")
}

func TestTrainingOnLongAudioOnlyFails(t *testing.T) {
	t.Parallel()
	s := setup(t)
	long := s.dataset("long", "Acoustic", recordings("one\n", 41*time.Second))
	s.advance(time.Minute)
	require.Equal(t, "Succeeded", s.again(long).text("status"), "the length is checked at training, not at import")
	m := s.post("/models", trainingOf("m", s.base("en-US"), long))
	s.advance(time.Minute)
	m = s.again(m)
	require.Equal(t, "Failed", m.text("status"))
	require.Contains(t, m.text("properties.error.message"), "40 seconds")
	s.train("with a short one", s.base("en-US"), long, s.sounds("short", "two\n"))
}

func TestPlannedOutcomes(t *testing.T) {
	t.Parallel()
	s := setup(t)
	d := s.text("d", jargon)
	week := emulator.Duration(7 * 24 * time.Hour)
	for _, o := range []emulator.Outcome{
		{Kind: "training", DisplayName: "chosen", Code: "InvalidDataset", Message: "too noisy"},
		{Kind: "training", Contains: "slow", Duration: &week},
		{Kind: "training", Contains: "stuck", Hang: true, Count: 2},
	} {
		require.NoError(t, s.Plan(o))
	}
	body := func(name string) object { return trainingOf(name, s.base("en-US"), d) }
	other, chosen, slow := s.post("/models", body("other")), s.post("/models", body("chosen")), s.post("/models", body("slow"))
	stuck, stuckToo := s.post("/models", body("stuck 1")), s.post("/models", body("stuck 2"))
	require.Empty(t, s.Outcomes())
	s.advance(24 * time.Hour)
	require.Equal(t, "Succeeded", s.again(other).text("status"))
	chosen = s.again(chosen)
	require.Equal(t, "Failed", chosen.text("status"))
	require.Equal(t, "InvalidDataset", chosen.text("properties.error.code"))
	require.Equal(t, "too noisy", chosen.text("properties.error.message"))
	require.Equal(t, "Running", s.again(slow).text("status"))
	s.advance(7 * 24 * time.Hour)
	require.Equal(t, "Succeeded", s.again(slow).text("status"))
	require.Equal(t, "Running", s.again(stuck).text("status"))
	require.NoError(t, s.Finish(stuck.id(), "", ""))
	require.NoError(t, s.Finish(stuckToo.id(), "Aborted", "too long"))
	require.Equal(t, "Succeeded", s.again(stuck).text("status"))
	require.Equal(t, "Aborted", s.again(stuckToo).text("properties.error.code"))
	require.ErrorContains(t, s.Finish(stuck.id(), "", ""), "has ended already")
	require.ErrorContains(t, s.Finish(unknownID, "", ""), "no such object")

	require.NoError(t, s.Plan(emulator.Outcome{Kind: "dataset", Code: "DataImportFailed", Message: "no"}))
	failing := s.dataset("failing", "Language", bom+"x")
	s.advance(time.Minute)
	require.Equal(t, "no", s.again(failing).text("properties.error.message"))

	for want, o := range map[string]emulator.Outcome{
		"does not exist": {Kind: "weather"}, "changes nothing": {Kind: "training"},
		"without a code": {Kind: "training", Hang: true, Message: "m"},
	} {
		require.ErrorContains(t, s.Plan(o), want)
	}
	require.NoError(t, s.Plan(emulator.Outcome{Kind: "copy", Hang: true}))
	s.ClearOutcomes()
	require.Empty(t, s.Outcomes())
}

func TestDeleteModel(t *testing.T) {
	t.Parallel()
	s := setup(t)
	d := s.text("d", jargon)
	m := s.post("/models", trainingOf("m", s.base("en-US"), d))
	r := s.send("DELETE", m.text("self"), nil, false)
	require.Equal(t, 400, r.status)
	require.Equal(t, "DeleteNotAllowed", r.body.text("innerError.code"))
	s.advance(time.Hour)
	for range 2 {
		require.Equal(t, 204, s.send("DELETE", m.text("self"), nil, false).status)
	}
	require.Empty(t, s.all("/models"))
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	s := setup(t, settings(func(v *emulator.Settings) { v.RetryAfter = 7 }))
	d := s.dataset("d", "Language", bom+jargon)
	for _, path := range []string{d.text("self"), api + "/datasets"} {
		require.Equal(t, "7", s.send("GET", path, nil, false).header.Get("Retry-After"))
	}
	require.Equal(t, "7", s.send("PATCH", d.text("self"), object{"description": "x"}, false).header.Get("Retry-After"))
	s.advance(time.Minute)
	for _, path := range []string{d.text("self"), api + "/datasets", api + "/models/base"} {
		require.Empty(t, s.send("GET", path, nil, false).header.Get("Retry-After"))
	}
}

// Whether data that cannot be combined is refused or fails the training is not documented.
func TestPronunciationWithStructuredText(t *testing.T) {
	t.Parallel()
	s := setup(t, settings(func(v *emulator.Settings) { v.MixPhonetics = "fail" }))
	spoken := s.dataset("spoken", "Pronunciation", bom+"a\tb\n")
	structured := s.dataset("structured", "LanguageMarkdown", bom+"# A\n- one\n")
	s.advance(time.Minute)
	m := s.post("/models", trainingOf("m", s.base("en-US"), spoken, structured))
	s.advance(time.Minute)
	m = s.again(m)
	require.Equal(t, "Failed", m.text("status"))
	require.Contains(t, m.text("properties.error.message"), "cannot be combined")
}
