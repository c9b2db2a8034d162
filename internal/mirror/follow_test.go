package mirror

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/resource"
	"speech-retrainer/internal/speech"
)

// nothing is a service that holds nothing.
type nothing struct{}

func (nothing) RoundTrip(r *http.Request) (*http.Response, error) {
	code, body := http.StatusOK, `{"values": []}`
	if !strings.HasSuffix(r.URL.Path, "/models") {
		code, body = http.StatusNotFound, `{"code": "NotFound", "message": "no such model"}`
	}
	header := http.Header{"Content-Type": {"application/json"}, "Date": {time.Now().UTC().Format(http.TimeFormat)}}
	return &http.Response{StatusCode: code, Header: header, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

// What had ended when a wait began, and is deleted before the wait has read it, ends the wait: it belongs to no group that would tell it.
func TestWhatHadEndedIsDeletedAsAWaitBegins(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, err := speech.New(speech.Config{
			Access: resource.Access{Endpoint: "http://localhost:1", Key: "k"}, Transport: nothing{}, NoQuota: true,
		})
		require.NoError(t, err)
		l := New(client, Options{Round: -1})
		const id = "00000001-0000-4000-8000-000000000000"
		var ended speech.CustomModel
		require.NoError(t, json.Unmarshal([]byte(`{"self": "http://localhost:1/speechtotext/models/`+id+`", "status": "Succeeded"}`), &ended))
		l.models.put(time.Now(), ended)
		m := &member[speech.CustomModel]{id: id, since: time.Now(), told: make(chan news, 1), alive: func() {}}
		l.models.join(m)
		defer l.models.part(m)
		l.models.drop(time.Now(), id)
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		_, _, err = l.models.follow(ctx, m, func(Progress) {})
		require.True(t, speech.IsNotFound(err), "%v", err)
	})
}

// Two who tell one member something at the same moment do not wait for it to listen.
func TestTwoWhoTellDoNotWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore[speech.CustomModel](nil, Options{}.defaults(), speech.KindModel, nil)
		m := &member[speech.CustomModel]{told: make(chan news, 1)}
		for range 100_000 {
			var both sync.WaitGroup
			for range 2 {
				both.Go(func() { s.tell(m, nil) })
			}
			both.Wait()
		}
	})
}
