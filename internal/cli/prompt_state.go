package cli

import (
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/redstart-db/redstart/internal/client"
	"github.com/redstart-db/redstart/internal/resp"
)

// splitLine splits a line that was typed into words.
func splitLine(line string) ([][]byte, bool) { return resp.AppendWords(nil, []byte(line)) }

// note remembers what a command has made of the connection: the prompt shows it, and a new
// connection is made so again.
func (a *app) note(argv [][]byte, r *client.Reply) {
	s := &a.session
	name := strings.ToLower(string(argv[0]))
	if s.multi && (name == "exec" || name == "discard") {
		if s.multi = false; name == "discard" || r.IsError() || r.Kind == client.Null {
			a.db, s.db = s.dbBefore, s.dbBefore
		}
		return
	}
	if r.IsError() {
		return
	}
	switch {
	case name == "select" && len(argv) == 2:
		a.db = client.Number(string(argv[1]))
		s.db = a.db
	case name == "multi":
		s.multi, s.dbBefore = true, s.db
	case name == "auth" && len(argv) == 2:
		a.user, a.pass, s.renewed = "", string(argv[1]), true
	case name == "auth" && len(argv) == 3:
		a.user, a.pass, s.renewed = string(argv[1]), string(argv[2]), true
	case name == "hello" && len(argv) > 1:
		a.proto = client.Number(string(argv[1]))
		for i := 2; i+2 < len(argv); i++ {
			if strings.EqualFold(string(argv[i]), "auth") {
				a.user, a.pass, s.renewed = string(argv[i+1]), string(argv[i+2]), true
				return
			}
		}
	case name == "reset":
		a.db, a.proto, a.user, a.pass = 0, 0, "", ""
		s.db, s.multi = 0, false
	}
}

// isClosed says whether the other end has closed a connection on which nothing is under way.
func isClosed(c net.Conn) bool {
	if t, ok := c.(interface{ NetConn() net.Conn }); ok { // TLS
		c = t.NetConn()
	}
	raw, ok := c.(syscall.Conn)
	if !ok {
		return false
	}
	rc, err := raw.SyscallConn()
	if err != nil {
		return true
	}
	closed := false
	err = rc.Read(func(fd uintptr) bool {
		var b [1]byte
		n, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		closed = n == 0 && err == nil || err != nil && err != syscall.EAGAIN && err != syscall.EINTR
		return true
	})
	return closed || err != nil
}

// showsHelp answers help and ?, which need no server.
func (a *app) showsHelp(argv [][]byte) bool {
	name := strings.ToLower(string(argv[0]))
	if name != "help" && name != "?" {
		return false
	}
	var topic []string
	for _, w := range argv[1:] {
		topic = append(topic, string(w))
	}
	a.library.help(a.out, topic)
	return true
}

// prefer takes a preference: the words of a line :set ...; where is what to say in front of a complaint.
func (a *app) prefer(argv [][]byte, where string) {
	if string(argv[0]) != ":set" || len(argv) < 2 {
		fmt.Fprintf(a.out, "%sunknown redis-cli internal command '%s'\n", where, argv[0])
		return
	}
	switch strings.ToLower(string(argv[1])) {
	case "hints":
		a.hints = true
	case "nohints":
		a.hints = false
	default:
		fmt.Fprintf(a.out, "%sunknown redis-cli preference '%s'\n", where, argv[1])
	}
}

// loadPreferences reads preferences, if there are any.
func (a *app) loadPreferences(path string) {
	content, err := os.ReadFile(path)
	if err != nil {
		return
	}
	for line := range strings.Lines(string(content)) {
		if argv, ok := splitLine(line); ok && len(argv) > 0 {
			a.prefer(argv, ".redisclirc: ")
		}
	}
}

// advices are what to try at the prompt, by what an error says. Where there is none, what went wrong with
// the connection has its suggestion as on the command line.
var advices = []struct{ sign, say string }{
	{"Connection refused", "No server listens there: start one, or name another with connect <host> <port>."},
	{"Name or service not known", "Is the name of the host right? connect <host> <port> names another."},
	{"Server closed the connection", "If a command was under way, it may have been carried out or not. The next one connects again."},
	{"Connection reset by peer", "If a command was under way, it may have been carried out or not. The next one connects again."},
	{"NOAUTH", "Log in: AUTH <password>, or AUTH <user> <password>."},
	{"WRONGPASS", "The name or the password is wrong, or the user is off: AUTH <user> <password>."},
	{"NOPERM", "ACL WHOAMI tells who you are; AUTH <user> <password> makes you another."},
	{"LOADING", "The server still reads its data; INFO persistence tells how far it is."},
	{"BUSY ", "SCRIPT KILL or FUNCTION KILL ends what runs, as long as it has written nothing."},
	{"MOVED ", "This is a cluster: with the option -c the client goes where the key is."},
}

// advice is a line with what may help against an error, or nothing.
func advice(text string) string {
	for _, a := range advices {
		if strings.Contains(text, a.sign) {
			return "(" + a.say + ")\n"
		}
	}
	return ""
}
