package decode_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/decode"
)

func TestPlans(t *testing.T) {
	t.Parallel()
	many := `{"requests": [` + strings.Repeat("{},", decode.MostPlans) + `{}]}`
	for name, tc := range map[string]struct {
		raw, problem string
		several      bool
		count        int
	}{
		"a request":             {raw: `{"name": "desk"}`},
		"no JSON":               {raw: `{`},
		"a list":                {raw: `[]`},
		"two":                   {raw: `{"requests": [{"name": "a"}, {"name": "b"}]}`, several: true, count: 2},
		"none":                  {raw: `{"requests": []}`, several: true, problem: "must be a list of 1 to 100 requests"},
		"no list":               {raw: `{"requests": {}}`, several: true, problem: "must be a list of 1 to 100 requests"},
		"too many":              {raw: many, several: true, problem: "must be a list of 1 to 100 requests"},
		"a request with others": {raw: `{"name": "desk", "requests": [{}]}`, several: true, problem: "stands alone"},
		"a signed URL":          {raw: `{"requests": [{"x": "https://a.example/b?sig=c"}]}`, several: true, problem: "sign"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requests, several, problems := decode.Plans(json.RawMessage(tc.raw))
			require.Equal(t, tc.several, several)
			require.Len(t, requests, tc.count)
			if tc.problem == "" {
				require.Empty(t, problems)
				return
			}
			require.Len(t, problems, 1)
			require.Contains(t, problems[0].String(), tc.problem)
			require.NotContains(t, problems[0].String(), "sig=c")
		})
	}
}
