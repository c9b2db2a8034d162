package lifecycle

import (
	"cmp"
	"fmt"
)

// stuckAlarms tell that a model is due and nothing that could be done has helped.
func stuckAlarms(o Observed, request Request) []Alarm {
	answer := Due(o, request)
	if answer.Stuck == "" {
		return nil
	}
	message := answer.Stuck
	if at, name := servedUntil(o); name != "" {
		message += "; " + Lives(name, at, o.Endpoint != nil)
	}
	return []Alarm{{
		Key: AlarmStuck + "-" + hash(answer.StuckKey)[:4], Kind: AlarmStuck, Message: message,
		Next: cmp.Or(answer.StuckNext, fmt.Sprintf("correct the data and see what the service says of it: starter report %s; a new content is tried at once",
			request.Name)),
	}}
}
