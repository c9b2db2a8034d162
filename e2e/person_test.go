package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
)

// A person runs a model of a fleet with the request of its schedule, without its file: what was trained already is taken, with
// --force it is trained again. The calendar of the plan has the dates of what serves then, and status names the same.
func TestAPersonRunsAModelOfAFleet(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.worker()
	fleet := b.crew("24h", b.member("a", "60d"))
	require.Equal(t, map[string]string{"a": "create"}, b.apply(fleet))
	r := b.starter("run", b.name+"-a", "--output", "json")
	require.Zero(t, r.code, r.stderr)
	first := b.report(r)
	require.Equal(t, lifecycle.Succeeded, first.Outcome)
	require.Empty(t, b.renewals("a"), "no check has run: a person did")
	require.NotNil(t, first.Dates)

	r = b.starter("run", b.name+"-a", "--force", "--output", "json")
	require.Zero(t, r.code, r.stderr)
	second := b.report(r)
	require.Equal(t, lifecycle.Succeeded, second.Outcome)
	require.NotEqual(t, first.Version.ID, second.Version.ID)

	path := filepath.Join(t.TempDir(), "fleet.ics")
	r = b.starter("plan", "-f", b.write(fleet), "--calendar", path)
	require.Zero(t, r.code, r.stderr+r.stdout)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	for _, day := range []string{second.Dates.ExpiresAt.Format("20060102"), second.Dates.DueAt.Format("20060102"), second.Dates.LastResortAt.Format("20060102")} {
		require.Contains(t, string(text), "DTSTART;VALUE=DATE:"+day)
	}
	r = b.starter("status", b.name+"-a")
	require.Contains(t, r.stdout, second.Dates.ExpiresAt.Format("2006-01-02"))
	require.Contains(t, r.stdout, second.Dates.DueAt.Format("2006-01-02"))

	r = b.starter("run", b.name+"-nobody")
	require.Equal(t, 2, r.code, r.stdout)
	require.Contains(t, strings.Join(strings.Fields(r.stderr), " "), "there is no schedule renew/"+b.name+"-nobody")
}
