"""A session of redis-py: argv is the address of an open server and of one with the password sesame."""
import sys
import threading
import time

import redis

host, port = sys.argv[1].split(":")
locked_host, locked_port = sys.argv[2].split(":")


def raises(kind, text, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except kind as e:
        assert text in str(e), f"{e!r} does not say {text!r}"
        return
    raise AssertionError(f"{text!r} was not raised")


def check_strings(r):
    assert r.ping() is True
    assert r.set("s", "v") is True and r.get("s") == b"v"
    assert r.get("missing") is None
    assert r.set("s", "w", nx=True) is None and r.set("s", "w", xx=True) is True
    assert r.set("s", "x", get=True) == b"w"
    assert r.setnx("s", "y") is False and r.setnx("s2", "y") is True
    assert r.getset("s", "z") == b"x" and r.getdel("s2") == b"y" and r.exists("s2") == 0
    assert r.append("s", "zz") == 3 and r.strlen("s") == 3
    assert r.setrange("s", 1, "AB") == 3 and r.getrange("s", 0, 1) == b"zA" and r.substr("s", 1) == b"AB"
    assert r.mset({"m1": 1, "m2": "two", b"m3": b"\x00\xff"}) is True
    assert r.mget("m1", "m2", "m3", "none") == [b"1", b"two", b"\x00\xff", None]
    assert r.msetnx({"m1": 1, "m9": 1}) is False and r.exists("m9") == 0


def check_numbers(r):
    r.set(1, 2)
    assert r.get(1) == b"2" and r.get("1") == b"2"
    r.set(1.5, 2.25)
    assert r.get("1.5") == b"2.25"
    assert r.incr("n") == 1 and r.incr("n", 10) == 11 and r.decr("n") == 10 and r.decrby("n", 3) == 7
    assert r.incrbyfloat("f", 0.1) == 0.1 and r.incrbyfloat("f", 0.2) == 0.3
    r.set("text", "abc")
    raises(redis.ResponseError, "value is not an integer or out of range", r.incr, "text")
    raises(redis.ResponseError, "value is not a valid float", r.incrbyfloat, "text", 1)


def check_expiry(r):
    r.set("e", "v", ex=100)
    assert 98 <= r.ttl("e") <= 100 and 98000 <= r.pttl("e") <= 100000
    assert r.persist("e") is True and r.ttl("e") == -1 and r.ttl("missing") == -2
    assert r.expire("e", 50) is True and r.expire("missing", 50) is False
    assert r.expire("e", 100, nx=True) in (0, False) and r.expire("e", 100, gt=True) in (1, True)
    at = int(time.time()) + 1000
    assert r.expireat("e", at) and r.expiretime("e") == at and r.pexpiretime("e") == at * 1000
    assert r.getex("e", persist=True) == b"v" and r.ttl("e") == -1
    assert r.getex("e", px=5000) == b"v" and r.pttl("e") > 0
    assert r.setex("e", 10, "w") and r.psetex("e", 10000, "w")
    assert r.set("e", "x", keepttl=True) and r.ttl("e") > 0
    raises(redis.ResponseError, "invalid expire time in 'setex' command", r.setex, "e", 0, "v")
    assert r.pexpire("e", -1) in (1, True) and r.exists("e") == 0


def check_keys(r):
    r.flushall()
    for i in range(1000):
        r.set(f"key:{i}", i)
    assert r.dbsize() == 1000
    assert {int(k[4:]) for k in r.scan_iter("key:*", count=50)} == set(range(1000))
    assert len(list(r.scan_iter("key:1??", _type="string"))) == 100
    assert len(r.keys("key:?")) == 10
    assert r.rename("key:1", "renamed") is True and r.renamenx("renamed", "key:2") is False
    assert r.copy("renamed", "copied") is True and r.copy("renamed", "copied", replace=True) is True
    assert r.type("copied") == b"string" and r.object("encoding", "copied") == b"int"
    assert r.move("copied", 3) is True and r.touch("key:2", "nope") == 1
    assert r.delete("key:2", "nope") == 1 and r.unlink("key:3") == 1
    assert r.randomkey() is not None
    raises(redis.ResponseError, "no such key", r.rename, "nope", "x")
    assert r.memory_usage("renamed") > 0
    r.flushdb()
    assert r.dbsize() == 0
    r.flushall()


def check_pipeline(r):
    p = r.pipeline(transaction=False)
    for i in range(500):
        p.set(f"p:{i}", i).get(f"p:{i}").incr("count")
    replies = p.execute()
    assert len(replies) == 1500 and replies[1498] == b"499" and replies[-1] == 500
    p.set("x", "abc").incr("x").get("x")
    replies = p.execute(raise_on_error=False)
    assert replies[0] is True and isinstance(replies[1], redis.ResponseError) and replies[2] == b"abc"


def check_bytes(r):
    key, value = bytes(range(256)), bytes(range(255, -1, -1)) * 4000
    r.set(key, value)
    assert r.get(key) == value and key in r.keys("*")
    r.set("", "")
    assert r.get("") == b""
    r.flushall()


def check_connection(r):
    c = redis.Redis(host=host, port=port, client_name="session", decode_responses=True)
    assert c.client_getname() == "session"
    assert c.client_setname("other") and c.client_getname() == "other"
    assert any(x["name"] == "other" for x in c.client_list())
    assert c.client_info()["name"] == "other" and c.client_id() > 0
    assert c.echo("päng") == "päng"
    info = c.info()
    assert info["redis_mode"] == "standalone" and info["connected_clients"] >= 1
    assert c.info("keyspace") == {} or "db0" in c.info("keyspace")
    assert c.config_get("maxmemory") == {"maxmemory": "0"}
    assert c.config_set("maxmemory-samples", 7) and c.config_get("maxmemory-samples")["maxmemory-samples"] == "7"
    assert "get" in c.command() and c.command_count() > 50
    db3 = redis.Redis(host=host, port=port, db=3)
    db3.set("in3", 1)
    assert r.get("in3") is None and db3.get("in3") == b"1"
    assert r.swapdb(0, 3) and r.get("in3") == b"1"
    r.flushall()
    raises(redis.ResponseError, "unknown command", r.execute_command, "NOSUCH", "x")
    raises(redis.ResponseError, "wrong number of arguments for 'get' command", r.execute_command, "GET")
    raises(redis.ResponseError, "syntax error", r.execute_command, "SET", "a", "b", "c")


def check_auth():
    raises(redis.AuthenticationError, "Authentication required",
           redis.Redis(host=locked_host, port=locked_port).get, "a")
    raises(redis.ResponseError, "WRONGPASS",
           redis.Redis(host=locked_host, port=locked_port, password="wrong").get, "a")
    ok = redis.Redis(host=locked_host, port=locked_port, password="sesame", username="default")
    assert ok.set("a", 1) and ok.get("a") == b"1"


def check_acl(r):
    assert r.acl_whoami() == "default" and r.acl_users() == ["default"]
    assert "hash" in r.acl_cat() and "hget" in r.acl_cat("hash")
    assert len(r.acl_genpass()) == 64
    assert r.acl_setuser("app", enabled=True, passwords=["+secret", "+other"], commands=["+get", "+set", "+@hash", "-hset"],
                         keys=["app:*"], channels=["news:*"], selectors=[("+del", "~tmp:*")])
    u = r.acl_getuser("app")
    assert u["flags"] == ["on"] and u["enabled"] and len(u["passwords"]) == 2, u
    assert list(u["keys"]) == ["~app:*"] and list(u["channels"]) == ["&news:*"], u
    assert "+get" in u["commands"] and "+@hash" in u["categories"] and "-hset" in u["commands"], u
    assert u["selectors"] == [["commands", "-@all +del", "keys", "~tmp:*", "channels", ""]], u
    assert any(line.startswith("user app on #") for line in r.acl_list())
    app = redis.Redis(host=host, port=port, username="app", password="other")
    assert app.set("app:1", "v") and app.get("app:1") == b"v" and app.delete("tmp:1") == 0
    raises(redis.exceptions.NoPermissionError, "to access one of the keys", app.get, "other")
    raises(redis.exceptions.NoPermissionError, "to run the 'hset' command", app.hset, "app:2", "f", "v")
    raises(redis.exceptions.NoPermissionError, "to run the 'acl|whoami' command", app.acl_whoami)
    raises(redis.ResponseError, "invalid username-password pair",
           redis.Redis(host=host, port=port, username="app", password="wrong").ping)
    log = r.acl_log(10)
    assert [e["reason"] for e in log] == ["auth", "command", "command", "key"], log
    assert log[3]["object"] == "other" and log[3]["username"] == "app" and log[3]["client-info"]["user"] == "app", log
    assert r.acl_log_reset() and r.acl_log() == []
    assert r.acl_setuser("app", reset=True) and r.acl_getuser("app")["enabled"] is False
    assert r.acl_deluser("app", "nobody") == 1 and r.acl_getuser("app") is None
    raises(redis.ResponseError, "not configured to use an ACL file", r.acl_save)
    raises(redis.ResponseError, "not configured to use an ACL file", r.acl_load)
    assert r.acl_help()


def check_pool():
    pool = redis.BlockingConnectionPool(host=host, port=port, max_connections=8)
    r = redis.Redis(connection_pool=pool)

    def work():
        for _ in range(200):
            r.incr("shared")

    threads = [threading.Thread(target=work) for _ in range(16)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert r.get("shared") == b"3200", r.get("shared")
    assert r.client_kill_filter(_type="normal", skipme=False) > 0
    assert redis.Redis(host=host, port=port).ping()


def main():
    r = redis.Redis(host=host, port=port)
    r.flushall()
    for check in (check_strings, check_numbers, check_expiry, check_keys, check_pipeline, check_bytes, check_connection):
        check(r)
        print("ok", check.__name__)
    check_auth()
    check_acl(r)
    check_pool()
    print("ok")


main()
