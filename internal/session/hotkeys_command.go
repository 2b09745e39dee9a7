package session

import (
	"math"
	"time"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/topk"
)

const (
	errHuntOn     = cmdspec.Error("ERR hotkey tracking session already in progress")
	errHuntActive = cmdspec.Error("ERR hotkey tracking session in progress, stop tracking first")
	errNoMetrics  = cmdspec.Error("ERR METRICS parameter is required")
	errMetrics    = cmdspec.Error("ERR METRICS count must be > 0 and <= 2")
	errCPUTwice   = cmdspec.Error("ERR METRICS CPU defined more than once!")
	errNetTwice   = cmdspec.Error("ERR METRICS NET defined more than once!")
	errFewMetrics = cmdspec.Error("ERR METRICS count does not match number of metric types provided")
	errNoMetric   = cmdspec.Error("ERR METRICS no valid metrics passed. Supported: CPU|NET")
	errHotCount   = cmdspec.Error("ERR COUNT must be between 1 and 64")
	errHotLength  = cmdspec.Error("ERR DURATION must be between 1 and 1000000")
	errHotRatio   = cmdspec.Error("ERR SAMPLE ratio must be positive")
	errHotSlots   = cmdspec.Error("ERR SLOTS parameter cannot be used in non-cluster mode")
)

const (
	slots        = 16384
	hotCount     = 10
	hotMaxCount  = 64
	hotMaxLength = 1000000 // seconds
)

var hotkeysSpec = cmdspec.Spec{
	Name: "hotkeys", Arity: -2, Since: "8.6.0", Group: cmdspec.GroupServer,
	Summary: "Finds the keys that cost most.", Complexity: "Depends on subcommand.",
	Sub: []*cmdspec.Spec{
		{
			Name: "get", Arity: 2, Since: "8.6.0", Group: cmdspec.GroupServer,
			Summary:    "Returns the keys that cost most, and what they cost.",
			Complexity: "O(K) where K is the number of hotkeys returned.",
			Flags:      hunting, Run: runHotkeysGet,
		}, {
			Name: "help", Arity: 2, Since: "8.6.0", Group: cmdspec.GroupServer,
			Summary: "Returns helpful text about the different subcommands.", Complexity: "O(1)",
			Flags: cmdspec.Loading | cmdspec.Stale, Run: runHotkeysHelp,
		}, {
			Name: "reset", Arity: 2, Since: "8.6.0", Group: cmdspec.GroupServer,
			Summary: "Forgets what was found.", Complexity: "O(1)",
			Flags: hunting, Run: runHotkeysReset,
		}, {
			Name: "start", Arity: -2, Since: "8.6.0", Group: cmdspec.GroupServer,
			Summary: "Begins to measure what keys cost.", Complexity: "O(1)",
			Flags: hunting,
			Args: "METRICS <count{integer} [CPU] [NET]>{metrics} [COUNT k{integer}] [DURATION seconds{integer}] " +
				"[SAMPLE ratio{integer}] [SLOTS <count{integer} slot{integer} [slot ...]>{slots}]",
			Run: runHotkeysStart,
		}, {
			Name: "stop", Arity: 2, Since: "8.6.0", Group: cmdspec.GroupServer,
			Summary: "Ends measuring, and keeps what was found.", Complexity: "O(1)",
			Flags: hunting, Run: runHotkeysStop,
		},
	},
}

const hunting = cmdspec.Admin | cmdspec.NoScript

func runHotkeysStart(c *cmdspec.Ctx) error {
	h := caller(c).hub
	if t := h.hot.hunt.Load(); t != nil && t.isActive() {
		return errHuntOn
	}
	t, length, err := parseHunt(c.Argv[2:])
	if err != nil {
		return err
	}
	if !h.startHunt(t, length) {
		return errHuntOn
	}
	c.Reply.OK()
	return nil
}

// parseHunt reads the options of START.
func parseHunt(words [][]byte) (t *hunt, length time.Duration, err error) {
	t = &hunt{count: hotCount, ratio: 1}
	if words, err = t.parseMetrics(words); err != nil {
		return nil, 0, err
	}
	for ; len(words) >= 2; words = words[2:] {
		n, ok := cmdspec.ParseInt(words[1])
		switch option := words[0]; {
		case cmdspec.EqualFold(option, "COUNT"):
			if !ok || n < 1 || n > hotMaxCount {
				return nil, 0, errHotCount
			}
			t.count = int(n)
		case cmdspec.EqualFold(option, "DURATION"):
			if !ok || n < 1 || n > hotMaxLength {
				return nil, 0, errHotLength
			}
			length = time.Duration(n) * time.Second
		case cmdspec.EqualFold(option, "SAMPLE"):
			if !ok || n < 1 || n > math.MaxInt32 {
				return nil, 0, errHotRatio
			}
			t.ratio = n
		case cmdspec.EqualFold(option, "SLOTS"):
			return nil, 0, errHotSlots
		default:
			return nil, 0, cmdspec.ErrSyntax
		}
	}
	if len(words) > 0 {
		return nil, 0, cmdspec.ErrSyntax
	}
	return t, length, nil
}

// parseMetrics reads METRICS and what follows it, and returns the rest. What a
// later version may measure is left out, as long as something remains.
func (t *hunt) parseMetrics(words [][]byte) (rest [][]byte, err error) {
	if len(words) < 2 || !cmdspec.EqualFold(words[0], "METRICS") {
		return nil, errNoMetrics
	}
	n, ok := cmdspec.ParseInt(words[1])
	if !ok || n < 1 || n > 2 {
		return nil, errMetrics
	}
	words = words[2:]
	for ; n > 0 && len(words) > 0; n-- {
		switch word := words[0]; {
		case cmdspec.EqualFold(word, "CPU"):
			if t.cpu {
				return nil, errCPUTwice
			}
			t.cpu = true
		case cmdspec.EqualFold(word, "NET"):
			if t.net {
				return nil, errNetTwice
			}
			t.net = true
		}
		words = words[1:]
	}
	switch {
	case n > 0:
		return nil, errFewMetrics
	case !t.cpu && !t.net:
		return nil, errNoMetric
	}
	return words, nil
}

func runHotkeysStop(c *cmdspec.Ctx) error {
	h := caller(c).hub
	if h.stopHunt(h.hot.hunt.Load()) {
		c.Reply.OK()
	} else {
		c.Reply.Null()
	}
	return nil
}

func runHotkeysReset(c *cmdspec.Ctx) error {
	if !caller(c).hub.resetHunt() {
		return errHuntActive
	}
	c.Reply.OK()
	return nil
}

func runHotkeysGet(c *cmdspec.Ctx) error {
	h := caller(c).hub
	t := h.hot.hunt.Load()
	if t == nil {
		c.Reply.Null()
		return nil
	}
	now := h.costs().since(t.before)
	t.mu.Lock()
	active, took, spent := t.active, t.took, t.spent
	t.mu.Unlock()
	if active {
		took, spent = time.Since(t.began), now
	}
	cpu, net := t.found()
	fields := 7
	if t.cpu {
		fields += 3
	}
	if t.net {
		fields += 2
	}
	c.Reply.Array(1)
	c.Reply.Map(fields)
	replyField(c, "tracking-active", int64(b2i(active)))
	replyField(c, "sample-ratio", t.ratio)
	c.Reply.BulkString("selected-slots")
	c.Reply.Array(1)
	c.Reply.Array(2)
	c.Reply.Int(0)
	c.Reply.Int(slots - 1)
	replyField(c, "all-commands-all-slots-us", spent.micros)
	replyField(c, "net-bytes-all-commands-all-slots", spent.bytes)
	replyField(c, "collection-start-time-unix-ms", t.began.UnixMilli())
	replyField(c, "collection-duration-ms", took.Milliseconds())
	if t.cpu {
		replyField(c, "total-cpu-time-user-ms", spent.user.Milliseconds())
		replyField(c, "total-cpu-time-sys-ms", spent.sys.Milliseconds())
	}
	if t.net {
		replyField(c, "total-net-bytes", spent.bytes)
	}
	if t.cpu {
		replyHot(c, "by-cpu-time-us", cpu, int64(time.Microsecond))
	}
	if t.net {
		replyHot(c, "by-net-bytes", net, 1)
	}
	return nil
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func replyField(c *cmdspec.Ctx, name string, n int64) {
	c.Reply.BulkString(name)
	c.Reply.Int(n)
}

func replyHot(c *cmdspec.Ctx, name string, items []topk.Item, unit int64) {
	c.Reply.BulkString(name)
	c.Reply.Array(2 * len(items))
	for _, item := range items {
		c.Reply.BulkString(item.Key)
		c.Reply.Int(item.Weight / unit)
	}
}

func runHotkeysHelp(c *cmdspec.Ctx) error {
	replyHelp(c, "START METRICS <count> [CPU] [NET] [COUNT <k>] [DURATION <seconds>] [SAMPLE <ratio>] [SLOTS <count> <slot> ...]",
		"    Begin to measure what keys cost in processor time and network bytes.",
		"    * COUNT: how many keys to report (default: 10).",
		"    * DURATION: when to stop (default: at STOP).",
		"    * SAMPLE: measure one command in <ratio> (default: 1).",
		"    * SLOTS: which slots to look at, in cluster mode (default: all).",
		"STOP",
		"    End measuring, and keep what was found.",
		"GET",
		"    Return the keys that cost most, and what they cost.",
		"RESET",
		"    Forget what was found.")
	return nil
}
