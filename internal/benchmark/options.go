package benchmark

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/redstart-db/redstart/internal/client"
)

// config is what the options set.
type config struct {
	host, socket string
	port         int
	user, pass   string
	login        bool
	db           int
	resp3        bool
	tls          client.TLSOptions

	conns, depth int
	requests     int // 0: until the duration is over
	counted      bool
	smallest     int // bytes of a value
	largest      int
	keepalive    bool
	random       bool // -r was given
	keys         int
	tests        []string // nil: all
	threads      int      // -1: as the machine has cores
	tracking     bool
	seed         uint64

	duration, warmup time.Duration
	rate             float64 // requests per second; 0: as many as possible
	zipf             float64
	ratio            []int
	versus           string
	pairs            int

	output              output
	loop, idle, stdin   bool
	cluster, help, vers bool
	digits              int

	args []string // a command instead of the tests
}

// An output is a form of the results.
type output byte

const (
	outputReport output = iota
	outputQuiet
	outputCSV
	outputJSON
	outputTable
)

const (
	maxThreads = 500
	maxSize    = 1 << 30
)

func newConfig() *config {
	return &config{
		host: "127.0.0.1", port: 6379, conns: 50, depth: 1, requests: 100_000, smallest: 3, largest: 3, keepalive: true,
		threads: -1, digits: 3, pairs: 5, seed: uint64(time.Now().UnixNano()),
	}
}

// An option is one row of the table.
type option struct {
	names string // separated by spaces
	arg   string // what the help calls its argument; empty: it takes none
	help  string
	set   func(*config, string) error
}

// errInvalid is for an argument that the option cannot have, without more to say.
var errInvalid = errors.New("invalid")

func flag(names, help string, set func(*config)) option {
	return option{names, "", help, func(c *config, _ string) error { set(c); return nil }}
}

func text(names, arg, help string, set func(*config, string)) option {
	return option{names, arg, help, func(c *config, v string) error { set(c, v); return nil }}
}

// number is an option whose argument reads as atoi does: what is none is 0.
func number(names, arg, help string, set func(*config, int)) option {
	return option{names, arg, help, func(c *config, v string) error { set(c, client.Number(v)); return nil }}
}

// seconds is an option whose argument is a time in seconds, also fractions.
func seconds(names, help string, set func(*config, time.Duration)) option {
	return option{names, "seconds", help, func(c *config, v string) error {
		f, err := strconv.ParseFloat(v, 64)
		if err != nil || f < 0 || f > 1e8 {
			return fmt.Errorf("%s wants a number of seconds, not %q", names, v)
		}
		set(c, time.Duration(f*float64(time.Second)))
		return nil
	}}
}

// options are all there are, those of redis-benchmark first.
var options = append([]option{
	text("-h", "hostname", "Server hostname (default 127.0.0.1).", func(c *config, v string) { c.host = v }),
	number("-p", "port", "Server port (default 6379).", func(c *config, n int) { c.port = n }),
	text("-s", "socket", "Server socket (overrides host and port).", func(c *config, v string) { c.socket = v }),
	text("-a", "password", "Password.", func(c *config, v string) { c.pass, c.login = v, true }),
	text("--user", "username", "User to authenticate as, with -a.", func(c *config, v string) { c.user = v }),
	{"-u", "uri", "Server URI: redis://user:password@host:port/db, or rediss:// for TLS.", (*config).setURI},
	number("--dbnum", "db", "Database number (default 0).", func(c *config, n int) { c.db = n }),
	flag("-3", "Speak RESP3.", func(c *config) { c.resp3 = true }),
	number("-c", "clients", "Connections (default 50).", func(c *config, n int) { c.conns = max(n, 1) }),
	{"-n", "requests", "Requests of each test (default 100000).", setRequests},
	{"-d", "size", "Bytes of a value (default 3); min-max: sizes in this range.", setSize},
	number("-k", "boolean", "1: keep connections (default), 0: a new one for each pipeline.", func(c *config, n int) { c.keepalive = n != 0 }),
	{"-r", "keyspacelen", "Replace each __rand_int__ by 12 digits of a random number below this, in the\ntests as well. Without it all requests use the same key.", setKeys},
	number("-P", "numreq", "Requests in a pipeline (default 1).", func(c *config, n int) { c.depth = max(n, 1) }),
	text("-t", "tests", "Only these tests, by their names with commas between. A command overrides it.", func(c *config, v string) { c.tests = strings.Split(strings.ToLower(v), ",") }),
	flag("-l", "Repeat the tests for ever.", func(c *config) { c.loop = true }),
	flag("-I", "Only open the connections, and keep them.", func(c *config) { c.idle = true }),
	flag("-x", "Read the last argument of the command from standard input.", func(c *config) { c.stdin = true }),
	flag("-q", "One line for each test.", func(c *config) { c.output = outputQuiet }),
	flag("--csv", "CSV.", func(c *config) { c.output = outputCSV }),
	{"--precision", "digits", "Digits of latencies that are kept, 1 to 4 (default 3).", setDigits},
	{"--threads", "num", "Threads. Default: all cores; half of them for a server on this machine.", setThreads},
	flag("--cluster", "For a cluster; there is none yet.", func(c *config) { c.cluster = true }),
	flag("--enable-tracking", "CLIENT TRACKING on first.", func(c *config) { c.tracking = true }),
	number("--seed", "num", "Seed of the random numbers (default: the time).", func(c *config, n int) { c.seed = uint64(n) }),
	flag("-e", "No effect, as in redis-benchmark: an error always ends the run.", warnErrors),
	{"--help", "", "This text.", func(c *config, _ string) error { c.help = true; return nil }},
	{"-v --version", "", "The version.", func(c *config, _ string) error { c.vers = true; return nil }},

	seconds("--duration", "Run each test for so long, whatever -n is by default.", func(c *config, d time.Duration) { c.duration = d }),
	seconds("--warmup", "Load for so long before each test, uncounted.", func(c *config, d time.Duration) { c.warmup = d }),
	{"--rps", "rate", "Send so many requests per second, by the clock: an open loop. A latency\ncounts from when its request was due, so a stall is seen by all it delays.", setRate},
	{"--zipf", "theta", "Draw keys by Zipf's law with this exponent, for -r.", setZipf},
	{"--ratio", "a:b", "Mix the tests of -t (default set,get) in this proportion.", setRatio},
	flag("--json", "One JSON object in a line for each test.", func(c *config) { c.output = outputJSON }),
	flag("--table", "One table of throughput and latencies for all tests.", func(c *config) { c.output = outputTable }),
	text("--vs", "server", "Compare with host:port, or a socket: runs alternate, ratios are printed.", func(c *config, v string) { c.versus = v }),
	number("--pairs", "num", "Pairs of runs of each test for --vs (default 5).", func(c *config, n int) { c.pairs = max(n, 1) }),
}, tlsOptions()...)

func tlsOptions() (rows []option) {
	for _, t := range client.TLSTable {
		rows = append(rows, option{t.Name, t.Arg, t.Help, func(c *config, v string) error { t.Set(&c.tls, v); return nil }})
	}
	return rows
}

func warnErrors(*config) {
	fmt.Fprintln(os.Stderr, "WARNING: -e option has no effect. We now immediately exit on error to avoid false results.")
}

func (c *config) setURI(v string) error {
	u, err := client.ParseURI(v)
	if err != nil {
		return err
	}
	c.tls.On = c.tls.On || u.TLS
	if u.Login {
		c.pass, c.login = u.Pass, true
	}
	if u.User != "" {
		c.user = u.User
	}
	if u.Host != "" {
		c.host = u.Host
	}
	if u.Port >= 0 {
		c.port = u.Port
	}
	if u.DB >= 0 {
		c.db = u.DB
	}
	return nil
}

func setRequests(c *config, v string) error {
	c.requests, c.counted = client.Number(v), true
	if c.requests < 1 {
		return fmt.Errorf("-n wants a number of requests, not %q; --duration runs by time", v)
	}
	return nil
}

// setSize clamps, as ever.
func setSize(c *config, v string) error {
	low, high, ranged := strings.Cut(v, "-")
	c.smallest = min(max(client.Number(low), 1), maxSize)
	c.largest = c.smallest
	if low == "" { // a negative number
		c.smallest, c.largest = 1, 1
	} else if ranged {
		c.largest = min(max(client.Number(high), 1), maxSize)
	}
	if c.largest < c.smallest {
		return fmt.Errorf("-d %s: the range ends before it begins", v)
	}
	return nil
}

func setKeys(c *config, v string) error {
	if rest, negative := strings.CutPrefix(v, "-"); negative && (rest == "" || rest[0] < '0' || rest[0] > '9') {
		return errInvalid
	}
	c.random, c.keys = true, max(client.Number(v), 0)
	return nil
}

func setDigits(c *config, v string) error {
	n := client.Number(v)
	if n < 0 {
		n = 3
	}
	c.digits = min(max(n, 1), 4)
	return nil
}

func setThreads(c *config, v string) error {
	c.threads = max(client.Number(v), 0)
	if c.threads > maxThreads {
		fmt.Fprintf(os.Stderr, "WARNING: Too many threads, limiting threads to %d.\n", maxThreads)
		c.threads = maxThreads
	}
	return nil
}

func setRate(c *config, v string) error {
	f, err := strconv.ParseFloat(v, 64)
	if err != nil || f <= 0 || f > 1e9 {
		return fmt.Errorf("--rps wants a number of requests per second, not %q", v)
	}
	c.rate = f
	return nil
}

func setZipf(c *config, v string) error {
	f, err := strconv.ParseFloat(v, 64)
	if err != nil || f <= 0 || f > 100 {
		return fmt.Errorf("--zipf wants an exponent above 0 (0.99 is usual), not %q", v)
	}
	c.zipf = f
	return nil
}

func setRatio(c *config, v string) error {
	c.ratio = nil
	sum := 0
	for part := range strings.SplitSeq(v, ":") {
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 || n > 1_000_000 {
			return fmt.Errorf("--ratio wants numbers with colons between, as 1:10, not %q", v)
		}
		c.ratio = append(c.ratio, n)
		sum += n
	}
	if sum == 0 {
		return errors.New("--ratio wants one number above 0")
	}
	return nil
}

// find is the option of a name.
func find(name string) *option {
	for i := range options {
		for n := range strings.FieldsSeq(options[i].names) {
			if n == name {
				return &options[i]
			}
		}
	}
	return nil
}

// parse reads options up to the first word that is none, where a command begins.
func (c *config) parse(args []string) error {
	for i := 0; i < len(args); i++ {
		name := args[i]
		o := find(name)
		switch {
		case o == nil && strings.HasPrefix(name, "-"):
			return invalidOption(name)
		case o == nil:
			c.args = args[i:]
			return nil
		}
		value := ""
		if o.arg != "" {
			if i++; i == len(args) {
				return invalidOption(name)
			}
			value = args[i]
		}
		if err := o.set(c, value); err == errInvalid {
			return invalidOption(value)
		} else if err != nil {
			return err
		}
		if c.help || c.vers {
			return nil
		}
	}
	return nil
}

// An invalidOption is one that is not known, or without its argument.
type invalidOption string

func (o invalidOption) Error() string {
	return fmt.Sprintf("Invalid option %q or option argument missing", string(o))
}

// check says what cannot be together.
func (c *config) check() error {
	switch {
	case c.cluster:
		return errors.New("--cluster: a cluster cannot be measured yet. Measure one of its masters: the keys of a command in its slots need a {tag}.")
	case c.zipf > 0 && c.keys < 1:
		return errors.New("--zipf draws among the keys of -r: say how many there are, as in -r 1000000.")
	case c.ratio != nil && len(c.args) > 0:
		return errors.New("--ratio mixes tests of -t, not commands.")
	case c.port < 1 || c.port > 65535:
		return fmt.Errorf("Invalid server port: %d.", c.port)
	case c.versus != "" && (c.loop || c.idle || c.output == outputCSV || c.output == outputQuiet):
		return errors.New("--vs prints a table, or JSON with --json; it does not go with -l, -I, -q and --csv.")
	}
	return nil
}

func usage(w io.Writer) {
	fmt.Fprint(w, "Usage: redis-benchmark [OPTIONS] [COMMAND ARGS...]\n\nOptions:\n")
	for _, o := range options {
		name := strings.ReplaceAll(o.names, " ", ", ")
		if o.arg != "" {
			name += " <" + o.arg + ">"
		}
		fmt.Fprintf(w, " %-26s %s\n", name, strings.ReplaceAll(o.help, "\n", "\n"+strings.Repeat(" ", 28)))
	}
	fmt.Fprintf(w, "\nTests: %s.\n%s", strings.Join(testNames(), " "), examples)
}

const examples = `
Examples:
  redis-benchmark -t set,get -P 16 -r 1000000 -q
  redis-benchmark -r 10000 -n 10000 lpush mylist __rand_int__
  redis-benchmark --ratio 1:10 -r 1000000 --zipf 0.99 --duration 30 --rps 50000
  redis-benchmark -p 6379 --vs 127.0.0.1:6380 -t set,get -r 1000000
`
