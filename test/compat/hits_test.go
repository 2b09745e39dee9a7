package compat

import (
	"regexp"
	"strings"
	"testing"
)

var hitsAndMisses = regexp.MustCompile(`keyspace_(?:hits|misses):\d+`)

// Which commands count as a hit or a miss of the keyspace is Redis's to say:
// monitoring compares the two.
func TestHitsAndMisses(t *testing.T) {
	p := newPair(t, 2)
	for _, line := range []string{"set a 1", "get a", "get b", "exists a b a", "type a", "type b", "ttl a", "pttl b", "expiretime a",
		"object encoding a", "object idletime b", "object refcount a", "memory usage a", "touch a b", "strlen a", "getrange a 0 1",
		"substr a 0 1", "getdel b", "getex a", "getex a ex 100", "getset a 2", "incr a", "incrbyfloat a 1", "append a x", "setrange a 0 y",
		"expire a 100", "expire b 100", "persist a", "set a 1 get", "set a 2 xx", "set a 1 nx get", "setnx a 1", "copy a c", "copy b d",
		"rename c d", "renamenx d e", "move e 1", "randomkey", "keys *", "scan 0", "mget a b", "mset a 1 b 2", "msetnx a 1", "lcs a b",
		"del a", "unlink b", "getdel a",
		"rpush l 1 2 3", "lpushx l 0", "rpushx nol 0", "llen l", "llen nol", "lrange l 0 -1", "lrange nol 0 1", "lindex l 0", "lindex nol 0",
		"lset l 0 x", "linsert l before 1 y", "lpos l 1", "lpos nol 1", "lrem l 0 y", "ltrim l 0 2", "lpop l", "rpop nol", "lpop l 1",
		"lmove l l2 left right", "rpoplpush nol l2", "lmpop 2 nol l2 left", "blpop l nol 0.01", "rpush l 1 2 3", "set str x", "llen str", "lrange str 0 1",
		"sadd s a b c", "sadd s2 b c d", "scard s", "scard nos", "sismember s a", "sismember nos a", "smismember s a b", "smembers s",
		"smembers nos", "srandmember s 2", "srandmember nos", "smove s s2 a", "smove nos s2 a", "spop s 0", "srem s2 d", "sinter s s2", "sinter s nos",
		"sinter nos s", "sunion s nos s2", "sdiff s nos", "sdiff nos s", "sinterstore d s s2", "sinterstore d s nos", "sunionstore d s nos",
		"sdiffstore d nos s", "sintercard 2 s s2", "sintercard 2 nos s", "sscan s 0", "sscan nos 0", "scard str",
		"hset h a 1 b 2", "hget h a", "hget h x", "hget noh a", "hmget h a x", "hmget noh a", "hgetall h", "hgetall noh", "hkeys h", "hvals noh",
		"hlen h", "hlen noh", "hexists h a", "hexists noh a", "hstrlen h a", "hstrlen noh a", "hincrby h a 1", "hincrbyfloat h a 1", "hsetnx h a 1",
		"hrandfield h", "hrandfield noh 2", "hscan h 0", "hscan noh 0", "hdel h a", "hdel noh a", "hget str a",
		"zadd z 1 a 2 b 3 c", "zadd z2 1 a 5 d", "zcard z", "zcard noz", "zscore z a", "zscore z x", "zscore noz a", "zmscore z a x", "zrank z a",
		"zrevrank noz a", "zrange z 0 -1", "zrange noz 0 1", "zrangebyscore z 1 2", "zrangebylex noz - +", "zcount z 1 2", "zlexcount noz - +",
		"zincrby z 1 a", "zrem z2 d", "zrandmember z 1", "zrandmember noz", "zscan z 0", "zpopmin z", "zpopmax noz", "zmpop 2 noz z min",
		"bzpopmin noz z 0.01", "zadd z 1 a 2 b", "zunion 2 z noz", "zinter 2 z z2", "zinter 2 noz z", "zdiff 2 z noz", "zunionstore d 2 z z2", "zinterstore d 2 z noz",
		"zdiffstore d 2 noz z", "zrangestore d z 0 1", "zrangestore d noz 0 1", "zintercard 2 z z2", "zremrangebyrank z 5 6", "zremrangebyscore noz 1 2",
		"xadd x 1-1 f v", "xlen x", "xlen nox", "xrange x - +", "xrevrange nox + -", "xread streams x nox 0 0", "xgroup create x g 0",
		"xreadgroup group g c streams x >", "xpending x g", "xack x g 1-1", "xdel x 9-9", "xtrim x maxlen 9", "xinfo stream x", "xinfo groups nox",
		"xclaim x g c 0 1-1", "xautoclaim x g c 0 0", "xsetid x 5-1",
		"setbit b 1 1", "getbit b 1", "getbit nob 1", "bitcount b", "bitcount nob", "bitpos b 1", "bitpos nob 1", "bitop or d b nob", "bitfield b get u8 0",
		"bitfield b set u8 0 1", "bitfield_ro nob get u8 0", "pfadd p a", "pfcount p", "pfcount p nop", "pfcount nop", "pfmerge p2 p nop",
		"geoadd g 1 1 a", "geopos g a", "geopos nog a", "geodist g a a", "geohash nog a", "geosearch g frommember a byradius 1 km asc",
		"geosearchstore d g frommember a byradius 1 km", "georadius nog 1 1 1 km", "sort l", "sort nol", "sort l by w_* get str", "sort l store d", "sort_ro s alpha"} {
		var seen [2]string
		for i, s := range p.sides {
			s.conn().Must(t, strings.Fields(line)...)
			seen[i] = strings.Join(hitsAndMisses.FindAllString(s.conn().Must(t, "INFO", "stats").Text, -1), " ")
		}
		if seen[0] != seen[1] {
			t.Fatalf("after %q: %s, stock %s", line, seen[1], seen[0])
		}
	}
}
