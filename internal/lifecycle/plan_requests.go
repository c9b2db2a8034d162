package lifecycle

// Requests of one retrain by part, polls left out: looks before and after each create, and the marks.
const (
	requestsAlways  = 18
	requestsProject = 2
	requestsReused  = 3
	requestsCreated = 6
	requestsMeasure = 6
	requestsDeploy  = 8
	requestsDelete  = 2
)

// requestsNeeded is about how many requests a retrain sends, polls left out.
func requestsNeeded(request Request, plan Plan, evaluations int) int {
	n := requestsAlways + requestsDelete*len(plan.Deleted) + requestsMeasure*evaluations
	if request.Project != "" {
		n += requestsProject
	}
	for _, d := range plan.Datasets {
		if d.Action == ActionReuse {
			n += requestsReused
		} else {
			n += requestsCreated
		}
	}
	if request.Deploy != nil {
		n += requestsDeploy
	}
	return n
}
