//go:build linux

package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/redstart-db/redstart/internal/benchmark"
)

const keptReport = "docs/benchmarks.md"

type options struct {
	stock, ours  string
	port         int
	run          string
	pairs        int
	duration     time.Duration
	quick        bool
	out          string
	client       bool
	benchmark    string
	stockVersion string
}

// The main goroutine stays on the main thread: it starts the servers, which die
// with that thread, and it drives the loads.
func init() { runtime.LockOSThread() }

func main() {
	if err := bench(parseFlags()); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func parseFlags() *options {
	o := &options{}
	flag.StringVar(&o.stock, "stock", "/usr/bin/redis-server", "the server to compare with")
	flag.StringVar(&o.ours, "ours", "bin/redstart", "the server to measure")
	flag.IntVar(&o.port, "port", 17500, "port of the stock server; ours gets the next")
	flag.StringVar(&o.run, "run", "all", "works to run: "+strings.Join(workNames(), ","))
	flag.IntVar(&o.pairs, "pairs", 9, "pairs of runs for each work; those that start servers and wait take at most 3 or 5")
	flag.DurationVar(&o.duration, "time", 2*time.Second, "length of a run under load")
	flag.BoolVar(&o.quick, "quick", false, "2 pairs, 1 s each")
	flag.StringVar(&o.out, "out", "", "where the report goes (default "+keptReport+" after a complete run, else nowhere)")
	flag.BoolVar(&o.client, "client", false, "compare our load generator with redis-benchmark on the stock server, nothing else")
	flag.StringVar(&o.benchmark, "redis-benchmark", "/usr/bin/redis-benchmark", "the program -client compares with")
	flag.Parse()
	if o.quick {
		o.pairs, o.duration = 2, time.Second
	}
	if o.out == "" && o.run == "all" && !o.quick {
		o.out = keptReport
	}
	return o
}

func workNames() []string {
	var names []string
	for _, w := range works {
		names = append(names, w.name)
	}
	return names
}

func bench(o *options) error {
	runtime.GOMAXPROCS(max(2, runtime.NumCPU())) // the load keeps one to itself
	if err := prepareRunning(); err != nil {
		return err
	}
	defer stopAll()
	version, err := exec.Command(o.stock, "--version").Output()
	if err != nil {
		return fmt.Errorf("%s: %w", o.stock, err)
	}
	o.stockVersion = strings.TrimSpace(string(version))
	if o.client {
		return compareClients(o)
	}
	chosen, err := chooseWorks(o.run)
	if err != nil {
		return err
	}
	return runWorks(o, chosen)
}

// prepareRunning also makes an interrupt take the servers along.
func prepareRunning() (err error) {
	running.servers = map[*server]bool{}
	if running.dir, err = os.MkdirTemp("", "bench"); err != nil {
		return err
	}
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		<-interrupted
		stopAll()
		os.Exit(130)
	}()
	return nil
}

func chooseWorks(names string) ([]*work, error) {
	if names == "all" {
		return works, nil
	}
	var chosen []*work
	for name := range strings.SplitSeq(names, ",") {
		found := false
		for _, w := range works {
			if w.name == name {
				chosen, found = append(chosen, w), true
			}
		}
		if !found {
			return nil, fmt.Errorf("no work %q; there are %s", name, strings.Join(workNames(), ", "))
		}
	}
	return chosen, nil
}

// runWorks goes on after a work that failed, and says so at the end.
func runWorks(o *options, chosen []*work) error {
	var results []*result
	var failed error
	for _, w := range chosen {
		fmt.Fprintf(os.Stderr, "%s ", w.name)
		r := &result{work: w}
		r.err = runPairs(o, r)
		if r.err != nil {
			failed = fmt.Errorf("%s: %w", w.name, r.err)
		}
		fmt.Fprintln(os.Stderr)
		benchmark.WriteTable(os.Stderr, table([]*result{r})) // an interrupted run has shown something
		results = append(results, r)
	}
	benchmark.WriteTable(os.Stdout, table(results))
	if o.out != "" && failed == nil {
		failed = keep(o, results)
	}
	return failed
}

func keep(o *options, results []*result) error {
	f, err := os.Create(o.out)
	if err != nil {
		return err
	}
	writeReport(f, o, results)
	return f.Close()
}

// pairsOf is fewer for works that start servers, wait, and vary little.
func (o *options) pairsOf(w *work) int {
	if w.pairs == 0 {
		return o.pairs
	}
	return min(w.pairs, o.pairs)
}

func runPairs(o *options, r *result) error {
	stock := stage{binary: o.stock, port: o.port, work: r.work}
	ours := stage{binary: o.ours, port: o.port + 1, work: r.work, ours: true}
	defer stock.close()
	defer ours.close()
	for n := range o.pairsOf(r.work) {
		var p pair
		var err error
		if p.Base, err = stock.run(o, n); err != nil {
			return fmt.Errorf("stock: %w", err)
		}
		if p.Other, err = ours.run(o, n); err != nil {
			return fmt.Errorf("ours: %w", err)
		}
		r.pairs = append(r.pairs, p)
		fmt.Fprint(os.Stderr, ".")
	}
	return nil
}

// A stage provides the servers of one kind for a work: one for all its runs if
// it has a prepare step, else one for each.
type stage struct {
	binary string
	port   int
	work   *work
	ours   bool
	server *server
}

func (s *stage) run(o *options, n int) (figures, error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	if s.work.prepare == nil {
		defer s.close()
	}
	t := &trial{server: s.server, ours: s.ours, duration: o.duration, accesses: 3_000_000, pair: n}
	if o.quick {
		t.accesses = 600_000
	}
	return s.work.run(t)
}

func (s *stage) open() (err error) {
	if s.server != nil {
		return nil
	}
	if s.server, err = startServer(s.binary, s.port); err != nil {
		return err
	}
	if s.work.prepare != nil {
		err = s.work.prepare(s.server)
	}
	return err
}

func (s *stage) close() {
	if s.server != nil {
		s.server.stop()
		s.server = nil
	}
}
