package lifecycle

// State is what a version is to us: the value of its mark sr.state.
type State string

// The states of a version.
const (
	StateCandidate  State = "candidate"
	StateChampion   State = "champion"
	StateRetired    State = "retired"
	StateRejected   State = "rejected"
	StateRolledBack State = "rolledback"
	StateFailed     State = "failed"
	StateAbandoned  State = "abandoned"
)
