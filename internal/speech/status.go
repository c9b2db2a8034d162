package speech

// Status is the state of an object's asynchronous work (schema Status). Values that this
// client does not know are kept as they came.
type Status string

// The statuses that the service documents.
const (
	StatusNotStarted Status = "NotStarted"
	StatusRunning    Status = "Running"
	StatusSucceeded  Status = "Succeeded"
	StatusFailed     Status = "Failed"
)

// Terminal reports whether the status is final. An unknown status is not: the wait for it goes on
// until its own limit of time.
func (s Status) Terminal() bool { return s == StatusSucceeded || s == StatusFailed }
