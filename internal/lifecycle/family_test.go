package lifecycle_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
)

// whisper is the entry of the service's list, newer than every other.
func whisper(id string) lifecycle.Model {
	m := usable(id, now.AddDate(0, 0, -1))
	m.DisplayName, m.Kinds, m.Formats, m.Deployable = "20261121 WHISPER Large V2", []lifecycle.DatasetKind{"Acoustic"}, []string{"Display"}, lifecycle.Ptr(false)
	return m
}

func ordinary(id string, months int) lifecycle.Model {
	m := usable(id, now.AddDate(0, -months, 0))
	m.Formats, m.Deployable = []string{"Display", "Lexical"}, lifecycle.Ptr(true)
	return m
}

func TestLatestIsTheNewestThatGivesLexicalText(t *testing.T) {
	t.Parallel()
	display := ordinary("display", 0)
	display.Formats = []string{"Display"}
	empty := ordinary("empty", 0)
	empty.Formats = []string{}
	unsaid := ordinary("unsaid", 1)
	unsaid.Formats = nil
	models := []lifecycle.Model{ordinary("old", 2), whisper("w"), display, empty, unsaid}
	q := question()
	q.Kinds = []lifecycle.DatasetKind{"Acoustic"}
	choice := lifecycle.ChooseBase(models, q)
	require.Equal(t, "unsaid", choice.Model.ID, "no list speaks against nothing")
	reasons := map[string]string{}
	for _, r := range choice.Refused {
		reasons[r.ID] = r.Reason
	}
	require.Len(t, reasons, 3)
	require.Contains(t, reasons["w"], "family: whisper")
	require.Contains(t, reasons["display"], "display text only")
	require.Contains(t, reasons["empty"], "display text only")

	q.Family = lifecycle.FamilyWhisper
	choice = lifecycle.ChooseBase(models, q)
	require.Equal(t, "w", choice.Model.ID)
	require.Contains(t, choice.Reason, "1 usable Whisper model")
	require.Len(t, choice.Refused, 4)
	require.Contains(t, choice.Refused[0].Reason, "not a Whisper model")

	q.Deploy = true
	choice = lifecycle.ChooseBase(models, q)
	require.Nil(t, choice.Model)
	require.Equal(t, lifecycle.Refusal{ID: "w", DisplayName: "20261121 WHISPER Large V2", Reason: "versions of it cannot serve on an endpoint"},
		choice.Refused[0], "what was asked for goes first")
}

func TestPinnedBaseOfAFamily(t *testing.T) {
	t.Parallel()
	custom := lifecycle.Model{
		ID: "c", DisplayName: "whisper of ours", Locale: "en-US", Status: "Succeeded",
		Custom: true, ExpiresAt: lifecycle.Ptr(now.AddDate(1, 0, 0)),
	}
	for name, tt := range map[string]struct {
		model  lifecycle.Model
		family string
		deploy bool
		want   string
	}{
		"any without a family":   {model: whisper("w")},
		"of the family":          {model: whisper("w"), family: "whisper"},
		"of another":             {ordinary("o", 1), "whisper", false, "it is not of the family whisper, which the request asks for"},
		"a custom model":         {custom, "whisper", false, "it is not of the family whisper, which the request asks for"},
		"one that cannot serve":  {whisper("w"), "", true, "versions of it cannot serve on an endpoint"},
		"one that does not care": {model: ordinary("o", 1), deploy: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := question()
			q.Kinds, q.Family, q.Deploy = []lifecycle.DatasetKind{"Acoustic"}, tt.family, tt.deploy
			choice := lifecycle.PinnedBase(tt.model, q)
			if tt.want == "" {
				require.NotNil(t, choice.Model, choice.Refused)
				return
			}
			require.Nil(t, choice.Model)
			require.Equal(t, tt.want, choice.Refused[0].Reason)
		})
	}
}

func TestWantedFamily(t *testing.T) {
	t.Parallel()
	w, o := whisper("w"), ordinary("o", 1)
	require.Empty(t, lifecycle.WantedFamily(lifecycle.BaseSpec{}, nil))
	require.Empty(t, lifecycle.WantedFamily(lifecycle.BaseSpec{}, &o))
	require.Equal(t, lifecycle.FamilyWhisper, lifecycle.WantedFamily(lifecycle.BaseSpec{}, &w), "as the champion's base")
	require.Equal(t, lifecycle.FamilyWhisper, lifecycle.WantedFamily(lifecycle.BaseSpec{Family: lifecycle.FamilyWhisper}, &o))
}

func TestNoRate(t *testing.T) {
	t.Parallel()
	w, o := whisper("w"), ordinary("o", 1)
	unsaid := whisper("u")
	unsaid.Formats = nil
	version := lifecycle.Model{DisplayName: "desk 1", Custom: true}
	require.Empty(t, lifecycle.NoRate(o, nil))
	require.Empty(t, lifecycle.NoRate(version, &o))
	require.Empty(t, lifecycle.NoRate(version, nil))
	require.Contains(t, lifecycle.NoRate(w, nil), "gives display text only")
	require.Contains(t, lifecycle.NoRate(unsaid, nil), "gives display text only", "Whisper without a list is Whisper")
	require.Contains(t, lifecycle.NoRate(version, &w), "desk 1 gives display text only")
	version.Formats = []string{"Display"}
	require.Contains(t, lifecycle.NoRate(version, nil), "desk 1 gives display text only")
}

func TestFallbackCanServeAnEndpoint(t *testing.T) {
	t.Parallel()
	batch := ordinary("batch", 0)
	batch.Deployable = lifecycle.Ptr(false)
	display := ordinary("display", 0)
	display.Formats = []string{"Display"}
	got := lifecycle.Fallback([]lifecycle.Model{ordinary("old", 9), ordinary("newest that can", 3), whisper("w"), batch, display}, "en-US", now)
	require.Equal(t, "newest that can", got.ID)
}

// What the service would not train from is passed over and listed, whether it is still in the list or gone.
func TestPassedOverBases(t *testing.T) {
	t.Parallel()
	q := question()
	q.PassedOver = []lifecycle.Refusal{{ID: "newest", DisplayName: "n", Reason: "withdrawn"}, {ID: "gone", DisplayName: "g", Reason: "does not exist"}}
	choice := lifecycle.ChooseBase([]lifecycle.Model{ordinary("newest", 1), ordinary("next", 2)}, q)
	require.Equal(t, "next", choice.Model.ID)
	require.Equal(t, []lifecycle.Refusal{{ID: "newest", DisplayName: "Base newest", Reason: "withdrawn"}, q.PassedOver[1]}, choice.Refused)
}

// A newer base is a reason only when it is of the champion's family.
func TestDueForANewBaseOfTheFamily(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		base, newer lifecycle.Model
		due         bool
	}{
		"Whisper after an ordinary one":  {ordinary("b", 3), whisper("w"), false},
		"an ordinary one after Whisper":  {olderWhisper(), ordinary("b", 0), false},
		"an ordinary one after its like": {ordinary("b", 3), ordinary("c", 1), true},
		"Whisper after Whisper":          {olderWhisper(), whisper("w"), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request := lifecycle.DefaultRequest()
			request.Name, request.Locale, request.Renew.OnDataChange, request.Renew.Window = "desk", "en-US", false, 0
			created, expires := now.AddDate(0, -2, 0), now.AddDate(1, 6, 0)
			answer := lifecycle.Due(lifecycle.Observed{
				Now: now, Bases: []lifecycle.Model{tt.base, tt.newer}, Training: []lifecycle.ObservedData{{Label: "calls", Kind: "Acoustic"}},
				Versions: []lifecycle.Version{{
					ID: "v", DisplayName: "desk 1", Status: "Succeeded", State: lifecycle.StateChampion, CreatedAt: &created, ExpiresAt: &expires,
					BaseModelID: tt.base.ID,
				}},
			}, request)
			require.Equal(t, tt.due, answer.Due, answer.Reason)
		})
	}
}

func olderWhisper() lifecycle.Model {
	m := whisper("old whisper")
	m.CreatedAt = now.AddDate(0, -3, 0)
	return m
}
