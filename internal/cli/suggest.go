package cli

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"
)

// suggestions are what to try, by a part of what went wrong. The first that fits counts.
var suggestions = []struct{ part, try string }{
	{"Connection refused", "No server listens there. -h and -p, or -s, say where it is."},
	{"Name or service not known", "No such host. -h takes a name or an address."},
	{"Temporary failure in name resolution", "The name cannot be looked up now. -h takes an address as well."},
	{"No such file or directory", "There is no such file. For -s it is the server's setting unixsocket."},
	{"Permission denied", "Not for this user. The server's setting unixsocketperm says for whom its socket is."},
	{"Connection timed out", "Nothing came back. Is it the right port? With --tls: does the server speak TLS there?"},
	{"No route to host", "The network does not lead there. -h says where to connect to."},
	{"certificate verify failed", "No known authority signed the server's certificate. --cacert names the file of one; --insecure does without."},
	{"certificate required", "The server hung up: it wants a certificate of the client (--cert, --key)."},
	{"wrong version number", "What answers there does not speak TLS. Leave out --tls?"},
	{"SSL_connect failed", "The server does not want this client. --cert and --key show it a certificate."},
	{"Invalid CA Certificate", "--cacert takes a file with certificates in PEM, --cacertdir a directory of them."},
	{"Invalid client certificate", "--cert takes a file with a certificate in PEM, --key that of its private key."},
	{"Invalid private key", "--key takes a file with the private key, in PEM, of the certificate that --cert names."},
	{`got "\x15" as reply`, "That is TLS. Try --tls."},
	{"Connection reset by peer", "The server hung up. Perhaps it speaks only TLS on this port (--tls), or wants a certificate (--cert, --key)."},
	{"Server closed the connection", "The server hung up, ended, or wants a certificate (--cert, --key). If a command was under way, it may have been carried out or not."},
	{"as reply type byte", "Another program than a Redis server listens there."},
	{"WRONGPASS", "The name or the password is wrong, or the user is off. --user and --askpass log in."},
	{"without any password configured", "This server has no password for the default user: leave it out, or name another --user."},
	{"NOAUTH", "Log in with --askpass, with the password in REDISCLI_AUTH, or with -a; --user names another user than the default."},
	{"NOPERM", "This user may not do that. --user and --askpass log in as another."},
	{"LOADING", "The server still reads its data. INFO persistence tells how far it is."},
	{"MOVED ", "This is a cluster: with -c the client goes where the key is."},
	{"CLUSTERDOWN", "CLUSTER INFO tells what is missing."},
	{"READONLY", "This is a replica: INFO replication names the master."},
	{"BUSY ", "SCRIPT KILL or FUNCTION KILL ends what runs, as long as it has written nothing."},
	{"DB index is out of range", "CONFIG GET databases tells how many there are."},
	{"Unrecognized option", "--help lists the options."},
	{"an LFU maxmemory policy is not selected", "CONFIG SET maxmemory-policy allkeys-lfu (or volatile-lfu) makes the server count."},
	{"unknown command", "COMMAND LIST shows what the server knows; an argument may lack its quotes."},
}

// suggest follows what went wrong with a line on what to try, for a person who gave the
// command on the command line. Programs see the first line only.
func (c *config) suggest(text string) {
	if !term.IsTerminal(int(os.Stderr.Fd())) || !term.IsTerminal(int(os.Stdout.Fd())) || c.takesLines() {
		return
	}
	fmt.Fprint(os.Stderr, suggestion(text))
}

// suggestion is a line with what to try, or nothing.
func suggestion(text string) string {
	for _, s := range suggestions {
		if strings.Contains(text, s.part) {
			return "(" + s.try + ")\n"
		}
	}
	return ""
}

// takesLines says whether commands come one after the other; then there is another occasion to tell.
func (c *config) takesLines() bool { return c.started && c.mode == nil && len(c.args) == 0 }
