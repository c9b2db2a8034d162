package fleet

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/sample"
)

// A rhythm is that of the server: both days of a cron line must fit, and a zone's summer time counts.
func TestRhythm(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		timing timing
		want   rhythm
	}{
		"daily":                            {daily, rhythm{longest: day}},
		"every half year":                  {timing{Every: lifecycle.Duration(180 * day)}, rhythm{longest: 180 * day}},
		"each night, with summer time":     {timing{Cron: "0 3 * * *", TimeZone: "Europe/Berlin"}, rhythm{longest: 25 * time.Hour}},
		"on workdays":                      {timing{Cron: "0 3 * * 1-5"}, rhythm{longest: 3 * day}},
		"monthly, but not in short months": {timing{Cron: "0 3 31 * *"}, rhythm{longest: 61 * day}},
		"once a year":                      {timing{Cron: "0 3 1 1 *"}, rhythm{longest: 366 * day}},
		"in leap years":                    {timing{Cron: "0 3 29 2 *"}, rhythm{longest: 1461 * day}},
		"all of one day a year":            {timing{Cron: "* * 1 7 *"}, rhythm{longest: 365*day + time.Minute}},
		"a day that is not":                {timing{Cron: "0 3 31 2 *"}, rhythm{never: true}},
		"a Monday of a day that is not":    {timing{Cron: "0 3 31 2 1"}, rhythm{never: true}},
		"a Friday the 13th":                {timing{Cron: "0 3 13 * 5"}, rhythm{longest: 427 * day}},
		"a word":                           {timing{Cron: "@weekly"}, rhythm{longest: 7 * day}},
		"every in a cron line":             {timing{Cron: "@every 36h"}, rhythm{longest: 36 * time.Hour}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, tt.timing.rhythm(now))
		})
	}
}

func TestSchedulesThatCannotWork(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ schedule, says string }{
		"never":             {`{cron: "0 3 31 2 *"}`, `models[1].schedule.cron: "0 3 31 2 *" has no next firing`},
		"each second":       {"{every: 1s}", "models[1].schedule.every: fires more often than once a minute"},
		"just too often":    {"{every: 59s}", "models[1].schedule.every: fires more often than once a minute"},
		"no time at all":    {"{every: 0s}", "models[1].schedule.every: fires more often than once a minute"},
		"in the cron line":  {`{cron: "@every 2s"}`, "models[1].schedule.cron: fires more often than once a minute"},
		"back in time":      {"{every: -1h}", "models[1].schedule.every: must be a duration"},
		"jitter has no end": {"{every: 1h, jitter: -1s}", "models[1].schedule.jitter: must be a duration"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := fleetOf(strings.Replace(sample.TwoModels, `{cron: "0 3 * * *", timeZone: Europe/Berlin, jitter: 1h}`, tt.schedule, 1))
			f, is := errors.AsType[*exit.Failure](err)
			require.True(t, is, "it was taken")
			require.Equal(t, exit.Refused, f.Code)
			require.Len(t, f.Lines, 1)
			require.Contains(t, f.Lines[0], "fleet.yaml:12: "+tt.says)
		})
	}
	for _, schedule := range []string{"{every: 1m}", `{cron: "@every 60s"}`} {
		f, err := fleetOf(strings.Replace(sample.TwoModels, `{cron: "0 3 * * *", timeZone: Europe/Berlin, jitter: 1h}`, schedule, 1))
		require.NoError(t, err, schedule)
		require.Len(t, f.Models, 2)
	}
}

// The lead of twoModels is 7 days of training, 1 of evaluation, a margin of 30 days, and one hour for a person.
func TestSlowSchedulesAreWarnedOf(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		schedule, renew string
		warns           string
	}{
		"half a year":        {"{every: 180d}", "{}", "models[0].schedule: every 180d: up to 180 days pass between two checks of one, two"},
		"just short enough":  {"{every: 320h}", "{}", ""},
		"just too long":      {"{every: 321h}", "{}", "up to 13 days pass between two checks of one, two, more than a third of the 962h before the expiry"},
		"the request's lead": {"{every: 11d}", "{before: 30d}", "more than a third of the 30d before the expiry at which it is due"},
		"a third of it":      {"{every: 10d}", "{before: 30d}", ""},
		"a cron line":        {`{cron: "0 3 1 * *"}`, "{}", "cron 0 3 1 * *: up to 31 days pass"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fleet := "fleet: desk\ndefaults:\n  locale: en-US\n  schedule: " + tt.schedule + "\n  renew: " + tt.renew + "\n  " + sample.Heard +
				"\n  approval: {timeout: 2h}\n  training: [{dataset: words}]\nmodels:\n  - name: one\n  - name: two\n"
			f, err := fleetOf(fleet)
			require.NoError(t, err)
			if tt.warns == "" {
				require.Empty(t, f.Warnings)
				return
			}
			require.Len(t, f.Warnings, 1)
			require.Contains(t, f.Warnings[0], "fleet.yaml:4: ")
			require.Contains(t, f.Warnings[0], tt.warns)
		})
	}
}

// A fleet that would fail in silence says so once, however many models it has.
func TestAFleetThatNobodyHears(t *testing.T) {
	t.Parallel()
	const silent = "nobody will be told when something is amiss"
	for name, tt := range map[string]struct {
		notify string
		silent bool
	}{
		"none":              {"", true},
		"only good news":    {"notify: [{urlFrom: {env: OPS_WEBHOOK}, on: [promoted, approval, rejected]}]", true},
		"expiries":          {sample.Heard, false},
		"failures":          {"notify: [{urlFrom: {env: OPS_WEBHOOK}, on: [promoted, failed]}]", false},
		"the second of two": {"notify: [{urlFrom: {env: A}, on: [promoted]}, {urlFrom: {env: B}, on: [failed]}]", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := fleetOf(strings.Replace(sample.TwoModels, "name: two\n", "name: two\n    "+tt.notify+"\n", 1))
			require.NoError(t, err)
			if !tt.silent {
				require.Empty(t, f.Warnings)
				return
			}
			require.Len(t, f.Warnings, 1)
			require.Contains(t, f.Warnings[0], silent)
			require.Contains(t, f.Warnings[0], "notify: [{urlFrom: {env: OPS_WEBHOOK}, on: [failed, expiring]}]")
		})
	}
}
