package speech

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// FileKind is what a file of the service holds. The service's list is open: unknown kinds are kept.
type FileKind string

// The kinds of file that this product reads.
const (
	FileDatasetReport     FileKind = "DatasetReport"
	FileEvaluationDetails FileKind = "EvaluationDetails"
	FileModelReport       FileKind = "ModelReport"
)

// File is a file that belongs to a dataset, a model or an evaluation (schema File). The address of its
// content is signed, so it cannot be printed or written as JSON: Download uses it.
type File struct {
	Self string   `json:"self"`
	Name string   `json:"name"`
	Kind FileKind `json:"kind"`
	// Size is in bytes, -1 when the service does not say.
	Size            int64     `json:"size"`
	CreatedDateTime time.Time `json:"createdDateTime,omitzero"`

	contentURL string
}

// UnmarshalJSON reads the service's form of a file.
func (f *File) UnmarshalJSON(data []byte) error {
	var wire struct {
		Self            string    `json:"self"`
		Name            string    `json:"name"`
		Kind            FileKind  `json:"kind"`
		CreatedDateTime time.Time `json:"createdDateTime"`
		Links           struct {
			ContentURL string `json:"contentUrl"`
		} `json:"links"`
		Properties struct {
			Size *int64 `json:"size"`
		} `json:"properties"`
	}
	if err := json.Unmarshal(data, &wire); err != nil {
		return err
	}
	*f = File{Self: wire.Self, Name: wire.Name, Kind: wire.Kind, Size: -1, CreatedDateTime: wire.CreatedDateTime, contentURL: wire.Links.ContentURL}
	if wire.Properties.Size != nil {
		f.Size = *wire.Properties.Size
	}
	return nil
}

// String is the name and kind of the file, without its address.
func (f File) String() string { return fmt.Sprintf("%s (%s)", f.Name, f.Kind) }

// GoString keeps the address out of %#v too.
func (f File) GoString() string { return "speech.File{" + f.String() + "}" }

// ListFiles lists the files of a dataset, model or evaluation (Datasets_ListFiles, Models_ListFiles,
// Evaluations_ListFiles). The addresses of their content are good for minutes, at least one.
func (c *Client) ListFiles(ctx context.Context, kind Kind, id string, minutes int) ([]File, Meta, error) {
	q := call{operation: "list files of " + kind.noun(), object: id, method: http.MethodGet}
	if why := filesProblem(kind, minutes); why != "" {
		return nil, Meta{}, c.refuse(q, why)
	}
	if id == "" {
		return nil, Meta{}, c.refuse(q, "no ID given")
	}
	if err := c.refuseID(q, kind); err != nil {
		return nil, Meta{}, err
	}
	q.url = c.url(kind.path()+"/"+id+"/files", lifetime(minutes))
	files := []File{}
	known := map[string]bool{}
	meta, err := pages(ctx, c, q, func(_ call, _ answer, values []File) (int, error) {
		before := len(files)
		for _, f := range values {
			// The path of self alone: in the examples its query carries another version than the request.
			path, _, _ := strings.Cut(f.Self, "?")
			if key := path + " " + f.Name; !known[key] {
				known[key] = true
				files = append(files, f)
			}
		}
		return len(files) - before, nil
	})
	if err != nil {
		return nil, meta, err
	}
	return files, meta, nil
}

func filesProblem(kind Kind, minutes int) string {
	if kind != KindDataset && kind != KindModel && kind != KindEvaluation {
		return "a " + kind.noun() + " has no files"
	}
	if minutes < 1 {
		return fmt.Sprintf("addresses good for %d minutes make no sense", minutes)
	}
	return ""
}

func lifetime(minutes int) url.Values {
	return url.Values{"sasLifetimeMinutes": {fmt.Sprint(minutes)}}
}
