package server

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/redstart-db/redstart/internal/testutil"
)

const (
	metricsBegin = "<!-- metrics: written by go test ./internal/server -rewrite -->\n"
	metricsEnd   = "<!-- end of metrics -->"
)

// The page has every metric with its meaning, and no other.
func TestMetricsAreDocumented(t *testing.T) {
	path := filepath.Join(testutil.ModuleRoot(), "docs", "metrics.md")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok1 := strings.Cut(string(b), metricsBegin)
	list, after, ok2 := strings.Cut(rest, metricsEnd)
	if !ok1 || !ok2 {
		t.Fatalf("%s has no list between %q and %q", path, metricsBegin, metricsEnd)
	}
	want := metricsPage()
	switch {
	case list == want:
	case *rewriteDocs:
		if err := os.WriteFile(path, []byte(before+metricsBegin+want+metricsEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("docs/metrics.md lists\n%s\nwant\n%s\n(run with -rewrite)", list, want)
	}
}

func metricsPage() string {
	var b strings.Builder
	b.WriteString("| metric | type | labels | meaning |\n|---|---|---|---|\n")
	for _, m := range metricTable {
		labels := ""
		if len(m.labels) > 0 {
			labels = "`" + strings.Join(m.labels, "` `") + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", m.name, m.typeName(), labels, m.help)
	}
	return b.String()
}

func (m *metric) typeName() string {
	switch {
	case m.read == nil:
		return "histogram"
	case m.kind == prometheus.CounterValue:
		return "counter"
	}
	return "gauge"
}

// scraped is what one scrape brings, by name.
type scraped map[string]*dto.MetricFamily

// scrapes starts a server that serves metrics, and returns how to get them.
func scrapes(t *testing.T, args ...string) (*testutil.Server, func(*testing.T) scraped) {
	t.Helper()
	s := testutil.Subject(t, args...)
	base := serveMetrics(t, s.Dial(t))
	return s, func(t *testing.T) scraped {
		t.Helper()
		status, page := get(t, base+"/metrics")
		if status != http.StatusOK {
			t.Fatalf("the scrape is answered with %d: %s", status, page)
		}
		parser := expfmt.NewTextParser(model.LegacyValidation)
		families, err := parser.TextToMetricFamilies(bytes.NewReader(page))
		if err != nil {
			t.Fatal(err)
		}
		return families
	}
}

// serveMetrics turns them on, on a port that is free, and returns the address.
func serveMetrics(t *testing.T, c *testutil.Conn) string {
	t.Helper()
	for range 20 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		_, port, _ := net.SplitHostPort(l.Addr().String())
		l.Close()
		if c.Must(t, "CONFIG", "SET", "metrics-port", port).Text == "OK" {
			return "http://127.0.0.1:" + port
		}
	}
	t.Fatal("no port is free")
	return ""
}

func get(t *testing.T, url string) (int, []byte) {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	page, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, page
}

// value is the value with the labels, name and value in turn; absent is -1.
func (s scraped) value(name string, labels ...string) float64 {
	f := s["redstart_"+name]
	for _, m := range f.GetMetric() {
		have := []string{}
		for _, l := range m.GetLabel() {
			have = append(have, l.GetName(), l.GetValue())
		}
		if !slices.Equal(have, labels) {
			continue
		}
		switch {
		case m.Counter != nil:
			return m.Counter.GetValue()
		case m.Gauge != nil:
			return m.Gauge.GetValue()
		case m.Histogram != nil:
			return float64(m.Histogram.GetSampleCount())
		}
	}
	return -1
}

// Names and types are as Prometheus wants them, and every row of the table is there.
func TestMetricsFollowConventions(t *testing.T) {
	s, scrape := scrapes(t)
	c := s.Dial(t)
	c.Must(t, "SET", "k", "v", "EX", "1000")
	c.Must(t, "NOSUCH")
	families := scrape(t)
	var text bytes.Buffer
	for _, f := range families {
		if _, err := expfmt.MetricFamilyToText(&text, f); err != nil {
			t.Fatal(err)
		}
	}
	problems, err := promlint.New(&text).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
	for _, m := range metricTable {
		if f := families[m.name]; f == nil {
			t.Errorf("%s is missing", m.name)
		} else if got := strings.ToLower(f.GetType().String()); got != m.typeName() || f.GetHelp() != m.help {
			t.Errorf("%s is a %s: %s", m.name, got, f.GetHelp())
		}
	}
	for _, other := range []string{"go_goroutines", "process_open_fds"} {
		if families[other] == nil {
			t.Errorf("%s is missing", other)
		}
	}
}

// Metrics and INFO tell the same.
func TestMetricsAgreeWithInfo(t *testing.T) {
	s, scrape := scrapes(t, "--maxmemory", "100mb", "--latency-tracking", "yes")
	c := s.Dial(t)
	for i := range 100 {
		c.Must(t, "SET", fmt.Sprint("key:", i), strings.Repeat("x", 1000))
		c.Must(t, "GET", fmt.Sprint("key:", 2*i))
	}
	c.Must(t, "SELECT", "3")
	c.Must(t, "SET", "k", "v", "PX", "100000000")
	c.Must(t, "INCR", "k")
	c.Must(t, "SET", "k")
	waits := s.Dial(t)
	waits.Must(t, "CLIENT", "NO-EVICT", "on")
	waits.Send("BLPOP", "none", "1000")
	var info map[string]map[string]string
	for info["Clients"]["blocked_clients"] != "1" {
		info = fields(c.Must(t, "INFO", "everything").Text)
	}
	m := scrape(t)
	for _, same := range []struct{ section, field, metric string }{
		{"Clients", "maxclients", "clients_limit"},
		{"Clients", "blocked_clients", "clients_in_state state blocked"},
		{"Clients", "connected_clients", "clients class normal"},
		{"Clients", "total_blocking_keys", "blocking_keys"},
		{"Memory", "maxmemory", "memory_limit_bytes"},
		{"Memory", "allocator_allocated", "arena_used_bytes"},
		{"Stats", "total_connections_received", "connections_received_total"},
		{"Stats", "keyspace_hits", "keyspace_hits_total"},
		{"Stats", "keyspace_misses", "keyspace_misses_total"},
		{"Stats", "expired_keys", "expired_keys_total"},
		{"Stats", "evicted_clients", "clients_evicted_total"},
		{"Persistence", "rdb_changes_since_last_save", "keyspace_changes_total"},
	} {
		name, label, _ := strings.Cut(same.metric, " ")
		if got, want := fmt.Sprint(int64(m.value(name, strings.Fields(label)...))), info[same.section][same.field]; got != want {
			t.Errorf("%s is %s, %s of INFO %s", same.metric, got, same.field, want)
		}
	}
	for cmd, want := range map[string]float64{"set": 101, "get": 100, "incr": 1} {
		if got := m.value("commands_total", "cmd", cmd); got != want {
			t.Errorf("%s was called %v times, want %v", cmd, got, want)
		}
		if got := m.value("command_duration_seconds", "cmd", cmd); got != want {
			t.Errorf("%v calls of %s were measured, want %v", got, cmd, want)
		}
	}
	if got := m.value("commands_failed_total", "cmd", "incr"); got != 1 {
		t.Errorf("%v failed", got)
	}
	if got := m.value("commands_rejected_total", "cmd", "set"); got != 1 {
		t.Errorf("%v rejected", got)
	}
	if got := m.value("errors_total", "err", "ERR"); got != 2 {
		t.Errorf("%v errors", got)
	}
	if got := fmt.Sprintf("%v %v %v", m.value("db_keys", "db", "0"), m.value("db_keys", "db", "3"), m.value("db_expiring_keys", "db", "3")); got != "100 1 1" {
		t.Errorf("keys: %s", got)
	}
	if ttl := m.value("db_average_ttl_seconds", "db", "3"); ttl < 50_000 || ttl > 100_000 {
		t.Errorf("average time to live: %v", ttl)
	}
	sum := 0.0
	for _, one := range m["redstart_memory_bytes"].GetMetric() {
		sum += one.GetGauge().GetValue()
	}
	if used := m.value("memory_used_bytes"); sum < used-1000 || sum > used+1000 {
		t.Errorf("the purposes have %v of %v bytes", sum, used)
	}
	checkBuckets(t, m)
}

// checkBuckets looks at the form of the histograms.
func checkBuckets(t *testing.T, m scraped) {
	t.Helper()
	for _, one := range m["redstart_command_duration_seconds"].GetMetric() {
		h := one.GetHistogram()
		last, before := uint64(0), 0.0
		for _, b := range h.GetBucket() {
			if b.GetCumulativeCount() < last || b.GetUpperBound() <= before {
				t.Errorf("%v: buckets do not ascend", one)
			}
			last, before = b.GetCumulativeCount(), b.GetUpperBound()
		}
		if last > h.GetSampleCount() || h.GetSampleSum() <= 0 {
			t.Errorf("%v: %d of %d calls", one, last, h.GetSampleCount())
		}
	}
}

// HTTP is off, unless it is asked for, and then has only what is asked for.
func TestMetricsAreServedOnRequest(t *testing.T) {
	s := testutil.Subject(t)
	c := s.Dial(t)
	if got := c.Must(t, "CONFIG", "GET", "metrics-*"); !strings.Contains(string(got.Raw), "127.0.0.1") {
		t.Errorf("the settings are %q", got.Raw)
	}
	base := serveMetrics(t, c)
	for _, page := range []struct {
		path, body string
		status     int
	}{
		{"/metrics", "# HELP redstart_build_info", 200},
		{"/healthz", "ok\n", 200},
		{"/debug/pprof/goroutine", "metrics-pprof yes", 404},
		{"/", "not found", 404},
	} {
		if status, body := get(t, base+page.path); status != page.status || !strings.Contains(string(body), page.body) {
			t.Errorf("%s: %d %.200s", page.path, status, body)
		}
	}
	if r, err := http.Post(base+"/metrics", "text/plain", strings.NewReader("x")); err != nil || r.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: %v %v", r, err)
	}
	c.Must(t, "CONFIG", "SET", "metrics-pprof", "yes")
	if status, body := get(t, base+"/debug/pprof/goroutine?debug=1"); status != 200 || !strings.Contains(string(body), "goroutine profile") {
		t.Errorf("profiles: %d %.200s", status, body)
	}
	taken := strings.TrimPrefix(s.Addr, "127.0.0.1:")
	if r := c.Must(t, "CONFIG", "SET", "metrics-port", taken); !strings.HasPrefix(r.Text, "ERR CONFIG SET failed (possibly related to argument 'metrics-port') - ") {
		t.Errorf("a port in use: %s", r.Text)
	}
	if status, _ := get(t, base+"/healthz"); status != 200 {
		t.Errorf("after a port that was taken: %d", status)
	}
	c.Must(t, "CONFIG", "SET", "metrics-port", "0")
	if r, err := http.Get(base + "/healthz"); err == nil {
		t.Errorf("after metrics-port 0: %v", r.Status)
	}
}

// Scrapes while all kinds of things go on.
func TestMetricsUnderLoad(t *testing.T) {
	s, scrape := scrapes(t)
	var load sync.WaitGroup
	for range 4 {
		c := s.Dial(t)
		load.Add(1)
		go func() {
			defer load.Done()
			for i := range 2000 {
				c.Do("SET", fmt.Sprint(i%100), "v", "PX", "10")
				c.Do("CLIENT", "SETNAME", fmt.Sprint(i))
				if i%100 == 0 {
					c.Do("CONFIG", "RESETSTAT")
					c.Do("FLUSHALL")
				}
			}
		}()
	}
	done := make(chan struct{})
	go func() { load.Wait(); close(done) }()
	for n := 0; ; n++ {
		if m := scrape(t); m.value("memory_used_bytes") <= 0 || m.value("loops_active") < 1 {
			t.Fatal("a scrape without figures")
		}
		select {
		case <-done:
			if n == 0 {
				t.Error("no scrape came in between")
			}
			return
		default:
		}
	}
}
