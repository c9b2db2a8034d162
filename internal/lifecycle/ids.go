package lifecycle

import "regexp"

// QueryStatus is the query that a run answers with its report.
const QueryStatus = "status"

var nameForm = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)

// IsName tells whether a text can be the name of a model.
func IsName(name string) bool { return nameForm.MatchString(name) }

// RetrainID is the workflow ID of the one retrain of a model at a time.
func RetrainID(model string) string { return "retrain/" + model }

// ScheduleID is the ID of the schedule that fires the checks of a model.
func ScheduleID(model string) string { return "renew/" + model }

// EvaluateID is the workflow ID under which a version of a model is tested later.
func EvaluateID(model string) string { return "evaluate/" + model }
