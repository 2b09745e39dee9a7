package benchmark

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/redstart-db/redstart/internal/client"
)

// version is that of Redis whose tool this behaves like.
const version = "7.2.0"

// A target is a server to measure.
type target struct {
	network, addr string
	name          string   // as messages have it
	local         bool     // it is on this machine
	settings      []string // of save and appendonly; nil: it did not tell
}

// app is the program.
type app struct {
	*config
	target target
	prefix []byte // what is sent first on each connection
	nprefx int    // how many commands that is
	out    io.Writer
	filler filler
}

// Main runs the benchmark; it returns the exit status.
func Main(args []string) int {
	a := &app{config: newConfig(), out: os.Stdout, filler: firstFiller}
	if err := a.parse(args); err != nil {
		return a.refuse(err)
	}
	switch {
	case a.help:
		usage(a.out)
		return 0
	case a.vers:
		fmt.Fprintln(a.out, "redis-benchmark "+version)
		return 0
	}
	signal.Ignore(syscall.SIGHUP)
	if err := a.run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		if hint := hintOf(err); hint != "" {
			fmt.Fprintln(os.Stderr, hint)
		}
		return 1
	}
	return 0
}

// refuse tells what is wrong with the options; the usage follows where one is not known.
func (a *app) refuse(err error) int {
	var invalid invalidOption
	if !errors.As(err, &invalid) {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Fprintf(a.out, "%v\n\n", err)
	usage(a.out)
	return 1
}

func (a *app) run() error {
	if err := a.check(); err != nil {
		return err
	}
	a.target = a.where(a.host, strconv.Itoa(a.port))
	if a.socket != "" {
		a.target = socketTarget(a.socket)
	}
	a.preparePrefix()
	if err := a.ask(&a.target); err != nil {
		return err
	}
	a.warn()
	a.settleThreads()
	switch {
	case a.idle:
		return a.stayIdle()
	case a.versus != "":
		return a.compare()
	}
	return a.runTests()
}

func (a *app) where(host, port string) target {
	ip := net.ParseIP(host)
	return target{network: "tcp", addr: net.JoinHostPort(host, port), name: host + ":" + port, local: host == "localhost" || ip != nil && ip.IsLoopback()}
}

func socketTarget(path string) target {
	return target{network: "unix", addr: path, name: path, local: true}
}

// preparePrefix makes the commands that make a connection what it is to be.
func (a *app) preparePrefix() {
	add := func(words ...string) {
		a.prefix = append(a.prefix, NewRequest(words...).Text...)
		a.nprefx++
	}
	if a.login {
		add(a.auth()...)
	}
	if a.tracking {
		add("CLIENT", "TRACKING", "on")
	}
	if a.db != 0 {
		add("SELECT", strconv.Itoa(a.db))
	}
	if a.resp3 {
		add("HELLO", "3")
	}
}

func (a *app) auth() []string {
	if a.user != "" {
		return []string{"AUTH", a.user, a.pass}
	}
	return []string{"AUTH", a.pass}
}

// A toldError is complete, and brings its own hint.
type toldError struct {
	text string
	hint string
}

func (e toldError) Error() string { return e.text }

// ask asks a server for the settings that the report shows. That it refuses is no
// matter, unless it wants a password.
func (a *app) ask(t *target) error {
	const warning = "WARNING: Could not fetch server CONFIG"
	o := client.Options{Network: t.network, Addr: t.addr}
	if a.tls.On {
		var err error
		if o.TLS, err = a.tls.Config(); err != nil {
			fmt.Fprintln(os.Stderr, "Could not negotiate a TLS connection:", err)
			return toldError{warning, hintTLS}
		}
	}
	conn, err := client.Dial(o)
	if err != nil {
		fmt.Fprintln(os.Stderr, connectError{t.name, err})
		return toldError{warning, hintOf(connectError{t.name, err})}
	}
	defer conn.Close()
	if a.login {
		r, err := conn.Do(a.auth()...)
		if err != nil {
			return toldError{"ERROR: failed to fetch reply from " + t.name, hintForeign}
		}
		if r.IsError() {
			return toldError{"Node " + t.name + " replied with error:\n" + string(r.Text), hintOf(ServerError(r.Text))}
		}
	}
	if t.settings, err = askSettings(conn); err != nil {
		var refused ServerError
		if errors.As(err, &refused) && strings.HasPrefix(string(refused), "NOAUTH") {
			return toldError{"Node " + t.name + " replied with error:\n" + string(refused), hintOf(refused)}
		}
		fmt.Fprintln(os.Stderr, warning)
	}
	return nil
}

func askSettings(conn *client.Conn) ([]string, error) {
	for _, name := range settingNames {
		if err := conn.Send([]byte("CONFIG"), []byte("GET"), []byte(name)); err != nil {
			return nil, err
		}
	}
	if err := conn.Flush(); err != nil {
		return nil, err
	}
	var values []string
	for range settingNames {
		r, err := conn.Read()
		switch {
		case err != nil:
			return nil, err
		case r.IsError():
			return nil, ServerError(r.Text)
		case len(r.Items) < 2:
			return nil, errForeign
		}
		values = append(values, string(r.Items[1].Text))
	}
	return values, nil
}

var settingNames = []string{"save", "appendonly"}

func (a *app) warn() {
	if !a.keepalive {
		fmt.Fprintln(os.Stderr, "WARNING: Keepalive disabled. You probably need 'echo 1 > /proc/sys/net/ipv4/tcp_tw_reuse' for Linux and "+
			"'sudo sysctl -w net.inet.tcp.msl=1000' for Mac OS X in order to use a lot of clients/requests")
	}
	if len(a.args) > 0 && a.tests != nil {
		fmt.Fprintln(os.Stderr, "WARNING: Option -t is ignored.")
	}
	if len(a.args) > 0 || a.ratio != nil {
		return
	}
	for _, name := range a.tests {
		if name != "" && !slices.Contains(testNames(), name) {
			fmt.Fprintf(os.Stderr, "WARNING: There is no test %q. The tests are: %s.\n", name, strings.Join(testNames(), " "))
		}
	}
}

// settleThreads leaves the half of the cores to a server on this machine. Threads
// wait in system calls, and each has a processor of the Go scheduler meanwhile.
func (a *app) settleThreads() {
	if a.threads < 0 {
		a.threads = runtime.NumCPU()
		if a.target.local {
			a.threads = (a.threads + 1) / 2
		}
		if a.threads = min(a.threads, a.conns); a.threads == 1 {
			a.threads = 0
		}
	}
	runtime.GOMAXPROCS(max(runtime.GOMAXPROCS(0), a.threads+2))
}

// load is what the options say of a load.
func (a *app) load(t *target, p *plan) (Load, error) {
	l := Load{
		Network: t.network, Addr: t.addr, Requests: p.requests, Weights: p.weights,
		Conns: a.conns, Depth: a.depth, Threads: a.threads, Keys: a.keys, Zipf: a.zipf, Seed: a.seed,
		Rate: a.rate / float64(a.depth), Limit: a.limit(), Reconnect: !a.keepalive,
		Prefix: a.prefix, Answers: a.nprefx, Digits: a.digits,
	}
	if a.tls.On {
		var err error
		if l.TLS, err = a.tls.Config(); err != nil {
			return l, err
		}
	}
	return l, nil
}

// limit is how many requests a test has; a duration without -n has none.
func (a *app) limit() int {
	if a.duration > 0 && !a.counted {
		return 0
	}
	return a.requests
}

func (a *app) stayIdle() error {
	fmt.Fprintf(a.out, "Creating %d idle connections and waiting forever (Ctrl+C when done)\n", a.conns)
	l, err := a.load(&a.target, &plan{requests: []Request{{Text: ""}}})
	if err != nil {
		return err
	}
	g, err := Open(l)
	if err != nil {
		return err
	}
	defer g.Close()
	done := make(chan error, 1)
	go func() { done <- g.Idle() }()
	for {
		fmt.Fprintf(a.out, "clients: %d\r", a.conns)
		select {
		case err := <-done:
			return err
		case <-time.After(progressEvery):
		}
	}
}

func (a *app) runTests() error {
	plans, err := a.plans()
	if err != nil {
		return err
	}
	r := newReporter(a)
	r.begin()
	for {
		for _, next := range plans {
			p := next()
			o, err := a.measure(&a.target, &p, r)
			if err != nil {
				return err
			}
			r.tell(o)
		}
		r.end()
		if !a.loop {
			return nil
		}
	}
}

// plans are what to run, made when it is run: values are different in each round.
func (a *app) plans() ([]func() plan, error) {
	if len(a.args) > 0 {
		var last []byte
		if a.stdin {
			var err error
			if last, err = readAll(os.Stdin); err != nil {
				return nil, err
			}
		}
		p := a.planCommand(a.args, last)
		return []func() plan{func() plan { return p }}, nil
	}
	if a.ratio != nil {
		return a.mixPlans()
	}
	data := ""
	var plans []func() plan
	for i := range tests {
		if t := &tests[i]; t.in(a.tests) {
			first := len(plans) == 0
			plans = append(plans, func() plan {
				if first {
					data = a.filler.data(a.largest)
				}
				return a.planTest(t, data)
			})
		}
	}
	return plans, nil
}

func (a *app) mixPlans() ([]func() plan, error) {
	names := a.tests
	if names == nil {
		names = []string{"set", "get"}
	}
	if len(names) != len(a.ratio) {
		return nil, fmt.Errorf("--ratio has %d numbers, but -t names %d tests: each needs its own.", len(a.ratio), len(names))
	}
	var chosen []*test
	for _, name := range names {
		t := lastTest(name)
		if t == nil {
			return nil, fmt.Errorf("--ratio: there is no test %q.", name)
		}
		chosen = append(chosen, t)
	}
	return []func() plan{func() plan {
		data := a.filler.data(a.largest)
		var parts []plan
		for _, t := range chosen {
			parts = append(parts, a.planTest(t, data))
		}
		return a.planMix(parts)
	}}, nil
}

// readAll is never nil without an error.
func readAll(r io.Reader) ([]byte, error) {
	var b bytes.Buffer
	if _, err := b.ReadFrom(r); err != nil {
		return nil, fmt.Errorf("Reading from standard input: %w", err)
	}
	return append([]byte{}, b.Bytes()...), nil
}

// An outcome is what came of a plan.
type outcome struct {
	*plan
	*Tally
	target *target
}

// measure runs a plan on a server.
func (a *app) measure(t *target, p *plan, progress *reporter) (*outcome, error) {
	l, err := a.load(t, p)
	if err != nil {
		return nil, err
	}
	g, err := Open(l)
	if err != nil {
		return nil, err
	}
	defer g.Close()
	if a.warmup > 0 {
		g.Limit = 0
		if _, err := g.Drive(a.warmup); err != nil {
			return nil, err
		}
		g.Limit = l.Limit
	}
	stop := progress.follow(p, g)
	done, err := g.Drive(a.duration)
	stop()
	return &outcome{plan: p, Tally: done, target: t}, err
}
