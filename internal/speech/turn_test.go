package speech_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"speech-retrainer/internal/resource"
	"speech-retrainer/internal/speech"
)

// line is the way to a Speech resource in memory, for tests on a virtual clock: it takes time to connect, and knows when
// each request went out.
type line struct {
	// connect is how long the nth request waits for its connection.
	connect func(n int) time.Duration
	// status is the answer's; 200 unless set.
	status func() int

	mu    sync.Mutex
	asked int
	out   []time.Time
	sent  []string
}

func (l *line) RoundTrip(r *http.Request) (*http.Response, error) {
	trace := httptrace.ContextClientTrace(r.Context())
	trace.GetConn(r.URL.Host)
	l.mu.Lock()
	n := l.asked
	l.asked++
	l.mu.Unlock()
	if l.connect != nil {
		time.Sleep(l.connect(n))
	}
	trace.GotConn(httptrace.GotConnInfo{})
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
	}
	l.mu.Lock()
	l.out = append(l.out, time.Now())
	l.sent = append(l.sent, r.Method)
	l.mu.Unlock()
	trace.WroteRequest(httptrace.WroteRequestInfo{})
	var body any = []string{"en-US"}
	if strings.HasSuffix(r.URL.Path, "/models") {
		body = map[string]any{"values": []any{}}
	}
	if r.Method == http.MethodPost {
		body = modelJSON("https://calls.example", id1, "desk")
	}
	status := http.StatusOK
	if l.status != nil {
		status = l.status()
	}
	data, _ := json.Marshal(body)
	h := http.Header{"Content-Type": {"application/json"}}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(bytes.NewReader(data)), ContentLength: int64(len(data))}, nil
}

func (l *line) client(t *testing.T, options ...func(*speech.Config)) *speech.Client {
	t.Helper()
	cfg := speech.Config{Access: resource.Access{Endpoint: "https://calls.example", Key: testKey}, Transport: l}
	for _, option := range options {
		option(&cfg)
	}
	c, err := speech.New(cfg)
	require.NoError(t, err)
	return c
}

// crowded is the largest number of moments, which are in order, in any ten seconds.
func crowded(moments []time.Time) int {
	most, first := 0, 0
	for i, at := range moments {
		for at.Sub(moments[first]) > 10*time.Second {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}

// A turn counts when its request goes out: connections that come late, and then all at once, make no more than 90
// requests in any ten seconds.
func TestTurnsCountWhenRequestsGoOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		// New connections take up to 9 s, as at high load; kept ones nothing.
		l := &line{connect: func(n int) time.Duration { return max(0, time.Duration(72-n)*125*time.Millisecond) }}
		c := l.client(t)
		var wg sync.WaitGroup
		for range 300 {
			wg.Go(func() {
				if _, _, err := c.ListModelLocales(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		require.Len(t, l.out, 300)
		require.LessOrEqual(t, crowded(l.out), 90)
	})
}

// A turn that is missing for long fails nobody: neither a call, nor the lists that many wait for.
func TestAMissingTurnFailsNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &line{}
		c := l.client(t)
		release := speech.Hog(t, c)
		ctx := speech.WithPriority(t.Context(), speech.PriorityWatch)
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				_, _, err := c.ListModels(ctx, speech.Filter{})
				if err != nil {
					t.Error(err)
				}
			})
			wg.Go(func() {
				if _, _, err := c.ListModelLocales(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		time.Sleep(30 * time.Minute)
		require.Empty(t, l.sent)
		release()
		wg.Wait()
		require.Len(t, l.sent, 40)
	})
}

// A create asks whether it may be sent when it has its turn, right before it goes out, and is not sent without a yes.
// Nothing else asks, and what was not sent counts nothing.
func TestMayCreate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &line{}
		c := l.client(t)
		asked, no := 0, errors.New("temporal does not answer")
		var answer error
		ctx := speech.From(t.Context(), speech.Caller{Patience: 45 * time.Second, MayCreate: func(context.Context) error { asked++; return answer }})
		create := func() error {
			_, _, err := c.CreateModel(ctx, speech.NewModel{DisplayName: "desk", Locale: "en-US"})
			return err
		}
		_, _, err := c.ListModelLocales(ctx)
		require.NoError(t, err)
		require.Zero(t, asked)
		require.NoError(t, create())
		require.Equal(t, 1, asked)
		require.Equal(t, []string{"GET", "POST"}, l.sent)

		answer = no
		require.Equal(t, no, create())
		require.Equal(t, []string{"GET", "POST"}, l.sent)
		require.Equal(t, 2, speech.Sent(c))

		// A create whose turn does not come is held, and does not even ask; a read waits on.
		release := speech.Hog(t, c)
		var held *speech.HeldError
		require.ErrorAs(t, create(), &held)
		require.EqualError(t, held, "the request limit of the Speech resource had no room for it within 45s, nothing was sent")
		require.Equal(t, 2, asked)
		require.Equal(t, []string{"GET", "POST"}, l.sent)
		time.AfterFunc(time.Hour, release)
		_, _, err = c.ListModelLocales(ctx)
		require.NoError(t, err)
	})
}

// broken is a connection whose second request finds it closed, as one that a server has closed meanwhile.
type broken struct {
	net.Conn
	writes *int
}

func (b broken) Write(p []byte) (int, error) {
	if *b.writes++; *b.writes == 2 {
		return 0, io.ErrClosedPipe
	}
	return b.Conn.Write(p)
}

// A request that the transport sends once more by itself takes another turn, and a create asks again.
func TestARequestThatIsSentAgain(t *testing.T) {
	t.Parallel()
	s := setup(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			reply(201, encode(t, modelJSON("http://"+r.Host, id1, "desk")))(w, r)
			return
		}
		reply(200, `["en-US"]`)(w, r)
	})
	for name, second := range map[string]error{"may be sent": nil, "may not be sent again": errors.New("temporal does not answer")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			writes, before := 0, 0
			c := s.connect(t, func(c *speech.Config) {
				c.Transport = &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
					conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
					return broken{conn, &writes}, err
				}}
			})
			asked := 0
			ctx := speech.From(t.Context(), speech.Caller{MayCreate: func(context.Context) error {
				if asked++; asked == 1 {
					return nil
				}
				return second
			}})
			_, _, err := c.ListModelLocales(ctx)
			require.NoError(t, err)
			before = speech.Sent(c)
			require.Equal(t, 1, before)
			_, _, err = c.CreateModel(ctx, speech.NewModel{
				DisplayName: "desk", Locale: "en-US", BaseModel: &speech.Ref{Self: speech.LinkTo(s.URL + "/speechtotext/models/base/" + id2 + "?api-version=2025-10-15")},
			})
			require.Equal(t, 2, asked)
			if second != nil {
				require.ErrorIs(t, err, second)
				require.True(t, serviceError(t, err).Unanswered, "in doubt it is looked for")
				return
			}
			require.NoError(t, err)
			require.Equal(t, 3, speech.Sent(c))
		})
	}
}

// A worker that is told of too many requests halves its share for a minute, says so once a minute, and goes back.
func TestAnswers429HalveTheShare(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		core, logs := observer.New(zapcore.InfoLevel)
		throttled := false
		l := &line{status: func() int {
			if throttled {
				return http.StatusTooManyRequests
			}
			return http.StatusOK
		}}
		heard := &counted{}
		c := l.client(t, func(c *speech.Config) { c.Logger, c.QuotaShare, c.Observer = zap.New(core), 0.5, heard })
		call := func(fails bool) {
			throttled = fails
			_, _, err := c.ListModelLocales(t.Context())
			require.Equal(t, fails, err != nil)
		}
		// busy sends for a time, and tells the most requests in any ten seconds of it.
		busy := func(d time.Duration) int {
			from := len(l.out)
			for end := time.Now().Add(d); time.Now().Before(end); {
				call(false)
			}
			return crowded(l.out[from:])
		}
		require.Equal(t, 45, busy(20*time.Second))
		require.Zero(t, logs.Len())
		require.Equal(t, speech.Quota{Share: 0.5, InForce: 0.5}, c.Quota())

		call(true)
		require.Equal(t, speech.Quota{Share: 0.5, InForce: 0.25, Throttled: true}, c.Quota())
		time.Sleep(10 * time.Second)
		require.InDelta(t, 22, busy(30*time.Second), 1)
		call(true)
		call(true)
		require.Equal(t, 1, logs.Len(), "once a minute")
		require.InDelta(t, 22, busy(59*time.Second), 1, "a minute after the last")
		require.Equal(t, 1, logs.Len())
		call(true)
		require.Equal(t, 2, logs.Len(), "it goes on")
		for _, entry := range logs.All() {
			require.Equal(t, zapcore.WarnLevel, entry.Level)
			require.Equal(t, map[string]any{"share": 0.25, "of": 0.5}, entry.ContextMap())
		}
		time.Sleep(time.Minute)
		require.Equal(t, speech.Quota{Share: 0.5, InForce: 0.5}, c.Quota())
		call(false)
		require.Equal(t, map[string]int{"list model locales 200": len(l.out) - 4, "list model locales 429": 4}, heard.answers)
		require.Equal(t, len(l.out), heard.waited)
		time.Sleep(20 * time.Second) // the burst comes back
		require.Equal(t, 45, busy(20*time.Second))
		require.Equal(t, 3, logs.Len())
		require.Equal(t, zapcore.InfoLevel, logs.All()[2].Level)
		require.Equal(t, map[string]any{"share": 0.5}, logs.All()[2].ContextMap())
	})
}

// counted is an observer that counts.
type counted struct {
	waited  int
	answers map[string]int
}

func (c *counted) Waited(time.Duration) { c.waited++ }

func (c *counted) Sending(ctx context.Context, operation string) (context.Context, func(int)) {
	return ctx, func(status int) {
		if c.answers == nil {
			c.answers = map[string]int{}
		}
		c.answers[fmt.Sprint(operation, " ", status)]++
	}
}
