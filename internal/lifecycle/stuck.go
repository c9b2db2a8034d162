package lifecycle

import (
	"cmp"
	"fmt"
)

// dueAlarms tell that a model is due and nothing that could be done has helped, and what the budget does not allow.
func dueAlarms(o Observed, request Request) []Alarm {
	answer := Due(o, request)
	var alarms []Alarm
	if answer.Stuck != "" {
		message := answer.Stuck
		if at, name := servedUntil(o); name != "" {
			message += "; " + Lives(name, at, o.Now, o.Endpoint != nil)
		}
		alarms = append(alarms, Alarm{
			Key: AlarmStuck + "-" + hash(answer.StuckKey)[:4], Kind: AlarmStuck, Message: message,
			Next: cmp.Or(answer.StuckNext, fmt.Sprintf("correct the data and see what the service says of it: starter report %s; a new content is tried at once",
				request.Name)),
		})
	}
	if answer.OverBudget != "" {
		month, _ := monthOf(o.Now)
		alarms = append(alarms, Alarm{
			Key: AlarmBudget + "-" + month.Format("2006-01"), Kind: AlarmBudget, Message: answer.OverBudget,
			Next: "to train it now all the same: starter run " + request.Name,
		})
	}
	return alarms
}
