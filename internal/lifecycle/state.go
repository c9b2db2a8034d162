package lifecycle

// State is what a version is to us: the value of its mark sr.state.
type State string

// The states of a version.
const (
	StateCandidate State = "candidate"
	// StateDeploying is a candidate that has earned to serve while its endpoint is changed.
	StateDeploying  State = "deploying"
	StateChampion   State = "champion"
	StateRetired    State = "retired"
	StateRejected   State = "rejected"
	StateRolledBack State = "rolledback"
	StateFailed     State = "failed"
	StateAbandoned  State = "abandoned"
)
