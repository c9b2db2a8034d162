package speech

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"go.uber.org/zap"

	"speech-retrainer/internal/web"
)

// Download reads the content of a file, at most limit bytes; a larger one is an error. The content
// lies on a storage host: no key or token goes there, no redirect is followed, and the request does
// not count against the quota of the resource. An address that has expired is an error that is not
// transient; list or get the file again.
func (c *Client) Download(ctx context.Context, f File, limit int64) ([]byte, error) {
	q := call{operation: "download file", object: f.Name, method: http.MethodGet, limit: limit}
	u, err := url.Parse(f.contentURL)
	if err != nil || f.contentURL == "" {
		return nil, c.refuse(q, "the service gave no address of its content")
	}
	if err := web.CheckURL(f.contentURL); err != nil {
		return nil, c.refuse(q, "the address of its content: "+err.Error())
	}
	if limit < 1 {
		return nil, c.refuse(q, fmt.Sprintf("a limit of %d bytes makes no sense", limit))
	}
	q.url = u
	ctx, cancel := context.WithTimeoutCause(ctx, c.timeout, fmt.Errorf("no answer within %s", c.timeout))
	defer cancel()
	response, err := c.http.R().SetContext(ctx).SetResponseBodyLimit(int(limit)).Execute(q.method, f.contentURL)
	status := 0
	if response != nil {
		status = response.StatusCode()
	}
	c.logger.Debug("download", zap.String("file", f.Name), zap.String("host", u.Host), zap.Int("status", status))
	if err != nil && !(tooLarge(err) && status != http.StatusOK) {
		return nil, c.networkError(ctx, q, response, err, false)
	}
	if status == http.StatusOK {
		return response.Body(), nil
	}
	e := &Error{Operation: q.operation, Object: f.Name, Status: status, storage: true}
	e.Message = c.clean(fmt.Sprintf("%s answers %s", u.Host, foreign(response)))
	meta := c.meta(response.Header())
	e.RetryAfter, e.HasRetryAfter = meta.RetryAfter, meta.HasRetryAfter
	e.Asked = c.clean(response.Header().Get(web.HeaderRetryAfter))
	return nil, e
}
