package session

import (
	"slices"

	"github.com/redstart-db/redstart/internal/cmdspec"
)

const (
	errOneRedirect    = cmdspec.Error("ERR A client can only redirect to a single other client")
	errNoRedirect     = cmdspec.Error("ERR The client ID you want redirect to does not exist")
	errPrefixAlone    = cmdspec.Error("ERR PREFIX option requires BCAST mode to be enabled")
	errSwitchBcast    = cmdspec.Error("ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it with a different mode.")
	errBcastOpt       = cmdspec.Error("ERR OPTIN and OPTOUT are not compatible with BCAST")
	errOptBoth        = cmdspec.Error("ERR You can't specify both OPTIN mode and OPTOUT mode")
	errSwitchOpt      = cmdspec.Error("ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it with a different mode.")
	errCachingAlone   = cmdspec.Error("ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled")
	errCachingOptin   = cmdspec.Error("ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.")
	errCachingOptout  = cmdspec.Error("ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.")
	errPrefixOverlaps = "ERR Prefix '%s' overlaps with %s prefix '%s'. Prefixes for a single client must not overlap."
)

var clientTracking = cmdspec.Spec{
	Name: "tracking", Arity: -3, Since: "6.0.0", Group: cmdspec.GroupConnection,
	Summary: "Makes the server tell the connection which keys that it has read change.", Complexity: "O(1), and O(N) with N prefixes.",
	Flags: quiet | cmdspec.Stateful,
	Args:  "<ON | OFF>{status} [REDIRECT client-id{integer}] [PREFIX prefix [PREFIX prefix ...]] [BCAST] [OPTIN] [OPTOUT] [NOLOOP]",
	Run:   runClientTracking,
}

func runClientTracking(c *cmdspec.Ctx) error {
	me := caller(c)
	mode, err := me.parseTracking(c)
	switch {
	case err != nil:
		return err
	case cmdspec.EqualFold(c.Argv[2], "ON"):
		if err := me.checkTracking(mode); err != nil {
			return err
		}
		me.trackingOn(c.Tx, mode)
	case cmdspec.EqualFold(c.Argv[2], "OFF"):
		me.trackingOff()
	default:
		return cmdspec.ErrSyntax
	}
	c.Reply.OK()
	return nil
}

// parseTracking reads the options. They must be right even if tracking ends.
func (c *Client) parseTracking(ctx *cmdspec.Ctx) (*trackMode, error) {
	mode := &trackMode{}
	for args := ctx.ArgsFrom(3); args.More(); {
		switch word := args.Next(); {
		case cmdspec.EqualFold(word, "REDIRECT") && args.More():
			if mode.redirect != 0 {
				return nil, errOneRedirect
			}
			id, ok := cmdspec.ParseInt(args.Next())
			if !ok {
				return nil, cmdspec.ErrNotInteger
			}
			if c.hub.byID(id) == nil {
				return nil, errNoRedirect
			}
			mode.redirect = id
		case cmdspec.EqualFold(word, "BCAST"):
			mode.bcast = true
		case cmdspec.EqualFold(word, "OPTIN"):
			mode.optin = true
		case cmdspec.EqualFold(word, "OPTOUT"):
			mode.optout = true
		case cmdspec.EqualFold(word, "NOLOOP"):
			mode.noloop = true
		case cmdspec.EqualFold(word, "PREFIX") && args.More():
			mode.prefixes = append(mode.prefixes, string(args.Next()))
		default:
			return nil, cmdspec.ErrSyntax
		}
	}
	return mode, nil
}

// checkTracking looks whether the options go together, and with the mode that the
// client is in, and completes the prefixes.
func (c *Client) checkTracking(mode *trackMode) error {
	before := c.pub.tracking.mode.Load()
	if !mode.bcast && len(mode.prefixes) > 0 {
		return errPrefixAlone
	}
	if before != nil && before.bcast != mode.bcast {
		return errSwitchBcast
	}
	if before == nil {
		before = &trackMode{}
	}
	switch {
	case mode.bcast && (mode.optin || mode.optout):
		return errBcastOpt
	case mode.optin && mode.optout:
		return errOptBoth
	case mode.optin && before.optout, mode.optout && before.optin:
		return errSwitchOpt
	case !mode.bcast:
		return nil
	}
	if a, b, kind := overlap(mode.prefixes, before.prefixes); kind != "" {
		return cmdspec.Errorf(errPrefixOverlaps, a, kind, b)
	}
	if len(mode.prefixes) == 0 {
		mode.prefixes = []string{""}
	}
	mode.prefixes = append(mode.prefixes, before.prefixes...)
	slices.Sort(mode.prefixes)
	mode.prefixes = slices.Compact(mode.prefixes)
	return nil
}

var clientCaching = cmdspec.Spec{
	Name: "caching", Arity: 3, Since: "6.0.0", Group: cmdspec.GroupConnection,
	Summary: "Says whether the keys of the next command are tracked.", Complexity: "O(1)",
	Flags: quiet | cmdspec.Stateful, Args: "<YES | NO>{mode}", Run: runClientCaching,
}

func runClientCaching(c *cmdspec.Ctx) error {
	me := caller(c)
	mode := me.pub.tracking.mode.Load()
	switch {
	case mode == nil:
		return errCachingAlone
	case cmdspec.EqualFold(c.Argv[2], "YES"):
		if !mode.optin {
			return errCachingOptin
		}
	case cmdspec.EqualFold(c.Argv[2], "NO"):
		if !mode.optout {
			return errCachingOptout
		}
	default:
		return cmdspec.ErrSyntax
	}
	me.pub.tracking.caching.Store(true)
	c.Reply.OK()
	return nil
}

var clientGetRedir = cmdspec.Spec{
	Name: "getredir", Arity: 2, Since: "6.0.0", Group: cmdspec.GroupConnection,
	Summary: "Returns the number of the client that invalidation messages are redirected to.", Complexity: "O(1)",
	Flags: quiet, Run: runClientGetRedir,
}

func runClientGetRedir(c *cmdspec.Ctx) error {
	c.Reply.Int(caller(c).redirection())
	return nil
}

// redirection is where invalidation messages go: 0: to the client itself, -1: it does not track. Any thread.
func (c *Client) redirection() int64 {
	if mode := c.pub.tracking.mode.Load(); mode != nil {
		return mode.redirect
	}
	return -1
}

var clientTrackingInfo = cmdspec.Spec{
	Name: "trackinginfo", Arity: 2, Since: "6.2.0", Group: cmdspec.GroupConnection,
	Summary: "Tells how the connection tracks keys.", Complexity: "O(1)",
	Flags: quiet, Run: runClientTrackingInfo,
}

func runClientTrackingInfo(c *cmdspec.Ctx) error {
	me := caller(c)
	flags := me.trackingFlags()
	c.Reply.Map(3)
	c.Reply.BulkString("flags")
	c.Reply.Set(len(flags))
	for _, f := range flags {
		c.Reply.BulkString(f)
	}
	c.Reply.BulkString("redirect")
	c.Reply.Int(me.redirection())
	c.Reply.BulkString("prefixes")
	var prefixes []string
	if mode := me.pub.tracking.mode.Load(); mode != nil {
		prefixes = mode.prefixes
	}
	c.Reply.Array(len(prefixes))
	for _, p := range prefixes {
		c.Reply.BulkString(p)
	}
	return nil
}

// trackingFlags describe the mode in words.
func (c *Client) trackingFlags() []string {
	mode := c.pub.tracking.mode.Load()
	if mode == nil {
		return []string{"off"}
	}
	list := []string{"on"}
	caching := c.pub.tracking.caching.Load()
	for _, f := range []struct {
		on   bool
		name string
	}{
		{mode.bcast, "bcast"}, {mode.optin, "optin"}, {mode.optin && caching, "caching-yes"},
		{mode.optout, "optout"}, {mode.optout && caching, "caching-no"}, {mode.noloop, "noloop"},
		{c.pub.tracking.broken.Load(), "broken_redirect"},
	} {
		if f.on {
			list = append(list, f.name)
		}
	}
	return list
}

// trackingLetters are those of CLIENT LIST. Any thread.
func (c *Client) trackingLetters() (letters string) {
	mode := c.pub.tracking.mode.Load()
	if mode == nil {
		return ""
	}
	letters = "t"
	if c.pub.tracking.broken.Load() {
		letters += "R"
	}
	if mode.bcast {
		letters += "B"
	}
	return letters
}

// TrackingStats are the figures of client-side caching.
type TrackingStats struct{ Clients, Keys, Items, Prefixes, Bytes int64 }

// Tracking returns the figures of client-side caching.
func (h *Hub) Tracking() TrackingStats {
	t := h.tracker
	return TrackingStats{t.clients.Load(), t.keys.Load(), t.items.Load(), int64(t.prefixes.len()), t.bytes.Load()}
}
