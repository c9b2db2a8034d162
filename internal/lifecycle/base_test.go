package lifecycle_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"speech-retrainer/internal/lifecycle"
)

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func usable(id string, created time.Time) lifecycle.Model {
	return lifecycle.Model{
		ID: id, DisplayName: "Base " + id, Locale: "en-US", Status: "Succeeded", CreatedAt: created,
		AdaptationEndsAt: lifecycle.Ptr(now.AddDate(1, 0, 0)), ExpiresAt: lifecycle.Ptr(now.AddDate(2, 0, 0)),
		Kinds: []lifecycle.DatasetKind{"Language", "Acoustic", "Pronunciation"},
	}
}

func question() lifecycle.BaseQuestion {
	return lifecycle.BaseQuestion{Locale: "en-US", Kinds: []lifecycle.DatasetKind{"Language"}, Now: now}
}

func TestChooseBaseTakesTheNewestThenTheLowestID(t *testing.T) {
	t.Parallel()
	old, b, c := usable("a", now.AddDate(0, -6, 0)), usable("b", now.AddDate(0, -1, 0)), usable("c", now.AddDate(0, -1, 0))
	choice := lifecycle.ChooseBase([]lifecycle.Model{old, c, b}, question())
	require.Equal(t, "b", choice.Model.ID)
	require.Empty(t, choice.Refused)
	require.Equal(t, "newest of 3 usable base models for en-US that can be trained with Language; training from it ends 2027-11-22", choice.Reason)
}

func TestRefuseBase(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		change func(*lifecycle.Model, *lifecycle.BaseQuestion)
		want   string
	}{
		{"usable", func(*lifecycle.Model, *lifecycle.BaseQuestion) {}, ""},
		{"locale in another case", func(m *lifecycle.Model, _ *lifecycle.BaseQuestion) { m.Locale = "en-us" }, ""},
		{"not succeeded", func(m *lifecycle.Model, _ *lifecycle.BaseQuestion) { m.Status = "Failed" }, "its status is Failed, not Succeeded"},
		{"no status", func(m *lifecycle.Model, _ *lifecycle.BaseQuestion) { m.Status = "" }, "its status is unknown, not Succeeded"},
		{"no adaptation date", func(m *lifecycle.Model, _ *lifecycle.BaseQuestion) { m.AdaptationEndsAt = nil }, "the service gives no adaptation date for it"},
		{"past adaptation", func(m *lifecycle.Model, _ *lifecycle.BaseQuestion) {
			m.AdaptationEndsAt = lifecycle.Ptr(now.AddDate(0, 0, -1))
		}, "training from it ended on 2026-11-21"},
		{
			"ends this very moment", func(m *lifecycle.Model, _ *lifecycle.BaseQuestion) { m.AdaptationEndsAt = lifecycle.Ptr(now) },
			"training from it ended on 2026-11-22",
		},
		{"exactly at the margin", func(m *lifecycle.Model, _ *lifecycle.BaseQuestion) {
			m.AdaptationEndsAt = lifecycle.Ptr(now.Add(24 * time.Hour))
		}, "training from it ends on 2026-11-23, less than 24 hours from now"},
		{"just beyond the margin", func(m *lifecycle.Model, _ *lifecycle.BaseQuestion) {
			m.AdaptationEndsAt = lifecycle.Ptr(now.Add(24*time.Hour + time.Second))
		}, ""},
		{"expired", func(m *lifecycle.Model, _ *lifecycle.BaseQuestion) { m.ExpiresAt = lifecycle.Ptr(now) }, "it expired on 2026-11-22"},
		{"no list of kinds", func(m *lifecycle.Model, _ *lifecycle.BaseQuestion) { m.Kinds = nil }, "the service does not say which data it can be trained with"},
		{
			"empty list of kinds", func(m *lifecycle.Model, _ *lifecycle.BaseQuestion) { m.Kinds = []lifecycle.DatasetKind{} },
			"it cannot be trained with Language data (only nothing)",
		},
		{"a kind missing", func(m *lifecycle.Model, q *lifecycle.BaseQuestion) {
			m.Kinds = []lifecycle.DatasetKind{"Language"}
			q.Kinds = []lifecycle.DatasetKind{"Language", "Acoustic", "Acoustic"}
		}, "it cannot be trained with Acoustic data (only Language)"},
		{"too young", func(m *lifecycle.Model, q *lifecycle.BaseQuestion) {
			m.CreatedAt = now.AddDate(0, 0, -13)
			q.MinAge = lifecycle.Duration(14 * lifecycle.Day)
		}, "it is younger than the asked-for 14d (created 2026-11-09)"},
		{"just old enough", func(m *lifecycle.Model, q *lifecycle.BaseQuestion) {
			m.CreatedAt = now.AddDate(0, 0, -14)
			q.MinAge = lifecycle.Duration(14 * lifecycle.Day)
		}, ""},
		{"denied", func(_ *lifecycle.Model, q *lifecycle.BaseQuestion) { q.Deny = []string{"m"} }, "denied by the request"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m, q := usable("m", now.AddDate(0, -6, 0)), question()
			c.change(&m, &q)
			require.Equal(t, c.want, lifecycle.RefuseBase(m, q))
		})
	}
}

func TestPinnedBase(t *testing.T) {
	t.Parallel()
	custom := func(change func(*lifecycle.Model)) lifecycle.Model {
		m := lifecycle.Model{ID: "c", DisplayName: "Ours", Locale: "en-US", Status: "Succeeded", Custom: true, ExpiresAt: lifecycle.Ptr(now.AddDate(1, 0, 0))}
		change(&m)
		return m
	}
	expired := usable("b", now)
	expired.ExpiresAt = lifecycle.Ptr(now.AddDate(0, 0, -1))
	other := usable("b", now)
	other.Locale = "de-DE"
	cases := []struct {
		name  string
		model lifecycle.Model
		want  string
	}{
		{"base", usable("b", now), ""},
		{"expired base", expired, "it expired on 2026-11-21"},
		{"base of another locale", other, "it is of locale de-DE, not en-US"},
		{"custom model without kinds and adaptation date", custom(func(*lifecycle.Model) {}), ""},
		{"expired custom model", custom(func(m *lifecycle.Model) { m.ExpiresAt = lifecycle.Ptr(now) }), "it expired on 2026-11-22"},
		{"custom model without expiry", custom(func(m *lifecycle.Model) { m.ExpiresAt = nil }), "the service gives no expiry date for it"},
		{"custom model in training", custom(func(m *lifecycle.Model) { m.Status = "Running" }), "its status is Running, not Succeeded"},
		{"custom model of another locale", custom(func(m *lifecycle.Model) { m.Locale = "de-DE" }), "it is of locale de-DE, not en-US"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			q := question()
			q.MinAge, q.Deny = lifecycle.Duration(365*lifecycle.Day), []string{"b", "c"}
			choice := lifecycle.PinnedBase(c.model, q)
			if c.want == "" {
				require.Equal(t, c.model.ID, choice.Model.ID)
				return
			}
			require.Nil(t, choice.Model)
			require.Equal(t, []lifecycle.Refusal{{ID: c.model.ID, DisplayName: c.model.DisplayName, Reason: c.want}}, choice.Refused)
		})
	}
}

// anyModel draws models that are usable, or unusable in one of many ways.
func anyModel(t *rapid.T, id string) lifecycle.Model {
	optional := func(label string) *time.Time {
		if rapid.Bool().Draw(t, label+" absent") {
			return nil
		}
		return lifecycle.Ptr(now.Add(time.Duration(rapid.IntRange(-100, 100).Draw(t, label)) * time.Hour))
	}
	m := lifecycle.Model{
		ID: id, DisplayName: "Base " + id, CreatedAt: now.AddDate(0, 0, -rapid.IntRange(0, 5).Draw(t, "age")),
		Locale:           rapid.SampledFrom([]string{"en-US", "en-us", "de-DE"}).Draw(t, "locale"),
		Status:           rapid.SampledFrom([]string{"Succeeded", "Succeeded", "Running", "Failed", "", "Archived"}).Draw(t, "status"),
		AdaptationEndsAt: optional("adaptation"), ExpiresAt: optional("expiry"), Custom: rapid.IntRange(0, 9).Draw(t, "custom") == 0,
	}
	if !rapid.Bool().Draw(t, "kinds absent") {
		m.Kinds = rapid.SliceOfDistinct(rapid.SampledFrom([]lifecycle.DatasetKind{"Language", "Acoustic", "Pronunciation"}), rapid.ID).Draw(t, "kinds")
	}
	return m
}

func anyModels(t *rapid.T) []lifecycle.Model {
	var models []lifecycle.Model
	for i := range rapid.IntRange(0, 8).Draw(t, "models") {
		models = append(models, anyModel(t, fmt.Sprint("m", i)))
	}
	return models
}

func anyQuestion(t *rapid.T) lifecycle.BaseQuestion {
	q := question()
	q.Kinds = rapid.SliceOfNDistinct(rapid.SampledFrom([]lifecycle.DatasetKind{"Language", "Acoustic"}), 1, 2, rapid.ID).Draw(t, "wanted")
	q.MinAge = lifecycle.Duration(rapid.IntRange(0, 3).Draw(t, "min age")) * lifecycle.Duration(lifecycle.Day)
	q.Deny = rapid.SliceOf(rapid.SampledFrom([]string{"m0", "m1"})).Draw(t, "deny")
	return q
}

// usableFor says what a usable base model is in other words than the rule's own.
func usableFor(m lifecycle.Model, q lifecycle.BaseQuestion) bool {
	for _, k := range q.Kinds {
		if !slices.Contains(m.Kinds, k) {
			return false
		}
	}
	return !m.Custom && (m.Locale == "en-US" || m.Locale == "en-us") && m.Status == "Succeeded" && m.Kinds != nil &&
		m.AdaptationEndsAt != nil && m.AdaptationEndsAt.Sub(q.Now) > 24*time.Hour &&
		(m.ExpiresAt == nil || m.ExpiresAt.After(q.Now)) && q.Now.Sub(m.CreatedAt) >= q.MinAge.Std() && !slices.Contains(q.Deny, m.ID)
}

func TestChooseBaseNeverPicksOneThatIsUnusable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		models, q := anyModels(t), anyQuestion(t)
		choice := lifecycle.ChooseBase(models, q)
		anyUsable := slices.ContainsFunc(models, func(m lifecycle.Model) bool { return usableFor(m, q) })
		require.Equal(t, anyUsable, choice.Model != nil)
		require.NotEmpty(t, choice.Reason)
		for _, r := range choice.Refused {
			require.NotEmpty(t, r.Reason)
		}
		if choice.Model == nil {
			return
		}
		require.True(t, usableFor(*choice.Model, q))
		for _, m := range models {
			if usableFor(m, q) {
				require.False(t, m.CreatedAt.After(choice.Model.CreatedAt), "%s is newer and usable", m.ID)
			}
		}
	})
}

func TestChooseBaseDoesNotDependOnTheOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		models, q := anyModels(t), anyQuestion(t)
		shuffled := rapid.Permutation(models).Draw(t, "order")
		require.Equal(t, lifecycle.ChooseBase(models, q), lifecycle.ChooseBase(shuffled, q))
	})
}

func TestChooseBaseIsNotChangedByAnUnusableModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		models, q := anyModels(t), anyQuestion(t)
		extra := anyModel(t, "extra")
		if usableFor(extra, q) {
			extra.Status = "Failed"
		}
		before, after := lifecycle.ChooseBase(models, q), lifecycle.ChooseBase(append(slices.Clone(models), extra), q)
		require.Equal(t, before.Model, after.Model)
		if before.Model != nil {
			require.Equal(t, before.Reason, after.Reason)
		}
	})
}
