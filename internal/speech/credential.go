package speech

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/go-resty/resty/v2"
)

// authorize puts the key, else a token, on a request. Credentials cache their tokens themselves.
func (c *Client) authorize(ctx context.Context, r *resty.Request) error {
	if c.key != "" {
		r.SetHeader(keyHeader, c.key)
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	token, err := c.credential.GetToken(ctx, policy.TokenRequestOptions{Scopes: []string{c.scope}})
	if err != nil {
		return err
	}
	c.tokens.add(token.Token)
	r.SetHeader(authorizationHeader, "Bearer "+token.Token)
	return nil
}

// tokenError is a call that was not made because no token was to be had. Entra saying no, or no
// identity being set up at all, is final; Entra not answering is not.
func (c *Client) tokenError(q call, err error) *Error {
	e := &Error{Operation: q.operation, Object: q.object, Err: err}
	reason := err.Error()
	var failed *azidentity.AuthenticationFailedError
	var final interface{ NonRetriable() }
	if errors.As(err, &failed) {
		if r := failed.RawResponse; r != nil {
			e.denied = r.StatusCode >= http.StatusBadRequest && r.StatusCode < http.StatusInternalServerError &&
				r.StatusCode != http.StatusRequestTimeout && r.StatusCode != http.StatusTooManyRequests
			reason = answerOf(r)
		}
	} else if errors.As(err, &final) {
		e.denied = true
	}
	e.Message = c.clean("no Entra token: " + reason)
	return e
}

var (
	entraCodeForm = regexp.MustCompile(`^[A-Za-z_]{1,40}$`)
	entraTextForm = regexp.MustCompile(`^AADSTS\d+: [^\r\n]*`)
)

// answerOf describes what who gives out tokens has answered. The whole answer, which the error of azidentity
// quotes, may hold a token or repeat what it was asked with: only the code, and the text of Entra itself, are told.
func answerOf(r *http.Response) string {
	who := "the identity endpoint"
	if r.Request != nil {
		who = r.Request.URL.Host
	}
	said := fmt.Sprintf("%s answers %d", who, r.StatusCode)
	body, err := runtime.Payload(r)
	if err != nil {
		return said
	}
	var told struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if json.Unmarshal(body, &told) != nil || !entraCodeForm.MatchString(told.Error) {
		return said
	}
	said += " " + told.Error
	if text := entraTextForm.FindString(told.Description); text != "" {
		said += ": " + text
	}
	return said
}
