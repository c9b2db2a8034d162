package lifecycle

// Requests of one retrain by part, those left out that it shares with all others of its worker (the listing, and the looks
// of those who wait): the creates, fresh looks where a wrong answer would harm, and the marks.
const (
	requestsAlways  = 4
	requestsProject = 2
	requestsCreated = 2
	requestsMeasure = 2
	requestsDeploy  = 7
	requestsDelete  = 3
)

// requestsNeeded is about how many requests a retrain sends for itself alone.
func requestsNeeded(request Request, plan Plan, evaluations int) int {
	n := requestsAlways + requestsDelete*len(plan.Deleted) + requestsMeasure*evaluations
	if request.Project != "" {
		n += requestsProject
	}
	for _, d := range plan.Datasets {
		if d.Action != ActionReuse {
			n += requestsCreated
		}
	}
	if request.Deploy != nil {
		n += requestsDeploy
	}
	return n
}
