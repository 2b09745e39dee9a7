package server

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redstart-db/redstart/internal/testutil"
)

func TestSignalsEndTheServer(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		dir := t.TempDir()
		sock, pid := filepath.Join(dir, "s"), filepath.Join(dir, "pid")
		s := testutil.Subject(t, "--unixsocket", sock, "--pidfile", pid)
		c := s.Dial(t)
		if b, err := os.ReadFile(pid); err != nil || strings.TrimSpace(string(b)) != strconv.Itoa(s.PID()) {
			t.Errorf("pid file: %q, %v", b, err)
		}
		syscall.Kill(s.PID(), sig)
		if err := s.AwaitExit(); err != nil {
			t.Errorf("%v: %v\n%s", sig, err, s.Log())
		}
		if _, err := c.ReadToEOF(); err != nil {
			t.Errorf("the client's connection is not closed: %v", err)
		}
		for _, path := range []string{sock, pid} {
			if _, err := os.Lstat(path); err == nil {
				t.Errorf("%s is left behind", path)
			}
		}
		if !strings.Contains(s.Log(), "ready to exit, bye bye") {
			t.Errorf("log:\n%s", s.Log())
		}
	}
}

// While the end waits for a command, a SIGINT does not wait.
func TestSecondSignalForces(t *testing.T) {
	pid := filepath.Join(t.TempDir(), "pid")
	s := testutil.Subject(t, "--pidfile", pid)
	s.ExpectExit()
	if err := s.Dial(t).Send("DEBUG", "SLEEP", "1000"); err != nil {
		t.Fatal(err)
	}
	for answers := true; answers; { // it sleeps when nobody gets an answer
		c := s.Dial(t)
		if err := c.Send("GET", "x"); err != nil {
			t.Fatal(err)
		}
		c.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
		_, err := c.Read(make([]byte, 1))
		answers = err == nil
	}
	for _, step := range []struct {
		sig    syscall.Signal
		phrase string
	}{{syscall.SIGTERM, "scheduling shutdown"}, {syscall.SIGTERM, "scheduling shutdown"}, {syscall.SIGINT, "You insist"}} {
		syscall.Kill(s.PID(), step.sig)
		for range 200 {
			time.Sleep(50 * time.Millisecond) // there is nothing to wait for but a line of a file
			if strings.Contains(s.Log(), step.phrase) {
				break
			}
		}
	}
	var exit *exec.ExitError
	if err := s.AwaitExit(); !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Errorf("%v\n%s", err, s.Log())
	}
	if _, err := os.Lstat(pid); err == nil {
		t.Error("the pid file is left behind")
	}
}

func TestShutdownCommand(t *testing.T) {
	stock, subject := testutil.Stock(t), testutil.Subject(t)
	a, b := stock.Dial(t), subject.Dial(t)
	for _, words := range [][]string{{"SHUTDOWN", "x"}, {"SHUTDOWN", "SAVE", "NOSAVE"}, {"SHUTDOWN", "ABORT"},
		{"SHUTDOWN", "ABORT", "NOW"}, {"shutdown", "abort", "abort"}} {
		if want, got := a.Must(t, words...), b.Must(t, words...); string(want.Raw) != string(got.Raw) {
			t.Errorf("%q: %q, stock %q", words, got.Raw, want.Raw)
		}
	}
	if got := b.Must(t, "SHUTDOWN", "SAVE"); got.Kind != '-' {
		t.Errorf("SHUTDOWN SAVE: %q", got.Raw)
	}
	subject.ExpectExit()
	if err := b.Send("SHUTDOWN", "NOSAVE", "NOW", "FORCE"); err != nil {
		t.Fatal(err)
	}
	if rest, err := b.ReadToEOF(); err != nil || len(rest) != 0 {
		t.Errorf("answered %q, %v", rest, err)
	}
	if err := subject.AwaitExit(); err != nil {
		t.Error(err)
	}
}

// A killed server leaves its socket file, which is not in the way of the next;
// the socket of a living one is.
func TestUnixSocketAfterKill(t *testing.T) {
	sock := filepath.Join(t.TempDir(), "s")
	s := testutil.Subject(t, "--unixsocket", sock, "--unixsocketperm", "700")
	if info, err := os.Stat(sock); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("socket file: %v, %v", info, err)
	}
	got := startUp(t, testutil.Binary(t), t.TempDir(), "", []string{"--port", "0", "--unixsocket", sock})
	if got.status != 1 || got.keyLines() != "Failed opening Unix socket: bind: Address already in use" {
		t.Errorf("a second server: status %d, %s", got.status, got.keyLines())
	}
	s.Kill()
	if _, err := os.Lstat(sock); err != nil {
		t.Fatal("kill -9 leaves no socket file: this test shows nothing")
	}
	testutil.Subject(t, "--unixsocket", sock)
	c, err := net.Dial("unix", sock)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprint(c, "PING\r\n")
	if line, err := bufio.NewReader(c).ReadString('\n'); line != "+PONG\r\n" {
		t.Errorf("over the unix socket: %q, %v", line, err)
	}
}

// unixServer is the line of a server that nobody else will meet, and how to talk to it.
func askUnix(t *testing.T, sock, command string) string {
	t.Helper()
	for range 500 {
		if c, err := net.Dial("unix", sock); err == nil {
			defer c.Close()
			c.SetDeadline(time.Now().Add(10 * time.Second))
			fmt.Fprint(c, command+"\r\n")
			line, _ := bufio.NewReader(c).ReadString('\n')
			return line
		}
		time.Sleep(10 * time.Millisecond) // the process in the background tells nobody when it is ready
	}
	t.Fatalf("nobody listens on %s", sock)
	return ""
}

func TestDaemonize(t *testing.T) {
	dir := t.TempDir()
	sock, pidFile, log := filepath.Join(dir, "s"), filepath.Join(dir, "pid"), filepath.Join(dir, "log")
	conf := "port 0\ndaemonize yes\nunixsocket " + sock + "\npidfile " + pidFile + "\nlogfile " + log + "\ndir /\n"
	if err := os.WriteFile(filepath.Join(dir, "x.conf"), []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	// The relative name has to be found again although dir leads elsewhere, and standard input read a second time.
	got := startUp(t, testutil.Binary(t), dir, "timeout 77\n", []string{"x.conf", "--hz", "33", "-"})
	if got.status != 0 {
		t.Fatalf("status %d: %s", got.status, got.output)
	}
	if line := askUnix(t, sock, "PING"); line != "+PONG\r\n" {
		t.Errorf("PING: %q", line)
	}
	c, err := net.Dial("unix", sock)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	r := bufio.NewReader(c)
	for name, want := range map[string]string{"timeout": "77", "hz": "33", "dir": "/", "daemonize": "yes"} {
		fmt.Fprintf(c, "CONFIG GET %s\r\n", name)
		if reply, err := testutil.ReadReply(r); err != nil || len(reply.Elem) != 2 || reply.Elem[1].Text != want {
			t.Errorf("%s is %q, %v", name, reply.Raw, err)
		}
	}
	pid := readPid(t, pidFile)
	if pid <= 1 || pid == os.Getpid() {
		t.Fatalf("pid %d", pid)
	}
	syscall.Kill(pid, syscall.SIGTERM)
	if _, err := r.ReadByte(); err == nil {
		t.Error("the connection is open after SIGTERM")
	}
	for range 500 {
		if _, err := os.Stat(pidFile); err != nil {
			return
		}
		time.Sleep(10 * time.Millisecond) // it is nobody's child any more, so there is nothing to wait for
	}
	t.Error("the pid file is left behind")
}

func readPid(t *testing.T, path string) int {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// systemd is told when the server is ready and when it stops.
func TestSupervisedBySystemd(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "notify")
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	l.SetReadDeadline(time.Now().Add(10 * time.Second))
	cmd := exec.Command(testutil.Binary(t), "--port", "0", "--unixsocket", filepath.Join(dir, "s"), "--supervised", "auto",
		"--daemonize", "yes") // which a supervised server ignores
	cmd.Env = append(os.Environ(), "NOTIFY_SOCKET="+path)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	await := func(want string) {
		t.Helper()
		buf := make([]byte, 1000)
		for {
			n, err := l.Read(buf)
			if err != nil {
				t.Fatalf("%s: %v", want, err)
			}
			if strings.Contains(string(buf[:n]), want) {
				return
			}
		}
	}
	await("READY=1")
	cmd.Process.Signal(syscall.SIGTERM)
	await("STOPPING=1")
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// Too few files lower maxclients, or end the start.
func TestFewFiles(t *testing.T) {
	dir := t.TempDir()
	limited := func(files string, args ...string) *exec.Cmd {
		script := "ulimit -n " + files + ` && exec "$@"`
		return exec.Command("setpriv", append([]string{"--bounding-set", "-sys_resource", "--inh-caps", "-sys_resource",
			"sh", "-c", script, "sh", testutil.Binary(t)}, args...)...)
	}
	if _, err := exec.LookPath("setpriv"); err != nil {
		testutil.Missing(t, "setpriv (Debian package util-linux), to take the right to raise limits away")
	}
	out, err := limited("20", "--port", "0", "--unixsocket", filepath.Join(dir, "a")).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "Your current 'ulimit -n' of 20 is not enough for the server to start.") {
		t.Errorf("20 files: %v\n%s", err, out)
	}
	cmd := limited("100", "--port", "0", "--unixsocket", filepath.Join(dir, "b"), "--maxclients", "500",
		"--logfile", filepath.Join(dir, "log"))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Signal(syscall.SIGTERM)
	if line := askUnix(t, filepath.Join(dir, "b"), "PING"); line != "+PONG\r\n" {
		t.Errorf("PING: %q", line)
	}
	b, _ := os.ReadFile(filepath.Join(dir, "log"))
	if !strings.Contains(string(b), "Current maximum open files is 100. maxclients has been reduced to 68") {
		t.Errorf("log:\n%s", b)
	}
}
