package dataset_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/contract"
	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/resource"
	"speech-retrainer/internal/speech"
)

const (
	resourceURL = "http://127.0.0.1/speechtotext"
	uploadOwner = "ops"
)

// uploadService is the part of the Speech service that an upload meets, written from the wire contract. It
// lives in memory, connections included, so that a test may run on a virtual clock.
type uploadService struct {
	t       *testing.T
	client  *speech.Client
	checker *contract.Checker
	// before sees every request first; true means that it has answered.
	before func(w http.ResponseWriter, r *http.Request) bool
	// lose tells whether the answer to a request is to be lost after its work is done.
	lose func(r *http.Request) bool
	// lag is how long a new dataset is missing from lists.
	lag time.Duration
	// forgetful keeps the hashes of blocks, not their bytes.
	forgetful bool

	mu       sync.Mutex
	sets     []*storedSet
	models   []any
	requests []string
	deleted  []string
}

type storedSet struct {
	id        string
	body      map[string]any
	status    string
	created   time.Time
	blocks    map[string]storedBlock // uncommitted
	committed []storedBlock
	content   []byte
	commits   int
}

type storedBlock struct {
	Name string `json:"name"`
	Size int64  `json:"size"`
	data []byte
}

// wireContract is read once for all tests.
var wireContract = sync.OnceValues(contract.New)

// setupUpload makes the service and a client of it.
func setupUpload(t *testing.T) *uploadService {
	t.Helper()
	checker, err := wireContract()
	require.NoError(t, err)
	s := &uploadService{t: t, checker: checker, models: []any{}}
	s.client = connectInMemory(t, http.HandlerFunc(s.serve))
	return s
}

// connectInMemory serves a Speech resource to a client over connections in memory, which a bubble of
// synctest can see through. It has to be called inside the bubble.
func connectInMemory(t *testing.T, handler http.Handler) *speech.Client {
	t.Helper()
	l := &pipeListener{conns: make(chan net.Conn), done: make(chan struct{})}
	server := &http.Server{Handler: handler}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(l)
	}()
	transport := &http.Transport{DialContext: l.dial, WriteBufferSize: 64 << 10}
	client, err := speech.New(speech.Config{Access: resource.Access{Endpoint: resourceURL, Key: "key"}, Transport: transport})
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = server.Close()
		transport.CloseIdleConnections()
		<-served
		// The server lets a connection that it cuts linger for half a second, of the bubble's clock.
		time.Sleep(time.Second)
	})
	return client
}

// pipeListener accepts connections that never leave the process.
type pipeListener struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func (l *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case l.conns <- far:
		return near, nil
	case <-l.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80} }

func (s *uploadService) serve(w http.ResponseWriter, r *http.Request) {
	id, _, err := s.checker.Operation(r)
	if err != nil {
		s.t.Error(err)
	}
	s.mu.Lock()
	s.requests = append(s.requests, id)
	s.mu.Unlock()
	if s.before != nil && s.before(w, r) {
		return
	}
	body, size, ok := s.read(r)
	if !ok {
		w.WriteHeader(http.StatusBadRequest) // cut by the client
		return
	}
	toCheck := body
	if r.Method == http.MethodPut {
		toCheck = []byte{0} // any bytes are like any others
	}
	for _, v := range s.checker.CheckRequest(r, toCheck) {
		s.t.Error(v)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	status, answer := s.answer(id, r, body, size)
	if s.lose != nil && s.lose(r) {
		panic(http.ErrAbortHandler)
	}
	answerJSON(w, status, answer)
}

// read reads a body to its end, or says that the client cut it.
func (s *uploadService) read(r *http.Request) (body []byte, size int64, ok bool) {
	var whole bytes.Buffer
	if s.forgetful && r.Method == http.MethodPut {
		sum := sha256.New()
		n, err := io.Copy(sum, r.Body)
		return sum.Sum(nil), n, err == nil
	}
	whole.Grow(int(r.ContentLength) + bytes.MinRead)
	size, err := whole.ReadFrom(r.Body)
	return whole.Bytes(), size, err == nil
}

func answerJSON(w http.ResponseWriter, status int, answer any) {
	if answer != nil {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(status)
	if answer != nil {
		_ = json.NewEncoder(w).Encode(answer)
	}
}

func refusal(status int, code string) (int, any) {
	return status, map[string]any{"code": code, "message": "refused by the test"}
}

func (s *uploadService) answer(operation string, r *http.Request, body []byte, size int64) (int, any) {
	segments := strings.Split(strings.TrimPrefix(r.URL.Path, "/speechtotext/"), "/")
	if operation == "Models_ListCustomModels" {
		return http.StatusOK, map[string]any{"values": s.models}
	}
	if len(segments) == 1 && r.Method == http.MethodGet {
		return http.StatusOK, map[string]any{"values": s.list(r.URL.Query().Get("filter"))}
	}
	if len(segments) == 1 {
		d := s.add(body)
		return http.StatusCreated, d.entity()
	}
	d := s.find(segments[1])
	if d == nil {
		return refusal(http.StatusNotFound, "NotFound")
	}
	switch operation {
	case "Datasets_Get":
		return http.StatusOK, d.entity()
	case "Datasets_Update":
		var update map[string]any
		require.NoError(s.t, json.Unmarshal(body, &update))
		maps.Copy(d.body, update)
		return http.StatusOK, d.entity()
	case "Datasets_Delete":
		if d.status != "Succeeded" && d.status != "Failed" {
			return refusal(http.StatusConflict, "Conflict")
		}
		s.sets = slices.DeleteFunc(s.sets, func(other *storedSet) bool { return other == d })
		s.deleted = append(s.deleted, d.id)
		return http.StatusNoContent, nil
	case "Datasets_GetBlocks":
		return http.StatusOK, d.listBlocks()
	}
	if d.status != "NotStarted" {
		return refusal(http.StatusBadRequest, "InvalidRequest")
	}
	if operation == "Datasets_UploadBlock" {
		return d.put(r.URL.Query().Get("blockid"), body, size)
	}
	return d.commit(body)
}

func (s *uploadService) find(id string) *storedSet {
	for _, d := range s.sets {
		if d.id == id {
			return d
		}
	}
	return nil
}

// list answers a filter by exact display name.
func (s *uploadService) list(filter string) []any {
	name := strings.TrimSuffix(strings.TrimPrefix(filter, "displayName eq '"), "'")
	found := []any{}
	for _, d := range s.sets {
		if d.body["displayName"] == name && !time.Now().Before(d.created.Add(s.lag)) {
			found = append(found, d.entity())
		}
	}
	return found
}

// add makes a dataset that waits for blocks.
func (s *uploadService) add(body []byte) *storedSet {
	d := &storedSet{
		id: fmt.Sprintf("00000000-0000-4000-8000-%012d", len(s.sets)+len(s.deleted)+1), status: "NotStarted",
		created: time.Now(), blocks: map[string]storedBlock{},
	}
	require.NoError(s.t, json.Unmarshal(body, &d.body))
	s.sets = append(s.sets, d)
	return d
}

func (d *storedSet) entity() map[string]any {
	e := maps.Clone(d.body)
	at := d.created.UTC().Format(time.RFC3339)
	maps.Copy(e, map[string]any{
		"self": resourceURL + "/datasets/" + d.id + "?api-version=2025-10-15", "status": d.status,
		"createdDateTime": at, "lastActionDateTime": at,
	})
	return e
}

func (d *storedSet) put(name string, data []byte, size int64) (int, any) {
	if len(name)%4 != 0 || size > 8<<20 || size == 0 {
		return refusal(http.StatusBadRequest, "InvalidRequest")
	}
	for other := range d.blocks {
		if len(other) != len(name) {
			return refusal(http.StatusBadRequest, "InvalidRequest")
		}
	}
	d.blocks[name] = storedBlock{name, size, data}
	return http.StatusCreated, nil
}

func (d *storedSet) commit(body []byte) (int, any) {
	var entries []struct{ Kind, ID string }
	if json.Unmarshal(body, &entries) != nil {
		return refusal(http.StatusBadRequest, "InvalidRequest")
	}
	var content bytes.Buffer
	d.committed = nil
	for _, e := range entries {
		b, ok := d.blocks[e.ID]
		if !ok {
			return refusal(http.StatusBadRequest, "InvalidRequest")
		}
		d.committed = append(d.committed, b)
		content.Write(b.data)
	}
	d.blocks, d.status, d.content = map[string]storedBlock{}, "Running", content.Bytes()
	d.commits++
	return http.StatusOK, nil
}

func (d *storedSet) listBlocks() any {
	open := []storedBlock{}
	for _, name := range slices.Sorted(maps.Keys(d.blocks)) {
		open = append(open, d.blocks[name])
	}
	return map[string]any{"committedBlocks": append([]storedBlock{}, d.committed...), "uncommittedBlocks": open}
}

// sent lists the operations asked for so far and forgets them.
func (s *uploadService) sent() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	sent := s.requests
	s.requests = nil
	return sent
}

// blockNumber is the number in the name of the block that a request uploads.
func blockNumber(r *http.Request) string {
	identifier, _ := base64.StdEncoding.DecodeString(r.URL.Query().Get("blockid"))
	number, _, _ := strings.Cut(string(identifier), "-")
	return number
}

// pattern is data that no two blocks share.
var pattern = sync.OnceValue(func() []byte {
	data := make([]byte, 6*block)
	for i := range data {
		data[i] = byte(i ^ i>>8 ^ i>>16)
	}
	return data
})

// uploadData is some data; it must not be written to.
func uploadData(size int) []byte { return pattern()[:size:size] }

// uploadOf is the upload of data that is in memory.
func uploadOf(data []byte) dataset.UploadRequest {
	return dataset.UploadRequest{
		ReaderAt: bytes.NewReader(data), Size: int64(len(data)),
		Name: "calls", Kind: "Acoustic", Locale: "en-US", Owner: uploadOwner,
	}
}
