package campaign

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/bundle"
	"speech-retrainer/internal/stack"
)

// A seed means the same whenever it is played; each thing dies at least once, at a moment that every retrain can bring.
func TestBlowsOfASeed(t *testing.T) {
	t.Parallel()
	require.Equal(t, blowsOf(17, 50), blowsOf(17, 50))
	require.NotEqual(t, blowsOf(17, 50), blowsOf(18, 50))
	counts, moments := map[int]bool{}, map[string]bool{}
	for seed := range uint64(200) {
		for _, retrains := range []int{1, 50} {
			blows := blowsOf(seed, retrains)
			counts[len(blows)] = true
			hit := map[string]bool{}
			before := Blow{Operation: milestones[0]}
			for _, b := range blows {
				hit[b.Do], moments[b.Operation] = true, true
				require.Positive(t, b.Nth)
				require.LessOrEqual(t, b.Nth, retrains)
				require.False(t, earlier(b, before), "%s comes after %s", b, before)
				before = b
			}
			require.Equal(t, map[string]bool{blowServer: true, blowWorker: true, blowDatabase: true}, hit)
		}
	}
	require.Equal(t, map[int]bool{3: true, 4: true, 5: true}, counts)
	require.Len(t, moments, len(milestones))
}

// earlier tells whether the moment of one blow comes before that of another.
func earlier(a, b Blow) bool {
	at := func(operation string) int { return strings.Index(strings.Join(milestones, " "), operation) }
	return at(a.Operation) < at(b.Operation) || a.Operation == b.Operation && a.Nth < b.Nth
}

func TestClusterPrint(t *testing.T) {
	t.Parallel()
	c := Clustered{
		Seed: 17, Retrains: 50, Outcomes: map[string]int{"succeeded": 50}, Workers: 3, Last: 5*time.Minute + 40*time.Second, Requests: 3200, Busiest: 88, Shared: 1,
		Took: 7 * time.Minute,
		Struck: []Struck{
			{Blow{blowServer, "Models_Create", 7}, 1234 * time.Millisecond},
			{Blow{blowDatabase, "Models_Create", 50}, 2 * time.Second},
			{Blow{blowWorker, "Endpoints_Create", 1}, 300 * time.Millisecond},
		},
	}
	var out strings.Builder
	c.Print(&out)
	bundle.Golden(t, "cluster.txt", out.String())

	c.Outcomes = map[string]int{"succeeded": 49, "canceled": 1}
	c.Broken = []string{"the retrain of cluster-3 ended as canceled, though the service did nothing wrong"}
	out.Reset()
	c.Print(&out)
	bundle.Golden(t, "cluster-broken.txt", out.String())
}

// A blow is struck when the service has answered as many creates of ours as it says, and never when the retrains are over.
func TestStrikeWaitsForTheMoment(t *testing.T) {
	t.Parallel()
	l := &lane{emulator: &stack.Emulator{Key: "any"}}
	made := func(number int, operation string) stack.Exchange {
		return stack.Exchange{Number: number, Operation: operation, Caller: l.emulator.Caller(), After: &stack.After{}}
	}
	byPerson, refused := made(1, "Models_Create"), made(2, "Models_Create")
	byPerson.Caller, refused.After = l.emulator.As(person).Caller(), nil
	log := []stack.Exchange{byPerson, refused, made(3, "Models_Create")}
	asked, over := 0, make(chan struct{})
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		after, err := strconv.Atoi(r.URL.Query().Get("after"))
		assert.NoError(t, err)
		assert.NoError(t, json.NewEncoder(w).Encode(map[string]any{"requests": log[after:]}))
		switch asked++; asked {
		case 1:
			log = append(log, made(4, "Evaluations_Create"), made(5, "Models_Create"))
		case 3:
			close(over)
		}
	}))
	t.Cleanup(service.Close)
	l.emulator.URL = service.URL
	first := Blow{blowServer, "Models_Create", 2}
	struck, err := l.strike(t.Context(), []Blow{first, {blowWorker, "Evaluations_Create", 2}}, over, func(_ context.Context, b Blow) error {
		require.Equal(t, first, b)
		require.Equal(t, 2, asked, "at the second create of ours, not before")
		return nil
	})
	require.NoError(t, err)
	require.Len(t, struck, 1)

	_, err = l.strike(t.Context(), []Blow{first}, over, func(context.Context, Blow) error { return errors.New("it does not come back") })
	require.EqualError(t, err, first.String()+": it does not come back")
}

// The service alone takes as long as the jobs of one retrain, or as its limit lets all requests take.
func TestServiceTime(t *testing.T) {
	t.Parallel()
	require.Equal(t, 42*time.Second, serviceTime(60))
	require.Equal(t, 320*time.Second, serviceTime(3200))
}
