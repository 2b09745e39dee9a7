package benchmark

import (
	"slices"
	"strconv"
	"strings"
)

// A test is one thing to measure. Its names are what -t knows it by.
type test struct {
	names string
	title string
	words string // of the command; empty: PING as a line
}

// What is replaced in the words of a test.
const (
	randomMark = "__rand_int__" // by a number, with -r
	dataMark   = "<data>"
	scoreMark  = "<score>" // by a number, with -r; without, by 0
)

// tests are those of redis-benchmark, in its order.
var tests = []test{
	{"ping_inline ping", "PING_INLINE", ""},
	{"ping_mbulk ping", "PING_MBULK", "PING"},
	{"set", "SET", "SET key:__rand_int__ <data>"},
	{"get", "GET", "GET key:__rand_int__"},
	{"incr", "INCR", "INCR counter:__rand_int__"},
	{"lpush", "LPUSH", "LPUSH mylist <data>"},
	{"rpush", "RPUSH", "RPUSH mylist <data>"},
	{"lpop", "LPOP", "LPOP mylist"},
	{"rpop", "RPOP", "RPOP mylist"},
	{"sadd", "SADD", "SADD myset element:__rand_int__"},
	{"hset", "HSET", "HSET myhash element:__rand_int__ <data>"},
	{"spop", "SPOP", "SPOP myset"},
	{"zadd", "ZADD", "ZADD myzset <score> element:__rand_int__"},
	{"zpopmin", "ZPOPMIN", "ZPOPMIN myzset"},
	{"lrange lrange_100 lrange_300 lrange_500 lrange_600", "LPUSH (needed to benchmark LRANGE)", "LPUSH mylist <data>"},
	{"lrange lrange_100", "LRANGE_100 (first 100 elements)", "LRANGE mylist 0 99"},
	{"lrange lrange_300", "LRANGE_300 (first 300 elements)", "LRANGE mylist 0 299"},
	{"lrange lrange_500", "LRANGE_500 (first 500 elements)", "LRANGE mylist 0 499"},
	{"lrange lrange_600", "LRANGE_600 (first 600 elements)", "LRANGE mylist 0 599"},
	{"mset", "MSET (10 keys)", "MSET" + strings.Repeat(" key:__rand_int__ <data>", 10)},
	{"xadd", "XADD", "XADD mystream * myfield <data>"},
}

// testNames are those that -t knows.
func testNames() []string {
	var names []string
	for _, t := range tests {
		for name := range strings.FieldsSeq(t.names) {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// in says whether a test is one of those that are asked for.
func (t *test) in(names []string) bool {
	return names == nil || slices.ContainsFunc(strings.Fields(t.names), func(n string) bool { return slices.Contains(names, n) })
}

// lastTest is the test of a name: of several, the last, as those before only prepare it.
func lastTest(name string) *test {
	for i := len(tests) - 1; i >= 0; i-- {
		if tests[i].in([]string{name}) {
			return &tests[i]
		}
	}
	return nil
}

// A plan is a test made ready to be run.
type plan struct {
	title    string
	requests []Request
	weights  []int
	classes  []string // what requests are counted as; nil: all as the title
	payload  int      // bytes, as the report has it
}

// sizes is how many sizes of values of a range are sent.
const sizes = 32

// planTest makes the requests of a test: several, if values have a range of sizes.
func (c *config) planTest(t *test, data string) plan {
	p := plan{title: t.title, payload: c.largest}
	n := 1
	if strings.Contains(t.words, dataMark) && c.largest > c.smallest {
		n = min(sizes, c.largest-c.smallest+1)
	}
	for i := range n {
		size := c.largest
		if n > 1 {
			size = c.smallest + (c.largest-c.smallest)*i/(n-1)
		}
		p.requests = append(p.requests, c.request(t, data[:size]))
	}
	return p
}

func (c *config) request(t *test, data string) Request {
	if t.words == "" {
		return Request{Text: "PING\r\n"}
	}
	score := "0"
	if c.random {
		score = randomMark
	}
	words := strings.Fields(t.words)
	for i, w := range words {
		switch w {
		case dataMark:
			words[i] = data
		case scoreMark:
			words[i] = score
		}
	}
	return c.marked(words)
}

// marked is a command whose __rand_int__ are slots, if there is -r.
func (c *config) marked(words []string) Request {
	r := NewRequest(words...)
	if c.random {
		r.Mark(randomMark, Fresh)
	}
	return r
}

// planCommand makes the request of a command.
func (c *config) planCommand(words []string, last []byte) plan {
	p := plan{title: strings.Join(words, " ")}
	if last != nil {
		words = append(slices.Clip(words), string(last))
	}
	p.requests = []Request{c.marked(words)}
	p.payload = len(p.requests[0].Text)
	return p
}

// planMix makes one plan of several, in the proportion of --ratio.
func (c *config) planMix(parts []plan) plan {
	mix := plan{payload: c.largest}
	var ratio []string
	for class, p := range parts {
		mix.classes = append(mix.classes, p.title)
		ratio = append(ratio, strconv.Itoa(c.ratio[class]))
		for _, r := range p.requests {
			r.Class = class
			mix.requests = append(mix.requests, r)
			// Each size of a value is as frequent as the others; sizes is divisible by few numbers, so all are scaled.
			mix.weights = append(mix.weights, c.ratio[class]*weightUnit/len(p.requests))
		}
	}
	mix.title = strings.Join(mix.classes, ":") + " " + strings.Join(ratio, ":")
	return mix
}

const weightUnit = 1 << 20

// A filler makes values: the same bytes as redis-benchmark, which come from a
// linear congruential generator.
type filler uint32

const firstFiller filler = 1234

func (f *filler) data(n int) string {
	b := make([]byte, n)
	for i := range b {
		*f = *f*1103515245 + 12345
		b[i] = '0' + byte(*f>>16&63)
	}
	return string(b)
}
