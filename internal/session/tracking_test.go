package session

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redstart-db/redstart/internal/testutil"
)

func TestTrackedReadAllocatesNothing(t *testing.T) {
	if testutil.RaceEnabled {
		t.Skip("the race detector allocates")
	}
	l := newTestHub(t).Local()
	for _, line := range []string{"HELLO 3", "CLIENT TRACKING ON", "MSET k 1 other 2"} {
		l.Do(argv(line))
	}
	for _, line := range []string{"GET k", "MGET k other none"} {
		words := argv(line)
		l.Do(words)
		if n := testing.AllocsPerRun(200, func() { l.Do(words) }); n != 0 {
			t.Errorf("%s: %v allocations", line, n)
		}
	}
}

func TestTrackingTableIsGivenBack(t *testing.T) {
	s := startServer(t, 2)
	memory := s.ks.Settings.Overhead.Load()
	for _, end := range []func(c *testutil.Conn){
		func(c *testutil.Conn) { c.Close() },
		func(c *testutil.Conn) { ask(t, c, "CLIENT TRACKING OFF") },
		func(c *testutil.Conn) { ask(t, c, "RESET") },
		func(c *testutil.Conn) { ask(t, c, "FLUSHALL") },
	} {
		c := s.dial(t)
		ask(t, c, "HELLO 3")
		expect(t, c, "CLIENT TRACKING ON", "+OK\r\n")
		for i := range 100 {
			ask(t, c, fmt.Sprint("GET key", i))
		}
		if st := s.Tracking(); st.Clients != 1 || st.Keys != 100 || st.Items != 100 || st.Bytes < 100*readersSize {
			t.Errorf("after 100 reads: %+v", st)
		}
		end(c)
		until(t, func() bool { st := s.Tracking(); return st.Keys == 0 && st.Items == 0 && st.Bytes == 0 })
		c.Close()
		until(t, func() bool { return s.Tracking().Clients == 0 && s.Stats().Clients == 0 })
	}
	until(t, func() bool { return s.ks.Settings.Overhead.Load() == memory })
}

func TestPrefixesAreGivenBack(t *testing.T) {
	s := startServer(t, 1)
	c := s.dial(t)
	ask(t, c, "HELLO 3")
	memory := s.Memory()
	expect(t, c, "CLIENT TRACKING ON BCAST PREFIX a PREFIX b", "+OK\r\n")
	expect(t, c, "CLIENT TRACKING ON BCAST PREFIX ccc", "+OK\r\n")
	if st := s.Tracking(); st.Prefixes != 3 || s.Memory()-memory != 3*prefixSize+5 {
		t.Errorf("%+v and %d bytes", st, s.Memory()-memory)
	}
	expect(t, c, "CLIENT TRACKING OFF", "+OK\r\n")
	if st := s.Tracking(); st.Prefixes != 0 || s.Memory() != memory || len(s.tracker.prefixes.lengths) != 0 {
		t.Errorf("%+v and %d bytes are left", st, s.Memory()-memory)
	}
}

// TestGoneReadersMakeRoom: many clients read a key that never changes, and go.
func TestGoneReadersMakeRoom(t *testing.T) {
	h := newTestHub(t)
	stays := h.Local()
	stays.Do(argv("CLIENT TRACKING ON"))
	for range 1000 {
		l := h.Local()
		l.Do(argv("CLIENT TRACKING ON"))
		l.Do(argv("GET k"))
		l.Close()
	}
	if n := h.Tracking().Items; n > 16 {
		t.Errorf("%d readers are remembered", n)
	}
	stays.Do(argv("SET k v"))
	if st := h.Tracking(); st.Keys != 0 || st.Items != 0 || st.Bytes != 0 {
		t.Errorf("%+v is left", st)
	}
}

// nextKeys reads an invalidation message.
func nextKeys(t *testing.T, c *testutil.Conn) (keys []string) {
	t.Helper()
	r, err := c.Receive()
	if err != nil || r.Kind != '>' || len(r.Elem) != 2 || r.Elem[0].Text != "invalidate" {
		t.Fatalf("%q (%v) is no invalidation", r.Raw, err)
	}
	for _, e := range r.Elem[1].Elem {
		keys = append(keys, e.Text)
	}
	return keys
}

func TestTrackingLimit(t *testing.T) {
	s := startServer(t, 2)
	c := s.dial(t)
	ask(t, c, "HELLO 3")
	ask(t, c, "CLIENT TRACKING ON")
	for i := range 2500 {
		ask(t, c, fmt.Sprint("GET key", i))
	}
	s.settings.TrackingMaxKeys.Store(10)
	s.TrimTracking()
	seen := map[string]bool{}
	for range 2490 {
		keys := nextKeys(t, c)
		if len(keys) != 1 || seen[keys[0]] {
			t.Fatalf("told of %q, again or with others", keys)
		}
		seen[keys[0]] = true
	}
	if st := s.Tracking(); st.Keys != 10 {
		t.Errorf("%d keys are left", st.Keys)
	}
	for i := range 2500 { // what is too much goes with the next command
		if ask(t, c, fmt.Sprint("GET more", i)); i%100 == 0 {
			break
		}
	}
	nextKeys(t, c)
	expect(t, c, "PING", "+PONG\r\n")
}

// TestInvalidationBeforeQueued: a key that the table has no room for is told of before the
// reply to the next command, even if that is only queued.
func TestInvalidationBeforeQueued(t *testing.T) {
	s := startServer(t, 1)
	c := s.dial(t)
	for _, line := range []string{"HELLO 3", "CLIENT TRACKING ON", "MGET k1 k2", "MULTI"} {
		ask(t, c, line)
	}
	s.settings.TrackingMaxKeys.Store(1)
	s.TrimTracking()
	if keys := nextKeys(t, c); len(keys) != 1 {
		t.Errorf("told of %q", keys)
	}
	expect(t, c, "PING", "+QUEUED\r\n")
	expect(t, c, "EXEC", "*1\r\n+PONG\r\n")
}

// TestTrackingSwitchedInTransaction: what a transaction reads and changes after it has turned tracking on counts.
func TestTrackingSwitchedInTransaction(t *testing.T) {
	s := startServer(t, 1)
	c := s.dial(t)
	ask(t, c, "HELLO 3")
	for _, line := range []string{"MULTI", "CLIENT TRACKING ON", "GET k", "SET k 1", "GET k", "SET k 2", "CLIENT TRACKING OFF"} {
		ask(t, c, line)
	}
	expect(t, c, "EXEC", "*6\r\n+OK\r\n_\r\n+OK\r\n$1\r\n1\r\n+OK\r\n+OK\r\n")
	for range 2 {
		if keys := nextKeys(t, c); len(keys) != 1 || keys[0] != "k" {
			t.Errorf("told of %q", keys)
		}
	}
	expect(t, c, "PING", "+PONG\r\n")
}

// TestExpiryIsToldToNoLoop: that a client's own command finds a key expired is not the client's doing.
func TestExpiryIsToldToNoLoop(t *testing.T) {
	for _, mode := range []string{"NOLOOP", "NOLOOP BCAST"} {
		s := startServer(t, 1)
		s.ks.Settings.ActiveExpire.Store(false)
		c := s.dial(t)
		ask(t, c, "HELLO 3")
		expect(t, c, "SET k v PX 400", "+OK\r\n")
		ask(t, c, "CLIENT TRACKING ON "+mode)
		for ask(t, c, "EXISTS k") != ":0\r\n" {
		}
		if keys := nextKeys(t, c); len(keys) != 1 || keys[0] != "k" {
			t.Errorf("%s: told of %q", mode, keys)
		}
	}
}

// A cachingClient is a client with a cache, as a library would keep it: replies fill it,
// invalidations empty it, in the order in which they come.
type cachingClient struct {
	*testutil.Conn
	cache map[string]int64
	asked []asked
}

// asked is what a reply is due for.
type asked struct {
	key     string // "": PONG or OK
	changed bool   // the client has changed it itself: nobody else tells, or not only
}

// read reads replies until all that was asked has come.
func (c *cachingClient) read() (values []int64, err error) {
	for len(c.asked) > 0 {
		r, err := c.Receive()
		if err != nil {
			return nil, err
		}
		if r.Kind == '>' {
			if r.Elem[1].Kind == '_' {
				clear(c.cache)
			}
			for _, k := range r.Elem[1].Elem {
				delete(c.cache, k.Text)
			}
			continue
		}
		a := c.asked[0]
		c.asked = c.asked[1:]
		n, _ := strconv.ParseInt(r.Text, 10, 64)
		values = append(values, n)
		switch {
		case a.changed:
			delete(c.cache, a.key)
		case a.key != "":
			c.cache[a.key] = n
		}
	}
	return values, nil
}

// TestCachesAreNeverStale: clients count keys up on all threads; others read them
// through caches. Whoever has heard from the server after a count was done, with whatever answer, has no older value in
// its cache, nor gets one.
func TestCachesAreNeverStale(t *testing.T) {
	const keys = 6
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	for _, mode := range []string{"", "NOLOOP", "BCAST", "BCAST NOLOOP PREFIX k PREFIX x", "OPTIN"} {
		t.Run(mode, func(t *testing.T) {
			s := startServer(t, 4)
			s.loops.Activate(4)
			s.settings.TrackingMaxKeys.Store(keys - 2)
			var done [keys]atomic.Int64 // counts whose reply has come
			var stop atomic.Bool
			var writers, readers sync.WaitGroup
			counted := func(i int, n int64) {
				for old := done[i].Load(); n > old && !done[i].CompareAndSwap(old, n); old = done[i].Load() {
				}
			}
			for id := range 3 {
				c := s.dial(t)
				writers.Add(1)
				go func() {
					defer writers.Done()
					random := rand.New(rand.NewPCG(seed, uint64(id)))
					for !stop.Load() {
						i := random.IntN(keys)
						if random.IntN(4) == 0 {
							j := random.IntN(keys)
							c.Do("MULTI")
							c.Do("INCR", fmt.Sprint("k", i))
							c.Do("GET", fmt.Sprint("k", i))
							c.Do("INCR", fmt.Sprint("k", j))
							if r, err := c.Do("EXEC"); err == nil {
								counted(i, r.Elem[0].Int())
								counted(j, r.Elem[2].Int())
							}
						} else if r, err := c.Do("INCR", fmt.Sprint("k", i)); err == nil {
							counted(i, r.Int())
						}
					}
				}()
			}
			for id := range 4 {
				c := &cachingClient{Conn: s.dial(t), cache: map[string]int64{}}
				ask(t, c.Conn, "HELLO 3")
				expect(t, c.Conn, "CLIENT TRACKING ON "+mode, "+OK\r\n")
				readers.Add(1)
				go func() {
					defer readers.Done()
					random := rand.New(rand.NewPCG(seed, 100+uint64(id)))
					for range 3000 {
						if !readOnce(t, c, random, &done, mode == "OPTIN") {
							return
						}
					}
				}()
			}
			readers.Wait()
			stop.Store(true)
			writers.Wait()
		})
	}
}

// readOnce sends some commands at once and checks what the cache and the server know.
func readOnce(t *testing.T, c *cachingClient, random *rand.Rand, done *[6]atomic.Int64, optin bool) bool {
	var before [6]int64
	for i := range done {
		before[i] = done[i].Load()
	}
	var out []byte
	send := func(a asked, words ...string) {
		out = testutil.AppendCommand(out, words...)
		c.asked = append(c.asked, a)
	}
	send(asked{}, "PING")
	var wanted []int
	for range random.IntN(4) {
		i := random.IntN(len(done))
		key := fmt.Sprint("k", i)
		if random.IntN(8) == 0 {
			send(asked{key, true}, "INCR", key)
			wanted = append(wanted, i)
			continue
		}
		if optin {
			send(asked{}, "CLIENT", "CACHING", "YES")
			wanted = append(wanted, -1)
		}
		send(asked{key, false}, "GET", key)
		wanted = append(wanted, i)
	}
	if err := c.SendRaw(out); err != nil {
		t.Error(err)
		return false
	}
	values, err := c.read()
	if err != nil {
		t.Error(err)
		return false
	}
	for n, i := range wanted {
		if i >= 0 && values[n+1] < before[i] {
			t.Errorf("k%d: the server said %d, after %d was done", i, values[n+1], before[i])
			return false
		}
	}
	for i := range before {
		if v, cached := c.cache[fmt.Sprint("k", i)]; cached && v < before[i] {
			t.Errorf("k%d: the cache has %d, after %d was done", i, v, before[i])
			return false
		}
	}
	return true
}
