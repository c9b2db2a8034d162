package notify_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/bundle"
	"speech-retrainer/internal/hostile"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/notify"
)

// received is the body and the headers that a receiver gets of a message in a format.
func received(t *testing.T, format lifecycle.Format, m notify.Message) ([]byte, http.Header) {
	t.Helper()
	var body []byte
	var header http.Header
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		header = r.Header
		body, _ = io.ReadAll(r.Body)
	}))
	defer receiver.Close()
	require.NoError(t, notify.Send(t.Context(), notify.Delivery{
		URL: receiver.URL + "/hooks/t0ken", Format: format, Secret: "s3cret", ID: "run/failed/1", Now: m.At, Message: m,
	}))
	require.Equal(t, "application/json", header.Get("Content-Type"))
	return body, header
}

// messages are one for each event, as runs and checks send them.
func messages() map[lifecycle.Event]notify.Message {
	at := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	expires := time.Date(2028, 5, 14, 0, 0, 0, 0, time.UTC)
	version := &lifecycle.VersionReport{ID: "a1", DisplayName: "support-calls 2026-06-01 1a2b3c4d", ExpiresAt: &expires, State: lifecycle.StateCandidate}
	of := func(event lifecycle.Event, summary, next string) notify.Message {
		return notify.Message{
			Event: event, At: at, Model: "support-calls", Locale: "en-US", Summary: summary, Next: &next,
			WorkflowID: "retrain/support-calls", RunID: "7d1c1b1e-0000-4000-8000-000000000001",
			Resource: lifecycle.Ptr("westeurope.api.cognitive.microsoft.com"), Alarms: []lifecycle.Alarm{},
		}
	}
	all := map[lifecycle.Event]notify.Message{
		lifecycle.EventFailed: of(lifecycle.EventFailed, "Support calls: the retrain failed: the service said that the training failed",
			"see what happened: starter report support-calls"),
		lifecycle.EventRejected: of(lifecycle.EventRejected,
			"Support calls: the new version was rejected: 13.1 % is worse than 11.2 % by more than 0.5 points",
			"see why: starter report support-calls; to try again: starter run --file FILE"),
		lifecycle.EventApproval: of(lifecycle.EventApproval,
			"Support calls: version support-calls 2026-06-01 1a2b3c4d waits for an answer until 2026-06-04 12:00:00Z",
			"starter approve support-calls --reason REASON; or starter reject support-calls --reason REASON"),
		lifecycle.EventExpiring: of(lifecycle.EventExpiring, "Support calls: its champion expires in 20 days", "starter run support-calls"),
		lifecycle.EventPromoted: of(lifecycle.EventPromoted, "Support calls: version support-calls 2026-06-01 1a2b3c4d is the champion now",
			"see it: starter status support-calls"),
	}
	for event, m := range all {
		if event != lifecycle.EventFailed && event != lifecycle.EventExpiring {
			m.Version, m.Verdict = version, &lifecycle.Verdict{Result: lifecycle.Inconclusive, Reason: "fewer than 1,000 words"}
		}
		if event == lifecycle.EventExpiring {
			m.Alarms = []lifecycle.Alarm{
				{Key: "expiring", Kind: lifecycle.AlarmExpiring, Message: "its champion expires in 20 days", Next: "starter run support-calls"},
				{Key: "changed", Kind: lifecycle.AlarmChanged, Message: "somebody has set the endpoint to another model", Next: "starter status support-calls"},
			}
		}
		all[event] = m
	}
	return all
}

// What a receiver gets stays as it is: programs and people have got used to it.
func TestFormats(t *testing.T) {
	t.Parallel()
	all := messages()
	require.Len(t, all, len(lifecycle.Events))
	for event, m := range all {
		for _, format := range lifecycle.Formats {
			body, header := received(t, format, m)
			var shown bytes.Buffer
			require.NoError(t, json.Indent(&shown, body, "", "  "))
			bundle.Golden(t, string(format)+"-"+string(event)+".json", strings.TrimSpace(shown.String())+"\n")
			for _, name := range []string{notify.HeaderSignature, notify.HeaderTimestamp, notify.HeaderDelivery} {
				require.Equal(t, format == lifecycle.FormatJSON, header.Get(name) != "", "%s of %s", name, format)
			}
		}
	}
}

// No format is JSON, as requests of old have it.
func TestNoFormatIsJSON(t *testing.T) {
	t.Parallel()
	m := messages()[lifecycle.EventFailed]
	body, header := received(t, "", m)
	same, _ := received(t, lifecycle.FormatJSON, m)
	require.Equal(t, string(same), string(body))
	require.NotEmpty(t, header.Get(notify.HeaderSignature))
}

// texts are all strings of a document but its keys.
func texts(v any) (all []string) {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		for _, e := range v {
			all = append(all, texts(e)...)
		}
	case map[string]any:
		for _, e := range v {
			all = append(all, texts(e)...)
		}
	}
	return all
}

// markup is what a name could hold to call people, hide where a link leads, or forge a line.
const markup = "<!channel> <@U1> <https://evil.example|click> &lt;b&gt; *bold* _it_ ~no~ `code` ``` [l](https://evil.example) <at>Ann</at> :skull:"

// Nothing that a name holds is markup in a chat: Slack reads <, > and & anywhere and emphasis in mrkdwn, Teams reads
// Markdown in a TextBlock.
func TestNamesAreHarmlessInChats(t *testing.T) {
	t.Parallel()
	for _, text := range []string{markup, hostile.Text} {
		m := hostile.Filled[notify.Message](text)
		for _, format := range []lifecycle.Format{lifecycle.FormatSlack, lifecycle.FormatTeams} {
			body, _ := received(t, format, m)
			var document map[string]any
			require.NoError(t, json.Unmarshal(body, &document))
			for _, shown := range texts(document) {
				require.Equal(t, -1, strings.IndexFunc(shown, func(r rune) bool { return !unicode.IsPrint(r) }), "%q", shown)
				if format == lifecycle.FormatSlack {
					require.NotContains(t, shown, "<")
					require.NotContains(t, shown, ">")
				}
			}
			switch format {
			case lifecycle.FormatSlack:
				require.ElementsMatch(t, []string{"text", "blocks"}, keys(document))
				require.NotContains(t, document["text"], "`")
				require.NotContains(t, document["text"], "*")
				require.NotContains(t, document["text"], "_")
				for _, b := range document["blocks"].([]any) {
					if of, is := b.(map[string]any)["text"].(map[string]any); is && of["type"] == "mrkdwn" {
						inside, before := strings.CutPrefix(of["text"].(string), "```")
						inside, after := strings.CutSuffix(inside, "```")
						require.True(t, before && after)
						require.NotContains(t, inside, "`", "nothing ends the code")
					}
				}
			default:
				require.ElementsMatch(t, []string{"type", "attachments"}, keys(document))
				require.NotContains(t, string(body), `"TextBlock"`)
				require.NotContains(t, string(body), `"entities"`)
			}
		}
	}
}

func keys(m map[string]any) (all []string) {
	for k := range m {
		all = append(all, k)
	}
	return all
}

// No message is refused for its length, however long the names and reasons in it are.
func TestChatsTakeLongMessages(t *testing.T) {
	t.Parallel()
	for _, text := range []string{strings.Repeat("&", 20000), strings.Repeat("😀", 20000)} {
		m := hostile.Filled[notify.Message](text)
		for range 12 {
			m.Alarms = append(m.Alarms, hostile.Filled[lifecycle.Alarm](text))
		}
		body, _ := received(t, lifecycle.FormatTeams, m)
		require.Less(t, len(body), 28<<10)
		body, _ = received(t, lifecycle.FormatSlack, m)
		var sent struct {
			Blocks []struct {
				Type     string
				Text     struct{ Text string }
				Elements []struct{ Text string }
			}
		}
		require.NoError(t, json.Unmarshal(body, &sent))
		require.LessOrEqual(t, len(sent.Blocks), 50)
		for _, b := range sent.Blocks {
			most := map[string]int{"header": 150, "section": 3000, "context": 3000}[b.Type]
			require.LessOrEqual(t, utf8.RuneCountInString(b.Text.Text), most)
			require.LessOrEqual(t, len(b.Elements), 10)
			for _, e := range b.Elements {
				require.LessOrEqual(t, utf8.RuneCountInString(e.Text), most)
			}
			require.NotRegexp(t, "&[a-z]*$", b.Text.Text, "an entity is whole")
		}
	}
}

// What a chat answers is told without the URL, which is all that guards it.
func TestChatsAnswer(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		status  int
		refused bool
		retry   bool
	}{
		{200, false, false},
		{202, false, false},
		{400, true, false},
		{403, true, false},
		{404, true, false},
		{410, true, false},
		{429, true, true},
		{500, true, true},
	} {
		for _, format := range []lifecycle.Format{lifecycle.FormatSlack, lifecycle.FormatTeams} {
			receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, "no_service "+r.URL.Path)
			}))
			err := notify.Send(t.Context(), notify.Delivery{
				URL: receiver.URL + "/services/t0ken", Format: format, Now: time.Now(), Message: messages()[lifecycle.EventFailed],
			})
			receiver.Close()
			if !tt.refused {
				require.NoError(t, err)
				continue
			}
			var failure *notify.Error
			require.ErrorAs(t, err, &failure)
			require.Equal(t, tt.retry, failure.Retry, tt.status)
			require.NotContains(t, err.Error(), "t0ken")
		}
	}
}
