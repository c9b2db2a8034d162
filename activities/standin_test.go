package activities_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"speech-retrainer/activities"
	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/lifecycle"
)

// dataServer is a server of data whose answer a test changes.
type dataServer struct {
	url    string
	status atomic.Int32
	etag   atomic.Value
}

// serveData begins with an answer of 200 and an ETag.
func serveData(t *testing.T) *dataServer {
	t.Helper()
	s := &dataServer{}
	s.says(http.StatusOK, `"v1"`)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if etag := s.etag.Load().(string); etag != "" {
			w.Header().Set("ETag", etag)
		}
		w.WriteHeader(int(s.status.Load()))
	}))
	t.Cleanup(server.Close)
	s.url = server.URL + "/text.txt"
	return s
}

func (s *dataServer) says(status int, etag string) {
	s.status.Store(int32(status))
	s.etag.Store(etag)
}

// marks are those of a dataset that a run made of the URL, with a content and further marks.
func (s *dataServer) marks(content string, more ...string) map[string]string {
	return byRun(append([]string{"sr.content", content, "sr.source", dataset.URLSource(s.url, "Language", "en-US")}, more...)...)
}

// content is the mark of what the server says it holds.
func (s *dataServer) content(etag string) string {
	id, _ := dataset.URLIdentity(s.url, etag, "", "Language", "en-US")
	return id
}

// unanswered is what is said of a server that answers with a status other than 2xx.
func (s *dataServer) unanswered(path string, status int) string {
	host := strings.TrimSuffix(strings.TrimPrefix(s.url, "http://"), "/text.txt")
	return fmt.Sprintf("the server of %s answered %d %s (%s)", path, status, http.StatusText(status), host)
}

// refusalOf reads the failure that an activity ended with for good.
func refusalOf(t *testing.T, err error) lifecycle.Failure {
	t.Helper()
	var refusal *temporal.ApplicationError
	require.ErrorAs(t, err, &refusal)
	require.True(t, refusal.NonRetryable())
	var f lifecycle.Failure
	require.NoError(t, refusal.Details(&f))
	return f
}

// What stands for data is the same for a check, its second look and a retrain: only a server that answers 2xx with a
// validator tells a content; else it is what was made from the same URL, and without that a server that gives no answer
// is a refusal.
func TestWhatStandsForData(t *testing.T) {
	t.Parallel()
	const hex = "0123456789ab"
	for name, tt := range map[string]struct {
		status int
		etag   string
		// prepare makes what is there, and names what is to be used; empty when a dataset is to be made.
		prepare func(b *bundle, s *dataServer) string
		// test tells that it is the data of a test.
		test, refused bool
	}{
		"a new content": {status: 200, etag: `"v2"`, prepare: func(b *bundle, s *dataServer) string {
			b.dataset("text "+hex, made{marks: s.marks(s.content(`"v1"`))})
			return ""
		}},
		"no validator: what is there is used": {status: 200, prepare: func(b *bundle, s *dataServer) string {
			return b.dataset("text "+hex, made{marks: s.marks(s.content(`"v1"`))})
		}},
		"no validator, and only what has no mark": {status: 200, prepare: func(b *bundle, _ *dataServer) string {
			b.version("before", made{marks: ours("sr.state", "champion"), datasets: []string{b.dataset("text "+hex, made{marks: byRun("sr.content", "c1")})}})
			return ""
		}},
		"no validator, and nothing is there": {status: 200, prepare: func(*bundle, *dataServer) string { return "" }},
		"away: the newest of the URL, whatever the data was called": {status: 503, etag: `"v2"`, prepare: func(b *bundle, s *dataServer) string {
			b.dataset("text "+hex, made{marks: s.marks("c1")})
			newest := b.dataset("words "+hex, made{marks: s.marks("c2")})
			b.dataset("text "+hex, made{marks: s.marks("c3"), fails: true})
			theirs := s.marks("c4")
			theirs["sr.owner"] = "theirs"
			b.dataset("text "+hex, made{marks: theirs})
			b.dataset("text "+hex, made{marks: s.marks("c5"), hangs: true})
			return newest
		}},
		"forbidden: imported still is better than nothing": {status: 403, prepare: func(b *bundle, s *dataServer) string {
			b.version("before", made{marks: ours("sr.state", "champion"), datasets: []string{b.dataset("text "+hex, made{marks: byRun("sr.content", "c1")})}})
			return b.dataset("text "+hex, made{marks: s.marks("c4"), hangs: true})
		}},
		"away: without a mark, what the newest version was trained on": {status: 429, prepare: func(b *bundle, _ *dataServer) string {
			b.version("first", made{marks: ours("sr.state", "retired"), datasets: []string{b.dataset("text "+hex, made{marks: byRun("sr.content", "c1")})}})
			used := b.dataset("text 1123456789ab", made{marks: byRun("sr.content", "c2")})
			b.version("second", made{marks: ours("sr.state", "champion"), datasets: []string{used, b.dataset("words "+hex, made{marks: byRun("sr.content", "c3")})}})
			b.dataset("text 2123456789ab", made{marks: byRun("sr.content", "c4")})
			return used
		}},
		"away: without a mark, what the newest version was tested on": {status: 404, test: true, prepare: func(b *bundle, _ *dataServer) string {
			used := b.data("text "+hex, "Acoustic", "audio.zip", made{marks: byRun("sr.content", "c1")})
			v := b.version("first", made{marks: ours("sr.state", "champion")})
			b.evaluation("of it", made{marks: ours("sr.step", "evaluate/text"), second: v, dataset: used})
			return used
		}},
		"away: what another model was trained on says nothing": {status: 503, refused: true, prepare: func(b *bundle, _ *dataServer) string {
			marks := ours("sr.state", "champion", "sr.model", "other")
			b.version("before", made{marks: marks, datasets: []string{b.dataset("text "+hex, made{marks: byRun("sr.content", "c1")})}})
			return ""
		}},
		"away: what was made from another URL is not it": {status: 503, refused: true, prepare: func(b *bundle, _ *dataServer) string {
			used := b.dataset("text "+hex, made{marks: byRun("sr.content", "c1", "sr.source", "0123456789abcdef")})
			b.version("before", made{marks: ours("sr.state", "champion"), datasets: []string{used}})
			return ""
		}},
		"away, and nothing is there":         {status: 503, refused: true, prepare: func(*bundle, *dataServer) string { return "" }},
		"away, and nothing is there to test": {status: 403, test: true, refused: true, prepare: func(*bundle, *dataServer) string { return "" }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, s := setup(t), serveData(t)
			want := tt.prepare(b, s)
			s.says(tt.status, tt.etag)
			data := lifecycle.Data{Name: "text", Kind: "Language", ContentURL: s.url}
			request, path := lifecycle.DefaultRequest(), "training[0]"
			request.Name, request.Locale = "desk", "en-US"
			before := lifecycle.ObservedData{Label: "text", Unknown: "it did not answer"}
			first := activities.DataObserved{}
			if tt.test {
				data.Kind, path = "Acoustic", "tests[0]"
				request.Tests, first.Tests = []lifecycle.Test{{Data: data}}, []lifecycle.ObservedData{before}
			} else {
				request.Training, first.Training = []lifecycle.Data{data}, []lifecycle.ObservedData{before}
			}
			var checked activities.ModelObserved
			require.NoError(t, b.run(b.doing.ObserveModel, activities.ObserveModelInput{Scope: scope(), Request: request}, &checked))
			seen := append(checked.Training, checked.Tests...)
			require.Len(t, seen, 1)
			require.Equal(t, want, seen[0].DatasetID)
			require.Equal(t, tt.refused, seen[0].Fault != "", seen[0].Fault)
			unknown := ""
			if tt.status/100 != 2 {
				unknown = s.unanswered(path, tt.status)
			}
			require.Equal(t, unknown, seen[0].Unknown)
			require.Equal(t, tt.status == 200 && tt.etag == "", seen[0].Unseen != "")

			var again activities.DataObserved
			require.NoError(t, b.run(b.doing.ObserveData, activities.ObserveDataInput{Scope: scope(), DataObserved: first, Request: request}, &again))
			require.Equal(t, seen, append(again.Training, again.Tests...), "the second look")

			var found activities.DataFound
			err := b.run(b.doing.FindData, activities.DataInput{Scope: scope(), Path: path, Data: data}, &found)
			if tt.refused {
				f := refusalOf(t, err)
				require.Equal(t, lifecycle.InvalidRequest, f.Type)
				require.Equal(t, seen[0].Fault, f.Message, "plan and retrain say the same")
				require.Equal(t, []lifecycle.Problem{{Path: path + ".contentUrl", Message: unknown + ", and there is no usable dataset of it"}}, f.Problems)
				return
			}
			require.NoError(t, err)
			require.Equal(t, want, found.ID)
			require.Equal(t, seen[0].Content, found.Content)
			require.Equal(t, unknown, found.Unknown)
			require.Equal(t, unknown != "" || seen[0].Unseen != "", found.Note != "")
			if unknown != "" {
				require.Equal(t, "data text: "+lifecycle.StandInNote(unknown, b.names[want]), found.Note)
				require.NotContains(t, found.Note, "ETag")
			}
		})
	}
}

// The second look asks only the servers that did not tell at the first.
func TestASecondLookAsksWhoDidNotAnswer(t *testing.T) {
	t.Parallel()
	b, s := setup(t), serveData(t)
	request := lifecycle.DefaultRequest()
	data := lifecycle.Data{Name: "text", Kind: "Language", ContentURL: s.url}
	request.Training = []lifecycle.Data{data, data}
	known := lifecycle.ObservedData{Label: "text", Content: "as it was"}
	first := activities.DataObserved{Training: []lifecycle.ObservedData{known, {Label: "text", Unknown: "it did not answer"}}}
	var again activities.DataObserved
	require.NoError(t, b.run(b.doing.ObserveData, activities.ObserveDataInput{Scope: scope(), DataObserved: first, Request: request}, &again))
	require.Equal(t, known, again.Training[0])
	require.Equal(t, s.content(`"v1"`), again.Training[1].Content)
}

// A run that uses what stands for its data takes the mark away that nothing uses it.
func TestAStandInIsUsed(t *testing.T) {
	t.Parallel()
	b, s := setup(t), serveData(t)
	id := b.dataset("text 0123456789ab", made{marks: s.marks("c1", "sr.spare", b.unused()["sr.spare"])})
	s.says(http.StatusForbidden, "")
	in := activities.DataInput{Scope: scope(), Path: "training[0]", Data: lifecycle.Data{Name: "text", Kind: "Language", ContentURL: s.url}}
	require.NoError(t, b.run(b.doing.FindData, in, nil))
	require.Equal(t, lifecycle.NoMark, b.marksOf(id)["sr.spare"])
}

// A link from the environment is named by its variable, and is told to nobody, whatever becomes of it.
func TestALinkThatHasExpired(t *testing.T) {
	t.Parallel()
	b, s := setup(t), serveData(t)
	b.env = map[string]string{"CALLS_URL": s.url + "?sv=2024&sig=s3cr3t-s3cr3t"}
	s.says(http.StatusForbidden, "")
	in := activities.DataInput{
		Scope: scope(), Path: "training[0]",
		Data: lifecycle.Data{Name: "text", Kind: "Language", ContentURLFrom: &lifecycle.FromEnv{Env: "CALLS_URL"}},
	}
	err := b.run(b.doing.FindData, in, nil)
	f := refusalOf(t, err)
	require.Contains(t, f.Message, "the server of training[0] answered 403 Forbidden (variable CALLS_URL, 127.0.0.1:")
	require.Equal(t, "training[0].contentUrlFrom.env", f.Problems[0].Path)
	require.Contains(t, *f.Next, "CALLS_URL")
	for _, secret := range []string{"s3cr3t", "text.txt", "sv="} {
		require.NotContains(t, f.Message+*f.Next+err.Error(), secret)
	}
	id := b.dataset("text 0123456789ab", made{marks: s.marks("c1")})
	var found activities.DataFound
	require.NoError(t, b.run(b.doing.FindData, in, &found))
	require.Equal(t, id, found.ID, "the signature is no part of what a URL is known by")
	for _, secret := range []string{"s3cr3t", "text.txt", "sv="} {
		require.NotContains(t, found.Note+found.Unknown, secret)
	}
}

// A dataset that was made before there was the mark gets it from the first run that knows it by its content, without
// losing anything; one without room stays as it is.
func TestADatasetIsMarkedWithItsSource(t *testing.T) {
	t.Parallel()
	b := setup(t)
	today := b.service.Now().Format(time.DateOnly)
	old := b.dataset("text 0123456789ab", made{marks: byRun("team", "wind", "sr.spare", today)})
	require.Equal(t, old, b.ensure("0123456789abcdef"))
	want := byRun("team", "wind", "sr.spare", lifecycle.NoMark, "sr.source", dataset.URLSource(b.url+"/files/text.txt", "Language", "en-US"))
	require.Equal(t, want, b.marksOf(old))
	require.Equal(t, old, b.ensure("0123456789abcdef"))
	require.Empty(t, b.sent(http.MethodPatch), "once")

	full := byRun("sr.content", "1123456789abcdef", "sr.spare", today)
	for _, key := range []string{"a", "b", "c", "d", "e", "f"} {
		full[key] = "theirs"
	}
	crowded := b.dataset("text 1123456789ab", made{marks: full})
	require.Equal(t, crowded, b.ensure("1123456789abcdef"))
	full["sr.spare"] = lifecycle.NoMark
	require.Equal(t, full, b.marksOf(crowded), "the use is marked all the same")
}

// What may stand for data while its server gives no answer is not tidied away; what its server says it does not hold is,
// and so is what another URL gave.
func TestDataOfAServerThatIsAwayIsKept(t *testing.T) {
	t.Parallel()
	b, s := setup(t), serveData(t)
	since := b.unused()["sr.spare"]
	held := b.dataset("words 0123456789ab", made{marks: s.marks("c1", "sr.spare", since)})
	b.dataset("text 1123456789ab", made{marks: s.marks("c2", "sr.spare", since, "sr.source", "0123456789abcdef")})
	data := lifecycle.LiveData{Name: "text", Kind: "Language", ContentURL: s.url}
	b.runs.live = []lifecycle.LiveRequest{{Name: "other", Locale: "en-US", Training: []lifecycle.LiveData{data}}}
	s.says(http.StatusServiceUnavailable, "")
	require.NoError(t, b.run(b.doing.SweepPass, sweep(), nil))
	require.Equal(t, []string{"text 1123456789ab"}, b.sent(http.MethodDelete), "made from another URL, though its name is that of the data")
	require.Equal(t, lifecycle.NoMark, b.marksOf(held)["sr.spare"])

	b.dataset("words 2123456789ab", made{marks: s.marks("c1", "sr.spare", since)})
	s.says(http.StatusOK, `"v1"`)
	require.NoError(t, b.run(b.doing.SweepPass, sweep(), nil))
	require.Equal(t, []string{"words 2123456789ab"}, b.sent(http.MethodDelete))
}
