package decode

import (
	"bytes"
	"encoding/json"
	"fmt"

	"speech-retrainer/internal/lifecycle"
)

// Doctor reads the input of the workflow Doctor: nothing, {}, a request, or {requests: […]}. The problems are those of all
// requests, each with its place.
func Doctor(raw []byte) (requests []lifecycle.Request, problems []lifecycle.Problem) {
	switch trimmed := string(bytes.TrimSpace(raw)); trimmed {
	case "", "null", "{}":
		return []lifecycle.Request{}, nil
	}
	given, several, problems := Plans(raw)
	if len(problems) > 0 {
		return nil, problems
	}
	if !several {
		given = []json.RawMessage{raw}
	}
	for i, one := range given {
		request, faults := Request(one)
		requests = append(requests, request)
		for _, p := range faults {
			if several {
				p.Path = join(fmt.Sprintf("requests[%d]", i), p.Path)
			}
			problems = append(problems, p)
		}
	}
	return requests, problems
}
