package session

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/testutil"
)

// testReplies has a command with replies of any size: n times the same element.
var testReplies = []*cmdspec.Spec{{Name: "trepeat", Arity: 3, Flags: cmdspec.ReadOnly, Run: runTestRepeat}}

func runTestRepeat(c *cmdspec.Ctx) error {
	n, _ := cmdspec.ParseInt(c.Argv[1])
	size, _ := cmdspec.ParseInt(c.Argv[2])
	element := []byte(testElement(int(size)))
	c.Reply.Array(int(n))
	for i := range n {
		switch i % 4 {
		case 0, 1:
			c.Reply.Bulk(element)
		case 2:
			c.Reply.Int(i)
		default:
			c.Reply.Null()
		}
	}
	return nil
}

func testElement(size int) string { return strings.Repeat("0123456789abcdef", size/16+1)[:size] }

// expectRepeat reads the reply of trepeat.
func expectRepeat(t *testing.T, c *testutil.Conn, n, size int) {
	t.Helper()
	r, err := c.Receive()
	if err != nil || len(r.Elem) != n {
		t.Fatalf("%d elements of %d (%v)", len(r.Elem), n, err)
	}
	element := testElement(size)
	for i, e := range r.Elem {
		if i%4 < 2 && e.Text != element || i%4 == 2 && e.Int() != int64(i) {
			t.Fatalf("element %d is %.100q", i, e.Text)
		}
	}
}

var repeats = []struct{ n, size int }{{1, 1}, {10, 60_000}, {40_000, 3}, {400_000, 0}, {9, 300_000}, {3, 700_000}, {500, 70_000}, {2, 5 << 20}, {20_000, 1000}, {2, 1}}

func TestLargeReplies(t *testing.T) {
	s := startServer(t, 1)
	c := s.dial(t)
	for _, x := range repeats { // one by one
		c.Send("trepeat", fmt.Sprint(x.n), fmt.Sprint(x.size))
		expectRepeat(t, c, x.n, x.size)
	}
	go func() { // all together, with others between them
		for _, x := range repeats {
			c.SendRaw(fmt.Appendf(nil, "ping a\r\ntrepeat %d %d\r\nping b\r\n", x.n, x.size))
		}
	}()
	for _, x := range repeats {
		receive(t, c, bulk("a"))
		expectRepeat(t, c, x.n, x.size)
		receive(t, c, bulk("b"))
	}
	if b := s.loops.Memory(); b != 0 {
		t.Errorf("connections hold %d bytes", b)
	}
}

func TestLargeRepliesOfOtherConnections(t *testing.T) {
	s := startServer(t, 1)
	client, server := net.Pipe()
	s.loops.ServeConn(server)
	c := testutil.Wrap(client)
	defer c.Close()
	for _, x := range repeats {
		c.Send("trepeat", fmt.Sprint(x.n), fmt.Sprint(x.size))
		expectRepeat(t, c, x.n, x.size)
	}
}

func TestLargeRepliesToNobody(t *testing.T) {
	s := startServer(t, 1)
	c := s.dial(t)
	c.SendRaw([]byte("ping 1\r\nclient reply skip\r\ntrepeat 10000 1000\r\nping 2\r\nclient reply off\r\ntrepeat 10000 1000\r\ntrepeat 3 5000000\r\nclient reply on\r\nping 3\r\n"))
	for _, want := range []string{bulk("1"), bulk("2"), "+OK\r\n", bulk("3")} {
		receive(t, c, want)
	}
}

func TestLargeRepliesCountAgainstTheOutputLimit(t *testing.T) {
	s := startServer(t, 1)
	s.settings.OutputLimits[ClassNormal].Hard.Store(10 << 20)
	c := s.dial(t)
	c.Send("trepeat", "2000", "1000")
	expectRepeat(t, c, 2000, 1000)
	c.Send("trepeat", "40000", "1000")
	if _, err := c.ReadToEOF(); err != nil {
		t.Error(err)
	}
	await(t, func() bool { return s.Stats().OutputKills == 1 && s.Stats().Clients == 0 })
}
