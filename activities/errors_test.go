package activities_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
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
		{name: "wrong key", status: 401, body: `{"error":{"code":"401","message":"Access denied due to invalid subscription key."}}`, class: "Unauthorized", code: "401", final: true, message: "Access denied", adviceSays: "SPEECH_KEY"},
		{name: "role missing", status: 403, body: body("Forbidden", "InvalidPermissions", "No permission"), class: "Unauthorized", code: "InvalidPermissions", final: true, adviceSays: "Cognitive Services Speech Contributor"},
		{name: "quota used up", status: 400, body: body("InvalidRequest", "QuotaViolation", "500 datasets"), class: "InvalidRequest", code: "QuotaViolation", final: true, message: "500 datasets", adviceSays: "delete what is not needed"},
		{name: "quota used up, as a role", status: 403, body: body("Forbidden", "QuotaViolation", "500 datasets"), class: "InvalidRequest", code: "QuotaViolation", final: true, message: "500 datasets", adviceSays: "delete what is not needed"},
		{name: "quota used up, as haste", status: 429, header: http.Header{"Retry-After": {"2"}}, body: body("TooManyRequests", "SkuLimitsExist", "2 datasets"), class: "Unavailable", code: "SkuLimitsExist", delay: 15 * time.Second, asked: true, message: "2 datasets", adviceSays: "delete what is not needed"},
		{name: "refused", status: 400, body: body("InvalidRequest", "InvalidLocale", "no such locale"), class: "InvalidRequest", code: "InvalidLocale", final: true, message: "no such locale"},
		{name: "throttled with a time", status: 429, header: http.Header{"Retry-After": {"7"}}, body: body("TooManyRequests", "", "slow down"), class: "Unavailable", delay: 7 * time.Second, asked: true, benign: true, message: "the service asked to wait 7s (Retry-After: 7)", adviceSays: "SPEECH_QUOTA_SHARE"},
		{name: "throttled without a time", status: 429, body: body("TooManyRequests", "", "slow down"), class: "Unavailable", delay: 5 * time.Second, benign: true},
		{name: "unavailable with a time", status: 503, header: http.Header{"Retry-After": {"3"}}, body: body("ServiceUnavailable", "", "later"), class: "Unavailable", delay: 3 * time.Second, asked: true, message: "the service asked to wait 3s (Retry-After: 3)"},
		{name: "fault of the service", status: 500, body: body("InternalServerError", "UnexpectedError", "oops"), class: "Unavailable", code: "UnexpectedError"},
		{name: "page of a gateway", status: 502, header: http.Header{"Content-Type": {"text/html"}}, body: "<html><body>Bad Gateway</body></html>", class: "Unavailable"},
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
			require.Contains(t, *failure.Next, c.adviceSays)
			require.NotEmpty(t, *failure.Object)
		})
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
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`["de-DE","en-GB","en-US","de-AT"]`))
	}))
	t.Cleanup(service.Close)
	failure, _ := failureOf(t, checkService(t, service.URL, activities.Scope{Locale: "de-CH"}))
	require.Equal(t, lifecycle.InvalidRequest, failure.Type)
	require.Equal(t, []lifecycle.Problem{{Path: "locale", Message: "the service cannot train models for de-CH"}}, failure.Problems)
	require.Equal(t, "set locale to one that the service lists: de-AT, de-DE", *failure.Next)
	require.NoError(t, checkService(t, service.URL, activities.Scope{Locale: "en-us"}), "the case of a locale does not matter")
}

func TestFailureOf(t *testing.T) {
	t.Parallel()
	unknown := activities.FailureOf(errors.New("boom"), "the step", activities.Budget{})
	require.Equal(t, lifecycle.Internal, unknown.Type)
	require.Contains(t, unknown.Message, "boom")
	timeout := temporal.NewTimeoutError(enumspb.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE, errors.New("last words"))
	waited := activities.FailureOf(timeout, "the training of x", activities.Budget{Limit: lifecycle.Duration(8 * lifecycle.Day), Field: "limits.training", Wait: true})
	require.Equal(t, lifecycle.TimedOut, waited.Type)
	require.Equal(t, "the training of x did not end within 8d (limits.training); at last: last words", waited.Message)
	require.Contains(t, *waited.Next, "raise limits.training")
	tried := activities.FailureOf(timeout, "Choose the base model", activities.Budget{Limit: lifecycle.Duration(time.Hour), Field: "limits.unavailable"})
	require.Equal(t, lifecycle.Unavailable, tried.Type)
	require.NotEmpty(t, *tried.Next)
}

func checkService(t *testing.T, url string, in activities.Scope) error {
	t.Helper()
	client, err := speech.New(speech.Config{Endpoint: url, Key: "test", Timeout: patience})
	require.NoError(t, err)
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	a := activities.New(activities.Options{Speech: client, Owner: "test", Getenv: func(string) string { return "" }})
	activities.Register(env, a)
	_, err = env.ExecuteActivity(a.CheckService, in)
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
