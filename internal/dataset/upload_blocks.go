package dataset

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"speech-retrainer/internal/speech"
)

// stored tells which blocks the service has of a dataset, by name with their sizes, and whether the
// dataset is complete: its blocks are committed, nothing is to be sent.
func (u *upload) stored(ctx context.Context, d speech.Dataset) (sizes map[string]int64, complete bool, err error) {
	if importing(d.Status) != "" {
		return nil, true, nil
	}
	if d.ID() == u.fresh {
		return nil, false, nil
	}
	blocks, err := persist(ctx, u.answers, func() (speech.Blocks, error) {
		blocks, _, err := u.client.ListBlocks(ctx, d.ID())
		return blocks, err
	})
	if speech.IsNotFound(err) {
		// No blocks may be told as "not found"; so may no dataset.
		now, err := persist(ctx, u.answers, func() (speech.Dataset, error) {
			now, _, err := u.client.GetDataset(ctx, d.ID())
			return now, err
		})
		return nil, err == nil && importing(now.Status) != "", err
	}
	if err != nil {
		return nil, false, err
	}
	sizes = map[string]int64{}
	for _, b := range blocks.Committed {
		sizes[b.Name] = b.Size
	}
	for _, b := range blocks.Uncommitted {
		sizes[b.Name] = b.Size
	}
	return sizes, u.plan.committed(blocks), nil
}

// committed tells whether the committed blocks are the whole data and nothing is open. Their order is not
// looked at: only an upload of this content gives blocks these names.
func (p uploadPlan) committed(blocks speech.Blocks) bool {
	sizes := map[string]int64{}
	for _, b := range blocks.Committed {
		sizes[b.Name] = b.Size
	}
	return len(blocks.Uncommitted) == 0 && len(sizes) == len(p.parts) && len(p.missing(sizes)) == 0
}

// missing lists the blocks that are not among those stored.
func (p uploadPlan) missing(stored map[string]int64) []blockPlan {
	var missing []blockPlan
	for _, part := range p.parts {
		if size, ok := stored[part.name]; !ok || size != part.size {
			missing = append(missing, part)
		}
	}
	return missing
}

// send uploads the blocks that are missing, several at once.
func (u *upload) send(ctx context.Context, id string, stored map[string]int64) error {
	missing := u.plan.missing(stored)
	_, size := u.source.sent()
	there := size
	for _, p := range missing {
		there -= p.size
	}
	u.progress.restart(there)
	before := u.progress.sentBytes()
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(cmp.Or(u.request.Parallel, defaultParallel))
	for _, p := range missing {
		if groupCtx.Err() != nil {
			break
		}
		group.Go(func() error { return u.put(groupCtx, id, p) })
	}
	err := group.Wait()
	if err == nil {
		err = context.Cause(ctx)
	}
	if err != nil && !errors.Is(err, ErrChanged) {
		return fmt.Errorf("%w; the service has %s of %s, the same upload started again goes on from there",
			err, bytesText(there+u.progress.sentBytes()-before), bytesText(size))
	}
	return err
}

func (u *upload) put(ctx context.Context, id string, p blockPlan) error {
	_, err := persist(ctx, u.answers, func() (speech.Meta, error) {
		r := u.source.part(p, u.progress)
		meta, err := u.client.PutBlock(ctx, id, p.name, r, p.size)
		if fault := r.finish(p.size, err == nil); fault != nil {
			return meta, fault
		}
		return meta, err
	})
	return err
}

// commit makes the blocks the dataset's content. A commit that the service refuses because another one,
// whose answer was lost, went before it has done its work.
func (u *upload) commit(ctx context.Context, id string) error {
	_, err := persist(ctx, u.answers, func() (speech.Meta, error) {
		meta, err := u.client.CommitBlocks(ctx, id, u.plan.names())
		if err != nil && u.committed(ctx, id) {
			return meta, nil
		}
		return meta, err
	})
	return err
}

func (u *upload) committed(ctx context.Context, id string) bool {
	d, _, err := u.client.GetDataset(ctx, id)
	if err != nil || importing(d.Status) != "" {
		return err == nil
	}
	blocks, _, err := u.client.ListBlocks(ctx, id)
	return err == nil && u.plan.committed(blocks)
}

// uploadProgress adds up what all senders have sent.
type uploadProgress struct {
	mu     sync.Mutex
	report func(done, total int64)
	moved  func() // hears of every byte that goes out
	total  int64
	done   int64 // falls when a block has to be sent again
	shown  int64 // never falls
	sent   int64 // of whole blocks
}

// restart begins anew with what the service has already.
func (p *uploadProgress) restart(there int64) {
	p.mu.Lock()
	p.done = 0
	p.mu.Unlock()
	p.add(there)
}

func (p *uploadProgress) add(n int64) {
	if n > 0 {
		p.moved()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done += n
	if p.done <= p.shown {
		return
	}
	p.shown = p.done
	if p.report != nil {
		p.report(p.done, p.total)
	}
}

// stored counts a block that the service has taken.
func (p *uploadProgress) stored(size int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent += size
}

func (p *uploadProgress) sentBytes() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sent
}
