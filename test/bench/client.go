//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"time"

	"github.com/redstart-db/redstart/internal/benchmark"
)

// compareClients shows how much load a second of client CPU makes: ours against
// redis-benchmark, the same requests to the same stock server, in turn.
func compareClients(o *options) error {
	s, err := startServer(o.stock, o.port)
	if err != nil {
		return err
	}
	defer s.stop()
	if err := fillStrings(s); err != nil {
		return err
	}
	rows := [][]string{{"requests, P=16, 50 clients", "redis-benchmark per client CPU s", "ours", "ratio", "redis-benchmark requests/s", "ours"}}
	for _, c := range []struct {
		name    string
		request request
	}{{"set", set}, {"get", get}} {
		var theirs, ours, theirRate, ourRate []float64
		for range o.pairs {
			perCPU, rate, err := runRedisBenchmark(o, c.name)
			if err != nil {
				return err
			}
			theirs, theirRate = append(theirs, perCPU), append(theirRate, rate)
			t := &trial{server: s, duration: o.duration}
			f, _, err := t.measure(load{Requests: []request{c.request}, Conns: 50, Depth: 16})
			if err != nil {
				return err
			}
			ours, ourRate = append(ours, 1e9/f["client"]), append(ourRate, f["rps"])
		}
		rows = append(rows, []string{c.name, perSecond.Text(benchmark.Median(theirs)), perSecond.Text(benchmark.Median(ours)),
			fmt.Sprintf("x%.2f", benchmark.Median(ours)/benchmark.Median(theirs)), perSecond.Text(benchmark.Median(theirRate)), perSecond.Text(benchmark.Median(ourRate))})
	}
	benchmark.WriteTable(os.Stdout, rows)
	return nil
}

// runRedisBenchmark returns requests per second of client CPU and of time.
func runRedisBenchmark(o *options, test string) (perCPU, rate float64, err error) {
	n := int(o.duration.Seconds() * 700_000)
	cmd := exec.Command(o.benchmark, "-p", strconv.Itoa(o.port), "-t", test, "-P", "16", "-c", "50",
		"-r", strconv.Itoa(million), "-d", "64", "-n", strconv.Itoa(n), "-q")
	began := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		return 0, 0, fmt.Errorf("%s: %w\n%s", o.benchmark, err, out)
	}
	cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return float64(n) / cpu.Seconds(), float64(n) / time.Since(began).Seconds(), nil
}
