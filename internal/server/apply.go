package server

import (
	"errors"
	"os"
	"runtime/debug"
	"strconv"
	"sync/atomic"

	"github.com/redstart-db/redstart/internal/config"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/session"
)

// applyAll runs the hooks of all settings, before anything listens.
func (s *Server) applyAll() error {
	for i := range settings {
		if apply := settings[i].apply; apply != nil {
			if err := apply(s); err != nil {
				return err
			}
		}
	}
	s.running = true
	return nil
}

// apply is the hook of a directive that CONFIG SET changed.
func (s *Server) apply(d *config.Directive) error {
	if d.Name == "dir" { // at start the loader goes there, line by line
		return s.changeDir()
	}
	f := s.hooks[d]
	if f == nil {
		return nil
	}
	err := f(s)
	if err != nil {
		s.warn("Failed applying new configuration. Possibly related to new %s setting. Restoring previous settings.", d.Name)
	}
	return err
}

func applyProtectedMode(s *Server) error {
	s.live.ProtectedMode.Store(s.yes("protected-mode"))
	return nil
}

func applyTimeout(s *Server) error {
	s.live.Timeout.Store(s.num("timeout"))
	return nil
}

func applyKeepAlive(s *Server) error {
	s.live.TCPKeepAlive.Store(s.num("tcp-keepalive"))
	return nil
}

func applyLatencyTracking(s *Server) error {
	s.live.LatencyTracking.Store(s.yes("latency-tracking"))
	return nil
}

func applyLatencyThreshold(s *Server) error {
	s.ks.Latency.SetThreshold(s.num("latency-monitor-threshold"))
	return nil
}

func applyCommandLogs(s *Server) error {
	s.hub.SetLog(session.LogSlow, s.num("slowlog-log-slower-than"), s.num("slowlog-max-len"))
	s.hub.SetLog(session.LogLargeRequest, s.num("commandlog-request-larger-than"), s.num("commandlog-large-request-max-len"))
	s.hub.SetLog(session.LogLargeReply, s.num("commandlog-reply-larger-than"), s.num("commandlog-large-reply-max-len"))
	return nil
}

func applyTrackingKeys(s *Server) error {
	s.live.TrackingMaxKeys.Store(s.num("tracking-table-max-keys"))
	s.hub.TrimTracking()
	return nil
}

func applyQueryLimit(s *Server) error {
	s.live.QueryBufferLimit.Store(s.num("client-query-buffer-limit"))
	return nil
}

func applyBulkLimit(s *Server) error {
	s.live.ProtoMaxBulkLen.Store(min(s.num("proto-max-bulk-len"), keyspace.MaxString))
	return nil
}

// applyLazyExpire decides between DEL and UNLINK in what is journalled of an
// expiry; the memory is reclaimed in the background either way.
func applyLazyExpire(s *Server) error {
	s.lazyExpire.Store(s.yes("lazyfree-lazy-expire"))
	return nil
}

func applyLogLevel(s *Server) error {
	s.level.Set(levels[s.num("loglevel")])
	return nil
}

// applyCrashLog makes the Go runtime write the report of a crash into the log
// file as well as to standard error, which nobody sees of a daemon.
func applyCrashLog(s *Server) error {
	path := s.text("logfile")
	if path == "" {
		return nil
	}
	if !s.yes("crash-log-enabled") {
		return debug.SetCrashOutput(nil, debug.CrashOptions{})
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer f.Close() // the runtime keeps a duplicate
	return debug.SetCrashOutput(f, debug.CrashOptions{})
}

// applyOutputLimits hands client-output-buffer-limit, four words a class, to the session.
func applyOutputLimits(s *Server) error {
	words := s.conf.Value("client-output-buffer-limit").Words
	for class := session.ClassNormal; class <= session.ClassPubSub; class++ {
		limit := &s.live.OutputLimits[class]
		w := words[4*class+1:]
		limit.Hard.Store(atoi(w[0]))
		limit.Soft.Store(atoi(w[1]))
		limit.SoftSeconds.Store(atoi(w[2]))
	}
	return nil
}

// atoi reads a number that its type has checked.
func atoi(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64)
	return n
}

// policies are the engine's by the number of maxmemory-policy.
var policies = [...]keyspace.Policy{keyspace.VolatileLRU, keyspace.VolatileLFU, keyspace.VolatileRandom,
	keyspace.VolatileTTL, keyspace.AllKeysLRU, keyspace.AllKeysLFU, keyspace.AllKeysRandom, keyspace.NoEviction}

func applyEviction(s *Server) error {
	e := &s.ks.Settings
	e.Policy.Store(int32(policies[s.num("maxmemory-policy")]))
	e.Samples.Store(int32(s.num("maxmemory-samples")))
	e.Tenacity.Store(int32(s.num("maxmemory-eviction-tenacity")))
	e.LFULogFactor.Store(int32(s.num("lfu-log-factor")))
	e.LFUDecayTime.Store(int32(s.num("lfu-decay-time")))
	return nil
}

// applyLimits tells collections up to where they stay packed.
func applyLimits(s *Server) error {
	l := &s.ks.Settings.Limits
	for _, limit := range []struct {
		live *atomic.Int64
		name string
	}{
		{&l.HashEntries, "hash-max-listpack-entries"},
		{&l.HashValue, "hash-max-listpack-value"},
		{&l.ListSize, "list-max-listpack-size"},
		{&l.SetIntSet, "set-max-intset-entries"},
		{&l.SetEntries, "set-max-listpack-entries"},
		{&l.SetValue, "set-max-listpack-value"},
		{&l.ZSetEntries, "zset-max-listpack-entries"},
		{&l.ZSetValue, "zset-max-listpack-value"},
		{&l.StreamNodeBytes, "stream-node-max-bytes"},
		{&l.StreamEntries, "stream-node-max-entries"},
		{&l.HLLSparse, "hll-sparse-max-bytes"},
	} {
		limit.live.Store(s.num(limit.name))
	}
	return nil
}

func applyMaxMemory(s *Server) error {
	limit := s.num("maxmemory")
	s.ks.Settings.MaxMemory.Store(limit)
	applyClientLimit(s)
	if used := s.usedMemory(); s.running && limit != 0 && limit < used {
		s.warn("WARNING: the new maxmemory value set via CONFIG SET (%d) is smaller than the current memory usage (%d). "+
			"This will result in key eviction and/or the inability to accept new write commands depending on the "+
			"maxmemory-policy.", limit, used)
		s.tasks.Go(func() { s.ks.MakeRoom(s.ks.Clock.UnixMilli(), nil) }) // this command may hold locks
	}
	return nil
}

// applyHz keeps hz, which nothing here depends on, in Redis's bounds.
func applyHz(s *Server) error {
	hz := min(max(s.num("hz"), 1), 500)
	s.conf.Put("hz", config.Value{Text: strconv.FormatInt(hz, 10), Num: hz})
	return nil
}

// applyOOMScore tells the kernel how soon to kill us when memory is short.
// Of the three values the first is the one of a master.
func applyOOMScore(s *Server) error {
	mode := s.text("oom-score-adj")
	if mode == "no" && !s.oomBase.changed {
		return nil
	}
	if err := s.oomBase.remember(); err != nil {
		return s.oomFailure(err)
	}
	score := s.oomBase.value
	if mode != "no" {
		score = int(atoi(s.conf.Value("oom-score-adj-values").Words[0]))
		if mode == "yes" {
			score += s.oomBase.value
		}
	}
	score = min(max(score, -1000), 1000)
	if err := os.WriteFile(oomFile, []byte(strconv.Itoa(score)), 0o644); err != nil {
		return s.oomFailure(err)
	}
	return nil
}

func (s *Server) oomFailure(err error) error {
	s.warn("Unable to write oom_score_adj: %s", config.Reason(err))
	return errors.New("Failed to set current oom_score_adj. Check server logs.")
}

const oomFile = "/proc/self/oom_score_adj"

// oomScore is the score from before we changed it.
type oomScore struct {
	changed bool
	value   int
}

func (o *oomScore) remember() error {
	if o.changed {
		return nil
	}
	text, err := os.ReadFile(oomFile)
	if err != nil {
		return err
	}
	o.value = int(atoi(string(trimNewline(text))))
	o.changed = true
	return nil
}

func trimNewline(b []byte) []byte {
	if n := len(b); n > 0 && b[n-1] == '\n' {
		return b[:n-1]
	}
	return b
}
