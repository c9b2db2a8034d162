package lifecycle

import "time"

// RenewReport is the result of Renew.
type RenewReport struct {
	// Outcome is current, started or skipped.
	Outcome      string     `json:"outcome"`
	Due          bool       `json:"due"`
	Reason       string     `json:"reason"`
	NextCheck    *time.Time `json:"nextCheck"`
	RetrainRunID *string    `json:"retrainRunId"`
	// ExpiresAt is the last day of what serves, for the next check that cannot look; nil when the service gives none.
	ExpiresAt *time.Time `json:"expiresAt"`
	Alarms    []Alarm    `json:"alarms"`
	Notes     []string   `json:"notes"`
}
