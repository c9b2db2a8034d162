package speech

import (
	"context"
	"errors"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
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
	r.SetHeader(authorizationHeader, "Bearer "+token.Token)
	return nil
}

// tokenError is a call that was not made because no token was to be had. Entra saying no, or no
// identity being set up at all, is final; Entra not answering is not.
func (c *Client) tokenError(q call, err error) *Error {
	e := &Error{Operation: q.operation, Object: q.object, Message: c.clean("no Entra token: " + err.Error()), Err: err}
	var failed *azidentity.AuthenticationFailedError
	var final interface{ NonRetriable() }
	if errors.As(err, &failed) {
		r := failed.RawResponse
		e.denied = r != nil && r.StatusCode >= http.StatusBadRequest && r.StatusCode < http.StatusInternalServerError &&
			r.StatusCode != http.StatusRequestTimeout && r.StatusCode != http.StatusTooManyRequests
	} else if errors.As(err, &final) {
		e.denied = true
	}
	return e
}
