package cli

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redstart-db/redstart/internal/client"
	"github.com/redstart-db/redstart/internal/resp"
)

// config is what the options set.
type config struct {
	host, socket string
	port         int
	ip           string // "4" or "6": only that
	user, pass   string
	askPass      bool
	quietAuth    bool // --no-auth-warning
	passGiven    bool // as an option, where others can see it
	db           int
	proto        int  // 0: as it comes
	resp2, resp3 bool // which was asked for
	timeout      time.Duration
	cluster      bool
	tls          client.TLSOptions

	repeat   int // -1: for ever
	interval time.Duration
	stdin    bool   // the last argument comes from there
	tag      string // this argument comes from there
	quoted   bool   // arguments are quoted strings

	formatter
	outputGiven bool
	exitCode    bool // -e
	pushes      bool
	pushesGiven bool

	cursor        string // of SCAN
	pattern       string // of keys
	count         int    // of SCAN
	memSamples    int    // -1: the server's default
	top           int    // of the biggest keys
	hotShown      int    // of the hottest keys
	lruKeys       int64
	percentiles   []string
	mono          bool // no colours
	pipeTimeout   int  // seconds; 0: none
	intrinsic     time.Duration
	script        string
	rdbFile       string
	allData       bool // --rdb
	functionsOnly bool

	mode         func(*app) int // nil: a command, or a prompt
	args         []string       // the command
	ldb, ldbSync bool           // debug the script
	started      bool           // the options are read
}

func newConfig() *config {
	return &config{
		host: "127.0.0.1", port: 6379, repeat: 1, memSamples: -1, pipeTimeout: 30, cursor: "0", top: 10, hotShown: 16,
		formatter: formatter{bulkDelim: "\n", endDelim: "\n"},
	}
}

// An option is one row of the table.
type option struct {
	names string // separated by spaces
	arg   string // what the help calls its argument; empty: it takes none
	help  string
	set   func(*config, string) error
}

// These end the program with what they name.
var (
	errUsage   = errors.New("usage")
	errVersion = errors.New("version")
)

// flag is an option without an argument.
func flag(names, help string, set func(*config)) option {
	return option{names, "", help, func(c *config, _ string) error { set(c); return nil }}
}

// text is an option whose argument is any string.
func text(names, arg, help string, set func(*config, string)) option {
	return option{names, arg, help, func(c *config, v string) error { set(c, v); return nil }}
}

// mode is an option that chooses what to do.
func mode(names, help string, run func(*app) int) option {
	return option{names, "", help, func(c *config, _ string) error { c.mode = run; return nil }}
}

// options are all options of a session and of single commands. A number that is none reads as 0, as ever.
var options = slices.Concat([]option{
	text("-h", "hostname", "Server hostname (default: 127.0.0.1).", func(c *config, v string) { c.host = v }),
	{"-p", "port", "Server port (default: 6379).", setPort},
	text("-s", "socket", "Server socket (overrides hostname and port).", func(c *config, v string) { c.socket = v }),
	{"-t", "timeout", "Seconds to wait for the connection, also fractions (default: the system's).", setTimeout},
	text("-a --pass", "password", "Password; REDISCLI_AUTH in the environment is safer.", func(c *config, v string) { c.pass, c.passGiven = v, true }),
	text("--user", "username", "User to authenticate as, with -a.", func(c *config, v string) { c.user = v }),
	flag("--askpass", "Ask for the password on the terminal.", func(c *config) { c.askPass = true }),
	flag("--no-auth-warning", "No warning about -a.", func(c *config) { c.quietAuth = true }),
	{"-u", "uri", "Server URI: redis://user:password@host:port/db, or rediss:// for TLS.", (*config).setURI},
	text("-n", "db", "Database number.", func(c *config, v string) { c.db = client.Number(v) }),
	flag("-2", "Speak RESP2.", func(c *config) { c.proto, c.resp2 = 2, true }),
	flag("-3", "Speak RESP3.", func(c *config) { c.proto, c.resp3 = 3, true }),
	flag("-4", "Connect by IPv4.", func(c *config) { c.ip = "4" }),
	flag("-6", "Connect by IPv6.", func(c *config) { c.ip = "6" }),
	flag("-c", "Follow the redirections of a cluster.", func(c *config) { c.cluster = true }),

	text("-r", "repeat", "Run the command so many times; -1: for ever.", func(c *config, v string) { c.repeat = client.Number(v) }),
	{"-i", "interval", "Wait so many seconds between them, also fractions.", setInterval},
	flag("-x", "Read the last argument from standard input.", func(c *config) { c.stdin = true }),
	text("-X", "tag", "Read the argument that is this word from standard input.", func(c *config, v string) { c.tag = v }),
	flag("--quoted-input", "Arguments are quoted strings.", func(c *config) { c.quoted = true }),
	flag("-e", "Exit with 1 if the command fails.", func(c *config) { c.exitCode = true }),

	flag("--raw", "Replies as they are (default unless standard output is a terminal).", func(c *config) { c.choose(outputRaw) }),
	flag("--no-raw", "Replies for people.", func(c *config) { c.choose(outputTTY) }),
	flag("--csv", "Replies as CSV.", func(c *config) { c.choose(outputCSV) }),
	flag("--json", "Replies as JSON, in RESP3 unless -2 is given.", func(c *config) { c.chooseJSON(outputJSON) }),
	flag("--quoted-json", "The same in ASCII.", func(c *config) { c.chooseJSON(outputQuotedJSON) }),
	text("-d", "delimiter", `Between the items of a raw reply (default: \n).`, func(c *config, v string) { c.bulkDelim = v }),
	text("-D", "delimiter", `Between raw replies (default: \n).`, func(c *config, v string) { c.endDelim = v }),
	{"--show-pushes", "yn", "Show pushes of RESP3 (default: on a terminal).", setPushes},
}, tlsOptions(), []option{
	mode("--scan", "List the keys.", runScan),
	text("--pattern", "pattern", "Only keys like this, for --scan, --bigkeys, --memkeys and --hotkeys.", func(c *config, v string) { c.pattern = v }),
	{"--quoted-pattern", "pattern", "The same as a quoted string.", setQuotedPattern},
	text("--count", "n", "COUNT for their SCAN.", func(c *config, v string) { c.count = client.Number(v) }),
	mode("--bigkeys", "Look for the keys with the most elements.", runBigKeys),
	mode("--memkeys", "Look for the keys that take the most memory.", runMemKeys),
	{"--memkeys-samples", "n", "The same with so many samples of each; 0: all.", func(c *config, v string) error {
		c.mode, c.memSamples = runMemKeys, client.Number(v)
		return nil
	}},
	mode("--keystats", "Both, with the distribution of sizes.", runKeyStats),
	{"--keystats-samples", "n", "The same with so many samples of each for the memory; 0: all.", func(c *config, v string) error {
		c.mode, c.memSamples = runKeyStats, client.Number(v)
		return nil
	}},
	{"--cursor", "n", "Where --keystats begins (default: 0).", setCursor},
	text("--top", "n", "How many keys --keystats lists (default: 10).", func(c *config, v string) { c.top = max(client.Number(v), 1) }),
	mode("--hotkeys", "Look for the keys used most; the server must evict by LFU.", runHotKeys),
	{"--hotkeys-count", "n", "The same for so many keys (default: 16).", func(c *config, v string) error {
		c.mode, c.hotShown = runHotKeys, max(client.Number(v), 1)
		return nil
	}},
	mode("--stat", "Print figures of the server every second, or -i.", runStat),
	mode("--latency", "Send PINGs for ever, or, for a program, for -i seconds (default: 1).", runLatency),
	mode("--latency-history", "The same with a line every 15 seconds, or -i.", runLatencyHistory),
	{"--latency-percentiles", "list", "Show these, too, for example 50,99.9; all in thousandths of milliseconds.", setPercentiles},
	mode("--latency-dist", "The same as a spectrum of colours, a line every second, or -i.", runLatencyDist),
	flag("--mono", "The spectrum in shades of grey.", func(c *config) { c.mono = true }),
	{"--lru-test", "keys", "Use the server as a cache of so many keys, and show the hits.", func(c *config, v string) error {
		n, _ := strconv.ParseInt(v, 10, 64)
		c.mode, c.lruKeys = runLRUTest, max(n, 0)
		return nil
	}},
	{"--intrinsic-latency", "sec", "Measure for so long how late the system lets a program run.", func(c *config, v string) error {
		c.mode, c.intrinsic = runIntrinsic, time.Duration(client.Number(v))*time.Second
		return nil
	}},
	mode("--pipe", "Send protocol from standard input.", runPipe),
	text("--pipe-timeout", "n", "End --pipe when there is no reply for so many seconds (default: 30; 0: never).", func(c *config, v string) { c.pipeTimeout = client.Number(v) }),
	{"--rdb", "file", "Save the data of the server in a file; -: to standard output.", func(c *config, v string) error {
		c.mode, c.rdbFile, c.allData = runRDB, v, true
		return nil
	}},
	{"--functions-rdb", "file", "The same with the functions only.", func(c *config, v string) error {
		c.mode, c.rdbFile, c.functionsOnly = runRDB, v, true
		return nil
	}},
	mode("--replica --slave", "Be a replica that shows what it is told.", runReplica),
	{"--eval", "file", "Run a script with EVAL; keys and arguments follow, a comma between them.", func(c *config, v string) error {
		c.mode, c.script = runEval, v
		return nil
	}},

	flag("--ldb", "Run the script of --eval in the debugger.", func(c *config) { c.ldb = true }),
	flag("--ldb-sync-mode", "The same without a copy of the data: changes stay, and other clients wait.", func(c *config) { c.ldb, c.ldbSync = true, true }),
	{"--cluster", "command", "Manage a cluster.", func(c *config, _ string) error { return errCluster }},
	flag("--verbose", "Accepted; what it makes wordier is --cluster.", func(*config) {}),
	{"--help", "", "This text.", func(c *config, _ string) error { return errUsage }},
	{"-v --version", "", "The version.", func(*config, string) error { return errVersion }},
})

func tlsOptions() (rows []option) {
	for _, t := range client.TLSTable {
		rows = append(rows, option{t.Name, t.Arg, t.Help, func(c *config, v string) error { t.Set(&c.tls, v); return nil }})
	}
	return rows
}

var errCluster = errors.New("--cluster: this program does not manage clusters; the redis-cli of Redis does.")

func (c *config) choose(o output) { c.output, c.outputGiven = o, true }

func (c *config) chooseJSON(o output) {
	c.choose(o)
	if c.proto == 0 {
		c.proto = 3
	}
}

func setPort(c *config, v string) error {
	c.port = client.Number(v)
	if c.port < 0 || c.port > 65535 {
		return errors.New("Invalid server port.")
	}
	return nil
}

func setTimeout(c *config, v string) error {
	d, err := seconds(v)
	if err != nil {
		return errors.New("Invalid connection timeout for -t.")
	}
	c.timeout = d
	return nil
}

func setInterval(c *config, v string) error {
	f, _ := strconv.ParseFloat(v, 64)
	c.interval = time.Duration(f * float64(time.Second))
	return nil
}

func setCursor(c *config, v string) error {
	n, err := strconv.ParseUint(v, 10, 64)
	if err != nil {
		return errors.New("Invalid cursor for --cursor.")
	}
	c.cursor = strconv.FormatUint(n, 10)
	return nil
}

func seconds(v string) (time.Duration, error) {
	f, err := strconv.ParseFloat(v, 64)
	if err != nil || f < 0 || f > 1e9 {
		return 0, errors.New("not a number of seconds")
	}
	return time.Duration(f * float64(time.Second)), nil
}

func setPushes(c *config, v string) error {
	c.pushesGiven = true
	switch {
	case strings.HasPrefix(strings.ToLower(v), "y"):
		c.pushes = true
	case strings.HasPrefix(strings.ToLower(v), "n"):
		c.pushes = false
	default:
		c.pushesGiven = false
		fmt.Fprintf(os.Stderr, "Unknown --show-pushes value '%s' (valid: '[y]es', '[n]o')\n", v)
	}
	return nil
}

func setQuotedPattern(c *config, v string) error {
	words, ok := resp.AppendWords(nil, []byte(v))
	if !ok || len(words) != 1 {
		return errors.New("Invalid quoted string specified for --quoted-pattern.")
	}
	c.pattern = string(words[0])
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

// parse reads options up to the first word that is none, where the command begins.
func (c *config) parse(args []string) error {
	for i := 0; i < len(args); i++ {
		name := args[i]
		if name == "-h" && i+1 == len(args) {
			return errUsage
		}
		o := find(name)
		value := ""
		if o == nil && len(name) > 2 && name[0] == '-' && name[1] != '-' { // -p6379
			if short := find(name[:2]); short != nil && short.arg != "" {
				o, value = short, name[2:]
			}
		} else if o != nil && o.arg != "" {
			if i++; i == len(args) {
				return unknownOption(name)
			}
			value = args[i]
		}
		switch {
		case o == nil && strings.HasPrefix(name, "-"):
			return unknownOption(name)
		case o == nil:
			c.args = args[i:]
			return nil
		}
		if err := o.set(c, value); err != nil {
			return err
		}
	}
	return nil
}

func unknownOption(name string) error {
	return fmt.Errorf("Unrecognized option or bad number of args for: '%s'", name)
}
