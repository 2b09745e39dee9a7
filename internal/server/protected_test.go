package server

import (
	"net"
	"testing"

	"github.com/redstart-db/redstart/internal/testutil"
)

// outerAddress is an IPv4 address of this machine that is not the loopback interface's.
func outerAddress(t *testing.T) string {
	t.Helper()
	all, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && n.IP.IsGlobalUnicast() {
			return n.IP.String()
		}
	}
	t.Skip("this machine has no address but the loopback interface's")
	return ""
}

// A server without a password that listens everywhere refuses strangers, in
// the same words as stock.
func TestProtectedModeAgainstStock(t *testing.T) {
	host := outerAddress(t)
	ours, stock := testutil.Subject(t, "--bind", "0.0.0.0"), testutil.Stock(t, "--bind", "0.0.0.0")
	dial := func(s *testutil.Server) *testutil.Conn {
		_, port, _ := net.SplitHostPort(s.Addr)
		c, err := testutil.Dial(net.JoinHostPort(host, port))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	got, err := dial(ours).ReadToEOF()
	if err != nil {
		t.Fatal(err)
	}
	want, err := dial(stock).ReadToEOF()
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) || len(want) == 0 {
		t.Errorf("refused with %q, stock %q", got, want)
	}

	admin := ours.Dial(t) // through the loopback interface
	for _, open := range []struct{ name, value, reply string }{
		{"protected-mode", "no", "+PONG\r\n"},
		{"requirepass", "x", "-NOAUTH Authentication required.\r\n"},
	} {
		admin.Must(t, "CONFIG", "SET", "protected-mode", "yes")
		admin.Must(t, "CONFIG", "SET", open.name, open.value)
		if r, err := dial(ours).Do("PING"); err != nil || string(r.Raw) != open.reply {
			t.Errorf("with %s %s: %q, %v", open.name, open.value, r.Raw, err)
		}
	}
}
