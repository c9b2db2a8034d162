package speech

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

const (
	// MaxBlockBytes is the largest block that the service takes (Datasets_UploadBlock): 8 MiB.
	MaxBlockBytes = 8 << 20
	// maxBlockID is the longest identifier of a block in bytes, before base64.
	maxBlockID = 64
)

// Block is a part of a dataset's content on its way to the service.
type Block struct {
	// Name is the block's ID on the wire: base64 of its identifier.
	Name string `json:"name"`
	// Size is in bytes.
	Size int64 `json:"size"`
}

// Blocks are the blocks of a dataset (schema UploadedBlocks).
type Blocks struct {
	Committed   []Block `json:"committedBlocks"`
	Uncommitted []Block `json:"uncommittedBlocks"`
}

// BlockName is the name of the block with that identifier. Identifiers have at most 64 bytes, and all
// of one dataset the same length.
func BlockName(identifier string) string {
	return base64.StdEncoding.EncodeToString([]byte(identifier))
}

type commitEntry struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
}

// PutBlock uploads one block of a dataset (Datasets_UploadBlock), reading exactly length bytes as they
// are sent. Putting a block of the same name again replaces it. After an error the reader may still
// be read from: do not use it again.
func (c *Client) PutBlock(ctx context.Context, datasetID, name string, r io.Reader, length int64) (Meta, error) {
	q := call{
		operation: "upload block", object: datasetID, method: http.MethodPut,
		query: url.Values{"blockid": {name}}, stream: &stream{reader: r, length: length},
	}
	if length < 1 || length > MaxBlockBytes {
		return Meta{}, c.refuse(q, fmt.Sprintf("a block has 1 to %d bytes, not %d", MaxBlockBytes, length))
	}
	if why := blockNameProblem(name); why != "" {
		return Meta{}, c.refuse(q, why)
	}
	a, err := c.on(ctx, KindDataset, datasetID, "/blocks", q)
	return a.meta, err
}

// ListBlocks lists the blocks that a dataset has so far (Datasets_GetBlocks).
func (c *Client) ListBlocks(ctx context.Context, datasetID string) (Blocks, Meta, error) {
	q := call{operation: "list blocks of dataset", object: datasetID, method: http.MethodGet}
	a, err := c.on(ctx, KindDataset, datasetID, "/blocks", q)
	if err != nil {
		return Blocks{}, a.meta, err
	}
	var b Blocks
	err = c.decode(q, a, &b)
	return b, a.meta, err
}

// CommitBlocks makes the named blocks, in that order, the content of a dataset and starts its import
// (Datasets_CommitBlocks). The same list may be committed again.
func (c *Client) CommitBlocks(ctx context.Context, datasetID string, names []string) (Meta, error) {
	q := call{operation: "commit blocks of dataset", object: datasetID, method: http.MethodPost}
	entries := make([]commitEntry, 0, len(names))
	for _, name := range names {
		if why := blockNameProblem(name); why != "" {
			return Meta{}, c.refuse(q, why)
		}
		// Latest is the block just uploaded, or after a lost answer the one already committed.
		entries = append(entries, commitEntry{Kind: "Latest", ID: name})
	}
	if len(entries) == 0 {
		return Meta{}, c.refuse(q, "no blocks given")
	}
	q.body = entries
	a, err := c.on(ctx, KindDataset, datasetID, "/blocks:commit", q)
	return a.meta, err
}

func blockNameProblem(name string) string {
	identifier, err := base64.StdEncoding.DecodeString(name)
	if err != nil || len(identifier) == 0 || len(identifier) > maxBlockID {
		return fmt.Sprintf("block name %q is not base64 of 1 to %d bytes", name, maxBlockID)
	}
	return ""
}
