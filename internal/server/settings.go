package server

import (
	"math"

	"github.com/redstart-db/redstart/internal/config"
)

// A setting is a row of the table of settings: a directive of redis.conf, and
// what happens when it changes.
type setting struct {
	config.Directive
	// apply makes the stored value effective; it is called for all settings
	// at start, in the order of the table, and after CONFIG SET. nil: whoever needs the value
	// asks the store.
	apply func(*Server) error
	// idle: accepted, checked, answered and rewritten, but nothing heeds it yet.
	idle bool
}

// live is a setting that may change at any time.
func live(name string, t config.Type, def string, apply func(*Server) error) setting {
	return setting{Directive: config.Directive{Name: name, Type: t, Default: def}, apply: apply}
}

// fixed is a setting that is read at start and never changes.
func fixed(name string, t config.Type, def string) setting {
	return setting{Directive: config.Directive{Name: name, Type: t, Default: def, Flags: config.Immutable}}
}

// idle is a setting that nothing heeds yet.
func idle(name string, t config.Type, def string) setting {
	return setting{Directive: config.Directive{Name: name, Type: t, Default: def}, idle: true}
}

func (s setting) alias(name string) setting             { s.Alias = name; return s }
func (s setting) hook(f func(*Server) error) setting    { s.apply = f; return s }
func (s setting) flags(f config.DirectiveFlags) setting { s.Flags |= f; return s }

// Types that many rows share.
var (
	yesNo   = config.Bool()
	natural = config.Int(0, math.MaxInt32)
	whole   = config.Int(math.MinInt32, math.MaxInt32)
	long    = config.Int(0, math.MaxInt64)
	size    = config.Memory(0, math.MaxInt64)
	port    = config.Int(0, 65535)
	str     = config.String(nil)
	absent  = config.Absent(nil)
	who     = config.Enum("no", "yes", "local")
	// shutdownFlags are the words of shutdown-on-sigint and shutdown-on-sigterm.
	shutdownFlags = config.Flags("default", "save", "nosave", "now", "force")
)

// settings is every directive of Redis 7.2, and Redstart's own at the end.
var settings = []setting{
	// Network
	live("bind", config.Words(16, "Too many bind addresses specified."), "* -::*", applyListeners),
	live("port", port, "6379", applyListeners),
	live("protected-mode", yesNo, "yes", applyProtectedMode),
	fixed("tcp-backlog", natural, "511"),
	fixed("unixsocket", absent, ""),
	fixed("unixsocketperm", config.Octal(0, 0o777), "0"),
	live("timeout", natural, "0", applyTimeout),
	live("tcp-keepalive", natural, "300", applyKeepAlive),
	fixed("socket-mark-id", config.Int(0, math.MaxUint32), "0"),
	idle("bind-source-addr", absent, ""),
	live("maxclients", config.Int(1, math.MaxUint32), "10000", applyMaxClients),

	// TLS
	live("tls-port", port, "0", applyListeners),
	idle("tls-session-cache-size", natural, "20480"),
	live("tls-session-cache-timeout", natural, "300", applyTLS),
	idle("tls-cluster", yesNo, "no"),
	idle("tls-replication", yesNo, "no"),
	live("tls-auth-clients", config.Enum("no", "yes", "optional"), "yes", applyTLSAuth),
	live("tls-auth-clients-user", config.Enum("off", "CN"), "off", nil),
	idle("tls-prefer-server-ciphers", yesNo, "no"),
	live("tls-session-caching", yesNo, "yes", applyTLS),
	live("tls-cert-file", absent, "", applyTLS).flags(config.Volatile),
	live("tls-key-file", absent, "", applyTLS).flags(config.Volatile),
	live("tls-key-file-pass", absent, "", applyTLS).flags(config.Sensitive),
	idle("tls-client-cert-file", absent, "").hook(applyTLS).flags(config.Volatile),
	idle("tls-client-key-file", absent, "").hook(applyTLS).flags(config.Volatile),
	idle("tls-client-key-file-pass", absent, "").hook(applyTLS).flags(config.Sensitive),
	idle("tls-dh-params-file", absent, "").hook(applyTLS).flags(config.Volatile),
	live("tls-ca-cert-file", absent, "", applyTLS).flags(config.Volatile),
	live("tls-ca-cert-dir", absent, "", applyTLS).flags(config.Volatile),
	live("tls-protocols", absent, "", applyTLS),
	live("tls-ciphers", absent, "", applyTLS),
	idle("tls-ciphersuites", absent, ""),

	// The process
	fixed("daemonize", yesNo, "no"),
	fixed("supervised", config.Enum("upstart", "systemd", "auto", "no"), "no"),
	fixed("pidfile", absent, ""),
	live("loglevel", config.Enum("debug", "verbose", "notice", "warning", "nothing"), "notice", applyLogLevel),
	fixed("logfile", str, ""),
	fixed("syslog-enabled", yesNo, "no"),
	fixed("syslog-ident", str, "redis"),
	fixed("syslog-facility", config.Enum("user", "local0", "local1", "local2", "local3", "local4", "local5",
		"local6", "local7"), "local0"),
	live("crash-log-enabled", yesNo, "yes", applyCrashLog),
	idle("crash-memcheck-enabled", yesNo, "yes"),
	idle("use-exit-on-panic", yesNo, "no").flags(config.Hidden),
	fixed("databases", config.Int(1, math.MaxInt32), "16"),
	fixed("always-show-logo", yesNo, "no"),
	fixed("set-proc-title", yesNo, "yes"),
	live("proc-title-template", config.String(checkTitle), "{title} {listen-addr} {server-mode}", applyTitle),
	idle("locale-collate", str, ""),
	live("dir", config.Always(config.String(nil)), ".", nil).flags(config.Protected),
	live("oom-score-adj", config.Enum("no", "yes", "relative=yes", "absolute"), "no", applyOOMScore),
	live("oom-score-adj-values", config.Ints(3, -2000, 2000,
		"Invalid oom-score-adj-values, elements must be between -2000 and 2000."), "0 200 800", applyOOMScore),
	fixed("disable-thp", yesNo, "yes"),
	idle("ignore-warnings", str, ""),
	idle("server_cpulist", absent, "").flags(config.Immutable),
	idle("bio_cpulist", absent, "").flags(config.Immutable),
	idle("aof_rewrite_cpulist", absent, "").flags(config.Immutable),
	idle("bgsave_cpulist", absent, "").flags(config.Immutable),
	idle("shutdown-timeout", natural, "10"),
	live("shutdown-on-sigint", shutdownFlags, "default", nil),
	live("shutdown-on-sigterm", shutdownFlags, "default", nil),
	idle("hz", natural, "10").hook(applyHz),
	idle("dynamic-hz", yesNo, "yes"),
	idle("watchdog-period", natural, "0").flags(config.Hidden),
	fixed("io-threads", config.Int(1, 128), "1"),
	idle("io-threads-do-reads", yesNo, "no").flags(config.Immutable),

	// Security
	live("requirepass", absent, "", applyPassword).flags(config.Sensitive),
	fixed("aclfile", str, ""),
	live("acllog-max-len", long, "128", applyACLLog),
	live("acl-pubsub-default", config.Enum("allchannels", "resetchannels"), "resetchannels", applyChannelDefault),
	fixed("enable-protected-configs", who, "no"),
	fixed("enable-debug-command", who, "no"),
	idle("enable-module-command", who, "no").flags(config.Immutable),

	// Clients and their buffers
	live("client-output-buffer-limit", config.BufferLimits(),
		"normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60", applyOutputLimits),
	live("client-query-buffer-limit", config.Memory(1<<20, math.MaxInt64), "1073741824", applyQueryLimit),
	live("proto-max-bulk-len", config.Memory(1<<20, math.MaxInt64), "536870912", applyBulkLimit),
	live("maxmemory-clients", config.MemoryOrPercent(), "0", applyClientLimit),
	live("tracking-table-max-keys", long, "1000000", applyTrackingKeys),

	// Memory
	live("maxmemory", size, "0", applyMaxMemory),
	live("maxmemory-policy", config.Enum("volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl",
		"allkeys-lru", "allkeys-lfu", "allkeys-random", "noeviction"), "noeviction", applyEviction),
	live("maxmemory-samples", config.Int(1, math.MaxInt32), "5", applyEviction),
	live("maxmemory-eviction-tenacity", config.Int(0, 100), "10", applyEviction),
	live("lfu-log-factor", natural, "10", applyEviction),
	live("lfu-decay-time", natural, "1", applyEviction),
	idle("active-expire-effort", config.Int(1, 10), "1"),
	idle("lazyfree-lazy-eviction", yesNo, "no"),
	live("lazyfree-lazy-expire", yesNo, "no", applyLazyExpire),
	idle("lazyfree-lazy-server-del", yesNo, "no"),
	idle("lazyfree-lazy-user-del", yesNo, "no"),
	idle("lazyfree-lazy-user-flush", yesNo, "no"),
	idle("activerehashing", yesNo, "yes"),
	idle("activedefrag", yesNo, "no"),
	idle("active-defrag-ignore-bytes", config.Memory(1, math.MaxInt64), "104857600"),
	idle("active-defrag-threshold-lower", config.Int(0, 1000), "10"),
	idle("active-defrag-threshold-upper", config.Int(0, 1000), "100"),
	idle("active-defrag-cycle-min", config.Int(1, 99), "1"),
	idle("active-defrag-cycle-max", config.Int(1, 99), "25"),
	idle("active-defrag-max-scan-fields", config.Int(1, math.MaxInt64), "1000"),
	idle("jemalloc-bg-thread", yesNo, "yes"),

	// Encodings
	live("hash-max-listpack-entries", long, "512", applyLimits).alias("hash-max-ziplist-entries"),
	live("hash-max-listpack-value", size, "64", applyLimits).alias("hash-max-ziplist-value"),
	live("list-max-listpack-size", whole, "-2", applyLimits).alias("list-max-ziplist-size"),
	idle("list-compress-depth", natural, "0"),
	live("set-max-intset-entries", long, "512", applyLimits),
	live("set-max-listpack-entries", long, "128", applyLimits),
	live("set-max-listpack-value", long, "64", applyLimits),
	live("zset-max-listpack-entries", long, "128", applyLimits).alias("zset-max-ziplist-entries"),
	live("zset-max-listpack-value", size, "64", applyLimits).alias("zset-max-ziplist-value"),
	live("hll-sparse-max-bytes", size, "3000", applyLimits),
	live("stream-node-max-bytes", size, "4096", applyLimits),
	live("stream-node-max-entries", long, "100", applyLimits),

	// Observing
	live("slowlog-log-slower-than", config.Int(-1, math.MaxInt64), "10000", applyCommandLogs).alias("commandlog-execution-slower-than"),
	live("slowlog-max-len", long, "128", applyCommandLogs).alias("commandlog-slow-execution-max-len"),
	live("commandlog-request-larger-than", config.Int(-1, math.MaxInt64), "1048576", applyCommandLogs),
	live("commandlog-large-request-max-len", long, "128", applyCommandLogs),
	live("commandlog-reply-larger-than", config.Int(-1, math.MaxInt64), "1048576", applyCommandLogs),
	live("commandlog-large-reply-max-len", long, "128", applyCommandLogs),
	live("latency-monitor-threshold", long, "0", applyLatencyThreshold),
	live("latency-tracking", yesNo, "yes", applyLatencyTracking),
	live("latency-tracking-info-percentiles", config.Percentiles("latency-tracking-info-percentiles"), "50 99 99.9", nil),
	live("notify-keyspace-events", config.Letters(eventBits, eventLetters), "", applyNotify),
	idle("busy-reply-threshold", long, "5000").alias("lua-time-limit"),

	// Snapshots
	idle("save", config.Save(), "3600 1 300 100 60 10000"),
	idle("dbfilename", config.String(checkBaseName("dbfilename", "filename", true)), "dump.rdb").flags(config.Protected),
	idle("rdbcompression", yesNo, "yes"),
	idle("rdbchecksum", yesNo, "yes").flags(config.Immutable),
	idle("rdb-del-sync-files", yesNo, "no"),
	idle("rdb-save-incremental-fsync", yesNo, "yes"),
	idle("rdb-key-save-delay", whole, "0").flags(config.Hidden),
	idle("key-load-delay", whole, "0").flags(config.Hidden),
	idle("loading-process-events-interval-bytes", config.Int(1024, math.MaxInt32), "2097152").flags(config.Hidden),
	idle("stop-writes-on-bgsave-error", yesNo, "yes"),
	idle("sanitize-dump-payload", config.Enum("no", "yes", "clients"), "no"),

	// Append-only file
	idle("appendonly", yesNo, "no"),
	idle("appendfilename", config.String(checkBaseName("appendfilename", "filename", false)), "appendonly.aof").
		flags(config.Immutable),
	idle("appenddirname", config.String(checkBaseName("appenddirname", "dirname", false)), "appendonlydir").
		flags(config.Immutable),
	idle("appendfsync", config.Enum("everysec", "always", "no"), "everysec"),
	idle("no-appendfsync-on-rewrite", yesNo, "no"),
	idle("auto-aof-rewrite-percentage", natural, "100"),
	idle("auto-aof-rewrite-min-size", size, "67108864"),
	idle("aof-load-truncated", yesNo, "yes"),
	idle("aof-use-rdb-preamble", yesNo, "yes"),
	idle("aof-rewrite-incremental-fsync", yesNo, "yes"),
	idle("aof-timestamp-enabled", yesNo, "no"),
	idle("aof-disable-auto-gc", yesNo, "no"),

	// Replication
	idle("replicaof", config.Address("Invalid master port"), "").alias("slaveof").flags(config.Immutable),
	idle("masterauth", absent, "").flags(config.Sensitive),
	idle("masteruser", absent, "").flags(config.Sensitive),
	idle("replica-serve-stale-data", yesNo, "yes").alias("slave-serve-stale-data"),
	idle("replica-read-only", yesNo, "yes").alias("slave-read-only"),
	idle("replica-ignore-maxmemory", yesNo, "yes").alias("slave-ignore-maxmemory"),
	idle("replica-ignore-disk-write-errors", yesNo, "no"),
	idle("replica-lazy-flush", yesNo, "no").alias("slave-lazy-flush"),
	idle("replica-priority", natural, "100").alias("slave-priority"),
	idle("replica-announced", yesNo, "yes"),
	idle("replica-announce-ip", absent, "").alias("slave-announce-ip"),
	idle("replica-announce-port", port, "0").alias("slave-announce-port"),
	idle("min-replicas-to-write", natural, "0").alias("min-slaves-to-write"),
	idle("min-replicas-max-lag", natural, "10").alias("min-slaves-max-lag"),
	idle("repl-ping-replica-period", config.Int(1, math.MaxInt32), "10").alias("repl-ping-slave-period"),
	idle("repl-timeout", config.Int(1, math.MaxInt32), "60"),
	idle("repl-disable-tcp-nodelay", yesNo, "no"),
	idle("repl-backlog-size", config.Memory(1, math.MaxInt64), "1048576"),
	idle("repl-backlog-ttl", long, "3600"),
	idle("repl-diskless-sync", yesNo, "yes"),
	idle("repl-diskless-sync-delay", natural, "5"),
	idle("repl-diskless-sync-max-replicas", natural, "0"),
	idle("repl-diskless-load", config.Enum("disabled", "on-empty-db", "swapdb"), "disabled"),
	idle("propagation-error-behavior", config.Enum("ignore", "panic", "panic-on-replicas"), "ignore"),

	// Cluster
	idle("cluster-enabled", yesNo, "no").flags(config.Immutable),
	idle("cluster-config-file", str, "nodes.conf").flags(config.Immutable),
	idle("cluster-port", port, "0").flags(config.Immutable),
	idle("cluster-node-timeout", long, "15000"),
	idle("cluster-announce-ip", absent, ""),
	idle("cluster-announce-hostname", config.Absent(checkHostname), ""),
	idle("cluster-announce-human-nodename", config.Absent(checkHostname), ""),
	idle("cluster-announce-port", port, "0"),
	idle("cluster-announce-tls-port", port, "0"),
	idle("cluster-announce-bus-port", port, "0"),
	idle("cluster-require-full-coverage", yesNo, "yes"),
	idle("cluster-replica-no-failover", yesNo, "no").alias("cluster-slave-no-failover"),
	idle("cluster-replica-validity-factor", natural, "10").alias("cluster-slave-validity-factor"),
	idle("cluster-allow-replica-migration", yesNo, "yes"),
	idle("cluster-migration-barrier", natural, "1"),
	idle("cluster-allow-reads-when-down", yesNo, "no"),
	idle("cluster-allow-pubsubshard-when-down", yesNo, "yes"),
	idle("cluster-link-sendbuf-limit", size, "0"),
	idle("cluster-preferred-endpoint-type", config.Enum("ip", "hostname", "unknown-endpoint"), "ip"),

	// Redstart's own
	live("log-format", config.Enum("legacy", "logfmt", "json", "text=logfmt"), "legacy", applyLogStyle),
	live("log-timestamp-format", config.Enum("legacy", "iso8601", "milliseconds"), "legacy", applyLogStyle),
	live("metrics-bind", config.String(checkNotEmpty), "127.0.0.1", applyMetrics),
	live("metrics-port", port, "0", applyMetrics),
	live("metrics-pprof", yesNo, "no", nil),
}

// newStore makes a store of the table, and finds the apply functions of its directives.
func newStore(table []setting) (*config.Store, map[*config.Directive]func(*Server) error) {
	directives := make([]*config.Directive, len(table))
	hooks := map[*config.Directive]func(*Server) error{}
	for i := range table {
		s := &table[i]
		directives[i] = &s.Directive
		if s.apply != nil {
			hooks[&s.Directive] = s.apply
		}
	}
	return config.NewStore(directives), hooks
}
