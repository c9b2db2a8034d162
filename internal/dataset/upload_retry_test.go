package dataset

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/speech"
)

func TestPersist(t *testing.T) {
	t.Parallel()
	gone := errors.New("operator left")
	for name, c := range map[string]struct {
		err   error
		tries int
		took  time.Duration // 0 = not looked at
	}{
		"throttled":              {&speech.Error{Status: http.StatusTooManyRequests, RetryAfter: 5 * time.Second, HasRetryAfter: true}, 3, 10 * time.Second},
		"no answer":              {&speech.Error{Err: errors.New("refused")}, 3, 0},
		"server error":           {&speech.Error{Status: http.StatusBadGateway}, 3, 0},
		"refused":                {&speech.Error{Status: http.StatusBadRequest}, 1, 0},
		"no access":              {&speech.Error{Status: http.StatusForbidden}, 1, 0},
		"the data's own":         {ErrChanged, 1, 0},
		"a wait beyond patience": {&speech.Error{Status: http.StatusTooManyRequests, RetryAfter: time.Hour, HasRetryAfter: true}, 1, 0},
		"the caller's end":       {gone, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start, tries := time.Now(), 0
				_, err := persist(t.Context(), &answers{}, func() (int, error) {
					if tries++; tries == 3 {
						return 7, nil
					}
					return 0, c.err
				})
				require.Equal(t, c.tries, tries)
				if c.tries < 3 {
					require.ErrorIs(t, err, c.err, "as it came, for the caller to see what it is")
				} else {
					require.NoError(t, err)
				}
				if c.took > 0 {
					require.Equal(t, c.took, time.Since(start))
				}
			})
		})
	}
}

func TestPersistEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		gone := errors.New("operator left")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Minute, func() { cancel(gone) })
		_, err := persist(ctx, &answers{}, func() (int, error) { return 0, &speech.Error{Status: http.StatusServiceUnavailable} })
		require.ErrorIs(t, err, gone)
	})
}
