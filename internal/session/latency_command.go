package session

import (
	"github.com/redstart-db/redstart/internal/cmdspec"
)

var latencySpec = cmdspec.Spec{
	Name: "latency", Arity: -2, Since: "2.8.13", Group: cmdspec.GroupServer,
	Summary: "Looks for what takes long.", Complexity: "Depends on subcommand.",
	Sub: []*cmdspec.Spec{
		{
			Name: "doctor", Arity: 2, Since: "2.8.13", Group: cmdspec.GroupServer,
			Summary: "Returns a report on what took long, in words.", Complexity: "O(1)",
			Flags: diagnosing, Tips: latencyTips, Run: runLatencyDoctor,
		}, {
			Name: "graph", Arity: 3, Since: "2.8.13", Group: cmdspec.GroupServer,
			Summary: "Returns a picture of how long an event took lately.", Complexity: "O(1)",
			Flags: diagnosing, Args: "event{string}", Tips: latencyTips, Run: runLatencyGraph,
		}, {
			Name: "help", Arity: 2, Since: "2.8.13", Group: cmdspec.GroupServer,
			Summary: "Returns helpful text about the different subcommands.", Complexity: "O(1)",
			Flags: cmdspec.Loading | cmdspec.Stale, Run: runLatencyHelp,
		}, {
			Name: "histogram", Arity: -2, Since: "7.0.0", Group: cmdspec.GroupServer,
			Summary:    "Returns how long commands took, as a cumulative distribution.",
			Complexity: "O(N) where N is the number of commands with latency information being retrieved.",
			Flags:      diagnosing, Args: "[command{string} [command ...]]", Tips: latencyTips, Run: runLatencyHistogram,
		}, {
			Name: "history", Arity: 3, Since: "2.8.13", Group: cmdspec.GroupServer,
			Summary: "Returns when an event took long, and how long.", Complexity: "O(1)",
			Flags: diagnosing, Args: "event{string}", Tips: latencyTips, Run: runLatencyHistory,
		}, {
			Name: "latest", Arity: 2, Since: "2.8.13", Group: cmdspec.GroupServer,
			Summary: "Returns the latest and the longest time that each event took.", Complexity: "O(1)",
			Flags: diagnosing, Tips: latencyTips, Run: runLatencyLatest,
		}, {
			Name: "reset", Arity: -2, Since: "2.8.13", Group: cmdspec.GroupServer,
			Summary: "Forgets what took long.", Complexity: "O(1)",
			Flags: diagnosing, Args: "[event{string} [event ...]]",
			Tips: []string{"request_policy:all_nodes", "response_policy:all_succeeded"}, Run: runLatencyReset,
		},
	},
}

const diagnosing = cmdspec.Admin | cmdspec.NoScript | cmdspec.Loading | cmdspec.Stale

var latencyTips = []string{"nondeterministic_output", "request_policy:all_nodes", "response_policy:special"}

func runLatencyDoctor(c *cmdspec.Ctx) error {
	c.Reply.Verbatim("txt", caller(c).hub.ks.Latency.Report())
	return nil
}

func runLatencyGraph(c *cmdspec.Ctx) error {
	event := string(c.Argv[2])
	text, ok := caller(c).hub.ks.Latency.Graph(event)
	if !ok {
		return cmdspec.Errorf("ERR No samples available for event '%s'", event)
	}
	c.Reply.Verbatim("txt", text)
	return nil
}

func runLatencyHistory(c *cmdspec.Ctx) error {
	samples := caller(c).hub.ks.Latency.History(string(c.Argv[2]))
	c.Reply.Array(len(samples))
	for _, s := range samples {
		c.Reply.Array(2)
		c.Reply.Int(s.Time)
		c.Reply.Int(s.Millis)
	}
	return nil
}

func runLatencyLatest(c *cmdspec.Ctx) error {
	events := caller(c).hub.ks.Latency.Latest()
	c.Reply.Array(len(events))
	for _, e := range events {
		c.Reply.Array(4)
		c.Reply.BulkString(e.Name)
		c.Reply.Int(e.Last.Time)
		c.Reply.Int(e.Last.Millis)
		c.Reply.Int(e.Max)
	}
	return nil
}

func runLatencyReset(c *cmdspec.Ctx) error {
	m := &caller(c).hub.ks.Latency
	if len(c.Argv) == 2 {
		c.Reply.Int(int64(m.ResetAll()))
		return nil
	}
	n := int64(0)
	for _, event := range c.Argv[2:] {
		if m.Reset(string(event)) {
			n++
		}
	}
	c.Reply.Int(n)
	return nil
}

// runLatencyHistogram is about all commands, or about those that are named: a
// command that has subcommands stands for them.
func runLatencyHistogram(c *cmdspec.Ctx) error {
	h := caller(c).hub
	var specs []*cmdspec.Spec
	for _, name := range c.Argv[2:] {
		spec := h.table.ByName(string(name))
		switch {
		case spec == nil:
		case len(spec.Sub) > 0:
			specs = append(specs, spec.Sub...)
		default:
			specs = append(specs, spec)
		}
	}
	if len(c.Argv) == 2 {
		specs = h.table.Specs()
	}
	at, n := c.Reply.Open(), 0
	for _, spec := range specs {
		if d := h.distribution(spec); d.calls > 0 {
			d.reply(c, spec.FullName)
			n++
		}
	}
	c.Reply.CloseMap(at, n)
	return nil
}

// distribution is how many calls of a command took how long.
type distribution struct {
	calls int64
	bins  []bin // with calls of their own
}

// bin counts the calls that took up to so many microseconds.
type bin struct{ micros, calls int64 }

// The bins of a distribution end at powers of two of nanoseconds from firstBin
// on. They are called by the microseconds of the next step of a histogram as fine as
// Redis's, of 128 steps per doubling.
const firstBin, fineBits = 10, 7

func (h *Hub) distribution(spec *cmdspec.Spec) (d distribution) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var sum [len(histogram{})]int64
	for _, w := range h.workers {
		d.calls += w.stats.commands[spec.ID].addTo(&sum)
	}
	calls, next := int64(0), 0
	for k := firstBin; k <= latencyBits; k++ {
		end, before := len(sum), calls
		if k < latencyBits {
			end = bucketOf(1 << k)
		}
		for ; next < end; next++ {
			calls += sum[next]
		}
		if calls > before {
			d.bins = append(d.bins, bin{(1<<k + 1<<(k-fineBits) - 1) / 1000, calls})
		}
	}
	return d
}

func (d *distribution) reply(c *cmdspec.Ctx, name string) {
	c.Reply.BulkString(name)
	c.Reply.Map(2)
	c.Reply.BulkString("calls")
	c.Reply.Int(d.calls)
	c.Reply.BulkString("histogram_usec")
	c.Reply.Map(len(d.bins))
	for _, b := range d.bins {
		c.Reply.Int(b.micros)
		c.Reply.Int(b.calls)
	}
}

func runLatencyHelp(c *cmdspec.Ctx) error {
	replyHelp(c, "DOCTOR",
		"    Return a report on what took long, in words.",
		"GRAPH <event>",
		"    Return a picture of how long the event took lately.",
		"HISTORY <event>",
		"    Return when the event took long, and how long.",
		"LATEST",
		"    Return the latest and the longest time of each event.",
		"RESET [<event> ...]",
		"    Forget what is known of events (default: of all).",
		"HISTOGRAM [COMMAND ...]",
		"    Return how long commands took, as a cumulative distribution (default: all",
		"    commands that were called).")
	return nil
}
