package lifecycle

import "time"

// Answer is what became of a question to a person, or what a person did without being asked.
type Answer string

// The answers.
const (
	AnswerApproved Answer = "approved"
	AnswerRejected Answer = "rejected"
	AnswerTimeout  Answer = "timeout"
	// AnswerRollback and AnswerAdopt are acts of a person: an earlier version serves again, or a version was taken over.
	AnswerRollback Answer = "rollback"
	AnswerAdopt    Answer = "adopt"
)

// ApprovalReport is who answered what, when and why.
type ApprovalReport struct {
	By     string    `json:"by"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
	Answer Answer    `json:"answer"`
}
