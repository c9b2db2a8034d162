package speech

import (
	"fmt"
	"net/http"
	"sync"
)

// access is what the last answers said of the key, the token or its role.
type access struct {
	mu      sync.Mutex
	refused string
}

// saw takes a failed or a good call in; nil is a good one. A call without an answer says nothing of the key.
func (a *access) saw(c *Client, e *Error) {
	denied := e != nil && e.Auth()
	if e != nil && e.Status == 0 && !denied {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	before := a.refused
	if a.refused = ""; denied {
		a.refused = c.refusal(e)
	}
	if a.refused != "" && a.refused != before {
		c.logger.Error("not ready: " + a.refused)
	}
}

// refusal says what is refused and which setting to check, in own words: what the service said may repeat anything.
func (c *Client) refusal(e *Error) string {
	what, check := "token", "the worker's Entra identity needs the role Cognitive Services Speech Contributor on the resource"
	if c.key != "" {
		what, check = "key", "check SPEECH_KEY (or SPEECH_KEY_FILE), and that it belongs to the resource in SPEECH_ENDPOINT or SPEECH_REGION"
	}
	if e.Status == 0 {
		return "no Entra token is to be had for the Speech resource " + c.Resource() + ": check the worker's Entra identity (AZURE_* settings), or set SPEECH_KEY"
	}
	return fmt.Sprintf("the Speech resource %s refuses the %s (%d %s): %s", c.Resource(), what, e.Status, http.StatusText(e.Status), check)
}

// Refused says that the service refused the key or the token on its last answer (401, 403), and which setting to
// check; "" when it did not, or nothing was asked yet. It asks nothing itself, and never holds the key.
func (c *Client) Refused() string {
	c.access.mu.Lock()
	defer c.access.mu.Unlock()
	return c.access.refused
}
