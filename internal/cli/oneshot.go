package cli

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/redstart-db/redstart/internal/client"
	"github.com/redstart-db/redstart/internal/resp"
)

// once runs the command of the command line.
func (a *app) once() int {
	argv, err := a.arguments()
	if errors.Is(err, errQuoted) { // to standard output, as ever
		fmt.Fprintln(a.out, err)
		return 1
	}
	if a.tell(err) != nil {
		return 1
	}
	if err := a.repeated(argv, a.repeat, a.interval); err != nil {
		return 1
	}
	return 0
}

var errQuoted = errors.New("Invalid quoted string")

// arguments are the words of the command line, with what comes from standard input.
func (a *app) arguments() ([][]byte, error) {
	argv := make([][]byte, len(a.args), len(a.args)+1)
	for i, w := range a.args {
		argv[i] = []byte(w)
		if a.quoted {
			words, ok := resp.AppendWords(nil, argv[i])
			if !ok || len(words) != 1 {
				return nil, errQuoted
			}
			argv[i] = words[0]
		}
	}
	if !a.stdin && a.tag == "" {
		return argv, nil
	}
	content, err := io.ReadAll(os.Stdin)
	if err != nil {
		return nil, err
	}
	if a.stdin {
		return append(argv, content), nil
	}
	for i := range argv {
		if string(argv[i]) == a.tag {
			argv[i] = content
			return argv, nil
		}
	}
	return nil, errors.New("Using -X option but stdin tag not match.")
}

// errQuit ends the reading of commands.
var errQuit = errors.New("quit")

// readCommands runs each line of a file that is not a terminal. What becomes of one says
// nothing about the others, so -e has no meaning here.
func (a *app) readCommands(r io.Reader) int {
	a.exitCode = false
	if err := a.session.connect(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var protocol client.ProtocolError
			switch failure := a.line(bytes.TrimRight(line, "\r\n"), a.timed); {
			case errors.Is(failure, errQuit):
				return 0
			case errors.As(failure, &protocol): // nobody knows what belongs to what
				return 1
			}
		}
		if err != nil {
			return 0
		}
	}
}

// line runs a line that was read or typed, a command of the server by run.
func (a *app) line(line []byte, run func(argv [][]byte, n int, interval time.Duration) error) error {
	argv, ok := splitLine(string(line))
	if !ok {
		fmt.Fprintln(a.out, "Invalid argument(s)")
		return nil
	}
	if len(argv) == 0 {
		return nil
	}
	repeat := 1
	if n, err := strconv.Atoi(string(argv[0])); err == nil && len(argv) > 1 {
		if n <= 0 {
			fmt.Fprintln(a.out, "Invalid redis-cli repeat command option value.")
			return nil
		}
		repeat, argv = n, argv[1:]
	}
	switch name := strings.ToLower(string(argv[0])); {
	case name == "quit", name == "exit":
		return errQuit
	case name[0] == ':':
		a.prefer(argv, "")
		return nil
	case name == "clear" && len(argv) == 1:
		fmt.Fprint(a.out, "\x1b[H\x1b[2J")
		return nil
	case name == "connect" && len(argv) == 3:
		a.host, a.port, a.socket = string(argv[1]), client.Number(string(argv[2])), ""
		return a.moved()
	}
	return run(argv, repeat, a.interval)
}

// tell prints an error and returns it.
func (a *app) tell(err error) error {
	if err != nil && err != errQuiet {
		fmt.Fprintln(os.Stderr, err)
		a.suggest(err.Error())
	}
	return err
}

// repeated runs a command n times (-1: for ever), and connects when there is no connection.
func (a *app) repeated(argv [][]byte, n int, interval time.Duration) error {
	for i := 0; n < 0 || i < n; i++ {
		if i > 0 && interval > 0 {
			time.Sleep(interval) // asked for by -i
		}
		if err := a.run(argv); err != nil {
			return err
		}
	}
	return nil
}

// timed is repeated, and tells the time if it was long.
func (a *app) timed(argv [][]byte, n int, interval time.Duration) error {
	start := time.Now()
	err := a.repeated(argv, n, interval)
	a.tellTime(start)
	return err
}

// slow is how long a command takes whose time is told.
const slow = 500 * time.Millisecond

// tellTime tells people how long something took, if it was long.
func (a *app) tellTime(start time.Time) {
	if d := time.Since(start); d >= slow && a.output == outputTTY {
		fmt.Fprintf(a.out, "(%.2fs)\n", d.Seconds())
	}
}

// run sends a command and shows its replies. A connection that turns out to be gone is made once more.
func (a *app) run(argv [][]byte) error {
	if a.showsHelp(argv) {
		return nil
	}
	fresh := a.session.conn == nil
	if fresh {
		if err := a.tell(a.session.connect()); err != nil {
			return err
		}
	}
	if name := strings.ToLower(string(argv[0])); name == "sync" || name == "psync" {
		fmt.Fprintln(a.out, "Entering replica output mode...  (press Ctrl-C to quit)")
		return a.tell(a.replica())
	}
	err := a.exchange(argv)
	if err != nil && !fresh && !errors.Is(err, errReply) {
		if err := a.tell(a.session.connect()); err != nil {
			return err
		}
		err = a.exchange(argv)
	}
	if err != nil && !errors.Is(err, errReply) {
		a.session.close()
		a.tell(errors.New("Error: " + readError(err)))
	}
	return err
}

// errReply says that the reply was an error, and -e wants to know.
var errReply = errors.New("error reply")

// endless are the commands whose replies never end.
var endless = map[string]bool{"monitor": true, "subscribe": true, "psubscribe": true, "ssubscribe": true}

func (a *app) exchange(argv [][]byte) error {
	c := a.session.conn
	if err := c.Send(argv...); err != nil {
		return err
	}
	if err := c.Flush(); err != nil {
		return err
	}
	if endless[strings.ToLower(string(argv[0]))] {
		return a.listen()
	}
	r, err := a.reply()
	if err != nil {
		if strings.EqualFold(string(argv[0]), "shutdown") { // as it should be
			a.session.close()
			return nil
		}
		return err
	}
	if a.cluster && a.redirected(&r) {
		return a.exchange(argv)
	}
	if err := a.show(&r, textual(argv)); err != nil {
		return err
	}
	if a.advise && r.IsError() {
		fmt.Fprint(a.out, advice(string(r.Text)))
	}
	a.note(argv, &r)
	return nil
}

// reply reads a reply and shows pushes that come before it.
func (a *app) reply() (client.Reply, error) {
	for {
		r, err := a.session.conn.Read()
		if err != nil || r.Kind != client.Push {
			return r, err
		}
		if a.pushes {
			fmt.Fprint(a.out, a.formatPush(&r))
		}
	}
}

// formatPush shows which key is invalid in a line; other pushes as replies.
func (a *app) formatPush(r *client.Reply) string {
	if len(r.Items) != 2 || r.Items[0].Kind != client.Bulk || string(r.Items[0].Text) != "invalidate" ||
		r.Items[1].Kind != client.Array || a.output != outputTTY {
		return a.format(r)
	}
	var b strings.Builder
	b.WriteString("-> invalidate: ")
	for i := range r.Items[1].Items {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("'" + string(r.Items[1].Items[i].Text) + "'")
	}
	return b.String() + "\n"
}

// show prints a reply.
func (a *app) show(r *client.Reply, asText bool) error {
	if r.IsError() && a.exitCode {
		a.tell(errors.New(string(r.Text)))
		return errReply
	}
	if asText { // it ends with a line end of its own
		var b strings.Builder
		a.appendRaw(&b, r)
		fmt.Fprint(a.out, b.String())
		return nil
	}
	fmt.Fprint(a.out, a.format(r))
	if r.IsError() {
		a.suggest(string(r.Text))
	}
	return nil
}

// listen shows replies until the connection ends.
func (a *app) listen() error {
	if a.output == outputTTY {
		fmt.Fprintln(a.out, "Reading messages... (press Ctrl-C to quit)")
	}
	for {
		r, err := a.session.conn.Read()
		if err != nil {
			return err
		}
		if err := a.show(&r, false); err != nil {
			return err
		}
	}
}

// textCommands answer with a text for people, which is shown as it is.
var textCommands = []string{"info", "lolwut", "debug htstats", "debug htstats-key", "memory malloc-stats", "memory doctor", "cluster nodes",
	"cluster info", "client list", "client info", "latency graph", "latency doctor", "proxy info"}

func textual(argv [][]byte) bool {
	words := strings.ToLower(string(argv[0]))
	if len(argv) > 1 {
		words += " " + strings.ToLower(string(argv[1]))
	}
	for _, c := range textCommands {
		if words == c || strings.HasPrefix(words, c+" ") {
			return true
		}
	}
	return false
}

// redirected goes where a cluster says the key is, and says whether it did.
func (a *app) redirected(r *client.Reply) bool {
	words := strings.Fields(string(r.Text))
	if !r.IsError() || len(words) != 3 || words[0] != "MOVED" && words[0] != "ASK" {
		return false
	}
	i := strings.LastIndexByte(words[2], ':')
	if i < 0 {
		return false
	}
	if host := words[2][:i]; host != "" {
		a.host = host
	}
	a.port = client.Number(words[2][i+1:])
	if a.output == outputTTY {
		fmt.Fprintf(a.out, "-> Redirected to slot [%s] located at %s:%d\n", words[1], a.host, a.port)
	}
	if a.tell(a.session.connect()) != nil {
		return false
	}
	if words[0] == "ASK" {
		a.session.conn.Do("ASKING")
	}
	return true
}
