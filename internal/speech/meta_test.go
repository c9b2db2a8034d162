package speech_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/speech"
)

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	at := func(d time.Duration) string { return serviceNow.Add(d).Format(http.TimeFormat) }
	tests := map[string]struct {
		header string
		want   time.Duration
		has    bool
	}{
		"absent":                  {"", 0, false},
		"seconds":                 {"7", 7 * time.Second, true},
		"zero":                    {"0", 0, true},
		"blanks":                  {" 7 ", 7 * time.Second, true},
		"a date counts from Date": {at(90 * time.Second), 90 * time.Second, true},
		"a date in the past":      {at(-time.Hour), 0, true},
		"too long":                {"999999", time.Hour, true},
		"beyond numbers":          {"99999999999999999999", time.Hour, true},
		"a date far away":         {at(1000 * time.Hour), time.Hour, true},
		"negative":                {"-1", 0, false},
		"a fraction":              {"1.5", 0, false},
		"rubbish":                 {"soon", 0, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, reply(429, `{"code":"TooManyRequests","message":"m"}`, "Retry-After", tt.header))
			_, meta, err := s.Client.GetModel(t.Context(), id1)
			e := serviceError(t, err)
			require.Equal(t, tt.want, e.RetryAfter)
			require.Equal(t, tt.has, e.HasRetryAfter)
			require.Equal(t, tt.want, meta.RetryAfter)
		})
	}
}

func TestObservedAt(t *testing.T) {
	t.Parallel()
	local := time.Date(2026, 1, 1, 0, 0, 0, 0, time.FixedZone("", 3600))
	for name, tt := range map[string]struct {
		date string
		want speech.Meta
	}{
		"the service's": {"Sun, 04 May 2031 03:02:01 GMT", speech.Meta{ObservedAt: serviceNow}},
		"none":          {"", speech.Meta{ObservedAt: local.UTC(), LocalClock: true}},
		"rubbish":       {"today", speech.Meta{ObservedAt: local.UTC(), LocalClock: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header()["Date"] = nil
				if tt.date != "" {
					w.Header().Set("Date", tt.date)
				}
				reply(http.StatusOK, `["en-US"]`)(w, r)
			}, func(c *speech.Config) { c.Now = func() time.Time { return local } })
			_, meta, err := s.Client.ListModelLocales(t.Context())
			require.NoError(t, err)
			require.Equal(t, tt.want, meta)
		})
	}
}
