package activities_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"speech-retrainer/activities"
	shared "speech-retrainer/internal/bundle"
	"speech-retrainer/internal/lifecycle"
)

// TestErrorsBecomeFailureClasses plays one answer of the service and looks at the error that Temporal gets.
func TestErrorsBecomeFailureClasses(t *testing.T) {
	t.Parallel()
	body := func(code, inner, message string) string {
		return `{"code":"` + code + `","message":"` + message + `","innerError":{"code":"` + inner + `","message":"m"}}`
	}
	cases := []struct {
		name       string
		status     int
		header     http.Header
		body       string
		class      lifecycle.FailureClass
		code       string
		final      bool
		delay      time.Duration
		asked      bool
		benign     bool
		message    string
		adviceSays string
	}{
		{
			name: "wrong key", status: 401, body: `{"error":{"code":"401","message":"Access denied due to invalid subscription key."}}`,
			class: "Unauthorized", code: "401", final: true, message: "Access denied", adviceSays: "SPEECH_KEY",
		},
		{
			name: "role missing", status: 403, body: body("Forbidden", "InvalidPermissions", "No permission"),
			class: "Unauthorized", code: "InvalidPermissions", final: true, adviceSays: "Cognitive Services Speech Contributor",
		},
		{
			name: "quota used up", status: 400, body: body("InvalidRequest", "QuotaViolation", "500 datasets"),
			class: "InvalidRequest", code: "QuotaViolation", final: true, message: "500 datasets", adviceSays: "delete what is not needed",
		},
		{
			name: "quota used up, as a role", status: 403, body: body("Forbidden", "QuotaViolation", "500 datasets"),
			class: "InvalidRequest", code: "QuotaViolation", final: true, message: "500 datasets", adviceSays: "delete what is not needed",
		},
		{
			name: "quota used up, as haste", status: 429, header: http.Header{"Retry-After": {"2"}}, body: body("TooManyRequests", "SkuLimitsExist", "2 datasets"),
			class: "InvalidRequest", code: "SkuLimitsExist", final: true, message: "2 datasets", adviceSays: "delete what is not needed",
		},
		{
			name: "a code of state outside, in other letters", status: 409, body: body("inuseviolation", "Other", "used"),
			class: "InvalidRequest", code: "InUseViolation", final: true, adviceSays: "something still uses it",
		},
		{
			name: "refused", status: 400, body: body("InvalidRequest", "InvalidLocale", "no such locale"),
			class: "InvalidRequest", code: "InvalidLocale", final: true, message: "no such locale",
		},
		{
			name: "refused without a reason", status: 400, body: `{"code":"InvalidRequest","message":" ","innerError":{"code":"InvalidLocale"}}`,
			class: "InvalidRequest", code: "InvalidLocale", final: true, message: "400 Bad Request: InvalidRequest/InvalidLocale: the service gives no reason",
		},
		{
			name: "throttled with a time", status: 429, header: http.Header{"Retry-After": {"7"}}, body: body("TooManyRequests", "", "slow down"),
			class: "Unavailable", delay: 7 * time.Second, asked: true, benign: true,
			message: "the service asked to wait 7s (Retry-After: 7)", adviceSays: "SPEECH_QUOTA_SHARE",
		},
		{name: "throttled without a time", status: 429, body: body("TooManyRequests", "", "slow down"), class: "Unavailable", delay: 5 * time.Second, benign: true},
		{
			name: "unavailable with a time", status: 503, header: http.Header{"Retry-After": {"3"}}, body: body("ServiceUnavailable", "", "later"),
			class: "Unavailable", delay: 3 * time.Second, asked: true, message: "the service asked to wait 3s (Retry-After: 3)",
		},
		{name: "fault of the service", status: 500, body: body("InternalServerError", "UnexpectedError", "oops"), class: "Unavailable", code: "UnexpectedError"},
		{
			name: "page of a gateway", status: 502, header: http.Header{"Content-Type": {"text/html"}},
			body: "<html><body>Bad Gateway</body></html>", class: "Unavailable",
		},
		{name: "cut answer", status: 200, body: `["en-US"`, class: "Unavailable"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				for k, v := range c.header {
					w.Header()[k] = v
				}
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.body))
			}))
			t.Cleanup(service.Close)
			err := checkService(t, service.URL, activities.Scope{Locale: "en-US"})
			failure, application := failureOf(t, err)
			require.Equal(t, c.class, failure.Type)
			require.Equal(t, string(c.class), application.Type())
			require.Equal(t, c.final, application.NonRetryable(), "retry")
			require.Equal(t, c.delay, application.NextRetryDelay())
			asked, ok := activities.AskedOf(err)
			require.Equal(t, c.asked, ok)
			if ok {
				require.Equal(t, c.delay, asked.Wait.Std())
				require.Contains(t, asked.Text, "the service asked to wait ")
			}
			require.Equal(t, c.benign, application.Category() == temporal.ApplicationErrorCategoryBenign)
			require.Contains(t, failure.Message, c.message)
			if c.code != "" {
				require.Equal(t, c.code, *failure.Code)
			}
			require.NotEmpty(t, *failure.Next, "an operator must be told what to do")
			require.False(t, failure.Type == lifecycle.Unauthorized && strings.Contains(failure.Message, "check"), "advised twice: %s", failure.Message)
			require.Contains(t, *failure.Next, c.adviceSays)
			require.NotEmpty(t, *failure.Object)
		})
	}
}

// What the state of things forbids is told by its code, whatever the status: it is not tried again, is no matter of key
// or haste, and says what to do.
func TestCodesOfStateSayWhatToDo(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]struct {
		says    string
		outside bool
	}{
		"QuotaViolation":                  {"SPEECH_ENDPOINT_QUOTA", true},
		"SkuLimitsExist":                  {"SPEECH_DATASET_QUOTA", true},
		"InUseViolation":                  {"look in the portal which endpoint, test or training that is", true},
		"DeleteNotAllowed":                {"wait until it has ended", true},
		"EndpointNotUpdatable":            {"wait until it has ended", true},
		"ModelDeploymentNotCompleteState": {"wait until it has ended", true},
		"DeployNotAllowed":                {"tier and region", true},
		"ModelNotDeployable":              {"choose another baseModel", false},
		"DeployingFailedModel":            {"look in the portal why it failed", false},
		"ModelDeprecated":                 {"set baseModel to latest", false},
	} {
		for _, status := range []int{400, 403, 409, 429, 503} {
			t.Run(fmt.Sprint(code, " ", status), func(t *testing.T) {
				t.Parallel()
				service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Content-Type", "application/json")
					w.Header().Set("Retry-After", "1")
					w.WriteHeader(status)
					_, _ = fmt.Fprintf(w, `{"code":"InvalidRequest","message":"m","innerError":{"code":%q,"message":"m"}}`, code)
				}))
				t.Cleanup(service.Close)
				failure, application := failureOf(t, checkService(t, service.URL, activities.Scope{Locale: "en-US"}))
				require.True(t, application.NonRetryable())
				require.Equal(t, lifecycle.InvalidRequest, failure.Type)
				require.Equal(t, code, *failure.Code)
				require.Contains(t, *failure.Next, want.says)
				require.True(t, strings.HasSuffix(*failure.Next, ", then start the run again"), *failure.Next)
				require.NotContains(t, failure.Message, "SPEECH_KEY")
				require.NotContains(t, failure.Message, "asked to wait")
				require.Equal(t, want.outside, activities.Repairable(failure))
			})
		}
	}
}

func TestAnUnreachableServiceIsUnavailable(t *testing.T) {
	t.Parallel()
	service := httptest.NewServer(http.NotFoundHandler())
	url := service.URL
	service.Close()
	failure, application := failureOf(t, checkService(t, url, activities.Scope{Locale: "en-US"}))
	require.Equal(t, lifecycle.Unavailable, failure.Type)
	require.False(t, application.NonRetryable(), "an outage passes")
	require.Contains(t, *failure.Next, "SPEECH_ENDPOINT")
}

func TestAnotherResourceIsRefusedBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	service := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("something was sent") }))
	t.Cleanup(service.Close)
	failure, application := failureOf(t, checkService(t, service.URL, activities.Scope{Locale: "en-US", Resource: "other.example.com"}))
	require.Equal(t, lifecycle.WrongResource, failure.Type)
	require.True(t, application.NonRetryable())
	require.Contains(t, failure.Message, "other.example.com")
}

func TestALocaleThatTheServiceLacksNamesItsNeighbours(t *testing.T) {
	t.Parallel()
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		answer := `["de-DE","en-GB","en-US","de-AT"]`
		if strings.HasSuffix(r.URL.Path, "/models/base") {
			answer = `{"values":[]}`
		}
		_, _ = w.Write([]byte(answer))
	}))
	t.Cleanup(service.Close)
	failure, _ := failureOf(t, checkService(t, service.URL, activities.Scope{Locale: "de-CH"}))
	require.Equal(t, lifecycle.InvalidRequest, failure.Type)
	require.Equal(t, []lifecycle.Problem{{Path: "locale", Message: "the service cannot train models for de-CH"}}, failure.Problems)
	require.Equal(t, "set locale to one that the service lists: de-AT, de-DE", *failure.Next)
	require.NoError(t, checkService(t, service.URL, activities.Scope{Locale: "en-us"}), "the case of a locale does not matter")
}

// The service may say that an object has Failed and not why: then a person is told so, and never shown a bare colon.
func TestAnErrorWithoutAMessage(t *testing.T) {
	t.Parallel()
	const id = "11111111-2222-4333-8444-555555555555"
	for name, c := range map[string]struct{ properties, says, code string }{
		"a reason": {`{"error": {"code": "NoUtf8WithBom", "message": "Line 7 has no BOM."}}`, "ended as Failed: Line 7 has no BOM.", "NoUtf8WithBom"},
		"a code, and no message": {
			`{"error": {"code": "DataImportFailed", "message": ""}}`,
			"ended as Failed with the code DataImportFailed; the service gives no reason", "DataImportFailed",
		},
		"blanks":         {`{"error": {"code": " ", "message": "\t "}}`, "ended as Failed; the service gives no reason", ""},
		"an empty error": {`{"error": {}}`, "ended as Failed; the service gives no reason", ""},
		"no error":       {`{}`, "ended as Failed; the service gives no reason", ""},
		"no room":        {`{"error": {"code": "QuotaViolation", "message": "Too many."}}`, "ended as Failed: Too many.", "QuotaViolation"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var url string
			service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				if !strings.HasSuffix(r.URL.Path, id) {
					_, _ = w.Write([]byte(`{"values": []}`))
					return
				}
				_, _ = w.Write([]byte(`{"self": "` + url + `/speechtotext/datasets/` + id + `", "displayName": "words", "locale": "en-US", "kind": "Language",
					"createdDateTime": "2026-06-01T12:00:00Z", "lastActionDateTime": "2026-06-01T12:00:00Z", "status": "Failed", "properties": ` + c.properties + `}`))
			}))
			t.Cleanup(service.Close)
			url = service.URL
			client := shared.Client(t, url, "test")
			var suite testsuite.WorkflowTestSuite
			env := suite.NewTestActivityEnvironment()
			a := activities.New(activities.Options{Speech: client, Owner: "test", Getenv: func(string) string { return "" }})
			activities.Register(env, a)
			_, err := env.ExecuteActivity(a.FindData, activities.DataInput{Scope: scope(), Path: "training[0]", Data: lifecycle.Data{Dataset: id}})
			failure, _ := failureOf(t, err)
			require.Equal(t, lifecycle.DatasetFailed, failure.Type)
			require.Equal(t, `dataset "words" (`+id+`) `+c.says, failure.Message)
			require.Equal(t, lifecycle.Text(c.code), failure.Code)
			require.False(t, activities.Repairable(failure), "the same run would find it Failed again")
		})
	}
}

func TestFailureOf(t *testing.T) {
	t.Parallel()
	unknown := activities.FailureOf(errors.New("boom"), "the step", activities.Budget{})
	require.Equal(t, lifecycle.Internal, unknown.Type)
	require.Contains(t, unknown.Message, "boom")
	timeout := temporal.NewTimeoutError(enumspb.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE, errors.New("last words"))
	waited := activities.FailureOf(timeout, "the training of x",
		activities.Budget{Limit: lifecycle.Duration(8 * lifecycle.Day), Field: "limits.training", Wait: true})
	require.Equal(t, lifecycle.TimedOut, waited.Type)
	require.Equal(t, "the training of x did not end within 8d (limits.training); at last: last words", waited.Message)
	require.Contains(t, *waited.Next, "raise limits.training")
	tried := activities.FailureOf(timeout, "Choose the base model", activities.Budget{Limit: lifecycle.Duration(time.Hour), Field: "limits.unavailable"})
	require.Equal(t, lifecycle.Unavailable, tried.Type)
	require.NotEmpty(t, *tried.Next)
}

func checkService(t *testing.T, url string, in activities.Scope) error {
	t.Helper()
	client := shared.Client(t, url, "test")
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	a := activities.New(activities.Options{Speech: client, Owner: "test", Getenv: func(string) string { return "" }})
	activities.Register(env, a)
	_, err := env.ExecuteActivity(a.CheckService, in)
	return err
}

func failureOf(t *testing.T, err error) (lifecycle.Failure, *temporal.ApplicationError) {
	t.Helper()
	require.Error(t, err)
	var application *temporal.ApplicationError
	require.ErrorAs(t, err, &application)
	var failure lifecycle.Failure
	require.NoError(t, application.Details(&failure))
	return failure, application
}
