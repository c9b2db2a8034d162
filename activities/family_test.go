package activities_test

import (
	"cmp"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/activities"
	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// What an evaluation says of a model without lexical text is no word error rate, however the service counts it.
func TestNoRateIsReadOfADisplayOnlyVersion(t *testing.T) {
	t.Parallel()
	for _, score := range []string{"none", "lexical"} {
		t.Run(score, func(t *testing.T) {
			t.Parallel()
			b := setup(t, func(s *emulator.Settings) { s.DisplayOnlyScore = score })
			ordinary := b.version("lexical", made{marks: candidate(thisRun)})
			b.advance(time.Hour)
			whisper, err := b.service.ReleaseBaseModel(emulator.BaseModel{Locale: "en-US", DisplayName: "20261101 Whisper", DisplayOnly: true})
			require.NoError(t, err)
			b.bases["en-US"] = b.hand.Ref(speech.KindBaseModel, whisper)
			silent := b.version("display", made{marks: candidate(thisRun)})
			b.advance(time.Hour)
			marks := map[string]string{"sr.owner": "ours", "sr.model": "desk", "sr.step": "evaluate/calls"}
			b.evaluation("of the display-only one", made{first: ordinary, second: silent, marks: marks})
			b.evaluation("against the display-only one", made{first: silent, second: ordinary, marks: marks})
			b.advance(time.Hour)
			var seen activities.ObservedModels
			require.NoError(t, b.run(b.doing.ObserveModels, activities.ObserveInput{}, &seen))
			require.Len(t, seen.Rows, 1)
			for _, v := range seen.Rows[0].Versions {
				require.Len(t, v.Tests, 1, v.DisplayName)
				require.Equal(t, v.ID == ordinary, v.Tests[0].WordErrorRate != nil, v.DisplayName)
				require.Equal(t, v.ID == silent, v.Tests[0].Compared != nil, v.DisplayName)
			}
		})
	}
}

// What a look at the base models costs with 10 on a page at most: those of one locale, and once more after a full page.
func TestBaseModelsAreListedByLocale(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(*emulator.Settings)
		want   []string
	}{
		"plain":                     {func(*emulator.Settings) {}, []string{"0"}},
		"awkward":                   {func(s *emulator.Settings) { *s = emulator.Awkward(); s.ListLag = 0 }, []string{"0", "10"}},
		"all at once":               {func(s *emulator.Settings) { s.MaxTop = 11 }, []string{"0"}},
		"one by one, and once more": {func(s *emulator.Settings) { s.MaxTop = 1 }, []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, tt.change)
			var base activities.BaseResult
			in := activities.BaseInput{Scope: scope(), Spec: lifecycle.BaseSpec{Choose: lifecycle.Latest}, Kinds: []lifecycle.DatasetKind{"Language"}}
			require.NoError(t, b.run(b.doing.ChooseBase, in, &base))
			require.Len(t, base.Refused, 6, "%v", base.Refused)
			var skips []string
			for _, e := range b.service.Requests()[b.began:] {
				if e.Path != "/speechtotext/models/base" {
					continue
				}
				query, err := url.ParseQuery(e.Query)
				require.NoError(t, err)
				require.Equal(t, "locale eq 'en-US'", query.Get("filter"))
				skips = append(skips, cmp.Or(query.Get("skip"), "0"))
			}
			require.Equal(t, tt.want, skips)
		})
	}
}
