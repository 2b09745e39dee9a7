package session

import (
	"strconv"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/pubsub"
)

var clientList = cmdspec.Spec{
	Name: "list", Arity: -2, Since: "2.4.0", Group: cmdspec.GroupConnection,
	Summary: "Lists open connections.", Complexity: "O(N) with N clients.",
	Flags: cmdspec.Admin | quiet,
	Args:  "[TYPE <NORMAL | MASTER | REPLICA | PUBSUB>{5.0.0}] [ID <client-id [client-id ...]>{block id 6.2.0}]",
	Tips:  []string{"nondeterministic_output"},
	History: [][2]string{
		{"2.8.12", "The field `id`."},
		{"5.0.0", "The filter `TYPE`."},
		{"6.0.0", "The field `user`."},
		{"6.2.0", "The fields `argv-mem`, `tot-mem`, `laddr` and `redir`, and the filter `ID`."},
		{"7.0.0", "The fields `resp`, `multi-mem`, `rbs` and `rbp`."},
		{"7.0.3", "The field `ssub`."},
		{"7.2.0", "The fields `lib-name` and `lib-ver`."},
	},
	Run: runClientList,
}

func runClientList(c *cmdspec.Ctx) error {
	f, err := parseFilter(c.Argv[2:], caller(c).hub.users)
	if err != nil {
		return err
	}
	me := caller(c)
	me.worker.argvBytes = wordBytes(c.Argv)
	var text []byte
	for _, other := range me.hub.snapshot() {
		if f.fits(other, me) {
			text = append(other.appendInfo(text, me.worker), '\n')
		}
	}
	c.Reply.Verbatim("txt", string(text))
	return nil
}

func runClientInfo(c *cmdspec.Ctx) error {
	me := caller(c)
	me.worker.argvBytes = wordBytes(c.Argv)
	c.Reply.Verbatim("txt", string(append(me.appendInfo(nil, me.worker), '\n')))
	return nil
}

func wordBytes(argv [][]byte) (n int) {
	for _, w := range argv {
		n += len(w)
	}
	return n
}

// describe is the client's line of CLIENT LIST.
func (c *Client) describe(w *Worker) string { return string(c.appendInfo(nil, w)) }

// infoLine appends fields of CLIENT LIST.
type infoLine []byte

func (l *infoLine) str(name, value string) {
	if len(*l) > 0 && (*l)[len(*l)-1] != '\n' {
		*l = append(*l, ' ')
	}
	*l = append(*l, name...)
	*l = append(*l, '=')
	*l = append(*l, value...)
}

func (l *infoLine) num(name string, value int64) { l.str(name, strconv.FormatInt(value, 10)) }

// appendInfo appends the client's line of CLIENT LIST, as seen by worker w
// who runs the command, if any: its own running client is described as it is, others
// as they last published themselves.
func (c *Client) appendInfo(text []byte, w *Worker) []byte {
	l := infoLine(text)
	now := c.hub.now()
	addr, laddr := c.addresses()
	l.num("id", c.id)
	l.str("addr", addr)
	l.str("laddr", laddr)
	l.num("fd", c.fd())
	l.str("name", c.Name())
	l.num("age", max(now-c.created, 0)/1000)
	l.num("idle", max(now-c.pub.active.Load(), 0)/1000)
	l.str("flags", c.flagLetters())
	l.num("db", int64(c.DB()))
	l.num("sub", int64(c.pub.topics[pubsub.Channel].Load()))
	l.num("psub", int64(c.pub.topics[pubsub.Pattern].Load()))
	l.num("ssub", int64(c.pub.topics[pubsub.Shard].Load()))
	l.num("multi", c.pub.queued.Load())
	c.appendMemory(&l, w)
	l.str("events", c.eventLetters())
	l.str("cmd", c.lastCommand())
	l.str("user", c.user().Name())
	l.num("redir", c.redirection())
	l.num("resp", int64(c.pub.proto.Load()))
	l.num("watch", c.watching()) // behind what 7.0 has
	labels := c.labels()
	l.str("lib-name", labels.libName)
	l.str("lib-ver", labels.libVer)
	l.num("tot-net-in", c.pub.netIn.Load())
	l.num("tot-net-out", c.pub.netOut.Load())
	l.num("tot-cmds", c.pub.commands.Load())
	return l
}

// appendMemory appends the sizes of buffers.
func (c *Client) appendMemory(l *infoLine, w *Worker) {
	b := c.buffers()
	input, parsed, size, argv := c.pub.input.Load(), c.pub.parsed.Load(), b.Input, c.pub.words.Load()
	if w != nil && c == w.current && c.conn != nil { // its input is the loop's buffer
		input, parsed = int64(len(c.conn.In())-c.done), 0
		size, argv = max(size, int64(cap(c.conn.In()))), argv+int64(w.argvBytes)
	}
	l.num("qbuf", input)
	l.num("qbuf-free", max(size-input-parsed, 0))
	l.num("argv-mem", argv+parsed)
	l.num("multi-mem", c.pub.multiBytes.Load())
	l.num("rbs", 0)
	l.num("rbp", 0)
	l.num("obl", 0)
	l.num("oll", b.Chunks)
	l.num("omem", b.Output)
	l.num("tot-mem", c.pub.held.Load()-c.pub.words.Load()+argv+size+b.Output)
}

func (c *Client) fd() int64 {
	if c.conn == nil {
		return -1
	}
	return int64(c.conn.FD())
}

// flagLetters are the client's state as CLIENT LIST shows it.
func (c *Client) flagLetters() string {
	var b []byte
	if c.pub.monitor.Load() {
		b = append(b, 'O')
	}
	if c.subscribed() {
		b = append(b, 'P')
	}
	if c.pub.queued.Load() >= 0 {
		b = append(b, 'x')
	}
	if c.pub.paused.Load() || c.pub.blocked.Load() != nil {
		b = append(b, 'b')
	}
	b = append(b, c.trackingLetters()...)
	if c.dirty.Load() {
		b = append(b, 'd')
	}
	if c.pub.killed.Load() {
		b = append(b, 'A')
	}
	if c.conn != nil && !c.conn.Endpoints().Remote.IsValid() {
		b = append(b, 'U')
	}
	if c.pub.noEvict.Load() {
		b = append(b, 'e')
	}
	if c.pub.noTouch.Load() {
		b = append(b, 'T')
	}
	if len(b) == 0 {
		return "N"
	}
	return string(b)
}

func (c *Client) eventLetters() string {
	if c.buffers().Queued > 0 {
		return "rw"
	}
	return "r"
}

func (c *Client) lastCommand() string {
	if spec := c.pub.command.Load(); spec != nil {
		return spec.FullName
	}
	return "NULL"
}
