package emulator_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/emulator"
)

func TestCatalogueIsAwkward(t *testing.T) {
	t.Parallel()
	s := setup(t)
	now := start.Format(time.RFC3339)
	models := s.all("/models/base?filter=locale+eq+'en-US'")
	require.GreaterOrEqual(t, len(models), 8)
	var dates []string
	var noDates, noAcoustic, pastAdaptation, pastTranscription, notSucceeded int
	newest := object{}
	for _, b := range models {
		created := b.text("createdDateTime")
		dates = append(dates, created)
		kinds := fmt.Sprint(b.at("properties.features.supportsAdaptationsWith"))
		adaptation := b.text("properties.deprecationDates.adaptationDateTime")
		switch {
		case b.text("status") != "Succeeded":
			notSucceeded++
		case adaptation == "":
			noDates++
		case adaptation < now:
			pastAdaptation++
		}
		if d := b.text("properties.deprecationDates.transcriptionDateTime"); d != "" && d < now {
			pastTranscription++
		}
		if b.text("status") == "Succeeded" && created > newest.text("createdDateTime") {
			newest = b
		}
		if !strings.Contains(kinds, "Acoustic") {
			noAcoustic++
		}
	}
	require.True(t, slices.IsSorted(dates), "oldest first")
	require.NotContains(t, fmt.Sprint(newest.at("properties.features.supportsAdaptationsWith")), "Acoustic", "newest")
	require.Equal(t, []int{2, 1, 2, 2, 1}, []int{notSucceeded, noDates, noAcoustic, pastAdaptation, pastTranscription})
	require.Greater(t, len(s.all("/models/base")), 100)
	require.NotEmpty(t, s.get(api + "/models/base")["@nextLink"], "the list should have several pages")
}

// Without top a list has the 100 oldest: nobody sees the newest base models who asks once.
func TestFirstPageHoldsTheOldest(t *testing.T) {
	t.Parallel()
	s := setup(t)
	all := s.all("/models/base")
	page := s.get(api + "/models/base")["values"].([]any)
	require.Len(t, page, 100)
	require.Equal(t, all[0].id(), object(page[0].(map[string]any)).id())
	last := object(page[99].(map[string]any)).text("createdDateTime")
	require.Less(t, last, all[len(all)-1].text("createdDateTime"))
	require.Contains(t, s.get(api + "/models/base")["@nextLink"], "skip=100")
	require.NotContains(t, s.get(api+"/models/base?skip=100&top=100"), "@nextLink")
}

// The entry is the one that the documentation shows ("Use a Whisper model"), with dates by the quarter rule.
func TestWhisperInTheCatalogue(t *testing.T) {
	t.Parallel()
	s := setup(t)
	whisper := func(locale string) (found []object) {
		for _, b := range s.all("/models/base?filter=locale+eq+'" + locale + "'") {
			if strings.Contains(b.text("displayName"), "Whisper") {
				found = append(found, b)
			}
		}
		return found
	}
	require.Empty(t, whisper("hi-IN"), "a locale without audio training has none")
	found := whisper("en-US")
	require.Len(t, found, 1)
	w := found[0]
	require.Equal(t, "20260130 Whisper Large V2", w.text("displayName"))
	require.Equal(t, map[string]any{
		"supportsAdaptationsWith": []any{"Acoustic"}, "supportsTranscriptionsSubmit": true, "supportsTranscriptionsTranscribe": false,
		"supportsEndpoints": false, "supportsTranscriptionsOnSpeechContainers": false, "supportedOutputFormats": []any{"Display"},
	}, w.at("properties.features"))
	require.Equal(t, true, w.at("properties.chargeForAdaptation"))
	require.Equal(t, "2027-04-15T00:00:00Z", w.text("properties.deprecationDates.adaptationDateTime"))
	require.Equal(t, "2028-04-15T00:00:00Z", w.text("properties.deprecationDates.transcriptionDateTime"))
	ordinary := s.base("en-US")
	require.Equal(t, []any{"Display", "Lexical"}, ordinary.at("properties.features.supportedOutputFormats"))

	short := s.sounds("short", jargon)
	newer, err := s.ReleaseBaseModel(emulator.BaseModel{Locale: "en-US", NoEndpoints: true, DisplayOnly: true})
	require.NoError(t, err)
	require.NotContains(t, s.post("/models", trainingOf("default", nil, s.text("text", jargon))).text("baseModel.self"), newer, "nobody gets it without asking")
	m := s.train("m", w, short)
	require.Equal(t, []any{"Display"}, m.at("properties.features.supportedOutputFormats"))
	s.refused(400, "POST", "/endpoints", object{"displayName": "e", "locale": "en-US", "model": ref(m)})

	long := s.dataset("long", "Acoustic", recordings("one\n", 31*time.Second))
	s.advance(time.Minute)
	s.train("ordinary", ordinary, long)
	failed := s.post("/models", trainingOf("too long", w, long))
	s.advance(time.Hour)
	require.Contains(t, s.again(failed).text("properties.error.message"), "30 seconds")
}

func TestBaseModelDates(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for created, want := range map[string][2]string{
		// Custom models of D-life, whose rule for recognition is the same.
		"2022-05-22T10:00:00Z": {"2023-07-15T00:00:00Z", "2024-07-15T00:00:00Z"},
		"2024-07-14T10:00:00Z": {"2025-07-15T00:00:00Z", "2026-07-15T00:00:00Z"},
		"2025-01-15T23:00:00Z": {"2026-01-15T00:00:00Z", "2027-01-15T00:00:00Z"},
		"2025-10-16T00:00:00Z": {"2027-01-15T00:00:00Z", "2028-01-15T00:00:00Z"},
	} {
		at, err := time.Parse(time.RFC3339, created)
		require.NoError(t, err)
		id, err := s.ReleaseBaseModel(emulator.BaseModel{Locale: "en-US", Created: &at})
		require.NoError(t, err)
		b := s.get(api + "/models/base/" + id)
		require.Equal(t, created, b.text("createdDateTime"))
		require.Equal(t, want[0], b.text("properties.deprecationDates.adaptationDateTime"), created)
		require.Equal(t, want[1], b.text("properties.deprecationDates.transcriptionDateTime"), created)
	}
}

func TestReleaseBaseModel(t *testing.T) {
	t.Parallel()
	s := setup(t)
	no, half, late := false, 0.5, start.AddDate(1, 2, 3)
	id, err := s.ReleaseBaseModel(emulator.BaseModel{
		Locale: "en-US", DisplayName: "20260301", Status: "Running", Kinds: &[]string{"Language"}, Charge: &no,
		NoEndpoints: true, Quality: &half, Transcription: &late,
	})
	require.NoError(t, err)
	b := s.get(api + "/models/base/" + id)
	require.Equal(t, "20260301", b.text("displayName"))
	require.Equal(t, "Running", b.text("status"))
	require.Equal(t, []any{"Language"}, b.at("properties.features.supportsAdaptationsWith"))
	require.Equal(t, false, b.at("properties.chargeForAdaptation"))
	require.Equal(t, false, b.at("properties.features.supportsEndpoints"))
	require.Equal(t, "2027-05-04T12:00:00Z", b.text("properties.deprecationDates.transcriptionDateTime"))

	bare, err := s.ReleaseBaseModel(emulator.BaseModel{Locale: "de-DE", NoDates: true})
	require.NoError(t, err)
	b = s.get(api + "/models/base/" + bare)
	require.Nil(t, b.at("properties.deprecationDates"))
	require.Nil(t, b.at("properties.features.supportsAdaptationsWith"))

	past := start.AddDate(0, 0, -1)
	require.NoError(t, s.Redate(id, &past, &past))
	require.Equal(t, "2026-02-28T12:00:00Z", s.get(api+"/models/base/"+id).text("properties.deprecationDates.adaptationDateTime"))

	three := 3.0
	for want, d := range map[string]emulator.BaseModel{
		"locale": {Locale: "tlh"}, "quality": {Locale: "en-US", Quality: &three}, "status": {Locale: "en-US", Status: "Done"},
	} {
		_, err := s.ReleaseBaseModel(d)
		require.ErrorContains(t, err, want)
	}
	require.ErrorContains(t, s.Redate("nope", nil, nil), "no such object")
}

func TestLocales(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for _, kind := range []string{"models", "endpoints", "evaluations", "projects"} {
		r := s.send("GET", api+"/"+kind+"/locales", nil, false)
		require.Equal(t, 200, r.status)
		require.Contains(t, r.raw, `"ja-JP"`)
	}
	byKind := s.get(api + "/datasets/locales")
	require.Contains(t, byKind["Language"], "hi-IN")
	require.NotContains(t, byKind["Acoustic"], "hi-IN")
}

func TestDefaultBaseModel(t *testing.T) {
	t.Parallel()
	for name, older := range map[string]bool{"newest": false, "previous": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, settings(func(v *emulator.Settings) { v.DefaultBaseModel = name }))
			early, late := start.Add(-2*time.Hour), start.Add(-time.Hour)
			want, err := s.ReleaseBaseModel(emulator.BaseModel{Locale: "en-US", Created: &early})
			require.NoError(t, err)
			newest, err := s.ReleaseBaseModel(emulator.BaseModel{Locale: "en-US", Created: &late})
			require.NoError(t, err)
			if !older {
				want = newest
			}
			m := s.train("m", nil, s.text("d", jargon))
			require.Equal(t, want, idOf(m.text("baseModel.self")))
		})
	}
}
