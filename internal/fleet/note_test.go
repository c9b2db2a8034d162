package fleet

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/lifecycle"
)

// The page of a schedule names its purpose from the start; later on its note is the operators'.
func TestTheNoteOfASchedule(t *testing.T) {
	t.Parallel()
	m := Model{schedule: timing{Every: lifecycle.Duration(24 * time.Hour)}}
	m.Given = Given{Request: lifecycle.Request{Name: "desk", Locale: "en-US", DisplayName: "Desk"}}
	require.Equal(t, "Checks Desk (en-US), sends its alarms, and starts retrain/desk when it is due. Made by starter apply, fleet prod: change it there.",
		m.Options("prod", "team").Note)
	require.Equal(t, "Asked for by schedule `renew/desk`, every 1d", m.action(wanted(m)).StaticDetails)
	have := client.Schedule{State: &client.ScheduleState{Note: "ann: away until May", Paused: true}}
	changed := m.Changed(have)
	require.Equal(t, client.ScheduleState{Note: "ann: away until May", Paused: true}, *changed.State)
}
