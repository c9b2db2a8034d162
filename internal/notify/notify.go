// Package notify sends an event of a model to a web hook: one message, in one attempt, as JSON with a signature or as
// Slack or Microsoft Teams takes it. Whoever calls it retries.
package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/go-resty/resty/v2"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/web"
)

// Message is the body of a notification. Times are RFC 3339 UTC; what is unknown is null.
type Message struct {
	Event  lifecycle.Event `json:"event"`
	At     time.Time       `json:"at"`
	Model  string          `json:"model"`
	Locale string          `json:"locale"`
	// Summary is one sentence for people, Next what they can do.
	Summary    string                   `json:"summary"`
	Next       *string                  `json:"next"`
	WorkflowID string                   `json:"workflowId"`
	RunID      string                   `json:"runId"`
	Resource   *string                  `json:"resource"`
	Version    *lifecycle.VersionReport `json:"version"`
	Verdict    *lifecycle.Verdict       `json:"verdict"`
	Alarms     []lifecycle.Alarm        `json:"alarms"`
}

// The headers of a notification. The signature is "sha256=" and the hex HMAC-SHA256 of timestamp, "." and body.
const (
	HeaderDelivery  = "X-Retrainer-Delivery"
	HeaderTimestamp = "X-Retrainer-Timestamp"
	HeaderSignature = "X-Retrainer-Signature"
)

// timeout bounds one attempt, maxAnswer what is read of an answer in bytes: only its status counts.
const (
	timeout   = 10 * time.Second
	maxAnswer = 64 << 10
)

// client sends all notifications. A redirect is an answer, not followed: the signed message would go with it.
var client = newClient()

func newClient() *resty.Client {
	c := resty.NewWithClient(&http.Client{
		Timeout: timeout, Transport: web.NewTransport(),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	})
	return c.SetResponseBodyLimit(maxAnswer).SetLogger(silent{})
}

// silent drops what resty would print by itself, URLs among it.
type silent struct{}

func (silent) Errorf(string, ...any) {}
func (silent) Warnf(string, ...any)  {}
func (silent) Debugf(string, ...any) {}

// Delivery is one notification on its way. The URL may hold a secret and appears in no error.
type Delivery struct {
	URL string
	// Format is how the message is written; empty is JSON.
	Format lifecycle.Format
	// Secret is the key of the signature, which only JSON carries; empty leaves the message unsigned.
	Secret string
	// ID is the same in every attempt, so that a receiver of JSON can tell a repeated one.
	ID string
	// Now is the time that is signed: receivers can refuse what is old.
	Now     time.Time
	Message Message
}

// body is the message as its format writes it.
func (d Delivery) body() ([]byte, error) {
	switch d.Format {
	case lifecycle.FormatSlack:
		return compact(slackOf(newSheet(d.Message)))
	case lifecycle.FormatTeams:
		return compact(teamsOf(newSheet(d.Message)))
	}
	return json.Marshal(d.Message)
}

// compact is JSON that does not write <, > and & as six characters each: chats count them.
func compact(v any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return out.Bytes(), err
}

// Error is a delivery that failed.
type Error struct {
	Message string
	// Retry tells whether another attempt makes sense.
	Retry bool
	// After is what the receiver asked for; zero leaves the pace to the caller.
	After time.Duration
}

// Error is the message; it holds no URL.
func (e *Error) Error() string { return e.Message }

// Send makes one attempt. The error is an *Error.
func Send(ctx context.Context, d Delivery) error {
	if err := web.CheckURL(d.URL); err != nil {
		return &Error{Message: "the URL of the web hook: " + err.Error()}
	}
	body, err := d.body()
	if err != nil {
		return &Error{Message: fmt.Sprintf("write the notification: %v", err)}
	}
	request := client.R().SetContext(ctx).SetBody(body).SetHeader("Content-Type", "application/json")
	if d.Format.Signed() {
		timestamp := strconv.FormatInt(d.Now.Unix(), 10)
		request.SetHeader(HeaderDelivery, d.ID).SetHeader(HeaderTimestamp, timestamp)
		if d.Secret != "" {
			request.SetHeader(HeaderSignature, Sign(d.Secret, timestamp, body))
		}
	}
	response, err := request.Post(d.URL)
	status := 0
	if response != nil {
		status = response.StatusCode()
	}
	switch {
	case ctx.Err() != nil && status == 0:
		return ctx.Err()
	case status/100 == 2:
		return nil
	case status == 0:
		return &Error{Message: "the web hook could not be reached: " + reason(err), Retry: true}
	case status/100 == 3:
		return &Error{Message: fmt.Sprintf("the web hook answered with a redirect (%d), which is not followed", status)}
	}
	failure := &Error{Message: fmt.Sprintf("the web hook answered %d %s", status, http.StatusText(status))}
	failure.Retry = status/100 == 5 || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout
	failure.After, _ = web.RetryAfter(response.Header(), d.Now)
	return failure
}

// Sign is the value of HeaderSignature.
func Sign(secret, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(timestamp + "."))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// reason is the cause of a network error without the URL.
func reason(err error) string {
	var of *url.Error
	if errors.As(err, &of) {
		err = of.Err
	}
	var timed interface{ Timeout() bool }
	if errors.As(err, &timed) && timed.Timeout() {
		return "no answer within " + timeout.String()
	}
	// Further details can name host and path, which are as secret as the URL.
	return "no connection"
}
