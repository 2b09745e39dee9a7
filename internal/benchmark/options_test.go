package benchmark_test

import (
	"encoding/json"
	"io"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/redstart-db/redstart/internal/benchmark"
	"github.com/redstart-db/redstart/internal/client"
	"github.com/redstart-db/redstart/internal/testutil"
)

// What redis-benchmark does not have is checked by what a server gets, and by what --json says of it.

func port(addr string) string {
	_, port, _ := net.SplitHostPort(addr)
	return port
}

type report struct {
	Test     string
	Threads  int
	All      counts
	Commands []counts
}

type counts struct {
	Command  string
	Requests int
	RPS      float64
	Latency  map[string]float64 `json:"latency_ms"`
}

func runJSON(t *testing.T, args ...string) (reports []report) {
	t.Helper()
	_, ours := both(t)
	got := ours.run(t, "", append(args, "--json")...)
	if got.status != 0 {
		t.Fatalf("status %d: %s", got.status, got.err)
	}
	for line := range strings.Lines(got.out) {
		var r report
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		reports = append(reports, r)
	}
	return reports
}

func TestMixOfTests(t *testing.T) {
	r := record(t)
	got := runJSON(t, "-p", port(r.Addr().String()), "--ratio", "1:3", "-t", "set,lrange_100", "-n", "4000", "-P", "10", "-d", "1-200", "--seed", "5")
	if len(got) != 1 || got[0].All.Requests != 4000 || len(got[0].Commands) != 2 {
		t.Fatalf("%+v", got)
	}
	sets := 0
	sizes := map[int]bool{}
	for line, n := range r.commands() {
		if value, ok := strings.CutPrefix(line, `"SET" "key:__rand_int__" `); ok {
			sets += n
			sizes[len(value)] = true
		}
	}
	if s := got[0].Commands[0].Requests; s != sets || s+got[0].Commands[1].Requests != 4000 || s < 850 || s > 1150 {
		t.Errorf("%d SETs of 4000 came, reported are %+v; about 1000 are asked for", sets, got[0].Commands)
	}
	if len(sizes) < 20 {
		t.Errorf("values of %d sizes came", len(sizes))
	}
}

// With a rate, what waits for a server that stalls is counted from when it was due.
func TestStallIsSeenByAllItDelays(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	const stall = 500 * time.Millisecond
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		in := client.NewReader(c)
		for n := 0; ; n++ {
			if _, err := in.Read(); err != nil {
				return
			}
			if n == 0 {
				time.Sleep(stall) // this is what is measured
			}
			io.WriteString(c, "+OK\r\n")
		}
	}()
	g, err := benchmark.Open(benchmark.Load{Network: "tcp", Addr: l.Addr().String(), Requests: []benchmark.Request{benchmark.NewRequest("PING")},
		Conns: 1, Depth: 1, Rate: 100})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	done, err := g.Drive(stall)
	if err != nil {
		t.Fatal(err)
	}
	// Of 50 requests due meanwhile the first waited for all of the stall, the middle one for half.
	if h := done.Latency; h.Total() != 50 || h.Max() < int64(stall) || h.Quantile(0.5) < int64(stall)/2-int64(20*time.Millisecond) {
		t.Errorf("%d requests, half of them waited %v, at most %v", h.Total(), time.Duration(h.Quantile(0.5)), time.Duration(h.Max()))
	}
}

func TestDurationAndThreads(t *testing.T) {
	server := testutil.Stock(t)
	got := runJSON(t, "-p", port(server.Addr), "-t", "incr,ping_inline", "--duration", "0.2", "--warmup", "0.1", "--threads", "3", "-r", "100", "--zipf", "1.2")
	if len(got) != 2 || got[0].Test != "PING_INLINE" || got[1].Threads != 3 || got[1].All.Requests == 0 || got[1].All.Latency["p99.9"] < got[1].All.Latency["p50"] {
		t.Errorf("%+v", got)
	}
	got = runJSON(t, "-p", port(server.Addr), "-t", "get", "--duration", "60", "-n", "100")
	if got[0].All.Requests != 100 {
		t.Errorf("-n did not end it: %+v", got)
	}
}

func TestComparison(t *testing.T) {
	_, ours := both(t)
	a, b := testutil.Stock(t), testutil.Stock(t)
	got := ours.run(t, "", "-p", port(a.Addr), "--vs", b.Addr, "-t", "set", "-n", "500", "--pairs", "2")
	if !regexp.MustCompile(`(?m)^\| SET +\| requests/s +\| [\d,]+ +\| [\d,]+ +\| x\d+\.\d\d \(`).MatchString(got.out) || got.status != 0 || !strings.HasPrefix(got.err, "SET ..") {
		t.Errorf("status %d\n%s%s", got.status, got.out, got.err)
	}
}

func TestTLS(t *testing.T) {
	_, ours := both(t)
	authority := testutil.NewAuthority(t)
	cert := authority.Issue(t, "server")
	server := testutil.Stock(t)
	c, err := testutil.Dial(server.Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	secure := port(free.Addr().String())
	free.Close()
	if r, err := c.Do("CONFIG", "SET", "tls-cert-file", cert.CertFile, "tls-key-file", cert.KeyFile, "tls-auth-clients", "no", "tls-port", secure); err != nil || r.Kind == '-' {
		t.Skipf("the server takes no TLS: %s %v", r.Raw, err)
	}
	for args, want := range map[string]struct {
		status int
		says   string
	}{
		"--cacert " + authority.File + " --threads 2": {0, ""}, "--insecure -k 0": {0, ""},
		"": {1, "Could not negotiate a TLS connection: SSL_connect failed: certificate verify failed\n"},
	} {
		got := ours.run(t, "", strings.Fields("-p "+secure+" --tls -t get -n 200 -c 5 -q "+args)...)
		if got.status != want.status || !strings.Contains(got.err, want.says) {
			t.Errorf("%s: status %d, %s%s", args, got.status, got.out, got.err)
		}
	}
}

// What cannot be is told in one line.
func TestRefusals(t *testing.T) {
	_, ours := both(t)
	for args, want := range map[string]string{
		"-n 0": "-n wants", "-d 9-3": "-d 9-3", "--rps none": "--rps wants", "--zipf 0.9": "--zipf draws", "--zipf -1": "--zipf wants", "--ratio 1:x": "--ratio wants",
		"--ratio 0:0": "--ratio wants", "--ratio 1:2:3": "--ratio has 3 numbers", "--ratio 1:2 -t set,no": "--ratio: there is no test", "--ratio 1:1 GET x": "--ratio mixes",
		"--cluster": "--cluster", "-p 0": "Invalid server port", "--vs here -p PORT": "--vs wants", "--vs x:1 -q": "--vs prints", "--duration x": "--duration wants",
	} {
		r := record(t)
		got := ours.run(t, "", strings.Fields(strings.ReplaceAll("-p PORT "+args, "PORT", port(r.Addr().String())))...)
		if got.status != 1 || !strings.HasPrefix(got.err, want) || strings.Count(got.err, "\n") > 1 {
			t.Errorf("%s: status %d, %s%s", args, got.status, got.out, got.err)
		}
	}
}
