package speech_test

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/resource"
	"speech-retrainer/internal/speech"
)

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	good := speech.Config{Access: resource.Access{Endpoint: "https://calls.cognitiveservices.azure.com", Key: testKey}}
	tests := map[string]struct {
		change func(*speech.Config)
		want   string
	}{
		"no endpoint":   {func(c *speech.Config) { c.Endpoint = "" }, "endpoint"},
		"no credential": {func(c *speech.Config) { c.Key = "" }, "neither a key nor an Entra credential"},
		"version":       {func(c *speech.Config) { c.APIVersion = "3.2" }, "2024-11-15"},
		"share":         {func(c *speech.Config) { c.QuotaShare = 1.5 }, "quota share"},
		"http":          {func(c *speech.Config) { c.Endpoint = "http://calls.example" }, "https"},
		"userinfo":      {func(c *speech.Config) { c.Endpoint = "https://u:hunter2@calls.example" }, "scheme and host"},
		"unverified hosts": {func(c *speech.Config) {
			c.Transport = &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
		}, "certificates"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := good
			tt.change(&cfg)
			_, err := speech.New(cfg)
			require.ErrorContains(t, err, tt.want)
			require.NotContains(t, err.Error(), "hunter2")
		})
	}
}

func TestCreateModel(t *testing.T) {
	t.Parallel()
	var s *service
	s = setup(t, func(w http.ResponseWriter, r *http.Request) {
		reply(http.StatusCreated, encode(t, modelJSON(s.URL, id1, "calls 2031", "properties", map[string]any{
			"deprecationDates": map[string]any{"transcriptionDateTime": "2033-07-15T00:00:00Z"},
		})))(w, r)
	})
	base, data, project := s.Client.Ref(speech.KindBaseModel, id2), s.Client.Ref(speech.KindDataset, id3), s.Client.Ref(speech.KindProject, id3)
	m, meta, err := s.Client.CreateModel(t.Context(), speech.NewModel{
		DisplayName: "calls 2031", Locale: "en-US", BaseModel: &base, Datasets: []speech.Ref{data}, Project: &project,
		CustomProperties: map[string]string{"sr.owner": "ops"},
	})
	require.NoError(t, err)
	require.Equal(t, speech.Meta{ObservedAt: serviceNow}, meta)
	require.Equal(t, id1, m.ID())
	require.Equal(t, time.Date(2033, 7, 15, 0, 0, 0, 0, time.UTC), *m.Properties.DeprecationDates.TranscriptionDateTime)

	sent := s.sent()
	require.Len(t, sent, 1)
	require.Equal(t, http.MethodPost, sent[0].Method)
	require.Equal(t, "/speechtotext/models", sent[0].Path)
	require.Equal(t, testKey, sent[0].Header.Get("Ocp-Apim-Subscription-Key"))
	require.Equal(t, "application/json", sent[0].Header.Get("Content-Type"))
	require.JSONEq(t, fmt.Sprintf(`{"displayName":"calls 2031","locale":"en-US","baseModel":{"self":%q},"datasets":[{"self":%q}],
		"project":{"self":%q},"customProperties":{"sr.owner":"ops"}}`, base.Self, data.Self, project.Self), sent[0].Body)
}

// An update sends what is given and nothing else; an empty map is not an absent one.
func TestUpdateBodies(t *testing.T) {
	t.Parallel()
	name, yes := "new", true
	ref := speech.Ref{Self: speech.LinkTo("https://a.example/speechtotext/models/" + id2)}
	var s *service
	s = setup(t, func(w http.ResponseWriter, r *http.Request) {
		kind := strings.Split(strings.Trim(r.URL.Path, "/"), "/")[0]
		reply(http.StatusOK, fmt.Sprintf(`{"self":"%s/speechtotext/%s/%s","displayName":"x","locale":"en-US"}`, s.URL, kind, id1))(w, r)
	})
	c := s.Client
	tests := []struct {
		update func() error
		want   string
	}{
		{func() error { _, _, err := c.UpdateModel(t.Context(), id1, speech.ModelUpdate{}); return err }, `{}`},
		{func() error {
			_, _, err := c.UpdateModel(t.Context(), id1, speech.ModelUpdate{DisplayName: &name})
			return err
		}, `{"displayName":"new"}`},
		{func() error {
			_, _, err := c.UpdateDataset(t.Context(), id1, speech.DatasetUpdate{CustomProperties: map[string]string{}})
			return err
		}, `{"customProperties":{}}`},
		{func() error {
			_, _, err := c.UpdateModel(t.Context(), id1, speech.ModelUpdate{CustomProperties: map[string]string{"a": "b"}})
			return err
		}, `{"customProperties":{"a":"b"}}`},
		{func() error {
			_, _, err := c.UpdateEndpoint(t.Context(), id1, speech.EndpointUpdate{Model: &ref})
			return err
		}, `{"model":{"self":"` + ref.Self.String() + `"}}`},
		{func() error {
			_, _, err := c.UpdateEndpoint(t.Context(), id1, speech.EndpointUpdate{Properties: &speech.EndpointSettings{ContentLoggingEnabled: &yes}})
			return err
		}, `{"properties":{"contentLoggingEnabled":true}}`},
	}
	for i, tt := range tests {
		require.NoError(t, tt.update())
		sent := s.sent()
		require.Equal(t, http.MethodPatch, sent[i].Method)
		require.JSONEq(t, tt.want, sent[i].Body)
	}
}

func TestEndpointCreateSendsNoModelUnasked(t *testing.T) {
	t.Parallel()
	no := false
	var s *service
	s = setup(t, func(w http.ResponseWriter, r *http.Request) {
		reply(http.StatusCreated, fmt.Sprintf(`{"self":"%s/speechtotext/endpoints/%s","displayName":"x","locale":"en-US"}`, s.URL, id1))(w, r)
	})
	_, _, err := s.Client.CreateEndpoint(t.Context(), speech.NewEndpoint{DisplayName: "x", Locale: "en-US"})
	require.NoError(t, err)
	_, _, err = s.Client.CreateEndpoint(t.Context(), speech.NewEndpoint{
		DisplayName: "x", Locale: "en-US", Properties: &speech.NewEndpointProperties{LoggingEnabled: &no},
	})
	require.NoError(t, err)
	require.JSONEq(t, `{"displayName":"x","locale":"en-US"}`, s.sent()[0].Body)
	require.JSONEq(t, `{"displayName":"x","locale":"en-US","properties":{"loggingEnabled":false}}`, s.sent()[1].Body)
}

func TestDatasetDropsContentURL(t *testing.T) {
	t.Parallel()
	var s *service
	s = setup(t, func(w http.ResponseWriter, r *http.Request) {
		reply(http.StatusOK, fmt.Sprintf(`{"self":"%s/speechtotext/datasets/%s","displayName":"x","locale":"en-US","kind":"Novel","status":"Paused",
			"contentUrl":"https://blob.example/x?sig=s3cr3t","properties":{"acceptedLineCount":0},"project":null,"somethingNew":[1]}`, s.URL, id1))(w, r)
	})
	d, _, err := s.Client.GetDataset(t.Context(), id1)
	require.NoError(t, err)
	require.Equal(t, speech.DatasetKind("Novel"), d.Kind)
	require.Equal(t, speech.Status("Paused"), d.Status)
	require.Equal(t, 0, *d.Properties.AcceptedLineCount)
	require.Nil(t, d.Properties.RejectedLineCount)
	require.NotContains(t, encode(t, d)+fmt.Sprintf("%+v", d), "s3cr3t")
}

// What the service does not say can be told from what it denies.
func TestBaseModelAbsentOrEmpty(t *testing.T) {
	t.Parallel()
	body := `{"self":"https://other.example/speechtotext/models/base/%s","displayName":"x","locale":"en-US","properties":%s}`
	tests := map[string]struct {
		properties string
		want       speech.BaseModelProperties
	}{
		"nothing": {`{}`, speech.BaseModelProperties{}},
		"nulls":   {`{"features":{"supportsAdaptationsWith":null},"deprecationDates":null}`, speech.BaseModelProperties{}},
		"empty": {`{"features":{"supportsAdaptationsWith":[]}}`, speech.BaseModelProperties{
			Features: speech.BaseModelFeatures{SupportsAdaptationsWith: []speech.DatasetKind{}},
		}},
		"one": {`{"features":{"supportsAdaptationsWith":["Language"]},"chargeForAdaptation":false}`, speech.BaseModelProperties{
			Features:            speech.BaseModelFeatures{SupportsAdaptationsWith: []speech.DatasetKind{"Language"}},
			ChargeForAdaptation: new(bool),
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, reply(http.StatusOK, fmt.Sprintf(body, id1, tt.properties)))
			m, _, err := s.Client.GetBaseModel(t.Context(), id1)
			require.NoError(t, err)
			require.Empty(t, cmp.Diff(tt.want, m.Properties))
			var again speech.BaseModel
			require.NoError(t, json.Unmarshal([]byte(encode(t, m)), &again))
			require.Empty(t, cmp.Diff(m, again, cmpopts.EquateComparable(speech.Link{})), "the difference survives our own JSON")
		})
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	gone := setup(t, reply(http.StatusNotFound, `{"code":"NotFound","message":"The specified entity cannot be found."}`))
	meta, err := gone.Client.DeleteEndpoint(t.Context(), id1)
	require.NoError(t, err, "it is gone, which was wanted")
	require.Equal(t, serviceNow, meta.ObservedAt)

	deleted := setup(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	_, err = deleted.Client.DeleteDataset(t.Context(), id1)
	require.NoError(t, err)

	inUse := setup(t, reply(http.StatusConflict, `{"code":"Conflict","innerError":{"code":"InUseViolation","message":"The model is in use."}}`))
	_, err = inUse.Client.DeleteModel(t.Context(), id1)
	e := serviceError(t, err)
	require.Equal(t, "InUseViolation", e.InnerCode)
	require.EqualError(t, err, `delete model "`+id1+`": 409 Conflict: Conflict/InUseViolation: The model is in use.`)
}

func TestNoProjectsInOldVersion(t *testing.T) {
	t.Parallel()
	var s *service
	s = setup(t, func(w http.ResponseWriter, r *http.Request) {
		reply(http.StatusCreated, encode(t, modelJSON(s.URL, id1, "x")))(w, r)
	}, func(c *speech.Config) { c.APIVersion = "2024-11-15" })
	require.False(t, s.Client.HasProjects())
	for _, call := range []func() error{
		func() error { _, _, err := s.Client.ListProjects(t.Context(), speech.Filter{}); return err },
		func() error { _, _, err := s.Client.GetProject(t.Context(), id1); return err },
		func() error {
			_, _, err := s.Client.CreateProject(t.Context(), speech.NewProject{DisplayName: "x"})
			return err
		},
	} {
		err := call()
		require.ErrorContains(t, err, "API version 2024-11-15 has no projects")
		require.False(t, serviceError(t, err).Transient())
	}
	require.Empty(t, s.sent())
	project := s.Client.Ref(speech.KindProject, id2)
	_, _, err := s.Client.CreateModel(t.Context(), speech.NewModel{DisplayName: "x", Locale: "en-US", Project: &project})
	require.NoError(t, err)
	require.NotContains(t, s.sent()[0].Body, "project")
	require.Equal(t, []string{"2024-11-15"}, s.sent()[0].Query["api-version"])
}

func TestLocales(t *testing.T) {
	t.Parallel()
	s := setup(t, reply(http.StatusOK, `["en-US","de-DE"]`))
	locales, _, err := s.Client.ListModelLocales(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"en-US", "de-DE"}, locales)
	require.Equal(t, "/speechtotext/models/locales", s.sent()[0].Path)
}

// A word that is no ID must not become the path of another operation.
func TestIDsThatAreNone(t *testing.T) {
	t.Parallel()
	s := setup(t, reply(http.StatusOK, `{}`))
	for _, id := range []string{"locales", "base", "..", "a/files", "a?b", "Support calls", "x:copy", url.PathEscape("a/b")} {
		_, _, err := s.Client.GetModel(t.Context(), id)
		require.True(t, serviceError(t, err).NotFound(), id)
	}
	_, _, err := s.Client.GetModel(t.Context(), "")
	require.ErrorContains(t, err, "no ID given")
	_, err = s.Client.DeleteModel(t.Context(), "")
	require.ErrorContains(t, err, "no ID given")
	require.Empty(t, s.sent())
}
