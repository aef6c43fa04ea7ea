package webchat

import (
	"context"
	"sync"

	"github.com/cozekit/cozekit/internal/gate"
)

// Owners remembers which visitor a conversation, chat or file belongs to. Keys look like conversation/7400000000000000001.
// Conversations of bots are known without it, by a stamp in their meta_data; a store that lasts is needed for conversations of
// apps to outlive the process, and for several processes to know of each other's files. It must be safe for concurrent use.
type Owners interface {
	// Owner returns the visitor, or "" if the key is not known.
	Owner(ctx context.Context, key string) (visitor string, err error)
	// SetOwner remembers the visitor of a key.
	SetOwner(ctx context.Context, key, visitor string) error
}

// DefaultOwners is how many keys the store remembers that is used when there is no other.
const DefaultOwners = 100_000

// NewMemoryOwners returns a store in memory that remembers size keys, and forgets those that were not used for longest.
func NewMemoryOwners(size int) Owners {
	return &memoryOwners{table: gate.NewTable[string](max(size, 1))}
}

type memoryOwners struct {
	mu    sync.Mutex
	table *gate.Table[string]
}

func (o *memoryOwners) Owner(_ context.Context, key string) (string, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	visitor, _ := o.table.Get(key)
	return visitor, nil
}

func (o *memoryOwners) SetOwner(_ context.Context, key, visitor string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.table.Set(key, visitor)
	return nil
}
