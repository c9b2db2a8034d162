package emulator

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"speech-retrainer/internal/emulator/filter"
)

const (
	defaultSAS = 12 * 60     // minutes (parameter sasLifetimeMinutes)
	longestSAS = 7 * 24 * 60 // minutes; the real range is not documented
	reportFile = "report.json"
)

// file is a file of an entity. Its content is on disk, or made when it is asked for.
type file struct {
	name, kind string
	duration   time.Duration
	created    time.Time
	path       string // on disk
	content    func() []byte
}

func (f file) size() int64 {
	if f.path == "" {
		return int64(len(f.content()))
	}
	info, err := os.Stat(f.path)
	if err != nil {
		return 0
	}
	return info.Size()
}

func (f file) id(entity string) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte(entity+"/"+f.name)).String()
}

// fileView is schema File.
type fileView struct {
	Self       string            `json:"self"`
	Name       string            `json:"name"`
	Kind       string            `json:"kind"`
	Links      map[string]string `json:"links"`
	Properties struct {
		Size     int64 `json:"size"`
		Duration int64 `json:"durationMilliseconds,omitempty"`
	} `json:"properties"`
	Created time.Time `json:"createdDateTime"`
}

func newSignKey() []byte {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	return key
}

func (s *Server) signature(entity, name, expiry string) string {
	h := hmac.New(sha256.New, s.signKey)
	fmt.Fprintf(h, "%s\n%s\n%s", entity, name, expiry)
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// contentLink is a signed URL to a file's content.
func (c *call) contentLink(entity, name string, minutes int) string {
	expiry := strconv.FormatInt(c.now.Add(time.Duration(minutes)*time.Minute).Unix(), 10)
	query := url.Values{"se": {expiry}, "sig": {c.signature(entity, name, expiry)}}
	return c.host() + "/content/" + entity + "/" + url.PathEscape(name) + "?" + query.Encode()
}

func (c *call) sasMinutes() (int, error) {
	minutes, err := number(c.request.URL.Query(), "sasLifetimeMinutes", defaultSAS)
	if err != nil || minutes == 0 || minutes > longestSAS {
		return 0, invalid("InvalidSasValidityDuration", "The value of sasLifetimeMinutes has to be between 1 and %d.", longestSAS)
	}
	return minutes, nil
}

func (c *call) viewFile(path, entity string, f file, minutes int) any {
	v := fileView{
		Self: c.url(path + entity + "/files/" + f.id(entity)), Name: f.name, Kind: f.kind, Created: seconds(f.created),
		Links: map[string]string{"contentUrl": c.contentLink(entity, f.name, minutes)},
	}
	v.Properties.Size, v.Properties.Duration = f.size(), f.duration.Milliseconds()
	return v
}

func (c *call) listFiles(path, id string, files []file, wait bool) (*reply, error) {
	minutes, err := c.sasMinutes()
	if err != nil {
		return nil, err
	}
	var rows []row
	for i, f := range files {
		rows = append(rows, row{
			entity: &entity{ID: f.id(id), Seq: int64(i), Created: f.created}, wait: wait,
			values: func() filter.Values {
				return filter.Values{"name": f.name, "kind": f.kind, "createdDateTime": seconds(f.created)}
			},
			wire: func() any { return c.viewFile(path, id, f, minutes) },
		})
	}
	re, err := c.list(rows, filterFiles)
	if err == nil {
		re.wait = wait
	}
	return re, err
}

func (c *call) getFile(path, id string, files []file) (*reply, error) {
	minutes, err := c.sasMinutes()
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if f.id(id) == strings.ToLower(c.params["fileId"]) {
			return ok(c.viewFile(path, id, f, minutes), false), nil
		}
	}
	return nil, notFound()
}

// serveContent answers the signed URLs of files.
func (s *Server) serveContent(w http.ResponseWriter, r *http.Request) {
	id, name, query := r.PathValue("entity"), r.PathValue("name"), r.URL.Query()
	want := s.signature(id, name, query.Get("se"))
	expiry, _ := strconv.ParseInt(query.Get("se"), 10, 64)
	if !hmac.Equal([]byte(want), []byte(query.Get("sig"))) || !s.clock.Now().Before(time.Unix(expiry, 0)) {
		http.Error(w, "the signature is not valid, or has expired", http.StatusForbidden)
		return
	}
	s.mu.Lock()
	var found *file
	for _, f := range s.filesOf(id) {
		if f.name == name {
			found = &f
			break
		}
	}
	var content []byte
	if found != nil && found.path == "" {
		content = found.content()
	}
	s.mu.Unlock()
	switch {
	case found == nil:
		http.NotFound(w, r)
	case found.path != "":
		http.ServeFile(w, r, found.path)
	default:
		if strings.HasSuffix(name, ".json") {
			w.Header().Set("Content-Type", "application/json")
		}
		_, _ = w.Write(content)
	}
}

// filesHandler serves a folder with Last-Modified and ETag. Links that lead out of the folder are not followed.
func filesHandler(root *os.Root) http.Handler {
	content := root.FS()
	serve := http.FileServerFS(content)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if info, err := root.Stat(strings.TrimPrefix(r.URL.Path, "/")); err == nil && !info.IsDir() {
			w.Header().Set("ETag", fmt.Sprintf(`"%x-%x"`, info.ModTime().UnixNano(), info.Size()))
		}
		serve.ServeHTTP(w, r)
	})
}
