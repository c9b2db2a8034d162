package e2e

import (
	"encoding/json"
	"errors"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
)

// reportOf takes the report out of the error in which a failed or canceled run ended.
func reportOf(b *bench, err error) lifecycle.Report {
	b.Helper()
	var report lifecycle.Report
	var failed *temporal.ApplicationError
	var canceled *temporal.CanceledError
	switch {
	case errors.As(err, &failed):
		require.NoError(b, failed.Details(&report))
		require.Equal(b, string(report.Error.Type), failed.Type())
		require.True(b, failed.NonRetryable())
	case errors.As(err, &canceled):
		require.NoError(b, canceled.Details(&report))
	default:
		require.NoError(b, err, "neither failed nor canceled")
	}
	return report
}

// refused checks what every failure owes the operator: what failed, on which object, what to do next.
func (b *bench) refused(r lifecycle.Report, class lifecycle.FailureClass) lifecycle.Failure {
	b.Helper()
	require.Equal(b, lifecycle.Failed, r.Outcome)
	require.NotNil(b, r.Error)
	require.Equal(b, class, r.Error.Type, "%+v", *r.Error)
	require.NotEmpty(b, r.Error.Message)
	require.NotNil(b, r.Error.Object)
	require.NotNil(b, r.Error.Next)
	require.Nil(b, r.WaitingFor)
	return *r.Error
}

// untouched checks that nothing was created on the service.
func (b *bench) untouched() {
	b.Helper()
	for _, kind := range []string{stack.Models, stack.Datasets, stack.Projects} {
		require.Empty(b, b.objects(kind), kind)
	}
}

// allMarked checks that everything of a kind carries our mark.
func (b *bench) allMarked(kind, mark string) {
	b.Helper()
	for _, e := range b.objects(kind) {
		require.NotEmpty(b, e.CustomProperties[mark], "%s %s without %s", kind, e.DisplayName, mark)
	}
}

func (b *bench) json(text string, into any) {
	b.Helper()
	require.NoError(b, json.Unmarshal([]byte(text), into), text)
}
