package e2e

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/stack"
)

// demo starts `make demo` without make.
func (b *bench) demo(args ...string) *running {
	b.Helper()
	takeDefaultPort()
	path := filepath.Join(b.dir, "demo")
	build := exec.CommandContext(b.Context(), "go", "build", "-o", path, "./demo")
	build.Dir = shared.root
	out, err := build.CombinedOutput()
	require.NoError(b, err, string(out))
	return b.in(shared.root).background(path, append(args, "--bin", filepath.Dir(shared.binaries.Worker))...)
}

// in is the same bench with another working directory for commands.
func (b *bench) in(dir string) *bench {
	c := *b
	c.dir = dir
	return &c
}

// The demo tells the whole story on a screen's worth of lines, and cleans up after itself: a first model, a base model
// that is stopped with the gate's arithmetic, a renewal before the expiry, and what became of an endpoint without one.
func TestDemo(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	r := b.demo().wait()
	require.Zero(t, r.code, "%s\n%s", r.stdout, r.stderr)
	require.LessOrEqual(t, strings.Count(r.stdout, "\n"), 60, r.stdout)
	readable(t, r.stdout)
	shows(t, "README.md", r.stdout)
	text := strings.Join(strings.Fields(r.stdout), " ")
	parts := regexp.MustCompile(`\d{4}-\d\d-\d\d (?:The first version|Microsoft releases|The expiry comes|The day after)`).FindAllStringIndex(text, -1)
	require.Len(t, parts, 4, text)
	first, worse, renewal, after := text[parts[0][0]:parts[1][0]], text[parts[1][0]:parts[2][0]], text[parts[2][0]:parts[3][0]], text[parts[3][0]:]
	rate := `[0-9.]+ %`
	for part, facts := range map[string][]string{
		first: {
			`due: no version of the model has served yet`, `verdict pass: .* against ` + rate + ` of the base model: -[0-9.]+ points`,
			`outcome succeeded: endpoint wind-desk serves the new version, champion now`,
		},
		worse: {
			`due: the base model \d{8} Batch Transcription of [0-9-]+ is newer than`,
			`verdict fail: desk calls: ` + rate + ` against ` + rate + ` of the champion: \+[0-9.]+ points, at most \+1\.0 points allowed`,
			`outcome rejected: endpoint wind-desk still serves the version before`,
		},
		renewal: {
			`due: the champion .* expires on [0-9-]+, in \d\d days: within the lead of 60 days`, `verdict pass: .* of the champion`,
			`outcome succeeded: endpoint wind-desk serves the new version`,
		},
		after: {
			`with wind-desk serves the version above: ` + rate, `its status is Succeeded, .* nothing tells that a bare base model answers them: ` + rate,
			`Everything that was started is stopped\.`,
		},
	} {
		for _, says := range facts {
			require.Regexp(t, says, part)
		}
	}
	// The renewal comes in time, and the last part after the day that it was for.
	expires := regexp.MustCompile(`expires on (\S+)`).FindStringSubmatch(first)[1]
	require.Contains(t, renewal, "expires on "+expires)
	require.Less(t, renewal[:len(expires)], expires)
	require.Greater(t, after[:len(expires)], expires)
	// Without is worse than with.
	rates := regexp.MustCompile(`([0-9.]+) % of the words wrong`).FindAllStringSubmatch(after, -1)
	require.Len(t, rates, 2, after)
	with, without := number(t, rates[0][1]), number(t, rates[1][1])
	require.Less(t, with, without, after)
	b.stopped(r.stdout)
}

// With --verbose there are the model cards, and what the commands print.
func TestDemoVerbose(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	r := b.demo("--verbose").wait()
	require.Zero(t, r.code, "%s\n%s", r.stdout, r.stderr)
	readable(t, r.stdout)
	require.Equal(t, 3, strings.Count(r.stdout, "\nBase models refused\n"), "a card for each run")
	require.Contains(t, r.stdout, "demo: 1 created, 0 changed, 0 unchanged, 0 deleted")
	b.stopped(r.stdout)
}

// readable checks that lines fit into 80 columns. An address is never broken: it is there to be copied.
func readable(t *testing.T, text string) {
	t.Helper()
	for _, line := range strings.Split(text, "\n") {
		if !strings.Contains(line, "wss://") {
			require.LessOrEqual(t, utf8.RuneCountInString(line), 80, line)
		}
	}
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(text, 64)
	require.NoError(t, err)
	return n
}

// Ctrl-C in the middle stops all parts too.
func TestDemoInterrupted(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	demo := b.demo()
	b.await("a training", func(context.Context) error {
		return unless(regexp.MustCompile(`  base +\d{8} `).MatchString(demo.stdout.String()), "%s", demo.stdout.String())
	})
	demo.interrupt()
	r := demo.wait()
	require.Equal(t, 130, r.code, "%s\n%s", r.stdout, r.stderr)
	b.stopped(r.stdout)
}

// What make dev prints for another terminal is typed as it stands, into a shell that knows nothing else: the exports, then each
// command, in their order.
func TestDevPrintsAllThatTheExamplesNeed(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	dev := b.demo("--dev")
	var typed string
	b.await("the commands to type", func(context.Context) error {
		_, after, found := strings.Cut(dev.stdout.String(), "Try it in another terminal, in this folder:\n\n")
		var whole bool
		typed, _, whole = strings.Cut(after, "\n\n")
		return unless(found && whole, "%s", dev.stdout.String())
	})
	readable(t, dev.stdout.String())
	exports := typed[:strings.Index(typed, "  starter ")]
	page := regexp.MustCompile(`fleet page +(http://\S+)`).FindStringSubmatch(dev.stdout.String())
	require.Len(t, page, 2, dev.stdout.String())
	b.await("the fleet page", func(ctx context.Context) error {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, page[1], nil)
		require.NoError(t, err)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			return err
		}
		return errors.Join(answer.Body.Close(), unless(answer.StatusCode == http.StatusOK, "%s", answer.Status))
	})
	type step struct {
		command, shows string
		code           int
	}
	// A first look at the set-up, too, before anything is there.
	steps := []step{{command: "starter doctor", shows: "0 errors, 0 warnings"}}
	for i, said := range []step{
		{"starter plan -f examples/request-full.yaml", "1 model, 1 due, 0 not planned", 4},
		{"starter run -f examples/request-full.yaml", "succeeded after", 0},
		{"starter apply -f examples/fleet.yaml", "wind-service: 3 created, 0 changed, 0 unchanged, 0 deleted", 0},
		{"starter status", "wind-service-desk", 0},
		{"starter doctor", "0 errors, 0 warnings", 0},
	} {
		line := strings.Split(typed[len(exports):], "\n")[i]
		require.Regexp(t, "^  "+said.command+" +# ", line)
		said.command = line
		steps = append(steps, said)
	}
	for _, s := range steps {
		shell := exec.CommandContext(t.Context(), "bash", "-c", exports+s.command)
		shell.Dir, shell.Env = shared.root, []string{"PATH=/usr/bin:/bin", "HOME=" + b.dir}
		out, err := shell.CombinedOutput()
		require.Equal(t, s.code, shell.ProcessState.ExitCode(), "%s: %v\n%s", s.command, err, out)
		require.Contains(t, string(out), s.shows)
		require.NotContains(t, string(out), "retryAfter")
	}
	dev.interrupt()
	r := dev.wait()
	require.Zero(t, r.code, "%s\n%s", r.stdout, r.stderr)
}

// takeDefaultPort keeps the port that every demo prefers for as long as the tests run: what still listens on a demo's
// address after its end must be the demo's, not another's that was glad to find the port free.
var takeDefaultPort = sync.OnceFunc(func() {
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(stack.DefaultPort)))
	if err == nil {
		heldPort = listener
	}
})

// heldPort keeps the listener from being collected.
var heldPort net.Listener

var partAddress = regexp.MustCompile(`127\.0\.0\.1:\d+`)

// stopped checks that nothing listens any more where a demo said that its parts are.
func (b *bench) stopped(output string) {
	b.Helper()
	addresses := partAddress.FindAllString(output, -1)
	require.GreaterOrEqual(b, len(addresses), 3, output)
	for _, address := range addresses {
		_, err := net.DialTimeout("tcp", address, time.Second)
		require.Error(b, err, "%s still listens", address)
	}
}
