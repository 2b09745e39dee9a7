package server

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/redstart-db/redstart/internal/pubsub"
	"github.com/redstart-db/redstart/internal/session"

	"github.com/redstart-db/redstart/internal/acl"
)

func infoServer(s *Server, r *report) {
	now := time.Now()
	up := int64(now.Sub(s.started).Seconds())
	exe, _ := os.Executable()
	r.add("redis_version", RedisVersion)
	r.add("redstart_version", Version)
	r.add("redis_git_sha1", "00000000")
	r.add("redis_git_dirty", 0)
	r.add("redis_build_id", runtime.Version())
	r.add("redis_mode", "standalone")
	r.add("os", systemName())
	r.add("arch_bits", 32<<(^uint(0)>>63))
	r.add("monotonic_clock", "POSIX clock_gettime")
	r.add("multiplexing_api", multiplexing)
	r.add("atomicvar_api", "sync/atomic")
	r.add("gcc_version", "0.0.0")
	r.add("process_id", os.Getpid())
	r.add("process_supervised", s.managed)
	r.add("run_id", s.runID)
	r.add("tcp_port", s.mainPort())
	r.add("server_time_usec", s.ks.Clock.Now().UnixMicro())
	r.add("uptime_in_seconds", up)
	r.add("uptime_in_days", up/(24*60*60))
	r.add("hz", s.num("hz"))
	r.add("configured_hz", s.num("hz"))
	r.add("lru_clock", s.ks.Clock.Now().Unix()&(1<<24-1))
	r.add("executable", exe)
	r.add("config_file", s.configFile)
	r.add("io_threads_active", s.activeLoops()-1)
	s.infoListeners(r)
}

func systemName() string {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return runtime.GOOS
	}
	return fmt.Sprintf("%s %s %s", unix.ByteSliceToString(u.Sysname[:]), unix.ByteSliceToString(u.Release[:]),
		unix.ByteSliceToString(u.Machine[:]))
}

// activeLoops is the number of loops that serve connections now.
func (s *Server) activeLoops() int {
	n := 0
	for _, f := range s.loops.Figures() {
		if f.Active {
			n++
		}
	}
	return max(n, 1)
}

func (s *Server) infoListeners(r *report) {
	n := 0
	for _, of := range []struct{ name, setting string }{{"tcp", "port"}, {"tls", "tls-port"}} {
		if words := s.conf.Value("bind").Words; s.num(of.setting) != 0 && len(words) > 0 {
			r.addf(fmt.Sprintf("listener%d", n), "name=%s,bind=%s,port=%d", of.name, strings.Join(words, ",bind="), s.num(of.setting))
			n++
		}
	}
	if s.unixPath != "" {
		r.addf(fmt.Sprintf("listener%d", n), "name=unix,bind=%s", s.text("unixsocket"))
	}
}

func infoClients(s *Server, r *report) {
	r.add("connected_clients", r.clients.Clients)
	r.add("cluster_connections", 0)
	r.add("maxclients", s.num("maxclients"))
	r.add("client_recent_max_input_buffer", r.clients.MaxInput)
	r.add("client_recent_max_output_buffer", r.clients.MaxOutput)
	r.add("blocked_clients", r.clients.Blocked)
	r.add("tracking_clients", s.hub.Tracking().Clients)
	r.add("pubsub_clients", s.hub.Subscribers())
	r.add("watching_clients", r.clients.Watching)
	r.add("clients_in_timeout_table", r.clients.WithTimeout)
	r.add("total_watched_keys", s.hub.WatchedKeys(r.tx))
	r.add("total_blocking_keys", r.keys.Waits)
	r.add("total_blocking_keys_on_nokey", r.keys.WaitsExisting)
}

func infoMemory(s *Server, r *report) {
	m, heap, rss, clients := r.memory, goHeap(), residentBytes(), s.clientMemory()
	used := s.usedMemory()
	s.notePeak(used)
	peak := s.memory.peak.Load()
	overhead := s.memory.startup + clients + s.hub.Tracking().Bytes + m.Index + m.Expiry
	dataset := max(used-overhead, 0)
	r.bytes("used_memory", used)
	r.bytes("used_memory_rss", rss)
	r.bytes("used_memory_peak", peak)
	r.addf("used_memory_peak_perc", "%.2f%%", percent(used, peak))
	r.add("used_memory_overhead", overhead)
	r.add("used_memory_startup", s.memory.startup)
	r.add("used_memory_dataset", dataset)
	r.addf("used_memory_dataset_perc", "%.2f%%", percent(dataset, max(used-s.memory.startup, dataset)))
	r.add("allocator_allocated", m.Used)
	r.add("allocator_active", m.Committed)
	r.add("allocator_resident", m.Committed)
	r.bytes("total_system_memory", machineBytes())
	r.bytes("used_memory_lua", 0)
	r.same(0, "used_memory_vm_eval used_memory_scripts_eval number_of_cached_scripts number_of_functions "+
		"number_of_libraries used_memory_vm_functions")
	r.bytes("used_memory_vm_total", 0)
	r.add("used_memory_functions", 0)
	r.bytes("used_memory_scripts", 0)
	r.bytes("maxmemory", s.num("maxmemory"))
	r.add("maxmemory_policy", s.text("maxmemory-policy"))
	r.addf("allocator_frag_ratio", "%.2f", ratio(m.Committed, m.Used))
	r.add("allocator_frag_bytes", m.Committed-m.Used)
	r.addf("allocator_rss_ratio", "%.2f", ratio(m.Committed, m.Committed))
	r.add("allocator_rss_bytes", 0)
	r.addf("rss_overhead_ratio", "%.2f", ratio(rss, m.Committed))
	r.add("rss_overhead_bytes", rss-m.Committed)
	r.addf("mem_fragmentation_ratio", "%.2f", ratio(rss, used))
	r.add("mem_fragmentation_bytes", rss-used)
	r.same(0, "mem_not_counted_for_evict mem_replication_backlog mem_total_replication_buffers")
	class := &r.clients.Classes
	r.add("mem_clients_slaves", class[session.ClassReplica].Memory)
	r.add("mem_clients_normal", class[session.ClassNormal].Memory+class[session.ClassPubSub].Memory)
	r.same(0, "mem_cluster_links mem_aof_buffer")
	r.add("mem_allocator", allocatorName)
	r.add("mem_go_heap", heap.live)
	r.add("mem_go_runtime", heap.total)
	r.add("active_defrag_running", 0)
	r.add("lazyfree_pending_objects", m.LazyfreePending)
	r.add("lazyfreed_objects", m.LazyfreedObjects)
}

func infoPersistence(s *Server, r *report) {
	r.same(0, "loading async_loading current_cow_peak current_cow_size current_cow_size_age")
	r.add("current_fork_perc", "0.00")
	r.same(0, "current_save_keys_processed current_save_keys_total")
	r.add("rdb_changes_since_last_save", r.keys.Changes)
	r.add("rdb_bgsave_in_progress", 0)
	r.add("rdb_last_save_time", s.started.Unix())
	r.add("rdb_last_bgsave_status", "ok")
	r.same(-1, "rdb_last_bgsave_time_sec rdb_current_bgsave_time_sec")
	r.same(0, `rdb_saves rdb_last_cow_size rdb_last_load_keys_expired rdb_last_load_keys_loaded aof_enabled
		aof_rewrite_in_progress aof_rewrite_scheduled`)
	r.same(-1, "aof_last_rewrite_time_sec aof_current_rewrite_time_sec")
	r.add("aof_last_bgrewrite_status", "ok")
	r.same(0, "aof_rewrites aof_rewrites_consecutive_failures")
	r.add("aof_last_write_status", "ok")
	r.same(0, "aof_last_cow_size module_fork_in_progress module_fork_last_cow_size")
}

func infoStats(s *Server, r *report) {
	c, k := r.clients, r.keys
	r.add("total_connections_received", c.Connections)
	r.add("total_commands_processed", c.Commands)
	r.add("instantaneous_ops_per_sec", c.OpsPerSec)
	r.add("total_net_input_bytes", c.NetIn)
	r.add("total_net_output_bytes", c.NetOut)
	r.same(0, "total_net_repl_input_bytes total_net_repl_output_bytes")
	r.addf("instantaneous_input_kbps", "%.2f", c.InKbps)
	r.addf("instantaneous_output_kbps", "%.2f", c.OutKbps)
	r.same("0.00", "instantaneous_input_repl_kbps instantaneous_output_repl_kbps")
	r.add("rejected_connections", c.Rejected)
	r.same(0, "sync_full sync_partial_ok sync_partial_err")
	r.add("expired_keys", k.Expired)
	r.add("expired_subkeys", k.ExpiredFields)
	r.add("expired_stale_perc", "0.00")
	r.add("expired_time_cap_reached_count", 0)
	r.add("expire_cycle_cpu_milliseconds", k.ExpireMicros/1000)
	r.add("evicted_keys", k.Evicted)
	r.add("evicted_clients", c.Evicted)
	r.add("total_eviction_exceeded_time", k.ExceededTotal)
	r.add("current_eviction_exceeded_time", k.ExceededNow)
	r.add("keyspace_hits", k.Hits)
	r.add("keyspace_misses", k.Misses)
	r.add("pubsub_channels", s.hub.Topics(pubsub.Channel))
	r.add("pubsub_patterns", s.hub.Topics(pubsub.Pattern))
	r.add("pubsubshard_channels", s.hub.Topics(pubsub.Shard))
	r.same(0, `latest_fork_usec total_forks
		migrate_cached_sockets slave_expires_tracked_keys active_defrag_hits active_defrag_misses
		active_defrag_key_hits active_defrag_key_misses total_active_defrag_time current_active_defrag_time`)
	t := s.hub.Tracking()
	r.add("tracking_total_keys", t.Keys)
	r.add("tracking_total_items", t.Items)
	r.add("tracking_total_prefixes", t.Prefixes)
	r.add("unexpected_error_replies", 0)
	r.add("total_error_replies", c.ErrorReplies)
	r.add("slowlog_commands_count", c.Slow.Count)
	r.add("slowlog_commands_time_ms_sum", c.Slow.Sum/1000)
	r.add("slowlog_commands_time_ms_max", c.Slow.Max/1000)
	r.add("dump_payload_sanitizations", 0)
	r.add("total_reads_processed", c.Reads)
	r.add("total_writes_processed", c.Writes)
	r.same(0, "io_threaded_reads_processed io_threaded_writes_processed reply_buffer_shrinks reply_buffer_expands")
	r.add("client_query_buffer_limit_disconnections", c.QueryKills)
	r.add("client_output_buffer_limit_disconnections", c.OutputKills)
	r.add("acl_access_denied_auth", s.hub.Denied(acl.Auth))
	r.add("acl_access_denied_cmd", s.hub.Denied(acl.Command))
	r.add("acl_access_denied_key", s.hub.Denied(acl.Key))
	r.add("acl_access_denied_channel", s.hub.Denied(acl.Channel))
	r.add("acl_access_denied_db", s.hub.Denied(acl.Database))
	r.add("acl_access_denied_tls_cert", s.hub.Denied(acl.Certificate))
}

func infoReplication(s *Server, r *report) {
	r.add("role", "master")
	r.add("connected_slaves", 0)
	r.add("master_failover_state", "no-failover")
	r.add("master_replid", s.replID)
	r.add("master_replid2", strings.Repeat("0", 40))
	r.add("master_repl_offset", 0)
	r.add("second_repl_offset", -1)
	r.add("repl_backlog_active", 0)
	r.add("repl_backlog_size", s.num("repl-backlog-size"))
	r.same(0, "repl_backlog_first_byte_offset repl_backlog_histlen")
}

func infoCPU(_ *Server, r *report) {
	var self, children syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &self)
	syscall.Getrusage(syscall.RUSAGE_CHILDREN, &children)
	r.addf("used_cpu_sys", "%.6f", seconds(self.Stime))
	r.addf("used_cpu_user", "%.6f", seconds(self.Utime))
	r.addf("used_cpu_sys_children", "%.6f", seconds(children.Stime))
	r.addf("used_cpu_user_children", "%.6f", seconds(children.Utime))
	// No thread is the main one: the loops are equal, and these are the figures of all threads.
	r.addf("used_cpu_sys_main_thread", "%.6f", seconds(self.Stime))
	r.addf("used_cpu_user_main_thread", "%.6f", seconds(self.Utime))
}

func seconds(t syscall.Timeval) float64 { return time.Duration(t.Nano()).Seconds() }

func infoCommands(_ *Server, r *report) {
	for _, c := range r.clients.ByCommand {
		r.addf("cmdstat_"+c.Name, "calls=%d,usec=%d,usec_per_call=%.2f,rejected_calls=%d,failed_calls=%d",
			c.Calls, c.Micros, ratio(c.Micros, c.Calls), c.Rejected, c.Failed)
	}
}

func infoErrors(_ *Server, r *report) {
	for _, e := range r.clients.ByError {
		r.addf("errorstat_"+e.Code, "count=%d", e.Count)
	}
}

func infoLatency(s *Server, r *report) {
	names := s.conf.Value("latency-tracking-info-percentiles").Words
	percentiles := make([]float64, len(names))
	for i, name := range names {
		percentiles[i], _ = strconv.ParseFloat(name, 64) // checked by its type
	}
	for _, c := range s.hub.Latencies(percentiles) {
		parts := make([]string, len(names))
		for i, name := range names {
			parts[i] = fmt.Sprintf("p%s=%.3f", name, float64(c.Nanos[i])/1000)
		}
		r.add("latency_percentiles_usec_"+c.Name, strings.Join(parts, ","))
	}
}

func infoCluster(_ *Server, r *report) { r.add("cluster_enabled", 0) }

// infoThreads describes the event loops, which read, execute and write.
func infoThreads(s *Server, r *report) {
	work := s.hub.LoopWork()
	for i, f := range s.loops.Figures() {
		if f.Active || f.Cycles > 0 {
			w := work[i]
			r.addf(fmt.Sprintf("io_thread_%d", i), "clients=%d,reads=%d,writes=%d", f.Conns, w.Reads, w.Writes)
		}
	}
}

// sizeNames are the fields of the types in the section Keysizes.
var sizeNames = [...]string{"strings_sizes", "lists_items", "sets_items", "zsets_items", "hashes_items"}

func infoKeySizes(_ *Server, r *report) {
	for db, sizes := range r.tx.Sizes() {
		for t, counts := range sizes {
			var parts []string
			for i, n := range counts {
				if n > 0 {
					parts = append(parts, fmt.Sprintf("%s=%d", sizeLabel(i), n))
				}
			}
			if parts != nil {
				r.add(fmt.Sprintf("db%d_distrib_%s", db, sizeNames[t]), strings.Join(parts, ","))
			}
		}
	}
}

// sizeLabel is the least size of a slot of keyspace.Sizes.
func sizeLabel(slot int) string {
	if slot == 0 {
		return "0"
	}
	n := slot - 1
	return strconv.Itoa(1<<(n%10)) + []string{"", "K", "M", "G", "T", "P", "E"}[n/10]
}

func infoKeyspace(_ *Server, r *report) {
	for db, k := range r.keys.Keys {
		if k.Keys > 0 {
			r.addf(fmt.Sprintf("db%d", db), "keys=%d,expires=%d,avg_ttl=%d,subexpiry=%d", k.Keys, k.Expires, k.AvgTTL, k.HashesExpiring)
		}
	}
}
