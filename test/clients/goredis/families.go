package main

import (
	"encoding/json"
	"fmt"
	"log"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// families prints each call over the data types with what the library made of the
// reply. Which of it is right is not said here: the same session against a stock
// server has to print the same. What has no order is sorted.
func families(addr string) {
	for _, protocol := range []int{3, 2} {
		fmt.Println("== RESP", protocol)
		c := redis.NewClient(to(addr, protocol))
		if err := c.FlushAll(ctx).Err(); err != nil {
			log.Fatal(err)
		}
		lists(c)
		hashes(c)
		sets(c)
		sortedSets(c)
		streams(c)
		groups(c)
		geo(c)
		bits(c)
		generic(c)
		mixedPipeline(c)
		messages(c)
		c.Close()
	}
}

// vague are fields that tell of the moment, or of how a server is built.
var vague = regexp.MustCompile(`"(Idle|Inactive|RadixTreeKeys|RadixTreeNodes|SeenTime|ActiveTime|DeliveryTime)":("[^"]*"|[^,}\]]*)`)

// text shows a value with what its pointers point at, and maps in order.
func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil { // an infinite score
		return fmt.Sprintf("%+v", v)
	}
	return vague.ReplaceAllString(string(b), `"$1":"some"`)
}

// outcome shows all that Result of a call returns.
func outcome(cmd redis.Cmder) string {
	var all []string
	for _, v := range reflect.ValueOf(cmd).MethodByName("Result").Call(nil) {
		if err, ok := v.Interface().(error); ok {
			return "error: " + err.Error()
		}
		if v.Type() != reflect.TypeFor[error]() {
			all = append(all, text(v.Interface()))
		}
	}
	return strings.Join(all, ", ")
}

func say(cmds ...redis.Cmder) {
	for _, cmd := range cmds {
		fmt.Printf("%.200v -> %s\n", cmd.Args(), outcome(cmd))
	}
}

func saySorted(cmds ...*redis.StringSliceCmd) {
	for _, cmd := range cmds {
		slices.Sort(cmd.Val())
		say(cmd)
	}
}

// sayBlocked says what a blocking call brings while another client does serve once it blocks.
func sayBlocked(c *redis.Client, serve redis.Cmder, call func() redis.Cmder) {
	done := make(chan redis.Cmder, 1)
	go func() { done <- call() }()
	for !strings.Contains(c.Info(ctx, "clients").Val(), "blocked_clients:1") {
		if len(done) > 0 {
			log.Fatalf("did not block: %v", <-done)
		}
	}
	check("what serves", c.Process(ctx, serve), nil, nil)
	say(<-done)
}

func lists(c *redis.Client) {
	say(c.RPush(ctx, "l", "a", "b", "c", 1, 2.5, -7, []byte{0xff}), c.LPush(ctx, "l", "z"), c.LPushX(ctx, "none", "x"),
		c.LRange(ctx, "l", 0, -1), c.LRange(ctx, "none", 0, -1), c.LIndex(ctx, "l", -2), c.LIndex(ctx, "l", 99))
	say(c.LInsertBefore(ctx, "l", "b", "a"), c.LInsertAfter(ctx, "l", "none", "a"), c.LSet(ctx, "l", 0, "Z"), c.LSet(ctx, "l", 99, "Z"),
		c.LPos(ctx, "l", "a", redis.LPosArgs{Rank: 2}), c.LPosCount(ctx, "l", "a", 0, redis.LPosArgs{Rank: -1, MaxLen: 50}),
		c.LPos(ctx, "l", "none", redis.LPosArgs{}), c.LRem(ctx, "l", -1, "a"), c.LTrim(ctx, "l", 0, 6), c.LLen(ctx, "l"))
	say(c.LPop(ctx, "l"), c.LPopCount(ctx, "l", 2), c.RPopCount(ctx, "none", 2), c.RPopLPush(ctx, "l", "m"),
		c.LMove(ctx, "l", "l", "LEFT", "RIGHT"), c.LMove(ctx, "none", "l", "LEFT", "RIGHT"),
		c.LMPop(ctx, "right", 2, "none", "l"), c.LMPop(ctx, "left", 2, "none"))
	say(c.BLPop(ctx, time.Second, "none", "m"), c.Do(ctx, "BLPOP", "none", "0.01"), c.Do(ctx, "BLMOVE", "none", "l", "LEFT", "LEFT", "0.01"))
	sayBlocked(c, redis.NewCmd(ctx, "RPUSH", "q2", "x", "y"), func() redis.Cmder { return c.BLPop(ctx, 0, "q1", "q2") })
	sayBlocked(c, redis.NewCmd(ctx, "RPUSH", "q1", "x", "y"), func() redis.Cmder { return c.BRPopLPush(ctx, "q1", "q3", 5*time.Second) })
	sayBlocked(c, redis.NewCmd(ctx, "RPUSH", "q4", "x", "y"), func() redis.Cmder { return c.BLMove(ctx, "q4", "q4", "LEFT", "RIGHT", 5*time.Second) })
	sayBlocked(c, redis.NewCmd(ctx, "RPUSH", "q5", "x", "y"), func() redis.Cmder { return c.BLMPop(ctx, 0, "right", 3, "q0", "q5") })
}

func hashes(c *redis.Client) {
	type object struct {
		Name  string  `redis:"name"`
		Count int     `redis:"count"`
		Share float64 `redis:"share"`
	}
	say(c.HSet(ctx, "h", "f", "v", "n", 5), c.HSet(ctx, "h", map[string]any{"a": 1}), c.HSet(ctx, "o", object{"x", 3, 0.5}),
		c.HSetNX(ctx, "h", "f", "w"), c.HGet(ctx, "h", "f"), c.HGet(ctx, "h", "none"), c.HMGet(ctx, "h", "f", "none", "n"),
		c.HGetAll(ctx, "h"), c.HGetAll(ctx, "none"), c.HExists(ctx, "h", "f"), c.HLen(ctx, "h"), c.HStrLen(ctx, "h", "f"))
	var o object
	check("HGETALL into a struct", o, object{}, nil)
	check("HGETALL into a struct", c.HGetAll(ctx, "o").Scan(&o), nil, nil)
	fmt.Println(o)
	saySorted(c.HKeys(ctx, "h"), c.HVals(ctx, "h"), c.HRandField(ctx, "h", 9))
	say(c.HIncrBy(ctx, "h", "n", 7), c.HIncrBy(ctx, "h", "f", 1), c.HIncrByFloat(ctx, "h", "n", 0.1), c.HIncrByFloat(ctx, "h", "f", 1),
		c.HDel(ctx, "h", "f", "none"), c.HRandFieldWithValues(ctx, "o2", 2), c.HScan(ctx, "h", 0, "n*", 10), c.LPush(ctx, "h", 1))
	for i := range 2000 {
		c.HSet(ctx, "bigh", fmt.Sprint("field:", i), i)
	}
	sayIterated(c.HScan(ctx, "bigh", 0, "field:19?", 30))
	say(c.HLen(ctx, "bigh"), c.ObjectEncoding(ctx, "h"), c.ObjectEncoding(ctx, "bigh"))
}

// sayIterated prints what a scan brings to its end, sorted, each once.
func sayIterated(scan *redis.ScanCmd) {
	var got []string
	iter := scan.Iterator()
	for iter.Next(ctx) {
		got = append(got, iter.Val())
	}
	slices.Sort(got)
	fmt.Println(scan.Args()[:1], "->", slices.Compact(got), iter.Err())
}

func sets(c *redis.Client) {
	say(c.SAdd(ctx, "i", 3, 1, 2, 2), c.SAdd(ctx, "s", "a", "b", 1), c.SMembersMap(ctx, "s"), c.SCard(ctx, "s"), c.SIsMember(ctx, "s", "a"),
		c.SMIsMember(ctx, "s", "a", "none"), c.SInterCard(ctx, 1, "s", "i"), c.SDiffStore(ctx, "d", "s", "i"), c.SInterStore(ctx, "d", "s", "none"),
		c.SUnionStore(ctx, "d", "s", "i"), c.SMove(ctx, "d", "s", "2"), c.SMove(ctx, "d", "s", "none"), c.SRem(ctx, "d", "a", "none"))
	saySorted(c.SMembers(ctx, "s"), c.SDiff(ctx, "s", "i"), c.SInter(ctx, "s", "i"), c.SUnion(ctx, "s", "i", "none"),
		c.SRandMemberN(ctx, "d", 50), c.SPopN(ctx, "d", 50))
	say(c.SPop(ctx, "d"), c.SRandMember(ctx, "d"), c.SPopN(ctx, "d", 2), c.HSet(ctx, "s", "a", "b"))
	for i := range 2000 {
		c.SAdd(ctx, "bigs", fmt.Sprint("member:", i))
	}
	sayIterated(c.SScan(ctx, "bigs", 0, "member:19?", 30))
	say(c.ObjectEncoding(ctx, "i"), c.ObjectEncoding(ctx, "bigs"))
}

func sortedSets(c *redis.Client) {
	z := func(score float64, member string) redis.Z { return redis.Z{Score: score, Member: member} }
	say(c.ZAdd(ctx, "z", z(1, "a"), z(2, "b"), z(2, "c"), z(3.5, "d")), c.ZAddNX(ctx, "z", z(5, "a"), z(7, "g")), c.ZAddXX(ctx, "z", z(5, "a"), z(1, "no")),
		c.ZAddGT(ctx, "z", z(4, "a"), z(9, "b")), c.ZAddLT(ctx, "z", z(4, "a")), c.ZAddArgs(ctx, "z", redis.ZAddArgs{XX: true, GT: true, Ch: true, Members: []redis.Z{z(8, "a")}}),
		c.ZAddArgsIncr(ctx, "z", redis.ZAddArgs{NX: true, Members: []redis.Z{z(8, "a")}}), c.ZIncrBy(ctx, "z", 1e17, "d"), c.ZScore(ctx, "z", "d"),
		c.ZScore(ctx, "z", "none"), c.ZMScore(ctx, "z", "a", "none"), c.ZRank(ctx, "z", "a"), c.ZRevRank(ctx, "z", "none"), c.ZCard(ctx, "z"))
	say(c.ZRange(ctx, "z", 0, -1), c.ZRangeWithScores(ctx, "z", 0, -1), c.ZRevRangeWithScores(ctx, "z", 0, 1), c.ZCount(ctx, "z", "(2", "+inf"),
		c.ZRangeByScoreWithScores(ctx, "z", &redis.ZRangeBy{Min: "-inf", Max: "(9", Offset: 1, Count: 2}), c.ZRevRangeByScore(ctx, "z", &redis.ZRangeBy{Min: "2", Max: "9"}),
		c.ZRangeArgsWithScores(ctx, redis.ZRangeArgs{Key: "z", Start: "2", Stop: "+inf", ByScore: true, Rev: true, Offset: 1, Count: 2}),
		c.ZRangeStore(ctx, "to", redis.ZRangeArgs{Key: "z", Start: 0, Stop: 2, Rev: true}), c.ZRangeWithScores(ctx, "to", 0, -1), c.ZCount(ctx, "z", "x", "1"))
	for _, m := range "abcdefg" {
		c.ZAdd(ctx, "lex", z(0, string(m)))
	}
	say(c.ZRangeByLex(ctx, "lex", &redis.ZRangeBy{Min: "(b", Max: "[f", Offset: 1, Count: 2}), c.ZRevRangeByLex(ctx, "lex", &redis.ZRangeBy{Min: "[e", Max: "+"}),
		c.ZLexCount(ctx, "lex", "-", "(c"), c.ZRemRangeByLex(ctx, "lex", "-", "[b"))
	store := redis.ZStore{Keys: []string{"z", "lex"}, Weights: []float64{2, 0.5}, Aggregate: "MAX"}
	say(c.ZUnion(ctx, store), c.ZUnionWithScores(ctx, store), c.ZInter(ctx, &store), c.ZInterWithScores(ctx, &store), c.ZInterCard(ctx, 1, "z", "lex"),
		c.ZDiff(ctx, "z", "lex"), c.ZDiffWithScores(ctx, "z", "lex"), c.ZUnionStore(ctx, "to", &store), c.ZInterStore(ctx, "to", &store), c.ZDiffStore(ctx, "to", "z", "lex"),
		c.ZUnionWithScores(ctx, redis.ZStore{Keys: []string{"z", "s"}}))
	say(c.ZRem(ctx, "z", "b", "none"), c.ZRemRangeByRank(ctx, "z", 0, 0), c.ZRemRangeByScore(ctx, "z", "(4", "5"), c.ZPopMin(ctx, "z"), c.ZPopMax(ctx, "z", 9), c.ZPopMin(ctx, "none"),
		c.ZMPop(ctx, "max", 2, "none", "lex"), c.ZMPop(ctx, "min", 2, "none"), c.BZPopMin(ctx, time.Second, "none", "lex"), c.Do(ctx, "BZPOPMAX", "none", "0.01"))
	saySorted(c.ZRandMember(ctx, "lex", 20))
	sayBlocked(c, redis.NewCmd(ctx, "ZADD", "zq1", 1.5, "x", 2, "y"), func() redis.Cmder { return c.BZPopMin(ctx, 0, "zq0", "zq1") })
	sayBlocked(c, redis.NewCmd(ctx, "ZADD", "zq2", 1.5, "x", 2, "y"), func() redis.Cmder { return c.BZPopMax(ctx, 5*time.Second, "zq2") })
	sayBlocked(c, redis.NewCmd(ctx, "ZADD", "zq3", 1.5, "x", "-inf", "y"), func() redis.Cmder { return c.BZMPop(ctx, 0, "min", 5, "zq3") })
	for i := range 2000 {
		c.ZAdd(ctx, "bigz", z(float64(i)/4, fmt.Sprint("member:", i)))
	}
	sayIterated(c.ZScan(ctx, "bigz", 0, "member:19?", 30))
	say(c.ZRank(ctx, "bigz", "member:1234"), c.ZRangeWithScores(ctx, "bigz", -2, -1), c.ObjectEncoding(ctx, "lex"), c.ObjectEncoding(ctx, "bigz"))
}

func streams(c *redis.Client) {
	for i := 1; i <= 6; i++ {
		say(c.XAdd(ctx, &redis.XAddArgs{Stream: "x", ID: fmt.Sprint(i, "-1"), Values: []any{"n", i, "text", strings.Repeat("t", i)}}))
	}
	say(c.XAdd(ctx, &redis.XAddArgs{Stream: "x", ID: "3-0", Values: []any{"a", 1}}), c.XAdd(ctx, &redis.XAddArgs{Stream: "none", NoMkStream: true, Values: []any{"a", 1}}),
		c.XAdd(ctx, &redis.XAddArgs{Stream: "x", ID: "7-*", MaxLen: 6, Values: []any{"a", 1}}), c.XLen(ctx, "x"), c.XDel(ctx, "x", "3-1", "9-9"))
	say(c.XRange(ctx, "x", "-", "(5-1"), c.XRangeN(ctx, "x", "-", "+", 1), c.XRevRangeN(ctx, "x", "+", "-", 2), c.XRange(ctx, "none", "-", "+"),
		c.XRead(ctx, &redis.XReadArgs{Streams: []string{"x", "none", "4-1", "0"}, Count: 2, Block: -1}), c.XReadStreams(ctx, "x", "6-1"),
		c.XRead(ctx, &redis.XReadArgs{Streams: []string{"x", "$"}, Block: 10 * time.Millisecond}),
		c.XTrimMinID(ctx, "x", "4-1"), c.XTrimMaxLenApprox(ctx, "x", 100, 10), c.XTrimMaxLen(ctx, "x", 4), c.XInfoStream(ctx, "x"), c.XInfoStream(ctx, "none"))
}

func groups(c *redis.Client) {
	say(c.XGroupCreate(ctx, "x", "g", "0"), c.XGroupCreate(ctx, "x", "g", "0"), c.XGroupCreate(ctx, "none", "g", "$"), c.XGroupCreateMkStream(ctx, "made", "g", "$"),
		c.XGroupCreateConsumer(ctx, "x", "g", "carol"))
	read := func(consumer, id string, count int64) *redis.XStreamSliceCmd {
		return c.XReadGroup(ctx, &redis.XReadGroupArgs{Group: "g", Consumer: consumer, Streams: []string{"x", id}, Count: count, Block: -1})
	}
	say(read("alice", ">", 2), read("bob", ">", 1), read("alice", "0", 0), c.XPending(ctx, "x", "g"),
		c.XPendingExt(ctx, &redis.XPendingExtArgs{Stream: "x", Group: "g", Start: "-", End: "+", Count: 10}),
		c.XPendingExt(ctx, &redis.XPendingExtArgs{Stream: "x", Group: "g", Start: "-", End: "+", Count: 10, Consumer: "bob", Idle: time.Hour}),
		c.XAck(ctx, "x", "g", "4-1", "9-9"), c.XClaim(ctx, &redis.XClaimArgs{Stream: "x", Group: "g", Consumer: "carol", Messages: []string{"5-1", "9-9"}}),
		c.XClaimJustID(ctx, &redis.XClaimArgs{Stream: "x", Group: "g", Consumer: "carol", Messages: []string{"5-1"}}))
	say(c.XInfoStreamFull(ctx, "x", 3), c.XInfoGroups(ctx, "x"), c.XInfoConsumers(ctx, "x", "g"))
	claim := redis.XAutoClaimArgs{Stream: "x", Group: "g", Consumer: "erin", Start: "0", Count: 1}
	say(c.XAutoClaim(ctx, &claim), c.XDel(ctx, "x", "6-1"), c.XAutoClaimJustID(ctx, &claim), c.XAutoClaim(ctx, &redis.XAutoClaimArgs{Stream: "x", Group: "g", Consumer: "erin", Start: "0"}),
		c.XGroupSetID(ctx, "x", "g", "$"), c.XGroupDelConsumer(ctx, "x", "g", "erin"), c.XPending(ctx, "x", "g"), c.XPending(ctx, "x", "none"))
	sayBlocked(c, redis.NewCmd(ctx, "XADD", "x", "20-1", "k", "v"), func() redis.Cmder { return c.XRead(ctx, &redis.XReadArgs{Streams: []string{"none", "x", "$", "$"}}) })
	say(read("zoe", ">", 9))
	block := func() redis.Cmder {
		return c.XReadGroup(ctx, &redis.XReadGroupArgs{Group: "g", Consumer: "zoe", Streams: []string{"x", ">"}})
	}
	sayBlocked(c, redis.NewCmd(ctx, "XADD", "x", "21-1", "k", "v"), block)
	sayBlocked(c, redis.NewCmd(ctx, "DEL", "x"), block)
	say(c.XGroupDestroy(ctx, "made", "g"), c.ObjectEncoding(ctx, "made"))
}

func geo(c *redis.Client) {
	palermo := &redis.GeoLocation{Name: "Palermo", Longitude: 13.361389, Latitude: 38.115556}
	catania := &redis.GeoLocation{Name: "Catania", Longitude: 15.087269, Latitude: 37.502669}
	around := redis.GeoSearchQuery{Longitude: 15, Latitude: 37, Radius: 200, RadiusUnit: "km", Sort: "ASC"}
	box := redis.GeoSearchQuery{Member: "Palermo", BoxWidth: 400, BoxHeight: 400, BoxUnit: "km", Count: 1, CountAny: true, Sort: "ASC"}
	say(c.GeoAdd(ctx, "geo", palermo, catania), c.GeoAdd(ctx, "geo", &redis.GeoLocation{Name: "nowhere", Longitude: 200}), c.GeoDist(ctx, "geo", "Palermo", "Catania", "km"),
		c.GeoDist(ctx, "geo", "Palermo", "none", "m"), c.GeoHash(ctx, "geo", "Palermo", "none"), c.GeoPos(ctx, "geo", "Palermo", "none"), c.GeoSearch(ctx, "geo", &around), c.GeoSearch(ctx, "geo", &box),
		c.GeoSearchLocation(ctx, "geo", &redis.GeoSearchLocationQuery{GeoSearchQuery: around, WithCoord: true, WithDist: true, WithHash: true}),
		c.GeoSearchStore(ctx, "geo", "near", &redis.GeoSearchStoreQuery{GeoSearchQuery: around, StoreDist: true}), c.ZRangeWithScores(ctx, "near", 0, -1),
		c.GeoRadius(ctx, "geo", 15, 37, &redis.GeoRadiusQuery{Radius: 200, Unit: "km", WithCoord: true, WithDist: true, WithGeoHash: true, Sort: "DESC"}),
		c.GeoRadiusByMember(ctx, "geo", "Palermo", &redis.GeoRadiusQuery{Radius: 200, Unit: "km", Count: 1}),
		c.GeoRadiusStore(ctx, "geo", 15, 37, &redis.GeoRadiusQuery{Radius: 200, Unit: "km", Store: "near"}))
}

func bits(c *redis.Client) {
	say(c.SetBit(ctx, "b", 7, 1), c.SetBit(ctx, "b", 100, 1), c.SetBit(ctx, "b", -1, 1), c.GetBit(ctx, "b", 100), c.BitCount(ctx, "b", nil),
		c.BitCount(ctx, "b", &redis.BitCount{Start: 0, End: 7, Unit: "BIT"}), c.BitPos(ctx, "b", 1, 1), c.BitPosSpan(ctx, "b", 0, 1, -1, "bit"), c.Set(ctx, "c", "foobar", 0),
		c.BitOpAnd(ctx, "to", "b", "c"), c.BitOpOr(ctx, "to", "b", "c"), c.BitOpXor(ctx, "to", "b", "none"), c.BitOpNot(ctx, "to", "c"),
		c.BitField(ctx, "f", "SET", "u8", "#1", 300, "GET", "i4", 12, "OVERFLOW", "FAIL", "INCRBY", "u2", 100, 5), c.BitFieldRO(ctx, "f", "u8", 8), c.BitField(ctx, "f", "GET", "u64", 0))
	for i := range 3000 {
		c.PFAdd(ctx, fmt.Sprint("p", i%2), i/3)
	}
	say(c.PFAdd(ctx, "p0", 1), c.PFCount(ctx, "p0"), c.PFCount(ctx, "p0", "p1"), c.PFMerge(ctx, "p3", "p0", "p1"), c.PFCount(ctx, "p3"), c.PFCount(ctx, "c"))
}

func generic(c *redis.Client) {
	c.RPush(ctx, "ids", 3, 1, 2)
	for i := 1; i <= 3; i++ {
		c.MSet(ctx, fmt.Sprint("weight:", i), -i, fmt.Sprint("name:", i), fmt.Sprint("n", i))
	}
	say(c.Sort(ctx, "ids", &redis.Sort{Order: "DESC", Offset: 0, Count: 2}), c.Sort(ctx, "ids", &redis.Sort{By: "weight:*", Get: []string{"#", "name:*"}}),
		c.SortInterfaces(ctx, "ids", &redis.Sort{Get: []string{"none:*"}}), c.SortStore(ctx, "ids", "sorted", &redis.Sort{By: "nosort", Get: []string{"name:*"}}),
		c.SortRO(ctx, "sorted", &redis.Sort{Alpha: true}), c.Sort(ctx, "sorted", &redis.Sort{}))
	for _, kind := range []string{"list", "set", "zset", "hash", "stream", "string"} {
		sayIterated(c.ScanType(ctx, 0, "*", 7, kind))
	}
	for _, key := range []string{"ids", "i", "lex", "h", "bigh", "bigs", "bigz", "made", "p0"} {
		say(c.Type(ctx, key), c.Copy(ctx, key, "copy", 0, true), c.Type(ctx, "copy"), c.Rename(ctx, "copy", "copy2"), c.ObjectRefCount(ctx, key), c.Unlink(ctx, "copy2"))
		check("MEMORY USAGE "+key, c.MemoryUsage(ctx, key, 0).Val() > 0, true, nil)
	}
	say(c.Get(ctx, "ids"), c.LPush(ctx, "z", 1), c.SAdd(ctx, "ids", 1), c.ZAdd(ctx, "h", redis.Z{}), c.XLen(ctx, "ids"), c.HGetAll(ctx, "ids"))
}

func mixedPipeline(c *redis.Client) {
	cmds, _ := c.Pipelined(ctx, func(p redis.Pipeliner) error {
		p.RPush(ctx, "pl", 1, 2)
		p.HSet(ctx, "ph", "a", 1)
		p.HGet(ctx, "pl", "a")
		p.BLPop(ctx, time.Second, "none", "pl")
		p.ZAdd(ctx, "pz", redis.Z{Score: 1.5, Member: "m"})
		p.ZPopMin(ctx, "pz")
		p.XAdd(ctx, &redis.XAddArgs{Stream: "px", ID: "1-1", Values: []any{"a", 1}})
		p.XRange(ctx, "px", "-", "+")
		p.HGetAll(ctx, "ph")
		p.SMembersMap(ctx, "s")
		return nil
	})
	say(cmds...)
	cmds, err := c.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i := range 3000 {
			p.ZIncrBy(ctx, "count", 1, fmt.Sprint("m", i%7))
			p.RPush(ctx, "log", i)
		}
		return nil
	})
	check("a long pipeline", cmds[5999].(*redis.IntCmd).Val(), int64(3000), err)
}
