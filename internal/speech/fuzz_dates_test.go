package speech

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Dates of objects are read as they are written and can be written again, in UTC too; what cannot is no object.
// The time of an answer is a time that can be written again, whatever its header says.
func FuzzDates(f *testing.F) {
	c := fuzzClient(f)
	for _, seed := range [][3]string{
		{"2031-05-01T00:00:00Z", "2033-01-15T00:00:00Z", "Sun, 04 May 2031 03:02:01 GMT"},
		{"2031-05-01T00:00:00.1234567Z", "2033-01-15T23:59:59.9999999+14:00", "Sunday, 04-May-31 03:02:01 GMT"},
		{"0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "Fri, 31 Dec 9999 23:59:59 GMT"},
		{"0000-01-01T00:00:00Z", "9999-12-31T23:59:59-00:01", "Sat, 01 Jan 0000 00:00:00 GMT"},
		{"0000-01-01T00:00:00+00:01", "2032-02-29T24:00:00Z", "Sun May  4 03:02:01 2031"},
		{"2031-05-01T00:00:00", "2031-05-01", "Sun, 04 May 2031 03:02:01 +0200"},
		{"2031-05-01T00:00:60Z", "2031-02-30T00:00:00Z", "Sun, 04 May 2031 03:02:60 GMT"},
		{"2031-05-01t00:00:00z", "2031-05-01T0:00:00Z", "1 Jan 1970"},
		{"2031-05-01T00:00:00,5Z", "2031-05-01T00:00:00+24:00", ""},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, created, ends, header string) {
		body, err := json.Marshal(map[string]any{
			"self": "https://calls.example/speechtotext/models/x", "createdDateTime": created, "lastActionDateTime": ends,
			"properties": map[string]any{"deprecationDates": map[string]any{"transcriptionDateTime": ends}},
		})
		require.NoError(t, err)
		q := call{operation: "get model", method: http.MethodGet}
		m, err := decodeObject[CustomModel](c, q, KindModel, answer{body: body})
		if err == nil {
			want, err := time.Parse(time.RFC3339, created)
			require.NoError(t, err, "a date that is none was read")
			require.True(t, want.Equal(m.CreatedDateTime))
			for _, date := range m.dates() {
				again, err := date.UTC().MarshalJSON()
				require.NoError(t, err)
				var back time.Time
				require.NoError(t, back.UnmarshalJSON(again))
				require.True(t, date.Equal(back))
			}
			again, err := json.Marshal(m)
			require.NoError(t, err)
			back, err := decodeObject[CustomModel](c, q, KindModel, answer{body: again})
			require.NoError(t, err)
			require.True(t, m.CreatedDateTime.Equal(back.CreatedDateTime))
			require.True(t, m.Properties.DeprecationDates.TranscriptionDateTime.Equal(*back.Properties.DeprecationDates.TranscriptionDateTime))
		} else {
			require.Less(t, len(err.Error()), 4*maxMessage)
		}

		meta := c.meta(http.Header{"Date": {header}})
		_, err = meta.ObservedAt.MarshalJSON()
		require.NoError(t, err)
		if !meta.LocalClock {
			back, err := http.ParseTime(meta.ObservedAt.Format(http.TimeFormat))
			require.NoError(t, err)
			require.True(t, meta.ObservedAt.Equal(back), "the service's now has whole seconds")
			require.True(t, strings.ContainsAny(header, "0123456789"))
		}
	})
}
