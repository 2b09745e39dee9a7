package commands

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/glob"
	"github.com/redstart-db/redstart/internal/keyspace"
)

var debugSpec = cmdspec.Spec{
	Name: "debug", Arity: -2, Since: "1.0.0", Group: cmdspec.GroupServer,
	Summary:    "Commands for tests and for looking inside.",
	Complexity: "As the subcommand.",
	Flags:      cmdspec.Admin | cmdspec.NoScript | cmdspec.Loading | cmdspec.Stale,
	Locks:      cmdspec.LockAll,
	DocFlags:   "syscmd",
}

const errDebugNotAllowed = cmdspec.Error(`ERR DEBUG command not allowed. If the enable-debug-command option is set to "local", ` +
	"you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.")

// debugCommand is a subcommand of DEBUG. They are no Specs: Redis describes
// DEBUG as one command.
type debugCommand struct {
	name          string
	least, most   int // words, with DEBUG and the name; most 0: any number
	syntax, about string
	run           func(*Deps, *cmdspec.Ctx) error
}

// debugCommands is the table of them; a function because HELP is one.
func debugCommands() []debugCommand {
	return []debugCommand{
		{"config-rewrite-force-all", 2, 2, "", "Writes all settings into the configuration file, defaults as well.", (*Deps).debugRewrite},
		{"digest", 2, 2, "", "Returns a hash of all that is in the databases.", (*Deps).debugDigest},
		{"digest-value", 2, 0, "[key ...]", "Returns a hash of the value at each key.", (*Deps).debugDigestValue},
		{"error", 3, 3, "text", "Replies with an error of that text.", (*Deps).debugError},
		{"help", 2, 2, "", "", (*Deps).debugHelp},
		{"log", 3, 3, "text", "Writes a text to the log.", (*Deps).debugLog},
		{"object", 3, 4, "key", "Shows how the value at a key is stored.", (*Deps).debugObject},
		{"populate", 3, 5, "count [prefix] [size]", "Creates keys named by a prefix and a number, with values of some size.", (*Deps).debugPopulate},
		{"protocol", 3, 3, "type", "Replies with an example of a type: " + debugTypes + ".", (*Deps).debugProtocol},
		{"quicklist-packed-threshold", 3, 3, "bytes", "Accepted without effect: from which size an element of a list is apart is not for tests to say.", (*Deps).debugPackedThreshold},
		{"replybuffer", 4, 4, "(PEAK-RESET-TIME|RESIZING) value", "Accepted without effect: an idle client has no buffer for replies that could be resized.", (*Deps).debugReplyBuffer},
		{"set-active-expire", 3, 3, "0|1", "Stops or resumes the removal of expired keys in the background.", (*Deps).debugSetActiveExpire},
		{"sleep", 3, 3, "seconds", "Stops the server for some seconds, which may have decimals.", (*Deps).debugSleep},
		{"stringmatch-len", 4, 4, "pattern text", "Says whether a pattern matches a text.", (*Deps).debugStringMatch},
	}
}

func (d *Deps) runDebug(c *cmdspec.Ctx) error {
	if d.DebugAllowed == nil || !d.DebugAllowed(c.Client) {
		return errDebugNotAllowed
	}
	n := len(c.Argv)
	for _, sub := range debugCommands() {
		if strings.EqualFold(string(c.Argv[1]), sub.name) && n >= sub.least && (n <= sub.most || sub.most == 0) {
			return sub.run(d, c)
		}
	}
	return errDebugUsage(c)
}

func errDebugUsage(c *cmdspec.Ctx) error {
	return cmdspec.Errorf("ERR unknown subcommand or wrong number of arguments for '%s'. Try DEBUG HELP.", c.Argv[1][:min(128, len(c.Argv[1]))])
}

func (d *Deps) debugHelp(c *cmdspec.Ctx) error {
	var lines []string
	for _, sub := range debugCommands() {
		if sub.name != "help" {
			lines = append(lines, helpLines(sub.name, sub.syntax, sub.about)...)
		}
	}
	writeHelp(c, "debug", lines)
	return nil
}

func (d *Deps) debugError(c *cmdspec.Ctx) error {
	c.Reply.Error(string(c.Argv[2]))
	return nil
}

func (d *Deps) debugRewrite(c *cmdspec.Ctx) error {
	if d.RewriteAll == nil {
		return cmdspec.Error("ERR CONFIG-REWRITE-FORCE-ALL failed")
	}
	if err := d.RewriteAll(); err != nil {
		return err
	}
	c.Reply.OK()
	return nil
}

func (d *Deps) debugLog(c *cmdspec.Ctx) error {
	if d.Log != nil {
		d.Log("DEBUG LOG: " + string(c.Argv[2]))
	}
	c.Reply.OK()
	return nil
}

// debugSleep sleeps with every shard locked: the whole server stops, as tests
// expect of it.
func (d *Deps) debugSleep(c *cmdspec.Ctx) error {
	seconds, _ := cmdspec.ParseFloat(c.Argv[2])
	if seconds > 0 && seconds < math.MaxInt32 {
		time.Sleep(time.Duration(seconds * float64(time.Second)))
	}
	c.Reply.OK()
	return nil
}

func (d *Deps) debugSetActiveExpire(c *cmdspec.Ctx) error {
	n, _ := strconv.Atoi(string(c.Argv[2]))
	d.Keyspace.Settings.ActiveExpire.Store(n != 0)
	c.Reply.OK()
	return nil
}

func (d *Deps) debugReplyBuffer(c *cmdspec.Ctx) error {
	if !cmdspec.EqualFold(c.Argv[2], "PEAK-RESET-TIME") && !cmdspec.EqualFold(c.Argv[2], "RESIZING") {
		return errDebugUsage(c)
	}
	c.Reply.OK()
	return nil
}

func (d *Deps) debugStringMatch(c *cmdspec.Ctx) error {
	n := int64(0)
	if glob.Match(c.Argv[2], c.Argv[3]) {
		n = 1
	}
	c.Reply.Int(n)
	return nil
}

func (d *Deps) debugPopulate(c *cmdspec.Ctx) error {
	count, err := positive(c.Argv[2])
	if err != nil {
		return err
	}
	prefix := []byte("key")
	if len(c.Argv) > 3 {
		prefix = c.Argv[3]
	}
	size := int64(-1)
	if len(c.Argv) > 4 {
		if size, err = positive(c.Argv[4]); err != nil {
			return err
		}
	}
	for i := range count {
		name := strconv.AppendInt(append(prefix[:len(prefix):len(prefix)], ':'), i, 10)
		k := c.Tx.Key(name)
		if _, found := c.Tx.Write(k); found {
			continue
		}
		c.Tx.SetString(k, populateValue(i, size), keyspace.NoTTL)
		c.Tx.Unannounced(k)
	}
	c.Reply.OK()
	return nil
}

// populateValue is the number's text, cut or filled with zero bytes to size;
// a size of 0 or none leaves it.
func populateValue(i, size int64) []byte {
	v := strconv.AppendInt([]byte("value:"), i, 10)
	if size <= 0 {
		return v
	}
	out := make([]byte, size)
	copy(out, v)
	return out
}

// positive reads a number that is not negative.
func positive(w []byte) (int64, error) {
	n, ok := cmdspec.ParseInt(w)
	if !ok || n < 0 {
		return 0, cmdspec.ErrPositive
	}
	return n, nil
}

func (d *Deps) debugObject(c *cmdspec.Ctx) error {
	if len(c.Argv) == 4 && !cmdspec.EqualFold(c.Argv[3], "FAST") {
		return errDebugUsage(c)
	}
	e, found := c.Tx.Peek(c.Tx.Key(c.Argv[2]))
	if !found {
		return cmdspec.ErrNoSuchKey
	}
	length := 0
	if e.Type() == keyspace.TypeString {
		length = serializedLen(e)
	} else {
		length = serializedElements(e, c.Tx.Now())
	}
	c.Reply.Simple(fmt.Sprintf("Value at:0x%x refcount:1 encoding:%s serializedlength:%d lru:%d lru_seconds_idle:%d",
		c.Tx.Key(c.Argv[2]).Hash, e.Encoding(), length, e.Clock(), e.IdleSeconds()))
	return nil
}

// debugPackedThreshold accepts a size of 1 byte to 4 GiB, as Redis's suite sends it; 0 is the default.
func (d *Deps) debugPackedThreshold(c *cmdspec.Ctx) error {
	if n, ok := memorySize(string(c.Argv[2])); !ok || n >= 1<<32 {
		return cmdspec.Error("ERR argument must be a memory value bigger than 1 and smaller than 4gb")
	}
	c.Reply.OK()
	return nil
}

// memorySize reads a number of bytes with a unit, as settings have it.
func memorySize(text string) (n uint64, ok bool) {
	digits := strings.TrimRightFunc(text, func(r rune) bool { return r < '0' || r > '9' })
	factor, known := map[string]uint64{
		"": 1, "b": 1, "k": 1000, "kb": 1 << 10, "m": 1000_000, "mb": 1 << 20, "g": 1000_000_000, "gb": 1 << 30,
	}[strings.ToLower(text[len(digits):])]
	if digits == "" {
		return 0, known
	}
	n, err := strconv.ParseUint(digits, 10, 33)
	return n * factor, known && err == nil
}

// serializedElements is the length of a collection in a dump whose elements
// are written one after the other.
func serializedElements(e keyspace.Entry, now int64) (n int) {
	eachElement(e, now, func(el element) {
		n += serializedText(len(el.a))
		if el.pair {
			n += serializedText(len(el.b))
		}
	})
	return n
}

// serializedLen is the length of a string in a dump, uncompressed: integers
// take 1, 2 or 4 bytes behind their type, other strings follow their length.
func serializedLen(e keyspace.Entry) int {
	if n, ok := e.Int(); ok && int64(int32(n)) == n {
		switch {
		case int64(int8(n)) == n:
			return 2
		case int64(int16(n)) == n:
			return 3
		}
		return 5
	}
	return serializedText(e.Len())
}

// serializedText is the length of n bytes behind their length.
func serializedText(n int) int {
	switch {
	case n < 1<<6:
		return n + 1
	case n < 1<<14:
		return n + 2
	case uint64(n) <= math.MaxUint32:
		return n + 5
	default:
		return n + 9
	}
}
