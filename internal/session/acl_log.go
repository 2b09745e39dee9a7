package session

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/redstart-db/redstart/internal/acl"
	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/resp"
)

// aclLog is the log of what was refused, and of logins that failed.
type aclLog struct {
	counts [acl.Reasons]atomic.Int64 // since the start, by reason

	mu      sync.Mutex  // guards what follows; taken under any lock, and takes none
	entries []*aclEntry // the latest first
	next    int64       // the ID of the next one
}

// aclEntry is one thing that happened, count times within a minute of each other.
type aclEntry struct {
	count            int64
	reason           acl.Reason
	context          string
	object           string // the command, key, channel or database
	user             string
	client           string // the last one, as CLIENT LIST shows it
	id               int64
	created, updated int64 // Unix milliseconds
}

const (
	aclLogTogether = 60_000 // milliseconds within which equal things are one entry
	aclLogLookBack = 10     // entries among which it is looked for
)

// like: both tell the same.
func (e *aclEntry) like(o *aclEntry) bool {
	return e.reason == o.reason && e.context == o.context && e.object == o.object && e.user == o.user &&
		max(e.updated-o.updated, o.updated-e.updated) <= aclLogTogether
}

// add notes something at the time now, and keeps up to limit entries.
func (l *aclLog) add(reason acl.Reason, context, object, user, client string, now int64, limit int) {
	l.counts[reason].Add(1)
	e := &aclEntry{
		count: 1, reason: reason, context: context, object: object, user: user, client: client, created: now, updated: now,
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if i := slices.IndexFunc(l.entries[:min(len(l.entries), aclLogLookBack)], e.like); i >= 0 {
		known := l.entries[i]
		l.entries = slices.Delete(l.entries, i, i+1)
		known.count++
		known.client, known.updated = client, now
		e = known
	} else {
		e.id = l.next
		l.next++
	}
	l.entries = slices.Insert(l.entries, 0, e)
	if len(l.entries) > limit {
		clear(l.entries[limit:])
		l.entries = l.entries[:limit]
	}
}

func (l *aclLog) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = nil
}

// latest are up to n entries as they are now.
func (l *aclLog) latest(n int64) []aclEntry {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make([]aclEntry, min(n, int64(len(l.entries))))
	for i := range list {
		list[i] = *l.entries[i]
	}
	return list
}

// Denied are how often something was refused, by reason.
func (h *Hub) Denied(reason acl.Reason) int64 { return h.aclLog.counts[reason].Load() }

func runACLLog(c *cmdspec.Ctx) error {
	log := &caller(c).hub.aclLog
	count := int64(10)
	switch {
	case len(c.Argv) > 3:
		return errACLWords(c)
	case len(c.Argv) == 3 && cmdspec.EqualFold(c.Argv[2], "RESET"):
		log.reset()
		c.Reply.OK()
		return nil
	case len(c.Argv) == 3:
		var ok bool
		if count, ok = cmdspec.ParseInt(c.Argv[2]); !ok {
			return cmdspec.ErrNotInteger
		}
	}
	entries, now := log.latest(max(count, 0)), caller(c).hub.now()
	c.Reply.Array(len(entries))
	for i := range entries {
		entries[i].write(c.Reply, now)
	}
	return nil
}

func (e *aclEntry) write(w *resp.Writer, now int64) {
	w.Map(10)
	w.BulkString("count")
	w.Int(e.count)
	for _, field := range [][2]string{
		{"reason", e.reason.String()}, {"context", e.context}, {"object", e.object}, {"username", e.user},
	} {
		w.BulkString(field[0])
		w.BulkString(field[1])
	}
	w.BulkString("age-seconds")
	w.Double(float64(now-e.updated) / 1000)
	w.BulkString("client-info")
	w.BulkString(e.client)
	w.BulkString("entry-id")
	w.Int(e.id)
	w.BulkString("timestamp-created")
	w.Int(e.created)
	w.BulkString("timestamp-last-updated")
	w.Int(e.updated)
}
