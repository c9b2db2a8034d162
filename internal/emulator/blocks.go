package emulator

import (
	"encoding/base64"
	"os"
	"slices"
	"strings"
)

const maxBlockID = 64 // bytes before base64

type blockView struct {
	Name string `json:"name"`
	Size int64  `json:"size"`
}

func (c *call) listBlocks() (*reply, error) {
	d, err := c.uploaded()
	if err != nil {
		return nil, err
	}
	done, open := []blockView{}, []blockView{}
	var ids []string
	for id := range d.Blocks {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		if b := d.Blocks[id]; b.Committed {
			done = append(done, blockView{b.ID, b.Size})
		} else {
			open = append(open, blockView{b.ID, b.Size})
		}
	}
	return ok(map[string]any{"committedBlocks": done, "uncommittedBlocks": open}, !d.terminal()), nil
}

// uploaded is the dataset of the path, which has to be one that was made without contentUrl.
func (c *call) uploaded() (*dataset, error) {
	d, err := find(c, c.state.Datasets)
	if err != nil {
		return nil, err
	}
	if !d.Uploaded {
		return nil, invalid("InvalidDataset", "The dataset was created with a contentUrl and takes no blocks.")
	}
	return d, nil
}

func (c *call) uploadBlock() (*reply, error) {
	d, err := c.uploaded()
	if err != nil {
		return nil, err
	}
	id := c.request.URL.Query().Get("blockid")
	raw, decodeErr := base64.StdEncoding.DecodeString(id)
	switch {
	case decodeErr != nil || len(raw) == 0 || len(raw) > maxBlockID:
		return nil, invalid("InvalidParameterValue", "The blockid has to be the base64 of 1 to %d bytes.", maxBlockID)
	case !d.waitsForBlocks():
		return nil, invalid("InvalidPrerequisite", "The blocks of the dataset were committed, it takes no more.")
	case len(c.body) == 0 || len(c.body) > maxBlock:
		return nil, invalid("InvalidPayload", "The block has %d bytes, allowed are 1 to %d.", len(c.body), maxBlock)
	}
	for other := range d.Blocks {
		if len(other) != len(id) {
			return nil, invalid("InvalidParameterValue", "All block ids of a dataset have to be of the same length.")
		}
	}
	if err := os.WriteFile(c.blockPath(d, id), c.body, 0o600); err != nil {
		return nil, err
	}
	if d.Blocks == nil {
		d.Blocks = map[string]*block{}
	}
	d.Blocks[id] = &block{ID: id, Size: int64(len(c.body))}
	return &reply{status: 201}, nil
}

func (s *Server) blockPath(d *dataset, id string) string {
	return s.contentPath(d.ID, "block-"+base64.RawURLEncoding.EncodeToString([]byte(id)))
}

// commitBlocks takes the ordered list. The same list again is a success: the answer to the first may have been lost.
func (c *call) commitBlocks() (*reply, error) {
	d, err := c.uploaded()
	if err != nil {
		return nil, err
	}
	var entries []struct {
		Kind string `json:"kind"`
		ID   string `json:"id"`
	}
	if err := c.decode(&entries); err != nil {
		return nil, err
	}
	order := []string{}
	for _, e := range entries {
		b := d.Blocks[e.ID]
		switch {
		case b == nil:
			return nil, invalid("InvalidPayload", "The block %q was not uploaded.", e.ID)
		case !slices.Contains([]string{"Committed", "Uncommitted", "Latest"}, e.Kind):
			return nil, invalid("InvalidPayload", "The block kind %q is not known.", e.Kind)
		case d.waitsForBlocks() && e.Kind == "Committed":
			return nil, invalid("InvalidPayload", "The block %q is not committed.", e.ID)
		}
		order = append(order, e.ID)
	}
	switch {
	case len(order) == 0:
		return nil, invalid("InvalidPayload", "The list of blocks is empty.")
	case slices.Equal(order, d.BlockOrder):
		return ok(nil, false), nil
	case !d.waitsForBlocks():
		return nil, invalid("InvalidPrerequisite", "Another list of blocks was committed before.")
	}
	for _, id := range order {
		d.Blocks[id].Committed = true
	}
	d.BlockOrder = order
	c.beginImport(d)
	return ok(nil, false), nil
}

// removeContent deletes what a dataset holds on disk.
func (s *Server) removeContent(d *dataset) {
	entries, err := os.ReadDir(s.content)
	if err != nil {
		return
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), d.ID+".") {
			_ = os.Remove(s.contentPath(d.ID, strings.TrimPrefix(e.Name(), d.ID+".")))
		}
	}
}
