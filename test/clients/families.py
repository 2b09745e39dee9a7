"""A session of redis-py over the data types: argv is the address of an open server.

It prints each call with what the library made of the reply. Which of it is right is
not said here: the same session against a stock server has to print the same.
"""
import os
import sys
import threading

import redis

host, port = sys.argv[1].split(":")
vague = ("idle", "inactive", "time_since_delivered", "radix-tree-keys", "radix-tree-nodes")  # of the moment, or of the server


def give_up(failure):
    sys.__excepthook__(*failure[:3])
    os._exit(1)


def connect():
    return redis.Redis(host=host, port=port, decode_responses=True)


def plain(value):
    """The value without what has no order or is different each time."""
    if isinstance(value, set):
        return sorted(value)
    if isinstance(value, dict):
        return {k: "some" if k in vague else plain(v) for k, v in value.items() if k != "inactive"}
    if isinstance(value, (list, tuple)):
        return type(value)(plain(v) for v in value)
    return value


def outcome(call, *args, **kwargs):
    try:
        return plain(call(*args, **kwargs))
    except redis.RedisError as e:
        return f"{type(e).__name__}: {e}"


def say(call, *args, **kwargs):
    print(call.__name__, args, kwargs or "", "->", repr(outcome(call, *args, **kwargs)))


def say_sorted(call, *args, **kwargs):
    got = outcome(call, *args, **kwargs)
    print(call.__name__, args, kwargs or "", "-> sorted", sorted(got.items() if isinstance(got, dict) else got))


def say_blocked(r, serve, call, *args, **kwargs):
    """Says what a blocking call brings while another client does serve once it blocks."""
    thread = threading.Thread(target=say, args=(call, *args), kwargs=kwargs)
    thread.start()
    while r.info("clients")["blocked_clients"] == 0:
        assert thread.is_alive(), "the call did not block"
    serve()
    thread.join()


def lists(r):
    say(r.rpush, "l", "a", "b", "c", 1, 2.5, -7, b"\xc3\xa4")
    say(r.lpush, "l", "z", "y")
    say(r.lpushx, "none", "x")
    say(r.rpushx, "l", "x")
    say(r.lrange, "l", 0, -1)
    say(r.lrange, "l", -3, 100)
    say(r.lindex, "l", -1)
    say(r.lindex, "l", 99)
    say(r.linsert, "l", "BEFORE", "b", "a2")
    say(r.linsert, "l", "AFTER", "none", "a2")
    say(r.lset, "l", 0, "Y")
    say(r.lset, "l", 99, "Y")
    say(r.lset, "none", 0, "Y")
    say(r.lpos, "l", "a")
    say(r.lpos, "l", "a", rank=-1, count=0, maxlen=100)
    say(r.lpos, "l", "none")
    say(r.lpos, "l", "none", count=0)
    say(r.lpos, "l", "a", rank=0)
    say(r.lrem, "l", 1, "a2")
    say(r.ltrim, "l", 0, 7)
    say(r.lpop, "l")
    say(r.lpop, "l", 2)
    say(r.rpop, "l", 0)
    say(r.rpop, "none", 1)
    say(r.rpop, "l", -1)
    say(r.lmove, "l", "m", "LEFT", "RIGHT")
    say(r.lmove, "l", "l", "RIGHT", "LEFT")
    say(r.lmove, "none", "l")
    say(r.rpoplpush, "l", "m")
    say(r.lmpop, 2, "none", "m", direction="LEFT", count=10)
    say(r.lmpop, 1, "none", direction="LEFT")
    say(r.llen, "l")
    say(r.delete, "l", "m")
    say(r.blpop, "none", timeout=0.01)
    say(r.brpoplpush, "none", "l", timeout=0.01)
    say(r.blmpop, 0.01, 1, "none", direction="LEFT")
    other = connect()
    say_blocked(r, lambda: other.rpush("q2", 1, 2, 3), r.blpop, ["q1", "q2"], timeout=5)
    say_blocked(r, lambda: other.rpush("q1", "x"), r.brpop, ["q1"], timeout=0)
    say_blocked(r, lambda: other.rpush("q1", "x"), r.blmove, "q1", "q3", 5, "LEFT", "RIGHT")
    say_blocked(r, lambda: other.rpush("q1", *range(5)), r.blmpop, 5, 2, "q0", "q1", direction="RIGHT", count=3)
    say_blocked(r, lambda: other.lpush("q4", "x"), r.brpoplpush, "q4", "q4", timeout=5)
    say(r.lrange, "q2", 0, -1)


def hashes(r):
    say(r.hset, "h", "f", "v")
    say(r.hset, "h", mapping={"a": 1, "b": 2.5, "c": "three"})
    say(r.hset, "h", items=["d", 4, "a", 0])
    say(r.hset, "h")
    say(r.hsetnx, "h", "a", 5)
    say(r.hget, "h", "c")
    say(r.hget, "h", "none")
    say(r.hmget, "h", "a", "none", "b")
    say(r.hset, "h", "e", "")
    say_sorted(r.hgetall, "h")
    say_sorted(r.hkeys, "h")
    say_sorted(r.hvals, "h")
    say(r.hgetall, "none")
    say(r.hexists, "h", "a")
    say(r.hlen, "h")
    say(r.hstrlen, "h", "c")
    say(r.hincrby, "h", "a", -3)
    say(r.hincrby, "h", "c", 1)
    say(r.hincrbyfloat, "h", "b", 0.1)
    say(r.hincrbyfloat, "h", "new", "1e3")
    say(r.hincrbyfloat, "h", "c", 1)
    say(r.hdel, "h", "a", "none", "b")
    say(r.hrandfield, "none")
    say_sorted(r.hrandfield, "h", 100)
    say_sorted(r.hrandfield, "h", 100, withvalues=True)
    r.hset("bigh", mapping={f"field:{i}": i for i in range(2000)})
    say_sorted(lambda: {k for k, _ in r.hscan_iter("bigh", match="*:1??", count=50)})
    say(r.hscan, "h", 0, match="c*")
    say(r.object, "encoding", "h")
    say(r.object, "encoding", "bigh")


def sets(r):
    say(r.sadd, "i", 3, 1, 2, 2, -5)
    say(r.sadd, "s", "a", "b", "c", 1)
    say(r.smembers, "i")
    say(r.smembers, "none")
    say(r.scard, "s")
    say(r.sismember, "s", "a")
    say(r.smismember, "s", ["a", "none", 1])
    say(r.sdiff, "s", "i")
    say(r.sinter, ["s", "i"])
    say(r.sunion, "s", "i", "none")
    say(r.sintercard, 2, ["s", "i"], limit=1)
    say(r.sdiffstore, "d", "s", "i")
    say(r.sinterstore, "d", "s", "none")
    say(r.exists, "d")
    say(r.sunionstore, "d", ["s", "i"])
    say(r.smove, "d", "s", "2")
    say(r.smove, "d", "s", "none")
    say(r.srem, "d", "a", "none")
    say_sorted(r.srandmember, "d", 100)
    say(lambda: len(r.srandmember("d", -20)))
    say_sorted(r.spop, "d", 100)
    say(r.spop, "d")
    say(r.spop, "d", 2)
    r.sadd("bigs", *[f"member:{i}" for i in range(2000)])
    say(lambda: {m for m in r.sscan_iter("bigs", match="*:19?", count=100)})
    say(r.sscan, "s", 0, match="b*")
    say(r.object, "encoding", "i")
    say(r.object, "encoding", "bigs")
    say(r.sadd, "h", 1)


def sorted_sets(r):
    scores = {"a": 1, "b": 2, "c": 2, "d": 3.5, "e": float("inf"), "f": float("-inf")}
    say(r.zadd, "z", scores)
    say(r.zadd, "z", {"a": 5, "g": 7}, nx=True)
    say(r.zadd, "z", {"a": 5, "h": 7}, xx=True, ch=True)
    say(r.zadd, "z", {"a": 4, "b": 9}, gt=True, ch=True)
    say(r.zadd, "z", {"a": 4}, lt=True)
    say(r.zadd, "z", {"a": 0.1}, incr=True)
    say(r.zadd, "z", {"a": 1}, incr=True, nx=True)
    say(r.zadd, "z", {"a": "nan"})
    say(r.zincrby, "z", 1e17, "d")
    say(r.zscore, "z", "d")
    say(r.zscore, "z", "e")
    say(r.zscore, "z", "none")
    say(r.zmscore, "z", ["a", "none", "f"])
    say(r.zrank, "z", "a")
    say(r.zrevrank, "z", "a")
    say(r.zrank, "z", "none")
    say(r.zrange, "z", 0, -1, withscores=True)
    say(r.zrange, "z", 0, 1, desc=True, withscores=True, score_cast_func=str)
    say(r.zrange, "z", "(1", "+inf", byscore=True, offset=1, num=2)
    say(r.zrange, "z", "-inf", "5", byscore=True, desc=True, offset=0, num=-1)
    say(r.zrevrange, "z", 0, 2, withscores=True)
    say(r.zrangebyscore, "z", "-inf", "(9", withscores=True, start=0, num=3)
    say(r.zrevrangebyscore, "z", "+inf", 2, withscores=True)
    say(r.zcount, "z", 2, "(9")
    say(r.zcount, "z", "x", 3)
    say(r.zrangestore, "to", "z", 0, 2)
    say(r.zrangestore, "to", "z", 2, "+inf", byscore=True, offset=0, num=2)
    say(r.zadd, "lex", dict.fromkeys("abcdefg", 0))
    say(r.zrangebylex, "lex", "(b", "[f", start=1, num=2)
    say(r.zrevrangebylex, "lex", "+", "[e")
    say(r.zrange, "lex", "-", "(c", bylex=True)
    say(r.zlexcount, "lex", "-", "+")
    say(r.zremrangebylex, "lex", "-", "[b")
    say(r.zunion, {"z": 2, "lex": 0.5}, aggregate="MAX", withscores=True)
    say(r.zunion, ["z", "lex"])
    say(r.zinter, ["z", "lex"], aggregate="SUM", withscores=True)
    say(r.zintercard, 2, ["z", "lex"], limit=2)
    say(r.zdiff, ["z", "lex"], withscores=True)
    say(r.zunionstore, "to", {"z": 2, "lex": 3}, aggregate="MIN")
    say(r.zinterstore, "to", ["z", "s"])
    say(r.zdiffstore, "to", ["z", "lex"])
    say(r.zrange, "to", 0, -1, withscores=True)
    say(r.zrem, "z", "e", "none")
    say(r.zremrangebyrank, "z", 0, 0)
    say(r.zremrangebyscore, "z", 9, "+inf")
    say(r.zpopmin, "z")
    say(r.zpopmax, "z", 10)
    say(r.zpopmin, "z")
    say(r.zmpop, 2, ["none", "lex"], min=True, count=2)
    say(r.zmpop, 1, ["none"], max=True)
    say_sorted(r.zrandmember, "lex", 10)
    say(r.zrandmember, "none")
    say(r.bzpopmin, "none", timeout=0.01)
    other = connect()
    say_blocked(r, lambda: other.zadd("zq1", {"x": 1.5, "y": 2}), r.bzpopmin, ["zq0", "zq1"], timeout=5)
    say_blocked(r, lambda: other.zadd("zq2", {"x": 1.5, "y": 2}), r.bzpopmax, "zq2", timeout=0)
    say_blocked(r, lambda: other.zadd("zq3", {"x": 1.5, "y": 2}), r.bzmpop, 5, 2, ["zq0", "zq3"], min=True, count=5)
    r.zadd("bigz", {f"member:{i}": i / 4 for i in range(2000)})
    say_sorted(lambda: {m for m, _ in r.zscan_iter("bigz", match="*:19?", count=100)})
    say(r.zscan, "lex", 0, match="e*")
    say(r.zrange, "bigz", -3, -1, withscores=True)
    say(r.zrank, "bigz", "member:1234")
    say(r.object, "encoding", "lex")
    say(r.object, "encoding", "bigz")


def streams(r):
    for i in range(1, 7):
        say(r.xadd, "x", {"n": i, "text": "t" * i}, id=f"{i}-1")
    say(r.xadd, "x", {"a": 1}, id="3-0")
    say(r.xadd, "none", {"a": 1}, nomkstream=True)
    say(r.xadd, "x", {"a": 1}, id="7-*", maxlen=6, approximate=False)
    say(r.xlen, "x")
    say(r.xrange, "x", min="-", max="(5-1", count=2)
    say(r.xrevrange, "x", count=2)
    say(r.xdel, "x", "3-1", "9-9")
    say(r.xread, {"x": "4-1", "none": "0"}, count=2)
    say(r.xread, {"x": "$"})
    say(r.xread, {"x": "$"}, block=10)
    say(r.xtrim, "x", minid="4-1", approximate=False)
    say(r.xtrim, "x", maxlen=100, approximate=True, limit=10)
    say(r.xgroup_create, "x", "g", id="0")
    say(r.xgroup_create, "x", "g", id="0")
    say(r.xgroup_create, "none", "g")
    say(r.xgroup_create, "made", "g", mkstream=True, entries_read=0)
    say(r.xgroup_createconsumer, "x", "g", "carol")
    say(r.xreadgroup, "g", "alice", {"x": ">"}, count=2)
    say(r.xreadgroup, "g", "bob", {"x": ">"}, count=1)
    say(r.xreadgroup, "g", "alice", {"x": "0"})
    say(r.xreadgroup, "none", "alice", {"x": ">"})
    say(r.xpending, "x", "g")
    say(r.xpending_range, "x", "g", "-", "+", 10)
    say(r.xpending_range, "x", "g", "-", "+", 10, consumername="bob", idle=100000)
    say(r.xack, "x", "g", "4-1", "9-9")
    say(r.xclaim, "x", "g", "carol", 0, ["5-1", "9-9"])
    say(r.xclaim, "x", "g", "carol", 0, ["5-1"], justid=True)
    say(r.xclaim, "x", "g", "dave", 0, ["4-1"], force=True, retrycount=7, idle=1000)
    say(r.xautoclaim, "x", "g", "erin", 0, start_id="0-0", count=1)
    say(r.xautoclaim, "x", "g", "erin", 0, justid=True)
    r.xdel("x", "4-1")
    say(r.xautoclaim, "x", "g", "erin", 0)
    say(r.xpending_range, "x", "g", "-", "+", 10)
    say(r.xinfo_stream, "x")
    say(r.xinfo_groups, "x")
    say(r.xinfo_consumers, "x", "g")
    say(r.xinfo_stream, "none")
    say(r.xgroup_setid, "x", "g", "$", entries_read=3)
    say(r.xgroup_delconsumer, "x", "g", "erin")
    say(r.xpending, "x", "g")
    other = connect()
    say_blocked(r, lambda: other.xadd("x", {"k": "v"}, id="20-1"), r.xread, {"x": "$", "none": "$"}, block=5000)
    say(r.xreadgroup, "g", "zoe", {"x": ">"})
    say_blocked(r, lambda: other.xadd("x", {"k": "v"}, id="21-1"), r.xreadgroup, "g", "zoe", {"x": ">"}, block=0, noack=True)
    say_blocked(r, lambda: other.xadd("x", {"k": "v"}, id="22-1"), r.xreadgroup, "g", "zoe", {"x": ">"}, block=5000)
    say_blocked(r, lambda: other.delete("x"), r.xreadgroup, "g", "zoe", {"x": ">"}, block=5000)
    say(r.xgroup_destroy, "made", "g")
    say(r.object, "encoding", "made")


def geo(r):
    say(r.geoadd, "geo", [13.361389, 38.115556, "Palermo", 15.087269, 37.502669, "Catania"])
    say(r.geoadd, "geo", [13.583333, 37.316667, "Agrigento"], nx=True, ch=True)
    say(r.geoadd, "geo", [200, 0, "nowhere"])
    say(r.geodist, "geo", "Palermo", "Catania", unit="km")
    say(r.geodist, "geo", "Palermo", "none")
    say(r.geohash, "geo", "Palermo", "none")
    say(r.geopos, "geo", "Palermo", "none")
    say(r.georadius, "geo", 15, 37, 200, unit="km", withdist=True, withcoord=True, withhash=True, sort="ASC")
    say(r.georadiusbymember, "geo", "Agrigento", 100, unit="km", count=1)
    say(r.georadius, "geo", 15, 37, 200, unit="km", store="near")
    say(r.geosearch, "geo", longitude=15, latitude=37, radius=200, unit="km", sort="DESC", withdist=True)
    say(r.geosearch, "geo", member="Palermo", width=400, height=400, unit="km", sort="ASC", count=2, any=True)
    say(r.geosearchstore, "near", "geo", member="Palermo", radius=200, unit="km", storedist=True)
    say(r.zrange, "near", 0, -1, withscores=True)


def bits(r):
    say(r.setbit, "b", 7, 1)
    say(r.setbit, "b", 100, 1)
    say(r.setbit, "b", -1, 1)
    say(r.getbit, "b", 100)
    say(r.bitcount, "b")
    say(r.bitcount, "b", 0, 7, "BIT")
    say(r.bitpos, "b", 1, 1)
    say(r.bitpos, "b", 1, 8, -1, "BIT")
    say(r.set, "c", "foobar")
    say(r.bitop, "AND", "to", "b", "c")
    say(r.bitop, "NOT", "to", "c")
    say(r.bitop, "NOT", "to", "b", "c")
    say(r.bitfield("f").set("u8", "#1", 300).get("i4", 12).incrby("i5", 100, 1).execute)
    say(r.bitfield("f", default_overflow="FAIL").incrby("u2", 100, 3).incrby("u2", 100, 1).execute)
    say(r.bitfield("f").overflow("SAT").incrby("i8", 0, 1000).overflow("WRAP").incrby("i8", 0, 1).execute)
    say(r.pfadd, "p", *range(100))
    say(r.pfadd, "p", 5)
    say(r.pfadd, "p2", *range(50, 3000))
    say(r.pfcount, "p", "p2")
    say(r.pfmerge, "p3", "p", "p2")
    say(r.pfcount, "p3")
    say(r.pfcount, "c")


def generic(r):
    say(r.rpush, "ids", 3, 1, 2)
    for i in (1, 2, 3):
        r.mset({f"weight:{i}": -i, f"name:{i}": f"n{i}"})
        r.hset(f"object:{i}", "name", f"N{i}")
    say(r.sort, "ids")
    say(r.sort, "ids", desc=True, start=0, num=2)
    say(r.sort, "ids", by="weight:*", get=["#", "name:*", "object:*->name", "none:*"], groups=True)
    say(r.sort, "ids", by="nosort", get="name:*", store="sorted")
    say(r.sort_ro, "sorted", alpha=True, desc=True)
    say(r.sort, "s", alpha=True)
    say(r.sort, "sorted")
    for kind in ("list", "set", "zset", "hash", "stream", "string"):
        say_sorted(lambda: list(r.scan_iter(count=7, _type=kind)))
    for key in ("ids", "i", "lex", "h", "made", "p"):
        say(r.type, key)
        say(r.object, "refcount", key)
        say(lambda: r.memory_usage(key, samples=0) > 0 and r.object("idletime", key) < 100)
        say(r.copy, key, "copy", replace=True)
        say(r.type, "copy")
        say(r.rename, "copy", "copy2")
        say(r.expire, "copy2", 100)
        say(r.unlink, "copy2")
    say(r.lpush, "h", 1)
    say(r.get, "ids")
    say(r.zadd, "s", {"a": 1})


def pipelines(r):
    p = r.pipeline(transaction=False)
    p.rpush("pl", 1, 2).hset("ph", mapping={"a": 1}).zadd("pz", {"m": 1.5}).xadd("px", {"a": 1}, id="1-1").sadd("ps", 1)
    p.lrange("pl", 0, -1).hgetall("ph").zrange("pz", 0, -1, withscores=True).xrange("px").smembers("ps")
    p.hget("pl", "a").blpop("none", 0.01).zpopmin("pz").lpop("pl", 5).xinfo_stream("px")
    print("pipeline ->", [str(v) if isinstance(v, Exception) else plain(v) for v in p.execute(raise_on_error=False)])
    for i in range(3000):
        p.zincrby("count", 1, f"m{i % 7}").hincrby("hc", i % 11, i).rpush("log", i)
    print("long pipeline ->", p.execute()[-9:])


def hear(listener, n):
    """Says what comes next; a library's get_message may return nothing for a command's own answer."""
    while n > 0:
        message = listener.get_message(timeout=10)
        if message is not None:
            print("heard", message)
            n -= 1


def pubsub(r):
    listener = r.pubsub()
    listener.subscribe("news", "weather")
    listener.psubscribe("n*")
    hear(listener, 3)
    say(r.publish, "news", "first")
    say(r.publish, "nobody", "second")
    say(r.publish, "unheard", "third")
    hear(listener, 3)
    listener.ping("there")
    hear(listener, 1)
    say(r.pubsub_channels, "n*")
    say(r.pubsub_numsub, "news", "none")
    say(r.pubsub_numpat)
    listener.unsubscribe("weather")
    listener.punsubscribe()
    hear(listener, 2)
    say(r.publish, "news", "last")
    hear(listener, 1)
    heard, handled = [], r.pubsub()
    handled.subscribe(**{"handled": heard.append})
    hear(handled, 1)
    thread = handled.run_in_thread(sleep_time=0.01)
    say(r.publish, "handled", "x")
    while not heard:
        assert thread.is_alive()
    thread.stop()
    thread.join()
    print("handled", heard)
    events = r.pubsub()
    r.config_set("notify-keyspace-events", "KEA")
    events.psubscribe("__key*__:*")
    hear(events, 1)
    r.set("noticed", 1, ex=100)
    r.delete("noticed")
    hear(events, 6)
    r.config_set("notify-keyspace-events", "")
    events.close()


def main():
    threading.excepthook = give_up
    r = connect()
    r.flushall()
    for family in (lists, hashes, sets, sorted_sets, streams, geo, bits, generic, pipelines, pubsub):
        print("==", family.__name__)
        family(r)


main()
