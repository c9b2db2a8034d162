package speech_test

import (
	"fmt"
	"math"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/speech"
)

func TestEvaluation(t *testing.T) {
	t.Parallel()
	properties := `{"wordErrorRate1":-1.0,"wordErrorRate2":0.0289,"wordCount2":173,` +
		`"tokenErrorRate1":"NaN","sentenceErrorRate1":"Infinity","wordSubstitutionCount2":0}`
	var s *service
	s = setup(t, func(w http.ResponseWriter, r *http.Request) {
		self := fmt.Sprintf("%s/speechtotext/evaluations/%s?api-version=2025-10-15", s.URL, id1)
		body := fmt.Sprintf(`{"self":%q,"displayName":"e","locale":"en-US","status":"Succeeded","model1":{"self":%q},"properties":%s}`,
			self, s.Client.Ref(speech.KindModel, id2).Self, properties)
		switch {
		case r.Method == http.MethodPost:
			reply(201, body)(w, r)
		case r.Method == http.MethodDelete:
			w.WriteHeader(204)
		case r.URL.Path == "/evaluations":
			reply(200, `{"values":[`+body+`]}`)(w, r)
		default:
			reply(200, body)(w, r)
		}
	})
	c := s.Client
	model, base, data := c.Ref(speech.KindModel, id2), c.Ref(speech.KindBaseModel, id2), c.Ref(speech.KindDataset, id3)
	_, _, err := c.CreateEvaluation(t.Context(), speech.NewEvaluation{
		DisplayName: "e", Locale: "en-US", Model1: model, Model2: base, Dataset: data,
		CustomProperties: map[string]string{"testingKind": "Evaluation"},
	})
	require.NoError(t, err)
	require.JSONEq(t, fmt.Sprintf(`{"displayName":"e","locale":"en-US",`+
		`"model1":{"self":%q},"model2":{"self":%q},"dataset":{"self":%q},"customProperties":{"testingKind":"Evaluation"}}`,
		model.Self, base.Self, data.Self), s.sent()[0].Body)

	e, _, err := c.GetEvaluation(t.Context(), id1)
	require.NoError(t, err)
	p := e.Properties
	require.InDelta(t, -1, float64(*p.WordErrorRate1), 0)
	require.InDelta(t, 0.0289, float64(*p.WordErrorRate2), 1e-12)
	require.Equal(t, 173, *p.WordCount2)
	require.Equal(t, 0, *p.WordSubstitutionCount2, "none is not unknown")
	require.Nil(t, p.WordCount1)
	require.True(t, math.IsNaN(float64(*p.TokenErrorRate1)), "not a number, and not a broken answer")
	require.True(t, math.IsInf(float64(*p.SentenceErrorRate1), 1))
	require.True(t, e.Model1.Is(speech.KindModel, id2))

	all, _, err := c.ListEvaluations(t.Context(), speech.Filter{DisplayName: "e"})
	require.NoError(t, err)
	require.Len(t, all, 1)
	_, err = c.DeleteEvaluation(t.Context(), id1)
	require.NoError(t, err)

	properties = `{"wordErrorRate1":"twelve"}`
	_, _, err = c.GetEvaluation(t.Context(), id1)
	require.True(t, serviceError(t, err).Transient())
}

func TestEndpoint(t *testing.T) {
	t.Parallel()
	var s *service
	s = setup(t, func(w http.ResponseWriter, r *http.Request) {
		body := fmt.Sprintf(`{"self":"%s/speechtotext/endpoints/%s","displayName":"e","locale":"en-US","status":"Failed","model":{"self":%q},
			"properties":{"loggingEnabled":true,"error":{"code":"DeployNotAllowed","message":"m"}},"links":{"webSocket":"wss://x.example/"}}`,
			s.URL, id1, s.Client.Ref(speech.KindModel, id2).Self)
		if r.URL.Path == "/endpoints" {
			body = `{"values":[` + body + `]}`
		}
		reply(200, body)(w, r)
	})
	e, _, err := s.Client.GetEndpoint(t.Context(), id1)
	require.NoError(t, err)
	require.True(t, e.Model.Is(speech.KindModel, id2))
	require.True(t, *e.Properties.LoggingEnabled)
	require.Equal(t, &speech.EntityError{Code: "DeployNotAllowed", Message: "m"}, e.Properties.Error)
	require.Equal(t, "wss://x.example/", e.Links.WebSocket)
	all, _, err := s.Client.ListEndpoints(t.Context(), speech.Filter{Statuses: []speech.Status{speech.StatusFailed}})
	require.NoError(t, err)
	require.Equal(t, e, all[0])
}
