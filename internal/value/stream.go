package value

import (
	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/stream"
)

// A Stream is a stream: a log, in blocks of its own from the start. Unlike
// other collections it may be empty.
type Stream struct{ Cell }

// NewStreamSize is the size of the body of a new stream.
const NewStreamSize = rootSize

// OpenStream is the stream in a cell; a new one is made empty.
func OpenStream(c Cell) Stream {
	s := Stream{c}
	if s.IsNew() {
		s.SetRoot(stream.New(s.Arena()).Root())
	}
	return s
}

// Log is the stream's log, to read.
func (s *Stream) Log() stream.Log { return stream.Open(s.Arena(), s.Root()) }

// Edit is the stream's log, to change.
func (s *Stream) Edit() stream.Log {
	s.Change()
	return s.Log()
}

// StreamLimits are the settings on blocks.
func (l *Limits) StreamLimits() stream.Limits {
	return stream.Limits{Bytes: int(l.StreamNodeBytes.Load()), Entries: int(l.StreamEntries.Load())}
}

func streamBytes(a *arena.Arena, root arena.Ref) int64 { return stream.Open(a, root).Bytes() }

func cloneStream(a *arena.Arena, root arena.Ref, to *arena.Arena) arena.Ref {
	return stream.Open(a, root).Clone(to).Root()
}

func reclaimStream(a *arena.Arena, root arena.Ref, budget int) bool {
	return stream.Open(a, root).Reclaim(budget)
}
