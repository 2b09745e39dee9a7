package session

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redstart-db/redstart/internal/cmdspec"
)

// LogKind is one of the logs of commands that were out of the ordinary.
type LogKind int

// The logs. The first is the one that SLOWLOG knows.
const (
	LogSlow         LogKind = iota // those that took long, in microseconds
	LogLargeRequest                // those that came in many bytes
	LogLargeReply                  // those whose reply had many bytes
	logKinds
)

var logNames = [logKinds]string{"SLOW", "LARGE-REQUEST", "LARGE-REPLY"}

const errLogKind = cmdspec.Error("ERR type should be one of the following: slow, large-request, large-reply")

// An entry shows maxEntryWords words of a command, and maxEntryBytes of each.
const (
	maxEntryWords = 32
	maxEntryBytes = 128
)

// A commandLog is the last commands whose measure reached a limit.
type commandLog struct {
	atLeast atomic.Int64 // negative: the log is off
	maxLen  atomic.Int64

	mu      sync.Mutex // guards what follows
	nextID  int64
	entries []logEntry // the oldest first
	logged  LogTotals
}

// LogTotals sum up what was logged since start or ResetStats.
type LogTotals struct{ Count, Sum, Max int64 }

// logEntry is one command of a log.
type logEntry struct {
	id, time, amount int64 // Unix seconds; microseconds or bytes
	argv             [][]byte
	addr, name       string // of the client
}

// SetLog sets from which amount on a log takes commands (negative: never), and
// how many it keeps.
func (h *Hub) SetLog(kind LogKind, atLeast, maxLen int64) {
	h.logs[kind].atLeast.Store(atLeast)
	h.logs[kind].maxLen.Store(maxLen)
	h.gateEach()
}

// gateEach has every command noted one by one if a log takes such as are not
// noted of themselves.
func (h *Hub) gateEach() {
	slow, request, reply := h.logs[LogSlow].atLeast.Load(), h.logs[LogLargeRequest].atLeast.Load(), h.logs[LogLargeReply].atLeast.Load()
	if slow >= 0 && slow < tooLong.Microseconds() || request >= 0 && request <= large || reply >= 0 && reply <= large {
		h.gates.Or(gateEach)
	} else {
		h.gates.And(^gateEach)
	}
}

// takes says whether a log takes such an amount.
func (l *commandLog) takes(amount int64) bool {
	limit := l.atLeast.Load()
	return limit >= 0 && amount >= limit
}

// add logs a command of a client. Any thread, under any lock.
func (l *commandLog) add(c *Client, spec *cmdspec.Spec, argv [][]byte, amount int64) {
	e := logEntry{time: time.Now().Unix(), amount: amount, argv: trimmed(spec, argv), name: c.Name()}
	e.addr, _ = c.addresses()
	l.mu.Lock()
	defer l.mu.Unlock()
	e.id = l.nextID
	l.nextID++
	l.logged.Count++
	l.logged.Sum += amount
	l.logged.Max = max(l.logged.Max, amount)
	l.entries = append(l.entries, e)
	if n := int64(len(l.entries)) - l.maxLen.Load(); n > 0 {
		clear(l.entries[:n])
		l.entries = l.entries[n:]
	}
}

// trimmed is a copy of a command as logs show it: without secrets, and short.
func trimmed(spec *cmdspec.Spec, argv [][]byte) [][]byte {
	n := min(len(argv), maxEntryWords)
	short := make([][]byte, n)
	for i := range short {
		word := spec.Shown(argv, i)
		if more := len(word) - maxEntryBytes; more > 0 {
			short[i] = fmt.Appendf(slices.Clone(word[:maxEntryBytes]), "... (%d more bytes)", more)
		} else {
			short[i] = slices.Clone(word)
		}
	}
	if more := len(argv) - maxEntryWords; more > 0 {
		short[n-1] = fmt.Appendf(nil, "... (%d more arguments)", more+1)
	}
	return short
}

// last returns up to n entries, the newest first; all if n is negative.
func (l *commandLog) last(n int64) []logEntry {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := l.entries
	if n >= 0 && n < int64(len(list)) {
		list = list[int64(len(list))-n:]
	}
	list = slices.Clone(list)
	slices.Reverse(list)
	return list
}

func (l *commandLog) len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.entries)
}

func (l *commandLog) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = nil
}

func (l *commandLog) totals() LogTotals {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.logged
}

func (l *commandLog) resetTotals() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.logged = LogTotals{}
}

var commandlog = cmdspec.Spec{
	Name: "commandlog", Arity: -2, Since: "8.1.0", Group: cmdspec.GroupServer,
	Summary: "Lists commands that took long, or had large requests or replies.", Complexity: "Depends on subcommand.",
	Sub: []*cmdspec.Spec{
		{
			Name: "get", Arity: 4, Since: "8.1.0", Group: cmdspec.GroupServer,
			Summary: "Returns the newest entries of a log.", Complexity: "O(N) where N is the number of entries returned",
			Flags: logging, Args: "count{integer} type",
			Tips: []string{"request_policy:all_nodes", "nondeterministic_output"}, Run: runCommandlogGet,
		}, {
			Name: "help", Arity: 2, Since: "8.1.0", Group: cmdspec.GroupServer,
			Summary: "Returns helpful text about the different subcommands.", Complexity: "O(1)",
			Flags: cmdspec.Loading | cmdspec.Stale, Run: runCommandlogHelp,
		}, {
			Name: "len", Arity: 3, Since: "8.1.0", Group: cmdspec.GroupServer,
			Summary: "Returns the number of entries of a log.", Complexity: "O(1)",
			Flags: logging, Args: "type",
			Tips: []string{"request_policy:all_nodes", "response_policy:agg_sum", "nondeterministic_output"}, Run: runCommandlogLen,
		}, {
			Name: "reset", Arity: 3, Since: "8.1.0", Group: cmdspec.GroupServer,
			Summary: "Removes all entries of a log.", Complexity: "O(N) where N is the number of entries in the log",
			Flags: logging, Args: "type",
			Tips: []string{"request_policy:all_nodes", "response_policy:all_succeeded"}, Run: runCommandlogReset,
		},
	},
}

// logging are the flags of the commands about logs.
const logging = cmdspec.Admin | cmdspec.Loading | cmdspec.Stale

// logNamed is the log that a word names.
func logNamed(c *cmdspec.Ctx, word []byte) (*commandLog, error) {
	for kind, name := range logNames {
		if cmdspec.EqualFold(word, name) {
			return &caller(c).hub.logs[kind], nil
		}
	}
	return nil, errLogKind
}

func runCommandlogGet(c *cmdspec.Ctx) error {
	l, err := logNamed(c, c.Argv[3])
	if err != nil {
		return err
	}
	return replyEntries(c, l, c.Argv[2])
}

// replyEntries replies with as many entries of a log as a word says.
func replyEntries(c *cmdspec.Ctx, l *commandLog, word []byte) error {
	n, ok := cmdspec.ParseInt(word)
	if !ok || n < -1 {
		return cmdspec.Error("ERR count should be greater than or equal to -1")
	}
	list := l.last(n)
	c.Reply.Array(len(list))
	for i := range list {
		e := &list[i]
		c.Reply.Array(6)
		c.Reply.Int(e.id)
		c.Reply.Int(e.time)
		c.Reply.Int(e.amount)
		c.Reply.Array(len(e.argv))
		for _, word := range e.argv {
			c.Reply.Bulk(word)
		}
		c.Reply.BulkString(e.addr)
		c.Reply.BulkString(e.name)
	}
	return nil
}

func runCommandlogLen(c *cmdspec.Ctx) error {
	l, err := logNamed(c, c.Argv[2])
	if err != nil {
		return err
	}
	c.Reply.Int(int64(l.len()))
	return nil
}

func runCommandlogReset(c *cmdspec.Ctx) error {
	l, err := logNamed(c, c.Argv[2])
	if err != nil {
		return err
	}
	l.reset()
	c.Reply.OK()
	return nil
}

func runCommandlogHelp(c *cmdspec.Ctx) error {
	replyHelp(c, "GET <count> <type>",
		"    Return the newest <count> entries of a log, -1 for all. The types are slow,",
		"    large-request and large-reply. An entry is made of:",
		"    id, timestamp, time in microseconds or size in bytes, arguments array,",
		"    client IP and port, client name",
		"LEN <type>",
		"    Return the number of entries of a log.",
		"RESET <type>",
		"    Remove all entries of a log.")
	return nil
}

// replyHelp replies with the help of a command that has subcommands.
func replyHelp(c *cmdspec.Ctx, lines ...string) {
	c.Reply.Array(len(lines) + 3)
	c.Reply.Simple(fmt.Sprintf("%s <subcommand> [<arg> [value] [opt] ...]. Subcommands are:", upper(c.Spec.Parent.Name)))
	for _, line := range append(lines, "HELP", "    Print this help.") {
		c.Reply.Simple(line)
	}
}
