package decode

import (
	"encoding/json"
	"fmt"

	"speech-retrainer/internal/lifecycle"
)

// MostPlans is how many requests one input of the workflow Plan may have.
const MostPlans = 100

// PlansInput asks for the plans of several requests.
type PlansInput struct {
	Requests []json.RawMessage `json:"requests"`
}

// Plans reads the input of the workflow Plan: several is true for that of several requests, which are read one by one
// like any other; otherwise the input is a request itself.
func Plans(raw []byte) (requests []json.RawMessage, several bool, problems []lifecycle.Problem) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil || fields["requests"] == nil {
		return nil, false, nil
	}
	if _, problems := parseTree(raw); len(problems) > 0 {
		return nil, true, problems
	}
	if len(fields) > 1 {
		return nil, true, []lifecycle.Problem{{Path: "requests", Message: "stands alone: an input is one request, or requests and nothing else"}}
	}
	if json.Unmarshal(fields["requests"], &requests) != nil || len(requests) == 0 || len(requests) > MostPlans {
		return nil, true, []lifecycle.Problem{{Path: "requests", Message: fmt.Sprintf("must be a list of 1 to %d requests", MostPlans)}}
	}
	return requests, true, nil
}
