package cli

import (
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redstart-db/redstart/internal/testutil"
)

// What a person meets who connects wrongly: status, output and the first line of the errors are
// as with stock. That one tries twice, and says what is wrong with its options twice.
func TestErrorsAsStock(t *testing.T) {
	ours, stock := ours(t), stock(t)
	ca := testutil.NewAuthority(t)
	cert := ca.Issue(t, "server")
	other := testutil.NewAuthority(t)
	secure := freePort(t)
	s := testutil.Stock(t, "--tls-port", secure, "--tls-cert-file", cert.CertFile, "--tls-key-file", cert.KeyFile,
		"--tls-ca-cert-file", ca.File, "--tls-auth-clients", "optional", "--requirepass", "secret")
	words := strings.NewReplacer("PLAIN", port(s), "SECURE", secure, "CERT", cert.CertFile, "KEY", cert.KeyFile,
		"CADIR", filepath.Dir(ca.File), "CA", ca.File, "OTHER", other.File, "NOFILE", filepath.Join(t.TempDir(), "no"))
	for _, line := range errorCases {
		args := strings.Fields(words.Replace(line))
		got, want := firstLines(result(t, "", ours, args...)), firstLines(result(t, "", stock, args...))
		if got != want {
			t.Errorf("%s\n%s\nwant\n%s", line, got, want)
		}
	}
}

var errorCases = []string{
	"-p PLAIN ping", "-p PLAIN -a bad ping", "-p PLAIN --user u --pass bad --no-auth-warning ping", "-p PLAIN -a bad --scan", "-p PLAIN -n 3 ping", "-p PLAIN -3 ping",
	"-p PLAIN --scan", "-p PLAIN --bigkeys", "-p PLAIN --memkeys", "-p PLAIN --hotkeys", "-p PLAIN --stat", "-p PLAIN --rdb NOFILE", "-p PLAIN --functions-rdb NOFILE", "-p PLAIN --replica",
	"-p PLAIN --slave", "-p PLAIN -a secret --no-auth-warning -n 99 ping", "-p PLAIN -a secret --no-auth-warning --hotkeys",
	"-p PLAIN -2 -3 ping", "-p PLAIN -c -s /x ping", "-x -X a ping", "--rdb a --functions-rdb b", "--rdb", "--lru-test", "--cacert",
	"-p PLAIN -c -a secret --no-auth-warning --verbose ping", "-p PLAIN -a secret --no-auth-warning --mono -2 ping",
	"-p SECURE --tls ping", "-p SECURE --tls --insecure ping", "-p SECURE --tls --cacert CA -a secret --no-auth-warning ping", "-p SECURE --tls --cacertdir NOFILE ping",
	"-p SECURE --tls --cacert OTHER ping", "-p SECURE --tls --cacert NOFILE ping", "-p SECURE --tls --cacert CA --sni x -a secret --no-auth-warning ping",
	"-u rediss://default:secret@127.0.0.1:SECURE --cacert CA --no-auth-warning ping", "-u rediss://127.0.0.1:SECURE ping",
	"-p SECURE --tls --insecure --cert CERT --key KEY -a secret --no-auth-warning ping", "-p SECURE --tls --insecure --cert NOFILE --key KEY ping",
	"-p SECURE --tls --insecure --cert CERT --key NOFILE ping", "-p SECURE --tls --insecure --cert CERT ping", "-p SECURE --tls --insecure --cert CA --key KEY ping",
	"-p SECURE --tls --insecure --tls-ciphers NOPE ping", "-p SECURE --tls --insecure --tls-ciphers ECDHE+AESGCM ping",
	"-p SECURE --tls --insecure --tls-ciphersuites NOPE ping", "-p SECURE --tls --insecure --tls-ciphersuites TLS_AES_128_GCM_SHA256 ping",
	"-p SECURE --tls --scan --cacert NOFILE", "-p SECURE --tls --latency --cacert OTHER",
}

// firstLines leaves of a result the first line of the errors.
func firstLines(result string) string {
	before, errs, _ := strings.Cut(result, "\nerr \"")
	first, _, _ := strings.Cut(errs, `\n`)
	return before + "\nerr " + first + errs[strings.LastIndex(errs, "\nstatus"):]
}

func freePort(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// On servers that do not do their part everything ends as with stock.
func TestBadServers(t *testing.T) {
	ours, stock := ours(t), stock(t)
	const loading = "-LOADING Redis is loading the dataset in memory\r\n"
	walks := []string{"--scan", "--bigkeys", "--memkeys", "--hotkeys", "get x", "--csv get x", "-e get x", "--no-raw get x"}
	for say, more := range map[string][]string{
		"":                                   {"--rdb x", "--functions-rdb x", "--replica", "sync"},
		loading:                              {"-a x --no-auth-warning get x", "-n 3 get x", "-3 get x"},
		"+OK\r\n":                            {"-a x --no-auth-warning -n 3 -3 get x"},
		"*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n": nil, ":3\r\n": nil, "?\r\n": nil,
	} {
		port := sayServer(t, say)
		for _, mode := range append(more, walks...) {
			args := append([]string{"-p", port}, strings.Fields(mode)...)
			if got, want := result(t, "", ours, args...), result(t, "", stock, args...); got != want {
				t.Errorf("%q, %s\n%s\nwant\n%s", say, mode, got, want)
			}
		}
	}
}

// sayServer answers whatever comes with the same; if that is nothing, it closes the connection.
func sayServer(t *testing.T, what string) (port string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				buf := make([]byte, 64<<10)
				for {
					if _, err := c.Read(buf); err != nil || what == "" {
						return
					}
					if _, err := c.Write([]byte(what)); err != nil {
						return
					}
				}
			}()
		}
	}()
	_, port, _ = net.SplitHostPort(l.Addr().String())
	return port
}
