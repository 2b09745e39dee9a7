package server

import (
	"flag"
	"math/rand/v2"
	"net"
	"os"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/testutil"
)

var (
	soakFor  = flag.Duration("soak", 5*time.Second, "how long TestSoak lasts")
	soakSeed = flag.Uint64("soakseed", 0, "seed of TestSoak; 0: a new one")
)

const soakClients = 64

// soakCommands are what the clients draw from. K is a key, of few, so that
// types collide; P one of the client's own; V a value that says who wrote it; VV
// many; C a channel; M a member, of few; MM many; FV and SM many pairs of field and value, and of score and
// member; N a small number; T a timeout; I the number of a client; B a large number.
var soakCommands = strings.Split(strings.TrimSpace(`
SET K V
SET K V PX 30
SET K N
SET P P
GET P
GET P
GET K
APPEND K V
SETRANGE K B x
INCR K
INCRBYFLOAT K 0.5
GETDEL K
GETEX K PX 20
MSET K V K V
MGET K K K
LCS P P
STRLEN K
SUBSTR K 0 -1
DEL K
DEL K K
UNLINK K
EXISTS K K
TYPE K
RENAME K K
RENAME K K
RENAMENX K K
COPY K K REPLACE
COPY K K DB N REPLACE
MOVE K N
PEXPIRE K 20
PERSIST K
PTTL K
TOUCH K
RANDOMKEY
DBSIZE
KEYS *
SCAN 0 COUNT 100
OBJECT ENCODING K
OBJECT FREQ K
MEMORY USAGE K
DEBUG OBJECT K
SORT K ALPHA
SORT K BY nosort STORE K
SORT K BY *->f GET # DESC ALPHA LIMIT 0 10
SELECT N
SWAPDB 0 N
FLUSHDB
FLUSHALL
LPUSH K V V V
RPUSH K VV
RPUSH K VV
RPUSH K V
LPOP K
RPOP K N
LMPOP 2 K K LEFT COUNT N
LMOVE K K LEFT RIGHT
RPOPLPUSH K K
LRANGE K 0 -1
LINDEX K N
LSET K N V
LINSERT K BEFORE V V
LREM K N V
LTRIM K N -2
LPOS K V
LLEN K
BLPOP K K T
BRPOP K T
BLMOVE K K RIGHT LEFT T
BRPOPLPUSH K K T
BLMPOP T 2 K K RIGHT COUNT N
SADD K M
SADD K N N N
SADD K MM
SREM K M M
SPOP K
SPOP K N
SRANDMEMBER K -5
SMOVE K K M
SMEMBERS K
SISMEMBER K M
SMISMEMBER K M M
SINTER K K
SUNION K K K
SDIFFSTORE K K K
SUNIONSTORE K K K
SINTERSTORE K K K
SINTERCARD 2 K K
SSCAN K 0
HSET K M V
HSET K FV
HSET K FV
HGET K M
HDEL K M M
HGETALL K
HINCRBY K c N
HRANDFIELD K -5 WITHVALUES
HSCAN K 0
HPEXPIRE K 15 FIELDS 2 M M
HPEXPIRE K 15 FIELDS 1 M
HPERSIST K FIELDS 1 M
HPTTL K FIELDS 1 M
HGETEX K PX 10 FIELDS 2 M M
HSETEX K PX 10 FIELDS 1 M V
HGETDEL K FIELDS 1 M
ZADD K N M
ZADD K SM
ZADD K SM
ZADD K GT CH N M
ZINCRBY K N M
ZREM K M M
ZSCORE K M
ZRANK K M
ZRANGE K 0 -1 WITHSCORES
ZRANGE K N +inf BYSCORE REV
ZRANGESTORE K K 0 -2
ZREMRANGEBYRANK K 0 N
ZREMRANGEBYSCORE K N +inf
ZPOPMIN K N
ZMPOP 2 K K MAX COUNT N
BZPOPMIN K K T
BZPOPMAX K T
BZMPOP T 2 K K MIN COUNT N
ZUNIONSTORE K 2 K K WEIGHTS 2 3
ZINTERSTORE K 2 K K AGGREGATE MAX
ZDIFFSTORE K 2 K K
ZUNION 2 K K WITHSCORES
ZRANDMEMBER K 5
ZSCAN K 0
ZLEXCOUNT K - +
XADD K * f V
XADD K * f V g V
XADD K MAXLEN 50 * f V
XLEN K
XRANGE K - + COUNT 20
XREVRANGE K + -
XTRIM K MAXLEN N
XDEL K 1-1
XREAD COUNT 10 STREAMS K K 0 0
XREAD BLOCK 20 STREAMS K K $ $
XGROUP CREATE K g $ MKSTREAM
XGROUP DESTROY K g
XGROUP CREATECONSUMER K g M
XREADGROUP GROUP g M COUNT 5 STREAMS K >
XREADGROUP GROUP g M BLOCK 20 STREAMS K >
XREADGROUP GROUP g M NOACK STREAMS K >
XPENDING K g - + 10
XAUTOCLAIM K g M 0 0 COUNT 5
XINFO STREAM K FULL
XINFO GROUPS K
SETBIT K B 1
GETBIT K B
BITCOUNT K
BITPOS K 1
BITOP XOR K K K
BITFIELD K INCRBY u8 B 3 GET i16 4
PFADD K M V V
PFCOUNT K K
PFMERGE K K
GEOADD K 13.36 38.11 M 2.3 48.8 V
GEOSEARCH K FROMLONLAT 13 38 BYRADIUS 900 km WITHDIST
GEOSEARCHSTORE K K FROMLONLAT 13 38 BYBOX 900 900 km
GEODIST K M M
PUBLISH C V
PUBLISH C V
SPUBLISH C V
PUBSUB CHANNELS
PUBSUB NUMSUB C C
WATCH K
UNWATCH
EXPIRETIME K
SLOWLOG GET N
LATENCY LATEST
MEMORY STATS
COMMAND COUNT
CONFIG GET max*
ACL WHOAMI
ACL LIST
CLIENT TRACKINGINFO
CLIENT CACHING yes
CLIENT KILL ID I
CLIENT KILL ID I
CLIENT UNBLOCK I
CLIENT UNBLOCK I ERROR
CLIENT LIST
CLIENT INFO
CLIENT NO-TOUCH on
CLIENT PAUSE 3 WRITE
INFO
COMMAND COUNT
NOSUCH K
LPUSH
`), "\n")

// openFiles is how many files of which name the process has open; a socket's is unique. None where
// the system does not tell, so that the rest of the test stays.
func openFiles() map[string]int {
	files := map[string]int{}
	list, _ := os.ReadDir("/proc/self/fd")
	for _, f := range list {
		if name, err := os.Readlink("/proc/self/fd/" + f.Name()); err == nil { // not that of the folder itself
			files[name]++
		}
	}
	return files
}

var goroutineID = regexp.MustCompile(`(?m)^goroutine (\d+) `)

// goroutines names those that there are.
func goroutines() map[string]int {
	all := make([]byte, 4<<20)
	all = all[:runtime.Stack(all, true)]
	ids := map[string]int{}
	for _, m := range goroutineID.FindAllSubmatch(all, -1) {
		ids[string(m[1])]++
	}
	return ids
}

// within says whether there is nothing that was not there before.
func within(now, before map[string]int) bool {
	for name, n := range now {
		if n > before[name] {
			return false
		}
	}
	return true
}

// soakGauges are the figures that go up and down with clients and what they do.
func soakGauges(t *testing.T, addr string) string {
	t.Helper()
	c, err := testutil.Dial(addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var kept []string
	for _, line := range strings.Split(c.Must(t, "INFO", "everything").Text, "\r\n") {
		name, _, _ := strings.Cut(line, ":")
		for _, word := range strings.Fields(`blocked_clients tracking_clients pubsub_clients watching_clients clients_in_timeout_table
			total_watched_keys total_blocking_keys total_blocking_keys_on_nokey pubsub_channels pubsub_patterns pubsubshard_channels
			tracking_total_keys tracking_total_items tracking_total_prefixes`) {
			if name == word {
				kept = append(kept, line)
			}
		}
	}
	return strings.Join(kept, "\n")
}

func awaitSoak(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !holds(); time.Sleep(time.Millisecond) { // there is no event to wait for
		if time.Now().After(end) {
			t.Errorf("%s: it does not come about", what)
			return
		}
	}
}

// Many clients do anything at all with a few keys, some are killed, some never
// read; then nothing of it is left.
func TestSoak(t *testing.T) {
	seed := *soakSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("-soakseed=%d", seed)
	ln, err := net.Listen("tcp", "127.0.0.1:0") // Go opens its poller with the first socket
	if err != nil {
		t.Fatal(err)
	}
	ln.Close()
	files, routines := openFiles(), goroutines()
	if ln, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	s := newServer(settings)
	if _, err := s.configure(launch{lines: "enable-debug-command yes\nio-threads 4\n"}, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.build(nil); err != nil {
		t.Fatal(err)
	}
	if err := s.loops.Serve(ln); err != nil {
		t.Fatal(err)
	}
	gauges := soakGauges(t, ln.Addr().String())
	total := &soakTotal{errors: map[string]int{}}
	until := time.Now().Add(*soakFor)
	var all sync.WaitGroup
	for n := range soakClients {
		c := &soaker{t: t, addr: ln.Addr().String(), n: n, rng: rand.New(rand.NewPCG(seed, uint64(n))), total: total}
		all.Go(func() { c.run(until) })
	}
	all.Go(func() { s.disturb(rand.New(rand.NewPCG(seed, 999)), until) })
	all.Wait()
	t.Logf("%d commands, %d pushes, %d connections lost, errors: %v", total.commands.Load(), total.pushes.Load(), total.lost.Load(), total.errors)
	awaitSoak(t, "no client is left", func() bool { st := s.hub.Stats(); return st.Clients == 0 && st.Blocked == 0 })
	c, err := testutil.Dial(ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if r := c.Must(t, "FLUSHALL"); r.Text != "OK" {
		t.Errorf("FLUSHALL: %q", r.Raw)
	}
	c.Close()
	awaitSoak(t, "INFO shows what it did before", func() bool { return soakGauges(t, ln.Addr().String()) == gauges })
	awaitSoak(t, "all memory is given back", func() bool { m := s.ks.Memory(); return m.Used == 0 && m.LazyfreePending == 0 && m.LazyfreeBytes == 0 })
	awaitSoak(t, "clients hold nothing", func() bool { return s.hub.Memory()+s.loops.Memory() == 0 })
	if st := s.ks.Stats(); st.Waits != 0 {
		t.Errorf("%d keys are waited for", st.Waits)
	}
	s.loops.Close()
	s.ks.Close()
	awaitSoak(t, "no goroutine is left", func() bool { return within(goroutines(), routines) })
	awaitSoak(t, "no file is left open", func() bool { return within(openFiles(), files) })
	if t.Failed() {
		t.Logf("files %v, before %v; goroutines %v, before %v; %+v", openFiles(), files, goroutines(), routines, s.ks.Memory())
	}
}

// disturb changes settings while the clients work: how collections are
// stored, and how much memory there is.
func (s *Server) disturb(rng *rand.Rand, until time.Time) {
	set, lim := &s.ks.Settings, &s.ks.Settings.Limits
	for time.Now().Before(until) {
		for _, l := range []*atomic.Int64{&lim.HashEntries, &lim.SetEntries, &lim.SetIntSet, &lim.ZSetEntries, &lim.HashValue, &lim.ZSetValue} {
			l.Store([]int64{0, 8, 64, 128}[rng.IntN(4)])
		}
		lim.ListSize.Store([]int64{-1, -2, 3, 100}[rng.IntN(4)])
		set.Policy.Store(int32(rng.IntN(int(keyspace.AllKeysRandom) + 1)))
		set.MaxMemory.Store([]int64{0, 0, 0, 1 << 20}[rng.IntN(4)])
		time.Sleep(20 * time.Millisecond) // as long each setting stays
	}
	lim.Reset()
	set.MaxMemory.Store(0)
}
