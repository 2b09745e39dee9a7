package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/redstart-db/redstart/internal/testutil"
)

var digits = regexp.MustCompile(`[0-9]+`)

// Ctrl-C in the middle of a walk ends it as with stock: with the summary so far, and well.
func TestInterruptAsStock(t *testing.T) {
	port, ours, stock := fakeServer(t), ours(t), stock(t)
	for _, mode := range []string{"--bigkeys", "--memkeys", "--hotkeys", "--scan"} {
		args := []string{"-p", port, mode, "-i", "0.01"}
		got, want := interrupted(t, ours, args...), interrupted(t, stock, args...)
		if got != want {
			t.Errorf("%s\n%s\nwant\n%s", mode, got, want)
		}
	}
	got := interrupted(t, ours, "-p", port, "--keystats", "-i", "0.01")
	for _, part := range []string{"Keys sampled: N", "--- Top N key sizes ---", "--keystats --cursor N goes on", "exit status 0"} {
		if !strings.Contains(got, part) {
			t.Errorf("--keystats: no %q in %s", part, got)
		}
	}
}

// interrupted is what a program shows that is stopped when the server has got to know it well; figures are N, and no line comes twice.
func interrupted(t *testing.T, program string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		select {
		case <-scanned:
		case <-ctx.Done():
			t.Fatalf("%v does not scan", args)
		}
	}
	cmd.Process.Signal(os.Interrupt)
	cmd.Wait()
	var lines []string
	for line := range strings.Lines(digits.ReplaceAllString(out.String(), "N")) {
		if !slices.Contains(lines, line) { // how often the keys come depends on the time there was
			lines = append(lines, line)
		}
	}
	return fmt.Sprintf("%sexit status %d", strings.Join(lines, ""), cmd.ProcessState.ExitCode())
}

// What only measures begins as it should, and ends of the signal, as stock does.
func TestMeasuringUntilInterrupt(t *testing.T) {
	ours, s := ours(t), testutil.Stock(t)
	for args, want := range map[string]string{
		"--latency-history -i 0.05":                                        `\d+ \d+ \d+\.\d\d 1\n`,
		"--latency-history -i 0.05 --no-raw --latency-percentiles 50,99.9": "\x1b\\[0G\x1b\\[2K" + `min: \d+\.\d{3}, max: \d+\.\d{3}, avg: \d+\.\d{3} \(1 samples\), p50: \d+\.\d{3}, p99\.9: \d+\.\d{3}`,
		"--stat -i 0.01":         "------- data ------",
		"--lru-test 100":         `\d+ Gets/sec \| Hits: \d+ \(\d+\.\d\d%\) \| Misses: \d+ \(\d+\.\d\d%\)\n`,
		"--latency-dist -i 0.05": "-----", "--latency-dist --mono -i 0.05": "-----",
	} {
		first, state := begin(t, ours, len("-----"), append([]string{"-p", port(s)}, strings.Fields(args)...)...)
		if !regexp.MustCompile("^" + want).MatchString(first) {
			t.Errorf("%s: %q", args, first)
		}
		if status, ok := state.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGINT {
			t.Errorf("%s: %v", args, state)
		}
	}
}

// The legend of the spectrum is that of stock, and the lines have all of its characters.
func TestSpectrumAsStock(t *testing.T) {
	ours, stock, s := ours(t), stock(t), testutil.Stock(t)
	for _, palette := range []string{"", "--mono"} {
		args := append([]string{"-p", port(s), "--latency-dist", "-i", "0.05"}, strings.Fields(palette)...)
		got, _ := begin(t, ours, 900, args...)
		want, _ := begin(t, stock, 900, args...)
		colour := regexp.MustCompile(`48;5;\d+m`)
		got3, want3 := strings.SplitN(got, "\x1b[0m\n", 3), strings.SplitN(want, "\x1b[0m\n", 3) // legend, first line, more
		if got3[0] != want3[0] || colour.ReplaceAllString(got3[1], "") != colour.ReplaceAllString(want3[1], "") {
			t.Errorf("%s\n%q\nwant\n%q", palette, got, want)
		}
	}
}

// begin is what a program that does not end shows at first, at least so many bytes of it, and how it ends when it is interrupted.
func begin(t *testing.T, program string, least int, args ...string) (string, *os.ProcessState) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	first := make([]byte, 64<<10)
	n, err := io.ReadAtLeast(out, first, least)
	if err != nil {
		t.Errorf("%v: %q, %v", args, first[:n], err)
	}
	cmd.Process.Signal(os.Interrupt)
	cmd.Wait()
	return string(first[:n]), cmd.ProcessState
}
