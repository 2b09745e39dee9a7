package server

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/redstart-db/redstart/internal/testutil"
)

// fields are the names and values of INFO, by section.
func fields(text string) map[string]map[string]string {
	all := map[string]map[string]string{}
	section := ""
	for line := range strings.SplitSeq(text, "\r\n") {
		if title, ok := strings.CutPrefix(line, "# "); ok {
			section = title
			all[section] = map[string]string{}
		} else if name, value, ok := strings.Cut(line, ":"); ok {
			all[section][name] = value
		}
	}
	return all
}

// headers are the sections of an INFO, in order, with the lines between them.
func headers(text string) (titles []string) {
	for line := range strings.SplitSeq(text, "\r\n") {
		if line == "" || line[0] == '#' {
			titles = append(titles, line)
		}
	}
	return titles
}

// withoutNewer leaves out the sections that came after 7.0, with the line before them.
func withoutNewer(titles []string) []string {
	if i := slices.Index(titles, "# Threads"); i > 0 {
		return slices.Delete(titles, i-1, i+1)
	}
	return titles
}

// Every field of stock Redis is there, in its section, and what does not
// depend on the machine or exist here alone has the same value.
func TestInfoAgainstStock(t *testing.T) {
	a, b := testutil.Stock(t).Dial(t), testutil.Subject(t).Dial(t)
	for _, words := range [][]string{{"SET", "k", "v"}, {"GET", "k"}, {"GET", "none"}, {"NOSUCH"}, {"SET", "x", "y", "PX", "1000000"},
		{"CONFIG", "RESETSTAT"}, {"GET", "k"}, {"GET", "none"}, {"SET", "k"}, {"INCR", "k"}} {
		a.Must(t, words...)
		b.Must(t, words...)
	}
	theirs := fields(a.Must(t, "INFO", "everything").Text)
	ours := fields(b.Must(t, "INFO", "everything").Text)
	for section, want := range theirs {
		for name, value := range want {
			got, ok := ours[section][name]
			if !ok {
				t.Errorf("%s: %s is missing", section, name)
			} else if got != value && !machine(section, name) {
				t.Errorf("%s: %s is %s, stock says %s", section, name, got, value)
			}
		}
	}
	for command, want := range theirs["Commandstats"] {
		if got := ours["Commandstats"][command]; counts(got) != counts(want) {
			t.Errorf("%s is %s, stock says %s", command, got, want)
		}
	}
}

// counts are the parts of a cmdstat line that no clock is in.
func counts(line string) string {
	var kept []string
	for part := range strings.SplitSeq(line, ",") {
		if !strings.HasPrefix(part, "usec") {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, ",")
}

// machine are fields that two servers cannot have in common.
func machine(section, name string) bool {
	switch section {
	case "Server", "CPU", "Commandstats", "Latencystats":
		return true
	case "Memory":
		return !strings.HasPrefix(name, "maxmemory") && name != "total_system_memory"
	}
	return slices.Contains([]string{"rdb_last_save_time", "rdb_changes_since_last_save", "master_replid", "total_reads_processed",
		"total_writes_processed", "total_net_output_bytes", "instantaneous_ops_per_sec", "instantaneous_input_kbps",
		"instantaneous_output_kbps", "client_recent_max_input_buffer", "client_recent_max_output_buffer", "db0",
		"total_connections_received", "expire_cycle_cpu_milliseconds", "reply_buffer_shrinks", "reply_buffer_expands"}, name)
}

// The same arguments choose the same sections.
func TestInfoSections(t *testing.T) {
	a, b := testutil.Stock(t).Dial(t), testutil.Subject(t).Dial(t)
	for _, args := range []string{"", "default", "all", "everything", "server", "SERVER cpu", "cpu server", "nosuch", "nosuch memory",
		"commandstats", "default commandstats", "modules", "latencystats keyspace", "all all", "memory memory"} {
		words := append([]string{"INFO"}, strings.Fields(args)...)
		want, got := a.Must(t, words...), b.Must(t, words...)
		if h, w := withoutNewer(headers(got.Text)), headers(want.Text); got.Kind != want.Kind || !slices.Equal(h, w) {
			t.Errorf("%q: %q, stock %q", words, h, w)
		}
	}
	a.Must(t, "HELLO", "3")
	b.Must(t, "HELLO", "3")
	if want, got := a.Must(t, "INFO", "modules"), b.Must(t, "INFO", "modules"); string(got.Raw) != string(want.Raw) {
		t.Errorf("in RESP3 %q, stock %q", got.Raw, want.Raw)
	}
}

// What INFO says of the process is true.
func TestInfoIsTrue(t *testing.T) {
	s := testutil.Subject(t, "--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru")
	c := s.Dial(t)
	s.Dial(t).Must(t, "PING")
	value := strings.Repeat("x", 1<<20)
	for i := range 20 {
		c.Must(t, "SET", fmt.Sprint("key:", i), value)
	}
	info := fields(c.Must(t, "INFO").Text)
	num := func(section, name string) int64 {
		n, err := strconv.ParseInt(info[section][name], 10, 64)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		return n
	}
	if got := num("Server", "process_id"); got != int64(s.PID()) {
		t.Errorf("process_id %d, want %d", got, s.PID())
	}
	_, port, _ := strings.Cut(s.Addr, ":")
	if got := info["Server"]["tcp_port"]; got != port {
		t.Errorf("tcp_port %s, want %s", got, port)
	}
	if exe, err := os.Stat(info["Server"]["executable"]); err != nil || exe.IsDir() {
		t.Errorf("executable %q: %v", info["Server"]["executable"], err)
	}
	if got := num("Clients", "connected_clients"); got < 1 || got > 2 {
		t.Errorf("connected_clients %d", got)
	}
	used, rss, peak := num("Memory", "used_memory"), num("Memory", "used_memory_rss"), num("Memory", "used_memory_peak")
	if data := int64(20 << 20); used < data || used > 2*data || rss < data || peak < used {
		t.Errorf("20 MB of data: used %d, rss %d, peak %d", used, rss, peak)
	}
	if got := info["Memory"]["maxmemory_human"] + " " + info["Memory"]["maxmemory_policy"]; got != "100.00M allkeys-lru" {
		t.Errorf("maxmemory %s", got)
	}
	if got := info["Keyspace"]["db0"]; got != "keys=20,expires=0,avg_ttl=0,subexpiry=0" {
		t.Errorf("db0 %s", got)
	}
	if got := num("Stats", "total_net_input_bytes"); got < 20<<20 {
		t.Errorf("total_net_input_bytes %d", got)
	}
	before := num("Memory", "mem_clients_normal")
	s.Dial(t).SendRaw([]byte("*2\r\n$3\r\nGET\r\n$1000000\r\n" + strings.Repeat("x", 500_000)))
	for grown := int64(0); grown < 500_000; { // when it has arrived
		info = fields(c.Must(t, "INFO", "memory").Text)
		grown = num("Memory", "mem_clients_normal") - before
	}
	if got := num("Memory", "used_memory"); got < used+500_000 || got > used+2_000_000 {
		t.Errorf("half a command of 500,000 bytes: used %d, before %d", got, used)
	}
}

// INFO KEYSIZES counts what there is, by type and powers of two, inside of a transaction too.
func TestInfoKeySizes(t *testing.T) {
	c := testutil.Subject(t).Dial(t)
	if got := c.Must(t, "INFO", "keysizes").Text; got != "# Keysizes\r\n" {
		t.Errorf("of nothing: %q", got)
	}
	numbers := func(from, to int) (words []string) {
		for i := from; i < to; i++ {
			words = append(words, strconv.Itoa(i))
		}
		return words
	}
	for i := range 1000 {
		c.Must(t, "SET", fmt.Sprint("s:", i), strings.Repeat("x", i%5))
	}
	c.Must(t, "SET", "large", strings.Repeat("x", 1<<20))
	c.Must(t, "SET", "gone", "x", "PX", "1")
	c.Must(t, append([]string{"RPUSH", "l"}, numbers(0, 1500)...)...)
	c.Must(t, append([]string{"SADD", "set"}, numbers(0, 4)...)...)
	c.Must(t, "SADD", "other", "a")
	c.Must(t, "HSET", "h", "f", "v", "g", "v", "h", "v")
	c.Must(t, "XADD", "stream", "*", "f", "v")
	for c.Must(t, "DBSIZE").Text != "1006" { // until the key with a time is gone
	}
	c.Must(t, "SELECT", "2")
	c.Must(t, append([]string{"ZADD", "z"}, numbers(0, 200)...)...)
	want := "# Keysizes\r\n" +
		"db0_distrib_strings_sizes:0=200,1=200,2=400,4=200,1M=1\r\n" +
		"db0_distrib_lists_items:1K=1\r\n" +
		"db0_distrib_sets_items:1=1,4=1\r\n" +
		"db0_distrib_hashes_items:2=1\r\n" +
		"db2_distrib_zsets_items:64=1\r\n"
	if got := c.Must(t, "INFO", "keysizes").Text; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	c.Must(t, "MULTI")
	c.Must(t, "INFO", "KEYSIZES")
	if got := c.Must(t, "EXEC").Elem[0].Text; got != want {
		t.Errorf("in a transaction %q", got)
	}
	if strings.Contains(c.Must(t, "INFO", "everything").Text, "distrib") {
		t.Error("everything has it unasked")
	}
}

// INFO THREADS has a line for each loop that is used.
func TestInfoThreads(t *testing.T) {
	c := testutil.Subject(t).Dial(t)
	c.Must(t, "PING")
	got := c.Must(t, "INFO", "threads").Text
	if !regexp.MustCompile(`^# Threads\r\nio_thread_0:clients=[12],reads=[1-9]\d*,writes=[1-9]\d*\r\n$`).MatchString(got) {
		t.Errorf("%q", got)
	}
}
