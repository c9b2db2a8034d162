package main

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// layer allows one room to import another. A name that ends in /... means the room and all inside it.
type layer struct{ from, to, why string }

// layers are all imports that are allowed between our rooms: they point down only. Tests may import what they need.
var layers = []layer{
	// The programs.
	{"worker", "workflows", "it registers them"},
	{"worker", "activities", "it registers them"},
	{"worker", "internal/speech", "it makes the one client of the Speech resource, and tells of its refusals"},
	{"worker", "internal/config", "its settings, and the connection to Temporal"},
	{"worker", "internal/telemetry", "its logger and its metrics"},
	{"worker", "internal/metric", "the metrics that it reads off the worker"},
	{"worker", "internal/checks", "what Temporal remembers of checks, for metrics"},
	{"internal/telemetry", "internal/secret", "what may not be told of the address of a collector"},
	{"internal/telemetry", "internal/metric", "the catalogue that it makes"},
	{"internal/metric", "internal/lifecycle", "the values that labels may have"},
	{"internal/checks", "internal/lifecycle", "IDs of schedules and runs, and what a run waits for"},
	{"workflows", "internal/metric", "what they count"},
	{"activities", "internal/metric", "what they count"},
	{"worker", "internal/resource", "its identity in Temporal, which tells its resource"},
	{"worker", "internal/build", "--version"},
	{"worker", "internal/page", "--page"},
	{"worker", "internal/follow", "the connection to Temporal by which the fleet page reads"},
	{"worker", "internal/screen", "the fleet page tells nobody anything beside itself"},
	{"worker", "internal/lifecycle", "the kinds of alarms, and the endpoints that the fleet page's look names"},
	{"internal/page", "activities", "the worker's own listing, and why it could not be read"},
	{"internal/page", "internal/overview", "what of a fleet is amiss, and what needs a person"},
	{"internal/page", "internal/schedules", "reads the schedules of models, seldom"},
	{"internal/page", "internal/follow", "the connection to Temporal, runs and plans"},
	{"internal/page", "internal/fleet", "what a schedule says of itself"},
	{"internal/page", "internal/decode", "what a model's name may be"},
	{"internal/page", "internal/calendar", "the calendar as a file"},
	{"internal/page", "internal/lifecycle", "versions, needs, reports, plans and what they cost"},
	{"internal/page", "internal/exit", "why something could not be read"},
	{"internal/page", "internal/words", "times, numbers and names for people"},
	{"internal/page", "internal/visible", "what it shows is safe to show"},
	{"internal/follow", "internal/decode", "how many plans are asked for at once"},
	{"worker", "internal/meant", "says what a mistyped flag may have meant"},
	{"worker", "internal/visible", "what it prints is safe to show"},
	{"starter/...", "workflows", "everything but data goes through them: names, inputs and results"},
	{"starter/...", "internal/decode", "refuses what the workflows would refuse, in the same words"},
	{"starter/...", "internal/dataset", "how patient an upload is, and how data is checked"},
	{"starter/...", "internal/lifecycle", "the documents that it shows, and the failures that it ends with"},
	{"starter/...", "internal/table", "how its tables look"},
	{"starter/...", "internal/config", "its settings, and the connection to Temporal"},
	{"starter/...", "internal/rehearsal", "rehearse"},
	{"starter/...", "internal/telemetry", "the logger of the SDK, and traces"},
	{"starter/...", "internal/build", "--version"},
	{"starter/...", "internal/meant", "says what a mistyped flag or command may have meant"},
	{"starter/...", "internal/visible", "what it prints is safe to show"},
	{"starter/...", "internal/exit", "how it ends: exit codes, and the errors that bring them"},
	{"starter/...", "internal/document", "reads requests and fleets, and writes a fleet's id"},
	{"starter/...", "internal/calendar", "plan --calendar"},
	{"internal/calendar", "internal/lifecycle", "the plans whose days it writes"},
	{"internal/calendar", "internal/words", "days and names for people"},
	{"internal/calendar", "internal/visible", "what it writes is safe to show"},
	{"starter/...", "internal/fleet", "what a file says, and what its schedules should be"},
	{"starter/...", "internal/upload", "checks and uploads data of this machine"},
	{"starter/...", "internal/schedules", "reads and changes the schedules of models"},
	{"starter/...", "internal/overview", "status"},
	{"starter/...", "internal/follow", "starts, finds and follows runs"},
	{"starter/...", "internal/screen", "what it shows"},
	{"starter/...", "internal/words", "times, numbers and names for people"},
	{"internal/document", "internal/fleet", "a document, as its author wrote it"},
	{"internal/document", "internal/lifecycle", "the failures that it ends with"},
	{"internal/document", "internal/exit", "what it cannot read or write ends the program"},
	{"internal/upload", "activities", "what to do about an answer of the service: in the words of a run"},
	{"internal/upload", "internal/config", "which Speech resource is meant"},
	{"internal/upload", "internal/resource", "its host, as workers tell theirs"},
	{"internal/upload", "internal/dataset", "the checks, the identity of content and the upload"},
	{"internal/upload", "internal/speech", "the client of that upload, and why it fails"},
	{"internal/upload", "internal/fleet", "the local files of a request, and datasets in their place"},
	{"internal/upload", "internal/lifecycle", "the data of requests, and failures"},
	{"internal/upload", "internal/exit", "what it could not do ends the program"},
	{"internal/upload", "internal/screen", "shows how far it is"},
	{"internal/upload", "internal/secret", "what may not be told of an address"},
	{"internal/upload", "internal/words", "times and numbers for people"},
	{"internal/schedules", "workflows", "IDs of schedules and of what they start"},
	{"internal/schedules", "internal/follow", "the connection to Temporal"},
	{"internal/schedules", "internal/fleet", "what schedules are and should be"},
	{"internal/schedules", "internal/lifecycle", "failures"},
	{"internal/schedules", "internal/meant", "says which schedule a mistyped name may have meant"},
	{"internal/schedules", "internal/words", "the note of a pause that nobody wrote"},
	{"internal/schedules", "internal/exit", "what it could not do ends the program"},
	{"starter/...", "internal/doctor", "doctor"},
	{"internal/doctor", "workflows", "search attributes, and IDs of schedules"},
	{"internal/doctor", "internal/follow", "the connection to Temporal"},
	{"internal/doctor", "internal/fleet", "what schedules say of themselves"},
	{"internal/doctor", "internal/lifecycle", "findings, and what a worker sees"},
	{"internal/doctor", "internal/config", "which Speech resource and Temporal are meant"},
	{"internal/doctor", "internal/speech", "asks the Speech resource of starter's own settings whether it answers"},
	{"internal/doctor", "internal/exit", "reads why apply would refuse a fleet"},
	{"internal/doctor", "internal/words", "times and numbers for people"},
	{"activities", "internal/build", "tells the release of the worker"},
	{"activities", "internal/secret", "when the signature of a URL ends, and its host alone"},
	{"internal/overview", "workflows", "what a worker is asked, and the search attributes of retrains"},
	{"internal/overview", "internal/decode", "what a model's name may be"},
	{"internal/overview", "internal/follow", "asks workers, and what keeps a retrain from getting on"},
	{"internal/overview", "internal/schedules", "the schedules that are there"},
	{"internal/overview", "internal/fleet", "what a schedule says of itself"},
	{"internal/overview", "internal/lifecycle", "what the service shows of a model"},
	{"internal/overview", "internal/exit", "what it could not do ends the program"},
	{"internal/overview", "internal/table", "how tables look"},
	{"internal/overview", "internal/words", "times, numbers and trouble for people"},
	{"internal/overview", "internal/visible", "what it shows is safe to show"},
	{"internal/follow", "workflows", "names, inputs and results of what it follows"},
	{"internal/follow", "activities", "reads what a wait says of its progress"},
	{"internal/follow", "internal/lifecycle", "reports and failures"},
	{"internal/follow", "internal/exit", "what it could not do ends the program"},
	{"internal/follow", "internal/resource", "which resource the identity of a worker tells"},
	{"internal/follow", "internal/screen", "draws stages"},
	{"internal/follow", "internal/words", "times and trouble for people"},
	{"internal/follow", "internal/visible", "what it shows is safe to show"},
	{"internal/fleet", "workflows", "IDs and the task queue of schedules"},
	{"internal/fleet", "internal/lifecycle", "the requests of a fleet"},
	{"internal/fleet", "internal/speech", "what names an endpoint: its ID, URL or name; no client"},
	{"internal/fleet", "internal/meant", "says what a mistyped field may have meant"},
	{"internal/fleet", "internal/exit", "what it refuses ends the program"},
	{"internal/fleet", "internal/words", "durations and lists for people"},
	{"internal/fleet", "internal/visible", "what it says of a file is safe to show"},
	{"internal/screen", "internal/card", "the report for people"},
	{"internal/screen", "internal/lifecycle", "the reports and plans that it shows"},
	{"internal/screen", "internal/exit", "an answer that is no yes ends the program"},
	{"internal/screen", "internal/table", "how tables look"},
	{"internal/screen", "internal/words", "lines of 80 columns"},
	{"internal/screen", "internal/visible", "what it prints is safe to show"},
	{"internal/exit", "internal/lifecycle", "the failures that a program ends with"},
	{"internal/card", "internal/words", "times, numbers and trouble for people"},
	{"internal/words", "internal/lifecycle", "percent and points, and trouble as values"},
	{"internal/words", "internal/visible", "text from outside is made harmless"},
	{"internal/sample", "activities", "progress as a wait tells it (for tests only)"},
	{"internal/sample", "internal/lifecycle", "reports as runs tell them (for tests only)"},
	{"internal/sample", "internal/words", "the width of what is shown (for tests only)"},
	{"workflows", "internal/words", "times and numbers on the page of a run"},
	{"internal/fleet", "internal/decode", "requests are read as the workflow reads them"},
	{"internal/fleet", "internal/secret", "what its parser quotes of a file may hold a signed URL"},
	{"internal/sample", "internal/bundle", "golden files (for tests only)"},
	{"internal/bundle", "internal/emulator", "the service of a test (for tests only)"},
	{"internal/bundle", "internal/speech", "the client of a test (for tests only)"},
	{"internal/bundle", "internal/resource", "where that client finds the service (for tests only)"},
	{"emulator", "internal/emulator", "it serves it"},
	{"emulator", "internal/build", "--version"},
	{"emulator", "internal/meant", "says what a mistyped flag may have meant"},

	// The product.
	{"workflows", "activities", "they call them, by name and with their inputs"},
	{"workflows", "internal/lifecycle", "the rules that they follow, and the report"},
	{"workflows", "internal/notify", "the messages; activities send them"},
	{"workflows", "internal/decode", "reads their inputs, with all that is wrong with them"},
	{"workflows", "internal/visible", "what Temporal's web UI shows is safe to show"},
	{"internal/decode", "internal/lifecycle", "the requests that it reads, and their defaults"},
	{"internal/decode", "internal/speech", "what a reference or a URL may look like; no client"},
	{"internal/decode", "internal/meant", "says what a mistyped field may have meant"},
	{"activities", "internal/lifecycle", "the rules: an activity has none of its own"},
	{"activities", "internal/speech", "what they ask of the service"},
	{"activities", "internal/mirror", "what is known of the resource without a request"},
	{"internal/mirror", "internal/speech", "the client whose answers it keeps"},
	{"activities", "internal/dataset", "the identity of data behind a URL"},
	{"activities", "internal/notify", "sends the messages"},
	{"internal/dataset", "internal/lifecycle", "whose a dataset is, and which of two twins stays"},
	{"internal/dataset", "internal/speech", "the upload"},
	{"internal/notify", "internal/lifecycle", "what a message tells of"},
	{"internal/notify", "internal/visible", "what it writes for chats is safe to show"},
	{"internal/notify", "internal/web", "which URLs may be asked, by which transport, and how long to wait"},
	{"internal/config", "internal/resource", "what leads to the Speech resource, and what it may be"},
	{"internal/config", "internal/secret", "what may not be printed of a setting"},
	{"internal/config", "internal/web", "which addresses may be asked"},
	{"internal/speech", "internal/resource", "what leads to the resource that it asks"},
	{"internal/speech", "internal/secret", "what may not be told of a request and its answer"},
	{"internal/speech", "internal/web", "which URLs may be asked, by which transport, and how long to wait"},
	{"internal/decode", "internal/secret", "URLs that carry a permission are refused, and not repeated"},
	{"internal/decode", "internal/web", "which URLs a request may name"},
	{"activities", "internal/web", "which URLs of data and web hooks may be asked"},
	{"starter/...", "internal/secret", "what may not be printed of what was typed"},
	{"internal/card", "internal/lifecycle", "the report that it shows"},
	{"internal/card", "internal/visible", "what it writes is safe to show"},
	{"internal/resource", "internal/secret", "what may not be told of an address or a key"},
	{"internal/resource", "internal/web", "which addresses may be asked"},
	{"internal/telemetry", "internal/visible", "what is logged is safe to show"},

	// The local Speech service, and what plays on it.
	{"internal/emulator", "internal/contract", "every exchange is held against it"},
	{"internal/emulator", "internal/emulator/filter", "the filters of lists"},
	{"internal/emulator", "internal/emulator/intake", "takes data in"},
	{"internal/emulator", "internal/emulator/recognizer", "scores an evaluation"},
	{"internal/rehearsal", "internal/emulator", "the service on which it plays"},
	{"internal/rehearsal", "internal/stack", "starts a Temporal server of its own"},
	{"internal/rehearsal", "internal/table", "how tables look"},
	{"internal/rehearsal", "internal/words", "dates and numbers for people"},
	{"internal/rehearsal", "internal/visible", "what it shows is safe to show"},
	{"internal/rehearsal", "workflows", "the real ones are rehearsed"},
	{"internal/rehearsal", "activities", "the real ones are rehearsed"},
	{"internal/rehearsal", "internal/lifecycle", "the requests and reports of the fleet"},
	{"internal/rehearsal", "internal/speech", "the client of its activities"},
	{"internal/rehearsal", "internal/resource", "where that client finds the service"},

	// What is for those who build the product, and is not shipped by itself.
	{"internal/stack", "internal/emulator", "which caller a request names, as the emulator tells callers apart"},
	{"demo", "internal/stack", "the stack that it shows"},
	{"screens", "internal/stack", "the stack on which its fleet lives"},
	{"demo", "internal/lifecycle", "the reports that it tells of"},
	{"demo", "internal/words", "dates, numbers and lines for people"},
	{"demo", "internal/visible", "what it shows is safe to show"},
	{"campaign", "internal/campaign", "it plays it"},
	{"campaign", "internal/stack", "finds the programs"},
	{"internal/campaign", "internal/stack", "the stacks that it plays on"},
	{"internal/campaign", "internal/lifecycle", "marks and reports, by which it judges"},
	{"internal/campaign", "internal/table", "how its tables look"},
	{"internal/campaign", "workflows", "names of workflows, and their IDs"},
	{"bench", "internal/bench", "it measures it"},
	{"bench", "internal/stack", "finds the programs"},
	{"internal/bench", "internal/stack", "the programs that it measures, from outside"},
	{"internal/bench", "workflows", "names of workflows, and a worker without a quota to compare with idle ones"},
	{"internal/bench", "activities", "the wait that it parks, and that worker"},
	{"internal/bench", "internal/speech", "the client of that worker"},
	{"internal/bench", "internal/resource", "where that service is"},
	{"internal/bench", "internal/lifecycle", "marks of what it seeds"},
	{"internal/bench", "internal/words", "lines of the page"},
	{"internal/mutants", "internal/table", "how its tables look"},
	{"internal/fetch", "internal/web", "which addresses may be asked, and by which transport"},
	{"internal/fetch", "internal/visible", "what it shows of a program that it does not know is safe to show"},
	{"internal/fetch", "internal/words", "how wide its lines may be"},
	{"internal/house", "internal/table", "how its tables look"},
}

// unreached are rooms that another must not stand on, however many are between.
var unreached = []layer{
	{"internal/lifecycle", "...", "the rules are pure: values in, values and reasons out"},
	{"internal/speech", "...", "the client knows the service, and nothing of what we do with it"},
	{"internal/contract", "...", "it is what the others are held against"},
	{"internal/config", "internal/speech", "who makes the client joins the two"},
	{"internal/emulator/...", "internal/speech", "it must not share the client's mistakes"},
	{"internal/emulator/...", "internal/dataset", "it must not share the mistakes of our checks of data"},
	{"emulator", "internal/speech", "it must not share the client's mistakes"},
	{"emulator", "internal/dataset", "it must not share the mistakes of our checks of data"},
	{"worker", "internal/emulator/...", "a worker that speaks to the real service has no local one inside"},
	{"worker", "internal/stack", "it starts no other program"},
	{"worker", "starter/...", "the programs meet in Temporal alone"},
	{"starter/...", "worker", "the programs meet in Temporal alone"},
}

// below are the rooms under all others: who stands on them stands on nothing of what the product does.
var below = []string{"internal/secret", "internal/web", "internal/resource"}

// shipped are the programs of the image; testLibraries is what they must not import. The SDK of Temporal imports testify
// itself, so this is asked of our own sources only.
var (
	shipped       = []string{"worker", "starter", "emulator"}
	testLibraries = []string{
		"testing/...", "net/http/httptest", "github.com/stretchr/testify/...", "github.com/google/go-cmp/...", "pgregory.net/rapid",
		"go.temporal.io/sdk/testsuite", "go.temporal.io/sdk/mocks",
	}
)

// covers reports whether a pattern means the name.
func covers(pattern, name string) bool {
	within, all := strings.CutSuffix(pattern, "...")
	if !all {
		return pattern == name
	}
	return within == "" || name+"/" == within || strings.HasPrefix(name, within)
}

// theHouse is opened once: all tests look at the same.
var theHouse = sync.OnceValues(func() (house, error) { return open(context.Background(), filepath.Join("..", "..")) })

func opened(t *testing.T) house {
	t.Helper()
	h, err := theHouse()
	require.NoError(t, err)
	return h
}

func TestLayers(t *testing.T) {
	t.Parallel()
	used := map[layer]bool{}
	for _, r := range opened(t).Rooms {
		for _, to := range r.Imports {
			i := slices.IndexFunc(layers, func(l layer) bool { return covers(l.from, r.Name) && covers(l.to, to) })
			if i < 0 {
				t.Errorf("%s imports %s: no row of layers allows it; either it is the wrong room for this code, or the row needs its reason", r.Name, to)
				continue
			}
			used[layers[i]] = true
		}
	}
	for _, l := range layers {
		require.NotEmpty(t, l.why, "%s may import %s: why?", l.from, l.to)
		if !used[l] {
			t.Errorf("%s may import %s, and does not (or another row allows it already): delete the row", l.from, l.to)
		}
	}
}

func TestUnreached(t *testing.T) {
	t.Parallel()
	met := map[string]bool{}
	for _, r := range opened(t).Rooms {
		for _, u := range unreached {
			if !covers(u.from, r.Name) {
				continue
			}
			met[u.from] = true
			for _, to := range r.Deps {
				if covers(u.to, to) && !slices.Contains(below, to) {
					t.Errorf("%s stands on %s: %s", r.Name, to, u.why)
				}
			}
		}
	}
	for _, u := range unreached {
		require.True(t, met[u.from], "there is no room %s", u.from)
	}
}

func TestShippedWithoutTestLibraries(t *testing.T) {
	t.Parallel()
	h := opened(t)
	in := map[string]bool{}
	for _, r := range h.Rooms {
		if slices.Contains(shipped, r.Name) {
			in[r.Name] = true
			for _, to := range r.Deps {
				in[to] = true
			}
		}
	}
	for _, name := range shipped {
		require.True(t, in[name], "there is no program %s", name)
	}
	for _, r := range h.Rooms {
		for _, path := range r.Foreign {
			if in[r.Name] && slices.ContainsFunc(testLibraries, func(library string) bool { return covers(library, path) }) {
				t.Errorf("%s imports %s, and is shipped", r.Name, path)
			}
		}
	}
}
