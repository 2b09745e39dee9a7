package cli

import (
	"bytes"
	"context"
	"fmt"
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

// What only measures ends of the signal, as stock does.
func TestInterruptEndsMeasurements(t *testing.T) {
	ours, s := ours(t), testutil.Stock(t)
	for _, args := range []string{"--latency-history -i 0.05", "--stat -i 0.01", "--latency-dist -i 0.05", "--lru-test 100"} {
		cmd := exec.Command(ours, append([]string{"-p", port(s)}, strings.Fields(args)...)...)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := out.Read(make([]byte, 1)); err != nil {
			t.Errorf("%s: %v", args, err)
		}
		cmd.Process.Signal(os.Interrupt)
		cmd.Wait()
		if state, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || state.Signal() != syscall.SIGINT {
			t.Errorf("%s: %v", args, cmd.ProcessState)
		}
	}
}
