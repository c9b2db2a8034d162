package decode_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/decode"
	"speech-retrainer/internal/lifecycle"
)

// whole is a request in which every field says something else than its default; of a list it is enough when one of its
// elements does.
func whole() lifecycle.Request {
	share := lifecycle.Ptr(0.25)
	return lifecycle.Request{
		Name: "calls-2", Locale: "sr-Latn-RS", DisplayName: "Calls", Description: "d", Project: "Support calls",
		BaseModel: lifecycle.BaseSpec{
			Choose: "1d5f4100-5f8f-4dc2-9f5b-5a8b3e7b6a41", MinAge: hours(14 * 24),
			Deny: []string{"9d5f4100-5f8f-4dc2-9f5b-5a8b3e7b6a41"}, Family: "whisper",
		},
		Training: []lifecycle.Data{
			{Name: "text", Kind: "Language", ContentURL: "https://example.com/a.txt?v=2", MaxRejected: share},
			{Name: "audio 1", Kind: "Acoustic", ContentURLFrom: &lifecycle.FromEnv{Env: "CALLS_URL"}},
			{Name: "old", Dataset: "9d5f4100-5f8f-4dc2-9f5b-5a8b3e7b6a41"},
			{Name: "local", Kind: "Language", File: "data/a.txt"},
		},
		Tests: []lifecycle.Test{
			{
				Data:             lifecycle.Data{Name: "calls", Kind: "Acoustic", ContentURL: "https://example.com/t.zip", MaxRejected: share},
				MaxWordErrorRate: share, MaxRegression: share, MinImprovementOverBase: share, MaxDrift: share, MinWords: 500, Strict: true,
			},
			{Data: lifecycle.Data{Name: "look", Kind: "AudioFiles", ContentURLFrom: &lifecycle.FromEnv{Env: "LOOK_URL"}}, MinWords: 50, Inspect: true},
			{Data: lifecycle.Data{Name: "known", Dataset: "Audio"}, MinWords: 50},
			{Data: lifecycle.Data{Name: "file", Kind: "Acoustic", File: "data/t.zip"}, MinWords: 50},
		},
		Compare:    lifecycle.Compare{Base: true},
		Approval:   lifecycle.Approval{When: "always", Timeout: hours(1), OnTimeout: "promote"},
		Deploy:     &lifecycle.Deploy{Endpoint: "Support calls", TakeOver: "old-calls"},
		Untested:   "promote",
		LastResort: lifecycle.LastResort{Before: hours(5)},
		Keep:       7,
		Renew: lifecycle.Renew{
			Before: hours(60 * 24), OnNewBaseModel: false, OnDataChange: false, Window: hours(36), Avoid: []string{"2026-12-19..2027-01-06", "Sat"},
			TimeZone: "Europe/Berlin", Pilot: "calls-1", PilotSoak: hours(1), Budget: &lifecycle.Budget{Month: 400.5, OnExceed: "ask"},
			Prices: lifecycle.Prices{Currency: "EUR", TrainingHour: share, EndpointHour: share, EvaluationAudioHour: share},
		},
		Force:  true,
		Notify: []lifecycle.Notify{{URLFrom: lifecycle.FromEnv{Env: "OPS"}, On: []lifecycle.Event{"failed"}, Format: "teams"}},
		Limits: lifecycle.Limits{Import: hours(1), Training: hours(48), Evaluation: hours(3), Deploy: hours(2), Unavailable: hours(4)},
	}
}

// A field that is added to the request must be in the sample, and one that is in the sample must be read.
func TestRequestIsReadWhole(t *testing.T) {
	t.Parallel()
	want := whole()
	said := map[string]bool{}
	fields(reflect.ValueOf(want), reflect.ValueOf(lifecycle.DefaultRequest()), "request", said)
	for path, something := range said {
		require.True(t, something, "the sample says nothing of %s but its default: fill it in", path)
	}
	raw, err := json.Marshal(want)
	require.NoError(t, err)
	got, problems := decode.Request(raw)
	// No request can say everything at once: inspect takes no minWords, a family that serves no endpoint no deploy.
	require.Empty(t, without(problems, "tests[1].minWords", "baseModel.family"))
	require.Empty(t, cmp.Diff(want, got))
}

func without(problems []lifecycle.Problem, paths ...string) []lifecycle.Problem {
	return slices.DeleteFunc(problems, func(p lifecycle.Problem) bool { return slices.Contains(paths, p.Path) })
}

// fields notes of every field below v whether it says something else than the default d, all elements of a list together.
func fields(v, d reflect.Value, path string, said map[string]bool) {
	switch v.Kind() {
	case reflect.Pointer:
		said[path] = said[path] || !v.IsNil()
		if !v.IsNil() {
			fields(v.Elem(), reflect.Zero(v.Type().Elem()), path, said)
		}
	case reflect.Slice:
		said[path] = said[path] || v.Len() > 0
		for i := range v.Len() {
			fields(v.Index(i), reflect.Zero(v.Type().Elem()), path+"[]", said)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			if name == "-" {
				continue // no request says it
			}
			at := path + "." + name
			if v.Type().Field(i).Anonymous {
				at = path
			}
			fields(v.Field(i), d.Field(i), at, said)
		}
	default:
		said[path] = said[path] || !v.Equal(d)
	}
}
