package compat

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// A rule makes commands of one form: a template whose words are taken as they
// are or, if they name a kind, drawn from it, with how often it is used and how
// its reply is compared. A template may be several commands, separated by
// semicolons, of which the reply of the first is compared so; <same> is one key in all of them.
type rule struct {
	weight   int
	template string
	compare  string // as the directive of a case file
}

// The grammar of strings and keys. Words in angle brackets are drawn from the lists below, which
// are few keys, so that commands meet, and values at the edges. Times are far
// away or past, so that nothing expires while a sequence runs. A time that
// is compared with another (GT, LT) is absolute or <random>: two equal relative
// ones would be compared by the millisecond in which they came. SET gets no
// past time: the key that it makes stays, for DBSIZE and DEBUG DIGEST, until
// something notices.
var stringGrammar = []rule{
	{30, "SET <key> <val>", ""},
	{10, "SET <key> <num>", ""},
	{15, "SET <key> <val> <setopt>", ""},
	{10, "SET <key> <num> <setopt> <setopt>", ""},
	{3, "SET <key> <val> <setopt> <setopt> <setopt>", ""},
	{20, "GET <key>", ""},
	{4, "GETDEL <key>", ""},
	{6, "GETEX <key>", ""},
	{8, "GETEX <key> <getexopt>", ""},
	{4, "GETSET <key> <val>", ""},
	{5, "SETNX <key> <val>", ""},
	{4, "SETEX <key> <ttls> <val>", ""},
	{4, "PSETEX <key> <ttlms> <val>", ""},
	{5, "MSET <key> <val> <key> <num>", ""},
	{3, "MSET <key> <val> <key> <val> <key>", ""},
	{5, "MSETNX <key> <val> <key> <val>", ""},
	{8, "MGET <key> <key> <key>", ""},
	{8, "STRLEN <key>", ""},
	{10, "APPEND <key> <val>", ""},
	{5, "APPEND <key> <num>", ""},
	{8, "GETRANGE <key> <off> <off>", ""},
	{3, "SUBSTR <key> <off> <off>", ""},
	{8, "SETRANGE <key> <off> <val>", ""},
	{8, "INCR <key>", ""},
	{8, "DECR <key>", ""},
	{10, "INCRBY <key> <num>", ""},
	{10, "DECRBY <key> <num>", ""},
	{12, "INCRBYFLOAT <key> <flt>", ""},
	{3, "LCS <key> <key>", ""},
	{2, "LCS <key> <key> LEN", ""},
	{2, "LCS <key> <key> IDX WITHMATCHLEN MINMATCHLEN <num>", ""},
	{8, "DEL <key>", ""},
	{3, "DEL <key> <key>", ""},
	{4, "UNLINK <key> <key>", ""},
	{8, "EXISTS <key> <key>", ""},
	{4, "TYPE <key>", ""},
	{4, "TOUCH <key> <key>", ""},
	{10, "TTL <key>", "approx 2"},
	{8, "PTTL <key>", "approx 2000"},
	{6, "EXPIRETIME <key>", "approx 2"},
	{6, "PEXPIRETIME <key>", "approx 2000"},
	{8, "PERSIST <key>", ""},
	{10, "EXPIRE <key> <ttls>", ""},
	{8, "EXPIRE <key> <ttls> <expopt>", ""},
	{3, "EXPIRE <key> <ttls> <expopt> <expopt>", ""},
	{8, "EXPIRE <key> <random> <gtlt>", ""},
	{5, "PEXPIRE <key> <ttlms> <expopt>", ""},
	{5, "PEXPIRE <key> <random> <gtlt>", ""},
	{5, "EXPIREAT <key> <ats> <gtlt>", ""},
	{6, "PEXPIREAT <key> <atms>", ""},
	{5, "PEXPIREAT <key> <atms> <gtlt>", ""},
	{6, "RENAME <key> <key>", ""},
	{5, "RENAMENX <key> <key>", ""},
	{5, "COPY <key> <key>", ""},
	{5, "COPY <key> <key> REPLACE", ""},
	{4, "COPY <key> <key> DB <db> REPLACE", ""},
	{3, "COPY <key> <key> DB <db>", ""},
	{6, "MOVE <key> <db>", ""},
	{6, "SELECT <db>", ""},
	{2, "SWAPDB <db> <db>", ""},
	{1, "FLUSHDB", ""},
	{1, "FLUSHALL", ""},
	{8, "OBJECT ENCODING <key>", ""},
	{4, "KEYS <pat>", "unordered"},
	{2, "SCAN 0 COUNT 1000 MATCH <pat>", "unordered"},
	{4, "DBSIZE", ""},
	{6, "DEBUG DIGEST", ""},
	{3, "DEBUG DIGEST-VALUE <key> <key>", ""},
	{2, "HELLO 2", "hello"},
	{2, "HELLO 3", "hello"},
	{1, "RESET", ""},
	{2, "ECHO <val>", ""},
	{2, "PING <val>", ""},
	{2, "CLIENT SETNAME <val>", ""},
	{2, "CLIENT GETNAME", ""},
	{1, "COMMAND GETKEYS MSET <key> <val>", ""},
	{2, "<junk> <junk> <junk>", ""},
	{2, "<junk> <key>", ""},
	{1, "<junk>", ""},
}

var draws = map[string][]string{
	"<key>":   {"a", "b", "c", "d", "e", "", "key:1", "key:2", "k\x00\r\n"},
	"<val>":   {"", "x", "hello", "hello world", "10", "-1", "3.5", "\x00\xff\r\n", "v{{a*40}}", "v{{b*43}}", "v{{c*44}}", "{{long*500}}", "9223372036854775807"},
	"<num>":   {"0", "1", "-1", "2", "10", "-10", "9999", "10000", "2147483648", "9223372036854775807", "-9223372036854775808", "9223372036854775806", "4611686018427387904", "9223372036854775808", "-9223372036854775809", "1.5", "abc", "", " 1", "01", "+1", "-0", "1e3", "0x10"},
	"<flt>":   {"0", "1", "-1", "0.1", "-0.1", "0.2", "1.5", "3.0e3", "1e-5", "1e17", "-1e17", "1e300", "-1e300", "123456.789", "0.000001", "3.141592653589793", "9007199254740993", "inf", "-inf", "nan", "abc", "", " 1", "1 ", "0x1p3", "1e5000", ".5", "5."},
	"<off>":   {"0", "1", "2", "5", "10", "100", "-1", "-2", "-5", "-100", "536870912", "9223372036854775807", "-9223372036854775808", "x"},
	"<db>":    {"0", "1", "2", "0", "1", "15", "16", "-1", "x"},
	"<pat>":   {"*", "a", "?", "[a-c]", "[^a-c]", "key:*", "*1", "", "k*", "[", "\\"},
	"<ttls>":  {"100", "1000", "5000", "100000", "0", "-1", "9223372036854775807", "9223372036854775", "abc"},
	"<ttlms>": {"100000", "1000000", "5000000", "0", "-1", "9223372036854775807", "abc"},
	"<ats>":   {"{{now+100}}", "{{now+5000}}", "4102444800", "1", "0", "-1", "9223372036854775807"},
	"<atms>":  {"{{nowms+150000}}", "{{nowms+5500000}}", "4102444800500", "1", "0", "-1", "9223372036854775807"},
	"<fats>":  {"{{now+100}}", "{{now+5000}}", "4102444800", "0", "-1", "9223372036854775807"},
	"<fatms>": {"{{nowms+150000}}", "{{nowms+5500000}}", "4102444800500", "0", "-1", "9223372036854775807"},
	"<junk>":  {"get", "set", "incr", "expire", "nosuch", "", "object", "config", "client", "a", "1", "nx", "ex", "debug", "getrange", "mset"},

	"<setopt>":   {"NX", "XX", "GET", "KEEPTTL", "EX <ttls>", "PX <ttlms>", "EXAT <fats>", "PXAT <fatms>", "nx", "Get", "foo", "EX"},
	"<getexopt>": {"PERSIST", "EX <ttls>", "PX <ttlms>", "EXAT <ats>", "PXAT <atms>", "persist", "NX", "EX"},
	"<expopt>":   {"NX", "XX", "nx", "foo"},
	"<gtlt>":     {"GT", "LT", "gt", "lt", "NX", "XX", "XX GT", "LT XX", "GT LT", "NX GT"},
}

// A drawer draws commands of a grammar.
type drawer struct {
	r       *rand.Rand
	grammar []rule
	total   int // of the weights
	steps   []step
}

// sequence draws n commands of a grammar, some of them in transactions.
func sequence(r *rand.Rand, grammar []rule, n int) []step {
	d := drawer{r: r, grammar: grammar}
	for _, g := range grammar {
		d.total += g.weight
	}
	for len(d.steps) < n {
		if r.IntN(60) == 0 {
			d.transaction()
		} else {
			d.commands(pick(r, grammar, d.total))
		}
	}
	return d.steps
}

func (d *drawer) command(m mode, args ...string) {
	m.replies = 1
	d.steps = append(d.steps, step{line: len(d.steps), source: quoteArgs(args), action: "command", args: args, mode: m})
}

// commands draws what a rule makes.
func (d *drawer) commands(g rule) {
	same := draws["<key>"][d.r.IntN(len(draws["<key>"]))]
	for i, template := range strings.Split(g.template, " ; ") {
		args := words(d.r, template, same)
		if d.r.IntN(8) == 0 {
			args[0] = strings.ToLower(args[0])
		}
		m := mode{}
		if i == 0 {
			m.compare, m.param, _ = strings.Cut(g.compare, " ")
		}
		d.command(m, args...)
	}
}

// transaction draws a transaction of another client, who watches keys while the
// first one goes on. Its commands are such as have replies that are compared as they are.
func (d *drawer) transaction() {
	d.use("watcher")
	d.command(mode{}, "SELECT", strconv.Itoa(d.r.IntN(2)))
	if d.r.IntN(4) > 0 {
		d.command(mode{}, words(d.r, "WATCH <key> <key>", "")...)
	}
	d.use("main")
	for range d.r.IntN(3) {
		d.commands(pick(d.r, d.grammar, d.total))
	}
	d.use("watcher")
	d.command(mode{}, "MULTI")
	for range d.r.IntN(5) {
		g := pick(d.r, d.grammar, d.total)
		for g.compare != "" {
			g = pick(d.r, d.grammar, d.total)
		}
		d.commands(g)
	}
	d.command(mode{}, "EXEC")
	d.use("main")
}

func (d *drawer) use(conn string) {
	d.steps = append(d.steps, step{line: len(d.steps), source: "> conn " + conn, action: "conn", args: []string{conn}})
}

func pick(r *rand.Rand, grammar []rule, total int) rule {
	at := r.IntN(total)
	for _, g := range grammar {
		if at -= g.weight; at < 0 {
			return g
		}
	}
	panic("unreachable: the weights add up to total")
}

// words fills in a template. What is drawn for an option may hold draws itself.
func words(r *rand.Rand, template, same string) []string {
	var out []string
	for _, w := range strings.Fields(template) {
		from := draws[w]
		switch {
		case w == "<random>":
			out = append(out, strconv.Itoa(1000000+r.IntN(1e9)))
		case w == "<same>":
			out = append(out, same)
		case from == nil:
			out = append(out, w)
		case strings.HasSuffix(w, "opt>"), w == "<gtlt>":
			out = append(out, words(r, from[r.IntN(len(from))], same)...)
		default:
			out = append(out, from[r.IntN(len(from))])
		}
	}
	return out
}

func quoteArgs(args []string) string {
	var b strings.Builder
	for i, a := range args {
		if i > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "%q", a)
	}
	return b.String()
}
