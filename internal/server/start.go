package server

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/redstart-db/redstart/internal/acl"
	"github.com/redstart-db/redstart/internal/config"
)

// Main runs the server until it is told to end, and returns the exit status
// of the program. args are the words after the program's name.
func Main(args []string) int {
	if done, status := answer(args); done {
		return status
	}
	detachArgs()
	setCollector()
	s := newServer(settings)
	p, err := s.configure(parseArgs(args), os.Stdin)
	if err != nil {
		return s.refuse(err)
	}
	if background := s.yes("daemonize") && !p.daemon && !s.supervised(); background {
		return s.background(p)
	}
	s.showTitle()
	if err := s.run(p); err != nil {
		if text := err.Error(); text != "" {
			s.warn("%s", text)
		}
		return 1
	}
	return 0
}

// setCollector chooses how much garbage may pile up; the package comment says why.
func setCollector() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50)
	}
}

// answer deals with the arguments that ask for a text instead of a server.
func answer(args []string) (done bool, status int) {
	if len(args) == 0 {
		return false, 0
	}
	switch first := args[0]; {
	case len(args) == 1 && (first == "-v" || first == "--version"):
		fmt.Println(versionLine())
		return true, 0
	case len(args) == 1 && (first == "-h" || first == "--help"):
		fmt.Fprint(os.Stderr, usage)
		return true, 1
	case first == "--test-memory":
		fmt.Fprintln(os.Stderr, "redstart does not test memory; use memtest86 or memtester, which reach all of it.")
		return true, 1
	case len(args) == 1 && first == "--check-system":
		fmt.Fprintln(os.Stderr, "redstart has no system check: it forks nothing, so overcommit and huge pages need no setting.")
		return true, 1
	}
	return false, 0
}

// versionLine has the form that scripts take the version of a Redis server from.
func versionLine() string {
	return fmt.Sprintf("Redis server v=%s sha=00000000:0 malloc=%s bits=%d build=%s redstart=%s",
		RedisVersion, allocatorName, 32<<(^uint(0)>>63), runtime.Version(), Version)
}

const usage = `Usage: redstart [server] [/path/to/redis.conf] [--directive value ...] [-]

  A directive on the command line has precedence over the file. A lone - as
  the first or last word reads configuration from standard input as well.

  -v, --version   the version
  -h, --help      this text

Examples:
  redstart                                        defaults, port 6379
  redstart /etc/redis/redis.conf --loglevel verbose
  redstart --port 7777 --save 900 1 300 10 --bind 127.0.0.1 ::1
  echo 'maxmemory 128mb' | redstart -
`

// A plan is what was read before the start.
type plan struct {
	renames map[string]string // by lower-case name
	modules []string
	users   []acl.Declaration // the user lines
	rules   *acl.Users        // what they are tried on
	stdin   string            // what was read, for the process that takes over
	dir     string            // the working directory at the beginning
	daemon  bool              // this is the process in the background
}

// daemonMark is the variable that tells the process in the background that it is.
const daemonMark = "REDSTART_IN_BACKGROUND"

// configure fills the store.
func (s *Server) configure(l launch, stdin io.Reader) (*plan, error) {
	p := &plan{renames: map[string]string{}, daemon: os.Getenv(daemonMark) != ""}
	os.Unsetenv(daemonMark)
	var err error
	if p.dir, err = os.Getwd(); err != nil {
		return nil, err
	}
	s.conf.Put("dir", config.Value{Text: p.dir})
	if l.file != "" {
		if s.configFile, err = filepath.Abs(l.file); err != nil {
			return nil, err
		}
	}
	if l.stdin {
		text, err := io.ReadAll(stdin)
		if err != nil {
			return nil, err
		}
		p.stdin = string(text)
	}
	loader := &config.Loader{Store: s.conf, Keywords: s.keywords(p), Set: s.loaded}
	if err := loader.LoadFile(s.configFile, p.stdin+"\n"+l.lines); err != nil {
		return nil, err
	}
	return p, s.checkTogether()
}

// checkTogether looks at what single lines cannot show.
func (s *Server) checkTogether() error {
	if path := s.text("logfile"); path != "" {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
		if err != nil {
			return fmt.Errorf("Can't open the log file: %s", config.Reason(err))
		}
		f.Close()
	}
	switch {
	case s.yes("cluster-enabled") && s.text("replicaof") != "":
		return errors.New("replicaof directive not allowed in cluster mode")
	}
	return nil
}

// loaded is called after a line set a directive.
func (s *Server) loaded(d *config.Directive) error {
	switch d.Name {
	case "dir":
		return s.changeDir()
	case "io-threads":
		s.loopsSet = true
	case "hz":
		return applyHz(s)
	}
	return nil
}

// changeDir goes to dir and keeps its absolute path.
func (s *Server) changeDir() error {
	if err := os.Chdir(s.text("dir")); err != nil {
		return errors.New(config.Reason(err))
	}
	path, err := os.Getwd()
	if err == nil {
		s.conf.Put("dir", config.Value{Text: path})
	}
	return err
}

// keywordNames may begin a line without being a setting. CONFIG REWRITE keeps their lines.
var keywordNames = []string{"include", "rename-command", "user", "loadmodule"}

func (s *Server) keywords(p *plan) map[string]func([]string) error {
	ignored := func(words []string) error { // directives of old versions that Redis reads and forgets
		if len(words) != 2 {
			return config.ErrBadDirective
		}
		return nil
	}
	return map[string]func([]string) error{
		"rename-command":           func(w []string) error { return s.rename(p, w) },
		"user":                     func(w []string) error { return s.declareUser(p, w) },
		"loadmodule":               func(w []string) error { return queueModule(p, w) },
		"list-max-ziplist-entries": ignored,
		"list-max-ziplist-value":   ignored,
		"lua-replicate-commands":   ignored,
		"sentinel": func(w []string) error {
			if len(w) == 1 {
				return errors.New("sentinel mode is not supported yet")
			}
			return errors.New("sentinel directive while not in sentinel mode")
		},
	}
}

// rename notes that a command gets another name. Later lines see the names that earlier ones gave.
func (s *Server) rename(p *plan, words []string) error {
	if len(words) != 3 {
		return config.ErrBadDirective
	}
	from, to := strings.ToLower(words[1]), strings.ToLower(words[2])
	original := ""
	for _, family := range s.families() {
		for _, spec := range family {
			name := spec.Name
			if other, ok := p.renames[spec.Name]; ok {
				name = other
			}
			if name == from {
				original = spec.Name
			} else if name == to && to != "" {
				return errRenameTaken
			}
		}
	}
	if original == "" || from == "" {
		return errRenameUnknown
	}
	p.renames[original] = to
	return nil
}

func queueModule(p *plan, words []string) error {
	if len(words) < 2 {
		return config.ErrBadDirective
	}
	p.modules = append(p.modules, words[1])
	return nil
}

// refuse reports a configuration that cannot be used.
func (s *Server) refuse(err error) int {
	var file *config.FileError
	if errors.As(err, &file) {
		s.openLog('C')
		s.warn("%v", file)
		return 1
	}
	fmt.Fprintf(os.Stderr, "\n*** FATAL CONFIG FILE ERROR (Redis %s) ***\n%v\n", RedisVersion, err)
	return 1
}

// run is the life of the server from a filled store to the end. Its error is
// the line for the log; an empty one was logged already.
func (s *Server) run(p *plan) error {
	s.openLog('C')
	s.banner()
	s.openLog('M')
	s.superviseStart()
	if err := s.prepareSystem(); err != nil {
		return err
	}
	if err := s.openListeners(); err != nil {
		return err
	}
	defer s.removeFiles()
	if err := s.build(p.renames); err != nil {
		return err
	}
	defer s.ks.Close()
	if err := s.applyAll(); err != nil {
		return err
	}
	if err := s.loadUsers(p.users); err != nil {
		return err
	}
	if err := s.writePidFile(); err != nil {
		s.warn("Failed to write PID file: %s", config.Reason(err))
	}
	s.startNote()
	s.warn("Server initialized")
	s.warnings()
	for _, m := range p.modules {
		s.warn("Module %s failed to load: redstart does not load modules", m)
		return fmt.Errorf("Can't load module from %s: server aborting", m)
	}
	return s.serve()
}

// banner says who starts.
func (s *Server) banner() {
	s.warn("oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo")
	s.warn("Redis version=%s, bits=64, commit=00000000, modified=0, pid=%d, just started (Redstart %s, %s)",
		RedisVersion, os.Getpid(), Version, runtime.Version())
	if s.configFile == "" && len(os.Args) <= 1 {
		s.warn("Warning: no config file specified, using the default config. In order to specify a config file use "+
			"%s /path/to/redis.conf", os.Args[0])
	} else {
		s.warn("Configuration loaded")
	}
}

// serve accepts clients until a shutdown is asked for.
func (s *Server) serve() error {
	stopSampling := s.sampleMemory()
	defer stopSampling()
	s.handleSignals()
	if err := s.serveListeners(); err != nil {
		return err
	}
	s.announceReady()
	return s.waitForStop()
}

// announceReady logs what tools wait for.
func (s *Server) announceReady() {
	if s.num("port") != 0 {
		s.notice("Ready to accept connections tcp")
	}
	if s.num("tls-port") != 0 {
		s.notice("Ready to accept connections tls")
	}
	if s.unixPath != "" {
		s.notice("Ready to accept connections unix")
	}
	s.serving.Store(true)
	s.superviseReady()
	s.logf(levelDebug)("Start took %v", time.Since(s.started))
}

// warnings say, once, what may surprise: settings that ask for something
// which is not there yet.
func (s *Server) warnings() {
	for _, w := range []struct {
		asked bool
		what  string
	}{
		{s.yes("appendonly"), "appendonly: nothing is written to disk yet"},
		{s.text("replicaof") != "", "replicaof: replication does not exist yet; this is a master"},
		{s.yes("cluster-enabled"), "cluster-enabled: cluster mode does not exist yet; this is a standalone server"},
	} {
		if w.asked {
			s.warn("WARNING %s (see docs/differences.md)", w.what)
		}
	}
}
