package server

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/redstart-db/redstart/internal/acl"
	"github.com/redstart-db/redstart/internal/evloop"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/pubsub"
	"github.com/redstart-db/redstart/internal/session"
)

// metricTable is every metric there is. docs/metrics.md is made of it.
var metricTable = describe([]metric{
	// The program
	{name: "build_info", kind: gauge, labels: []string{"version", "redis_version", "go_version"},
		help: "Always 1; the labels say what runs.",
		read: func(_ *scrape, put sink) { put(1, Version, RedisVersion, goVersion) }},
	plain("start_time_seconds", gauge, "When the server started, Unix time.",
		func(r *scrape) float64 { return float64(r.s.started.UnixMilli()) / 1000 }),
	plain("uptime_seconds", gauge, "For how long it has run.",
		func(r *scrape) float64 { return r.now.Sub(r.s.started).Seconds() }),
	by("mode", "cpu_seconds_total", counter, "Processor time of all threads.", func(r *scrape, put sink) {
		put(seconds(r.usage.Utime), "user")
		put(seconds(r.usage.Stime), "system")
	}),

	// Commands
	plain("commands_processed_total", counter, "Commands that were run.",
		func(r *scrape) float64 { return float64(r.clients.Commands) }),
	perCommand("commands_total", "Calls of each command.",
		func(c *session.CommandStats) float64 { return float64(c.Calls) }),
	perCommand("commands_duration_seconds_total", "Time that each command took.",
		func(c *session.CommandStats) float64 { return float64(c.Micros) / 1e6 }),
	perCommand("commands_failed_total", "Calls that were answered with an error.",
		func(c *session.CommandStats) float64 { return float64(c.Failed) }),
	perCommand("commands_rejected_total", "Calls that were refused before they were run: wrong number of arguments, no permission, no memory.",
		func(c *session.CommandStats) float64 { return float64(c.Rejected) }),
	{name: "command_duration_seconds", labels: []string{"cmd"},
		help: "How long the calls of each command took. Calls of one command in a row are measured together and count with their average. " +
			"Nothing is measured with latency-tracking no."},
	by("err", "errors_total", counter, "Error replies by their first word.", func(r *scrape, put sink) {
		for _, e := range r.clients.ByError {
			put(float64(e.Count), e.Code)
		}
	}),
	plain("slow_commands_total", counter, "Commands that took longer than slowlog-log-slower-than.",
		func(r *scrape) float64 { return float64(r.clients.Slow.Count) }),

	// Clients
	by("class", "clients", gauge, "Connected clients by class.", func(r *scrape, put sink) {
		for class, name := range classNames {
			put(float64(r.clients.Classes[class].Clients), name)
		}
	}),
	by("state", "clients_in_state", gauge, "Clients by what they do or may; one client may be in several states, or none.",
		func(r *scrape, put sink) {
			c := &r.clients
			put(float64(c.Blocked), "blocked")
			put(float64(c.WithTimeout), "blocked_with_timeout")
			put(float64(c.Paused), "paused")
			put(float64(c.InMulti), "in_transaction")
			put(float64(c.Watching), "watching")
			put(float64(c.Monitors), "monitor")
			put(float64(c.NoEvict), "no_evict")
		}),
	by("class", "clients_memory_bytes", gauge, "What clients take, by class: their structures and buffers.",
		func(r *scrape, put sink) {
			for class, name := range classNames {
				put(float64(r.clients.Classes[class].Memory), name)
			}
		}),
	plain("clients_limit", gauge, "The setting maxclients.", func(r *scrape) float64 { return float64(r.s.num("maxclients")) }),
	plain("clients_recent_max_input_buffer_bytes", gauge, "The largest input buffer of the last seconds.",
		func(r *scrape) float64 { return float64(r.clients.MaxInput) }),
	plain("clients_recent_max_output_buffer_bytes", gauge, "The largest output buffer of the last seconds.",
		func(r *scrape) float64 { return float64(r.clients.MaxOutput) }),
	plain("clients_evicted_total", counter, "Clients that were closed because all of them together were over maxmemory-clients.",
		func(r *scrape) float64 { return float64(r.clients.Evicted) }),
	by("buffer", "clients_over_limit_total", counter, "Clients that were closed because one of their buffers was over its limit.",
		func(r *scrape, put sink) {
			put(float64(r.clients.QueryKills), "query")
			put(float64(r.clients.OutputKills), "output")
		}),
	plain("connections_received_total", counter, "Connections that were accepted.",
		func(r *scrape) float64 { return float64(r.clients.Connections) }),
	plain("connections_rejected_total", counter, "Connections that were refused: too many, or protected mode.",
		func(r *scrape) float64 { return float64(r.clients.Rejected) }),
	by("kind", "pubsub_topics", gauge, "Channels, patterns and shard channels that somebody has subscribed to.", func(r *scrape, put sink) {
		for kind, name := range []string{pubsub.Channel: "channel", pubsub.Pattern: "pattern", pubsub.Shard: "shard_channel"} {
			put(float64(r.s.hub.Topics(pubsub.Kind(kind))), name)
		}
	}),
	plain("tracking_clients", gauge, "Clients that are told when what they have read changes.",
		func(r *scrape) float64 { return float64(r.tracking.Clients) }),
	plain("tracking_keys", gauge, "Keys that are remembered for them.", func(r *scrape) float64 { return float64(r.tracking.Keys) }),
	by("reason", "acl_denied_total", counter, "What users were refused, by reason.", func(r *scrape, put sink) {
		for _, d := range []struct {
			reason acl.Reason
			name   string
		}{{acl.Auth, "auth"}, {acl.Command, "command"}, {acl.Key, "key"}, {acl.Channel, "channel"}, {acl.Database, "database"}} {
			put(float64(r.s.hub.Denied(d.reason)), d.name)
		}
	}),
	plain("blocking_keys", gauge, "Keys that blocked clients wait for.", func(r *scrape) float64 { return float64(r.keys.Waits) }),

	// Network
	plain("net_input_bytes_total", counter, "Bytes that clients sent.", func(r *scrape) float64 { return float64(r.clients.NetIn) }),
	plain("net_output_bytes_total", counter, "Bytes that clients were sent.", func(r *scrape) float64 { return float64(r.clients.NetOut) }),
	plain("reads_total", counter, "Reads from clients that brought something.",
		func(r *scrape) float64 { return float64(r.clients.Reads) }),
	plain("writes_total", counter, "Writes of replies to clients.", func(r *scrape) float64 { return float64(r.clients.Writes) }),

	// Memory
	plain("memory_used_bytes", gauge, "Memory in use, which maxmemory limits: the data, the clients, and what the program started with.",
		func(r *scrape) float64 { return float64(r.used) }),
	plain("memory_peak_bytes", gauge, "The most that was in use.", func(r *scrape) float64 { return float64(r.s.memory.peak.Load()) }),
	plain("memory_limit_bytes", gauge, "The setting maxmemory; 0: no limit.", func(r *scrape) float64 { return float64(r.s.num("maxmemory")) }),
	plain("memory_resident_bytes", gauge, "Memory of the process that is in RAM.", func(*scrape) float64 { return float64(residentBytes()) }),
	by("purpose", "memory_bytes", gauge, "Memory in use by purpose; the sum is memory_used_bytes.", func(r *scrape, put sink) {
		m := &r.memory
		put(float64(m.Records), "records")
		put(float64(m.Blobs), "blobs")
		put(float64(m.Elements), "elements")
		put(float64(m.Index), "index")
		put(float64(m.Expiry), "expiry")
		put(float64(r.s.clientMemory()), "clients")
		put(float64(r.tracking.Bytes), "tracking")
		put(float64(r.s.memory.base), "program")
	}),
	plain("arena_used_bytes", gauge, "Handed out by the allocator of the data, rounding to size classes included.",
		func(r *scrape) float64 { return float64(r.memory.Used) }),
	plain("arena_committed_bytes", gauge, "Pages that hold data: the excess over arena_used_bytes is fragmentation.",
		func(r *scrape) float64 { return float64(r.memory.Committed) }),
	plain("arena_idle_bytes", gauge, "Free pages that were not given back to the system yet.",
		func(r *scrape) float64 { return float64(r.memory.Idle) }),
	plain("go_heap_live_bytes", gauge, "Objects of the Go heap that the last collection found alive. No data is there.",
		func(r *scrape) float64 { return float64(r.heap.live) }),
	plain("go_runtime_bytes", gauge, "All that the Go runtime has from the system.", func(r *scrape) float64 { return float64(r.heap.total) }),
	plain("reclaim_pending_objects", gauge, "Deleted objects whose memory is being freed in the background.",
		func(r *scrape) float64 { return float64(r.memory.LazyfreePending) }),
	plain("reclaim_pending_bytes", gauge, "What they take; it counts as free.",
		func(r *scrape) float64 { return float64(r.memory.LazyfreeBytes) }),
	plain("reclaimed_objects_total", counter, "Objects that were freed in the background.",
		func(r *scrape) float64 { return float64(r.memory.LazyfreedObjects) }),

	// Keys
	perDatabase("db_keys", "Keys of each database that has any.", func(k keyspace.DBStats) float64 { return float64(k.Keys) }),
	perDatabase("db_expiring_keys", "Keys that expire.", func(k keyspace.DBStats) float64 { return float64(k.Expires) }),
	perDatabase("db_average_ttl_seconds", "In how long they do so on average, as an estimate.",
		func(k keyspace.DBStats) float64 { return float64(k.AvgTTL) / 1000 }),
	plain("keyspace_hits_total", counter, "Look-ups of keys by reading commands that found one.",
		func(r *scrape) float64 { return float64(r.keys.Hits) }),
	plain("keyspace_misses_total", counter, "Look-ups that found none.", func(r *scrape) float64 { return float64(r.keys.Misses) }),
	plain("keyspace_changes_total", counter, "Changes that commands made.", func(r *scrape) float64 { return float64(r.keys.Changes) }),
	plain("expired_keys_total", counter, "Keys that have expired.", func(r *scrape) float64 { return float64(r.keys.Expired) }),
	plain("expired_fields_total", counter, "Fields of hashes that have expired.",
		func(r *scrape) float64 { return float64(r.keys.ExpiredFields) }),
	plain("expire_duration_seconds_total", counter, "Time that removing expired keys in the background took.",
		func(r *scrape) float64 { return float64(r.keys.ExpireMicros) / 1e6 }),
	plain("evicted_keys_total", counter, "Keys that were evicted because of maxmemory.",
		func(r *scrape) float64 { return float64(r.keys.Evicted) }),
	plain("evict_duration_seconds_total", counter, "Time that commands waited for evictions.",
		func(r *scrape) float64 { return float64(r.keys.EvictedMicros) / 1e6 }),

	// Event loops
	plain("loops_active", gauge, "Event loops that take connections now.", func(r *scrape) float64 {
		n := 0
		for _, f := range r.loops {
			if f.Active {
				n++
			}
		}
		return float64(n)
	}),
	perLoop("loop_connections", gauge, "Connections of each event loop.", func(f evloop.LoopFigures) float64 { return float64(f.Conns) }),
	perLoop("loop_busy_ratio", gauge, "Share of a processor that the loop's thread used lately.",
		func(f evloop.LoopFigures) float64 { return f.Busy }),
	perLoop("loop_cycles_total", counter, "Times around the loop.", func(f evloop.LoopFigures) float64 { return float64(f.Cycles) }),
})

// describe completes the rows.
func describe(rows []metric) []metric {
	for i := range rows {
		m := &rows[i]
		m.name = "redstart_" + m.name
		m.desc = prometheus.NewDesc(m.name, m.help, m.labels, nil)
	}
	return rows
}
