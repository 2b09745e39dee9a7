package server

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redstart-db/redstart/internal/testutil"
)

// A tlsServer is a server with a second port, and an authority that its clients trust, too.
type tlsServer struct {
	*testutil.Server
	ca     *testutil.Authority
	secure string // address of the tls-port
}

type starter func(testing.TB, ...string) *testutil.Server

func startTLS(t *testing.T, start starter, ca *testutil.Authority, args ...string) *tlsServer {
	t.Helper()
	cert := ca.Issue(t, "server")
	port := unusedPort(t)
	args = append([]string{"--tls-port", port, "--tls-cert-file", cert.CertFile, "--tls-key-file", cert.KeyFile,
		"--tls-ca-cert-file", ca.File}, args...)
	return &tlsServer{start(t, args...), ca, "127.0.0.1:" + port}
}

func unusedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// as is the configuration of a client with a certificate, or without one.
func (s *tlsServer) as(cert *testutil.Certificate) *tls.Config {
	c := &tls.Config{RootCAs: s.ca.Pool, ServerName: "localhost"}
	if cert != nil {
		c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			return &cert.Certificate, nil // also one that the server's authorities did not sign
		}
	}
	return c
}

// dial connects. With TLS 1.3 a client hears only from its first read that the server refuses it.
func (s *tlsServer) dial(t *testing.T, config *tls.Config) (*tls.Conn, *testutil.Conn, error) {
	t.Helper()
	c, err := tls.DialWithDialer(&net.Dialer{Timeout: 10 * time.Second}, "tcp", s.secure, config)
	if err != nil {
		return nil, nil, err
	}
	t.Cleanup(func() { c.Close() })
	return c, testutil.Wrap(c), nil
}

// ping connects, and says what became of it.
func (s *tlsServer) ping(t *testing.T, config *tls.Config) error {
	t.Helper()
	_, c, err := s.dial(t, config)
	if err != nil {
		return err
	}
	defer c.Close()
	r, err := c.Do("PING")
	if err == nil && r.Text != "PONG" {
		err = fmt.Errorf("PING: %q", r.Raw)
	}
	return err
}

func (s *tlsServer) client(t *testing.T) *testutil.Conn {
	t.Helper()
	_, c, err := s.dial(t, s.as(s.ca.Issue(t, "client")))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Who may connect is the same as with stock, for each value of tls-auth-clients.
func TestTLSClientCertificates(t *testing.T) {
	ca, other := testutil.NewAuthority(t), testutil.NewAuthority(t)
	expired := func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Now().Add(-48*time.Hour), time.Now().Add(-24*time.Hour)
	}
	forServers := func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }
	certs := []*testutil.Certificate{nil, ca.Issue(t, "good"), other.Issue(t, "stranger"), ca.Issue(t, "expired", expired),
		ca.Issue(t, "misused", forServers)}
	ours, stock := startTLS(t, testutil.Subject, ca), startTLS(t, testutil.Stock, ca)
	for _, mode := range []string{"yes", "optional", "no"} {
		ours.Dial(t).Must(t, "CONFIG", "SET", "tls-auth-clients", mode)
		stock.Dial(t).Must(t, "CONFIG", "SET", "tls-auth-clients", mode)
		for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
			for _, cert := range certs {
				name := "none"
				if cert != nil {
					name = cert.Leaf.Subject.CommonName
				}
				a, b := ours.as(cert), stock.as(cert)
				a.MaxVersion, b.MaxVersion = version, version
				got, want := ours.ping(t, a), stock.ping(t, b)
				if (got == nil) != (want == nil) {
					t.Errorf("tls-auth-clients %s, %s, certificate %s: %v, stock: %v", mode, tls.VersionName(version), name, got, want)
				}
			}
		}
	}
	if err := ours.ping(t, &tls.Config{RootCAs: other.Pool, ServerName: "localhost"}); err == nil {
		t.Error("a client that does not know the authority is content")
	}
}

// The same changes of settings get the same answers.
func TestTLSSettingsAgainstStock(t *testing.T) {
	ca := testutil.NewAuthority(t)
	cert, second := ca.Issue(t, "server"), ca.Issue(t, "second")
	dir := filepath.Dir(ca.File)
	ours, stock := testutil.Subject(t).Dial(t), testutil.Stock(t).Dial(t)
	ports := [2]string{unusedPort(t), unusedPort(t)}
	for _, line := range []string{
		"tls-port PORT", "tls-protocols nonsense", "tls-protocols ''", "tls-cert-file " + cert.CertFile,
		"tls-port PORT", "tls-key-file " + cert.KeyFile, "tls-port PORT",
		"tls-auth-clients maybe", "tls-auth-clients no tls-port PORT", "tls-auth-clients yes",
		"tls-ca-cert-file " + ca.File + " tls-auth-clients yes", "tls-ca-cert-file nosuch", "tls-cert-file nosuch",
		"tls-cert-file " + second.CertFile, "tls-cert-file " + second.CertFile + " tls-key-file " + second.KeyFile,
		"tls-cert-file " + second.KeyFile, "tls-key-file " + cert.CertFile, "tls-key-file " + dir,
		"tls-protocols TLSv1.4", "tls-protocols TLSv1.2", "tls-protocols TLSv1.2_TLSv1.3", "tls-protocols tlsv1.3",
		"tls-ciphers nosuch", "tls-ciphers ECDHE+AESGCM:!aNULL", "tls-ciphers DEFAULT:nosuch",
		"tls-dh-params-file nosuch", "tls-client-cert-file nosuch", "tls-client-cert-file nosuch tls-client-key-file nosuch",
		"tls-session-caching no", "tls-session-cache-timeout -1", "tls-session-cache-timeout 5", "tls-prefer-server-ciphers yes",
		"tls-ca-cert-dir " + dir, "tls-key-file-pass x", "tls-port 70000", "tls-port 0", "tls-cert-file nosuch", "tls-port PORT",
	} {
		words := strings.Fields(strings.ReplaceAll(line, "''", ""))
		var replies [2]string
		for i, c := range []*testutil.Conn{ours, stock} {
			args := []string{"CONFIG", "SET"}
			for _, w := range words {
				args = append(args, strings.NewReplacer("PORT", ports[i], "_", " ").Replace(w))
			}
			if len(args)%2 != 0 {
				args = append(args, "")
			}
			replies[i] = string(c.Must(t, args...).Raw)
		}
		if replies[0] != replies[1] {
			t.Errorf("%s: %q, stock %q", line, replies[0], replies[1])
		}
	}
	get := func(c *testutil.Conn) map[string]string { return pairs(c.Must(t, "CONFIG", "GET", "tls-*")) }
	a, b := get(ours), get(stock)
	for name, want := range b {
		if name != "tls-port" && a[name] != want {
			t.Errorf("%s is %q, stock has %q", name, a[name], want)
		}
	}
}

// What cannot be used ends the start, as it ends stock's.
func TestTLSStartUpErrors(t *testing.T) {
	stock := testutil.Need(t, "redis-server", "Debian package redis-server")
	bin, ca := testutil.Binary(t), testutil.NewAuthority(t)
	cert, second := ca.Issue(t, "server"), ca.Issue(t, "second")
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, port, _ := net.SplitHostPort(taken.Addr().String())
	files := "--tls-cert-file|" + cert.CertFile + "|--tls-key-file|" + cert.KeyFile
	for _, args := range []string{
		"", "--tls-cert-file|" + cert.CertFile, files, "--tls-auth-clients|no|--tls-cert-file|nosuch|--tls-key-file|nosuch",
		files + "|--tls-auth-clients|no|--tls-key-file|" + second.KeyFile, files + "|--tls-auth-clients|no|--tls-protocols|SSLv3",
		files + "|--tls-auth-clients|no|--tls-ciphers|nosuch", files + "|--tls-ca-cert-file|nosuch",
		files + "|--tls-auth-clients|no",
	} {
		words := strings.Split("--port|0|--bind|127.0.0.1|--tls-port|"+port+"|"+args, "|")
		if args == "" {
			words = words[:len(words)-1]
		}
		got, want := startUp(t, bin, t.TempDir(), "", words), startUp(t, stock, t.TempDir(), "", words)
		if got.status != want.status || got.keyLines() != want.keyLines() {
			t.Errorf("%q: status %d\n%s\nstock: status %d\n%s", args, got.status, got.keyLines(), want.status, want.keyLines())
		}
	}
}

func TestTLSVersionsAndCiphers(t *testing.T) {
	s := startTLS(t, testutil.Subject, testutil.NewAuthority(t), "--tls-auth-clients", "no")
	admin := s.Dial(t)
	with := func(low, high uint16, suites ...uint16) *tls.Config {
		c := s.as(nil)
		c.MinVersion, c.MaxVersion, c.CipherSuites = low, high, suites
		return c
	}
	const v11, v12, v13 = tls.VersionTLS11, tls.VersionTLS12, tls.VersionTLS13
	const gcm, chacha = tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
	for _, tt := range []struct {
		protocols, ciphers string
		client             *tls.Config
		works              bool
	}{
		{"", "", with(v11, v11), false},
		{"", "", with(v12, v12), true},
		{"", "", with(v13, v13), true},
		{"TLSv1.1 TLSv1.2", "", with(v11, v11), false},
		{"TLSv1.2", "", with(v13, v13), false},
		{"TLSv1.2", "", with(v12, v12), true},
		{"TLSv1.3", "", with(v12, v12), false},
		{"TLSv1.3", "", with(v12, v13), true},
		{"TLSv1.2", "ECDHE-ECDSA-CHACHA20-POLY1305", with(v12, v12, gcm), false},
		{"TLSv1.2", "ECDHE-ECDSA-CHACHA20-POLY1305", with(v12, v12, chacha), true},
		{"TLSv1.2", "ALL:!CHACHA20", with(v12, v12, chacha), false},
		{"TLSv1.2", "ALL:!CHACHA20", with(v12, v12, gcm), true},
	} {
		if r := admin.Must(t, "CONFIG", "SET", "tls-protocols", tt.protocols, "tls-ciphers", tt.ciphers); r.Text != "OK" {
			t.Fatalf("%q", r.Raw)
		}
		if err := s.ping(t, tt.client); (err == nil) != tt.works {
			t.Errorf("%q, %q, client from %x to %x: %v", tt.protocols, tt.ciphers, tt.client.MinVersion, tt.client.MaxVersion, err)
		}
	}
	if r := admin.Must(t, "CONFIG", "SET", "tls-protocols", "TLSv1 TLSv1.1"); r.Kind != '-' {
		t.Errorf("only versions that are gone: %q", r.Raw)
	}
}

// Keys that OpenSSL encrypted, in every form it has.
func TestTLSEncryptedKeys(t *testing.T) {
	openssl := testutil.Need(t, "openssl", "Debian package openssl")
	s := startTLS(t, testutil.Subject, testutil.NewAuthority(t), "--tls-auth-clients", "no")
	admin := s.Dial(t)
	cert := s.ca.Issue(t, "locked")
	for _, how := range [][]string{
		{"pkcs8", "-topk8", "-v2", "aes-256-cbc"}, {"pkcs8", "-topk8", "-v2", "aes-128-cbc", "-v2prf", "hmacWithSHA1"},
		{"pkcs8", "-topk8", "-v2", "aes-192-cbc", "-v2prf", "hmacWithSHA512"}, {"pkcs8", "-topk8", "-v2", "des3"},
		{"ec", "-aes256"}, {"ec", "-aes128"}, {"ec", "-des3"},
	} {
		locked := filepath.Join(t.TempDir(), "key")
		args := append(how, "-in", cert.KeyFile, "-out", locked, "-passout", "pass:secret")
		if out, err := exec.Command(openssl, args...).CombinedOutput(); err != nil {
			t.Fatalf("openssl %v: %v\n%s", args, err, out)
		}
		for pass, works := range map[string]bool{"": false, "wrong": false, "secret": true} {
			r := admin.Must(t, "CONFIG", "SET", "tls-cert-file", cert.CertFile, "tls-key-file", locked, "tls-key-file-pass", pass)
			if (r.Text == "OK") != works {
				t.Errorf("%v with password %q: %q", how, pass, r.Raw)
			}
		}
		if err := s.ping(t, s.as(nil)); err != nil {
			t.Errorf("%v: %v", how, err)
		}
	}
	for _, hostile := range []string{"", "30", "3000", "3080", "30820100"} {
		text := []byte("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n" + hostile)
		if _, err := decryptKey(text, nil); err == nil {
			t.Error("an empty key is accepted")
		}
	}
}

func FuzzDecryptKey(f *testing.F) {
	f.Add([]byte("0\x80"), []byte("x"))
	f.Fuzz(func(t *testing.T, der, pass []byte) {
		decryptPKCS8(der, pass)
	})
}

// Sessions are resumed, as long as the settings allow and stay as they are.
func TestTLSResumption(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		s := startTLS(t, testutil.Subject, testutil.NewAuthority(t))
		admin := s.Dial(t)
		config := s.as(s.ca.Issue(t, "client"))
		config.MaxVersion, config.ClientSessionCache = version, tls.NewLRUClientSessionCache(10)
		resumes := func() bool {
			conn, c, err := s.dial(t, config)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			c.Must(t, "PING")
			return conn.ConnectionState().DidResume
		}
		if resumes() || !resumes() || !resumes() {
			t.Errorf("%s: resumption is not from the second connection on", tls.VersionName(version))
		}
		for _, set := range [][]string{{"tls-session-cache-timeout", "0"}, {"tls-session-caching", "no"}} {
			admin.Must(t, append([]string{"CONFIG", "SET"}, set...)...)
			if resumes() || resumes() {
				t.Errorf("%s: resumed with %v", tls.VersionName(version), set)
			}
			admin.Must(t, "CONFIG", "SET", "tls-session-cache-timeout", "300", "tls-session-caching", "yes")
			if resumes() || !resumes() {
				t.Errorf("%s: resumption did not begin anew", tls.VersionName(version))
			}
		}
	}
}

// A certificate that is exchanged, by CONFIG SET or in its file, is what the
// next connection sees; those that are open stay.
func TestTLSReload(t *testing.T) {
	s := startTLS(t, testutil.Subject, testutil.NewAuthority(t), "--tls-auth-clients", "no")
	admin := s.Dial(t)
	_, open, err := s.dial(t, s.as(nil))
	if err != nil {
		t.Fatal(err)
	}
	shown := func() string {
		conn, c, err := s.dial(t, s.as(nil))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		return conn.ConnectionState().PeerCertificates[0].Subject.CommonName
	}
	second, third := s.ca.Issue(t, "second"), s.ca.Issue(t, "third")
	if r := admin.Must(t, "CONFIG", "SET", "tls-cert-file", second.CertFile, "tls-key-file", second.KeyFile); r.Text != "OK" {
		t.Fatalf("%q", r.Raw)
	}
	if got := shown(); got != "second" {
		t.Errorf("after CONFIG SET the certificate is that of %s", got)
	}
	if r := admin.Must(t, "CONFIG", "SET", "tls-cert-file", third.CertFile); r.Kind != '-' || shown() != "second" {
		t.Errorf("half a change: %q, and the certificate is that of %s", r.Raw, shown())
	}
	// The files one after the other, as tools exchange them: in between they do not fit.
	for _, move := range [][2]string{{third.CertFile, second.CertFile}, {third.KeyFile, second.KeyFile}} {
		if err := os.Rename(move[0], move[1]); err != nil {
			t.Fatal(err)
		}
	}
	for deadline := time.Now().Add(20 * time.Second); shown() != "third"; {
		if time.Now().After(deadline) {
			t.Fatalf("the new files are not noticed:\n%s", s.Log())
		}
		time.Sleep(50 * time.Millisecond) // files are looked at once a second
	}
	if r := open.Must(t, "PING"); r.Text != "PONG" {
		t.Errorf("the connection from before: %q", r.Raw)
	}
	if err := os.WriteFile(second.CertFile, []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := admin.Must(t, "CONFIG", "SET", "tls-cert-file", second.CertFile); r.Kind != '-' {
		t.Errorf("the same name again, with nonsense in the file: %q", r.Raw)
	}
	if err := os.WriteFile(second.CertFile, []byte("more nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); !strings.Contains(s.Log(), "cannot be used"); {
		if got := shown(); got != "third" || time.Now().After(deadline) {
			t.Fatalf("with a broken file the certificate is that of %s:\n%s", got, s.Log())
		}
		time.Sleep(50 * time.Millisecond) // likewise
	}
}

// Without a plain port, with bytes that are no TLS, and beside a unix socket.
func TestTLSPort(t *testing.T) {
	s := startTLS(t, testutil.Subject, testutil.NewAuthority(t), "--unixsocket", filepath.Join(t.TempDir(), "s"))
	_, plain, _ := net.SplitHostPort(s.Addr)
	_, port, _ := net.SplitHostPort(s.secure)
	c := s.client(t)
	if info := c.Must(t, "INFO", "server").Text; !strings.Contains(info, "tcp_port:"+plain) ||
		!strings.Contains(info, "listener1:name=tls,bind=127.0.0.1,port="+port) {
		t.Errorf("INFO:\n%s", info)
	}
	if line := c.Must(t, "CLIENT", "LIST").Text; !strings.Contains(line, " laddr="+s.secure+" ") || strings.Contains(line, "fd=-1") {
		t.Errorf("CLIENT LIST: %s", line)
	}
	raw, err := net.Dial("tcp", s.secure)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	fmt.Fprint(raw, "PING\r\n")
	if b, err := testutil.Wrap(raw).ReadToEOF(); err != nil || bytes.Contains(b, []byte("PONG")) {
		t.Errorf("plain bytes get %q, %v", b, err)
	}
	if r := c.Must(t, "CONFIG", "SET", "port", "0"); r.Text != "OK" {
		t.Fatalf("%q", r.Raw)
	}
	if _, err := net.Dial("tcp", s.Addr); err == nil {
		t.Error("the plain port is still open")
	}
	c = s.client(t)
	if info := c.Must(t, "INFO", "server").Text; !strings.Contains(info, "tcp_port:"+port) {
		t.Errorf("INFO:\n%s", info)
	}
	sock := c.Must(t, "CONFIG", "GET", "unixsocket").Elem[1].Text
	if got := askUnix(t, sock, "PING"); got != "+PONG\r\n" {
		t.Errorf("over the unix socket: %q", got)
	}
	// To and fro between the two kinds on one port.
	for range 2 {
		for _, set := range []string{"tls-port 0 port " + port, "port 0 tls-port " + port} {
			words := append([]string{"CONFIG", "SET"}, strings.Fields(set)...)
			if r := c.Must(t, words...); r.Text != "OK" {
				t.Fatalf("%s: %q", set, r.Raw)
			}
		}
		if err := s.ping(t, s.as(s.ca.Issue(t, "client"))); err != nil {
			t.Fatal(err)
		}
	}
	if !strings.Contains(s.Log(), "Error accepting a client connection: tls: first record does not look like a TLS handshake") {
		t.Errorf("log:\n%s", s.Log())
	}
}

// Commands cut at every boundary, pipelines, and values of megabytes both ways.
func TestTLSTraffic(t *testing.T) {
	s := startTLS(t, testutil.Subject, testutil.NewAuthority(t))
	c := s.client(t)
	script := testutil.AppendCommand(testutil.AppendCommand(nil, "SET", "a", "some value"), "GET", "a")
	const answer = "+OK\r\n$10\r\nsome value\r\n"
	r := bufio.NewReader(c)
	expect := func(want string) {
		t.Helper()
		got := make([]byte, len(want))
		c.SetDeadline(time.Now().Add(30 * time.Second))
		if _, err := io.ReadFull(r, got); err != nil || string(got) != want {
			t.Fatalf("%.60q (%v), want %.60q", got, err, want)
		}
	}
	for cut := 1; cut < len(script); cut++ { // each part is a record
		c.Write(script[:cut])
		c.Write(script[cut:])
		expect(answer)
	}
	const depth = 5000
	go c.Write(bytes.Repeat(script, depth))
	expect(strings.Repeat(answer, depth))

	value := strings.Repeat("0123456789abcdef", 10<<20/16)
	go c.Write(testutil.AppendCommand(testutil.AppendCommand(nil, "SET", "b", value), "GET", "b"))
	expect("+OK\r\n$" + strconv.Itoa(len(value)) + "\r\n" + value + "\r\n")
	go c.Write(testutil.AppendCommand(nil, append([]string{"RPUSH", "l"}, strings.Split(strings.Repeat("0123456789 ", 300_000), " ")...)...))
	expect(":300001\r\n")
	go c.Write(testutil.AppendCommand(nil, "LRANGE", "l", "0", "-1"))
	expect("*300001\r\n" + strings.Repeat("$10\r\n0123456789\r\n", 300_000) + "$0\r\n\r\n")
}

// A client that does not read is closed when its limit is reached; what it holds is counted until then.
func TestTLSOutputLimit(t *testing.T) {
	s := startTLS(t, testutil.Subject, testutil.NewAuthority(t))
	admin := s.Dial(t)
	admin.Must(t, "SET", "a", strings.Repeat("x", 1<<20))
	c := s.client(t)
	id := c.Must(t, "CLIENT", "ID").Text
	held := func() (n int) {
		for word := range strings.FieldsSeq(admin.Must(t, "CLIENT", "LIST", "ID", id).Text) {
			if v, ok := strings.CutPrefix(word, "omem="); ok {
				n, _ = strconv.Atoi(v)
			}
		}
		return n
	}
	for range 30 {
		c.Send("GET", "a")
	}
	for deadline := time.Now().Add(20 * time.Second); held() < 10<<20; {
		if time.Now().After(deadline) {
			t.Fatalf("%d bytes are held for replies of 30 MB", held())
		}
	}
	admin.Must(t, "CONFIG", "SET", "client-output-buffer-limit", "normal 5000000 0 0")
	c.Send("GET", "a")
	for deadline := time.Now().Add(20 * time.Second); admin.Must(t, "CLIENT", "LIST", "ID", id).Text != ""; {
		if time.Now().After(deadline) {
			t.Fatal("the client is not closed")
		}
	}
	if !strings.Contains(admin.Must(t, "INFO", "stats").Text, "client_output_buffer_limit_disconnections:1") {
		t.Error("not counted")
	}
}

// The user that a certificate names needs no password; a name that is nobody's is noted.
func TestTLSUsers(t *testing.T) {
	s := startTLS(t, testutil.Subject, testutil.NewAuthority(t), "--tls-auth-clients-user", "CN", "--tls-auth-clients", "optional")
	admin := s.Dial(t)
	admin.Must(t, "ACL", "SETUSER", "alice", "on", ">pass", "~*", "+@all")
	admin.Must(t, "ACL", "SETUSER", "carol", "off", "nopass", "~*", "+@all")
	admin.Must(t, "CONFIG", "SET", "requirepass", "secret")
	who := func(cert *testutil.Certificate) string {
		_, c, err := s.dial(t, s.as(cert))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		return c.Must(t, "ACL", "WHOAMI").Text
	}
	alice := s.ca.Issue(t, "alice")
	noAuth := "NOAUTH Authentication required."
	for _, tt := range []struct {
		cert *testutil.Certificate
		want string
	}{{alice, "alice"}, {nil, noAuth}, {s.ca.Issue(t, "carol"), noAuth}, {s.ca.Issue(t, "nobody"), noAuth}, {s.ca.Issue(t, ""), noAuth}} {
		if got := who(tt.cert); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
	log := admin.Must(t, "ACL", "LOG")
	if len(log.Elem) != 2 || !strings.Contains(string(log.Raw), "tls-cert") || !strings.Contains(string(log.Raw), "nobody") {
		t.Errorf("ACL LOG: %q", log.Raw)
	}
	if info := admin.Must(t, "INFO", "stats").Text; !strings.Contains(info, "acl_access_denied_tls_cert:2\r\n") {
		t.Errorf("INFO:\n%s", info)
	}
	_, c, err := s.dial(t, s.as(alice))
	if err != nil {
		t.Fatal(err)
	}
	c.Must(t, "PING")
	admin.Must(t, "ACL", "DELUSER", "alice")
	if _, err := c.ReadToEOF(); err != nil {
		t.Errorf("the user is gone, his client is not: %v", err)
	}
	admin.Must(t, "CONFIG", "SET", "tls-auth-clients-user", "off")
	admin.Must(t, "ACL", "SETUSER", "alice", "on", ">pass", "~*", "+@all")
	if got := who(alice); got != noAuth {
		t.Errorf("turned off: %q", got)
	}
}

// Who is refused for lack of room is told so, over TLS, as on the plain port.
func TestTLSMaxClients(t *testing.T) {
	s := startTLS(t, testutil.Subject, testutil.NewAuthority(t), "--tls-auth-clients", "no", "--maxclients", "3")
	admin := s.Dial(t)
	admin.Must(t, "PING")
	for range 2 {
		_, c, err := s.dial(t, s.as(nil))
		if err != nil {
			t.Fatal(err)
		}
		c.Must(t, "PING")
	}
	_, c, err := s.dial(t, s.as(nil))
	if err != nil {
		t.Fatal(err)
	}
	if b, err := c.ReadToEOF(); err != nil || string(b) != "-ERR max number of clients reached\r\n" {
		t.Errorf("%q, %v", b, err)
	}
	if !strings.Contains(admin.Must(t, "INFO", "stats").Text, "rejected_connections:1\r\n") {
		t.Error("not counted")
	}
}

// Programs that people use, made of OpenSSL.
func TestTLSClients(t *testing.T) {
	s := startTLS(t, testutil.Subject, testutil.NewAuthority(t))
	cert := s.ca.Issue(t, "client")
	host, port, _ := net.SplitHostPort(s.secure)
	cli := testutil.Need(t, "redis-cli", "Debian package redis-tools")
	run := func(stdin, name string, args ...string) string {
		t.Helper()
		cmd := exec.Command(name, args...)
		cmd.Stdin = strings.NewReader(stdin)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s %q: %v\n%s", name, args, err, out)
		}
		return string(out)
	}
	secure := []string{"-h", host, "-p", port, "--tls", "--cacert", s.ca.File, "--cert", cert.CertFile, "--key", cert.KeyFile}
	big := strings.Repeat("v", 5_000_000)
	if got := run(big, cli, append(secure, "-x", "SET", "big")...); got != "OK\n" {
		t.Errorf("redis-cli -x SET: %.100q", got)
	}
	if got := run("", cli, append(secure, "GET", "big")...); got != big+"\n" {
		t.Errorf("redis-cli GET: %d bytes", len(got))
	}
	if got := run("", cli, append(secure, "-r", "1000", "INCR", "n")...); !strings.HasSuffix(got, "\n1000\n") {
		t.Errorf("redis-cli -r: %.100q", got)
	}
	bench := testutil.Need(t, "redis-benchmark", "Debian package redis-tools")
	for _, depth := range []string{"1", "50"} {
		got := run("", bench, append(secure, "-q", "-n", "20000", "-c", "20", "-P", depth, "-t", "set,get", "-d", "300")...)
		if strings.Count(got, "requests per second") != 2 {
			t.Errorf("redis-benchmark: %q", got)
		}
	}
	python := testutil.Need(t, "/usr/bin/python3", "Debian package python3")
	if err := exec.Command(python, "-c", "import redis").Run(); err != nil {
		testutil.Missing(t, "the Python module redis (Debian package python3-redis)")
	}
	got := run(`
import redis, sys
host, port, ca, cert, key = sys.argv[1:]
r = redis.Redis(host=host, port=int(port), ssl=True, ssl_ca_certs=ca, ssl_certfile=cert, ssl_keyfile=key, ssl_check_hostname=False)
p = r.pipeline(transaction=True)
for i in range(2000):
    p.set("k%d" % i, "v" * (i % 300))
    p.strlen("k%d" % i)
assert [x for x in p.execute()][1::2] == [i % 300 for i in range(2000)]
s = r.pubsub()
s.subscribe("c")
assert s.get_message(timeout=10)["type"] == "subscribe"
assert r.publish("c", "hello") == 1
assert s.get_message(timeout=10)["data"] == b"hello"
print("fine")
`, python, "-", host, port, s.ca.File, cert.CertFile, cert.KeyFile)
	if got != "fine\n" {
		t.Errorf("redis-py: %s", got)
	}
}
