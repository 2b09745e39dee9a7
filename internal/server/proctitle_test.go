package server

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/redstart-db/redstart/internal/testutil"
)

// commandLine is what ps shows of a process.
func commandLine(t *testing.T, s *testutil.Server) string {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", s.PID()))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(strings.TrimRight(string(b), "\x00"), "\x00", " ")
}

// Both servers have the same title for the same settings, but for the name of the program.
func TestTitleAgainstStock(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("titles are shown on Linux only")
	}
	title := func(s *testutil.Server) string {
		line := commandLine(t, s)
		line = strings.ReplaceAll(line, s.Addr[strings.Index(s.Addr, ":")+1:], "PORT")
		_, line, _ = strings.Cut(line, " ")
		return strings.ReplaceAll(line, s.Dir, "DIR")
	}
	start := func(args ...string) (stock, subject *testutil.Server) {
		return testutil.Stock(t, args...), testutil.Subject(t, args...)
	}
	stock, subject := start()
	if want, got := title(stock), title(subject); got != want || got != "127.0.0.1:PORT" {
		t.Errorf("title %q, stock %q", got, want)
	}
	all := "{title} |{listen-addr}|{server-mode}|{port}|{tls-port}|{unixsocket}|{config-file}"
	for _, template := range []string{all, all + strings.Repeat(" long", 20), "{title} short", "{title}   "} {
		stock.Dial(t).Must(t, "CONFIG", "SET", "proc-title-template", template)
		subject.Dial(t).Must(t, "CONFIG", "SET", "proc-title-template", template)
		if want, got := title(stock), title(subject); got != want {
			t.Errorf("%s: title %q, stock %q", template, got, want)
		}
	}
	if got := subject.Dial(t).Must(t, "INFO", "server").Text; !strings.Contains(got, fmt.Sprintf("tcp_port:%s", subject.Addr[strings.Index(subject.Addr, ":")+1:])) {
		t.Errorf("what the program knows of its arguments is gone: %s", got)
	}
	stock, subject = start("--set-proc-title", "no")
	if want, got := title(stock), title(subject); !strings.HasPrefix(want, "--port PORT") || !strings.Contains(got, "--port PORT") {
		t.Errorf("without a title %q, stock %q", got, want)
	}
}
