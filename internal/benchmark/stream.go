package benchmark

import (
	"net"
	"sync"
	"time"

	"github.com/redstart-db/redstart/internal/client"
)

// streams is a worker with a goroutine for each connection: for TLS, and where
// there is no epoll. Its source and its tally are under the lock.
type streams struct {
	*Generator
	thread  int
	mu      sync.Mutex
	source  *source
	due     int64
	step    int64
	clients []streamClient
}

type streamClient struct {
	conn    net.Conn
	batch   batch
	opened  bool
	scanner scanner
	input   []byte
}

func openStreams(g *Generator, s *source, thread, conns int) (worker, error) {
	w := &streams{Generator: g, source: s, thread: thread, clients: make([]streamClient, conns)}
	for i := range w.clients {
		c := &w.clients[i]
		c.batch, c.input = s.newBatch(), make([]byte, 16<<10)
		if err := w.connect(c); err != nil {
			w.close()
			return nil, err
		}
	}
	return w, nil
}

func (w *streams) connect(c *streamClient) error {
	conn, err := client.Dial(client.Options{Network: w.Network, Addr: w.Addr, TLS: w.TLS})
	if err != nil {
		return connectError{w.Addr, err}
	}
	c.conn, c.opened = conn.Conn, false
	return nil
}

func (w *streams) close() {
	for i := range w.clients {
		if c := w.clients[i].conn; c != nil {
			c.Close()
		}
	}
}

func (w *streams) drive() error {
	w.source.next = 0
	if w.Rate > 0 {
		w.due, w.step = w.clock(w.thread)
	}
	return w.all(w.driveClient)
}

func (w *streams) idle() error {
	return w.all(func(c *streamClient) error {
		for {
			if err := w.read(c); err != nil {
				return err
			}
		}
	})
}

// all has all clients do something at once; what fails ends it for the others.
func (w *streams) all(do func(*streamClient) error) error {
	errs := make([]error, len(w.clients))
	var wg sync.WaitGroup
	for i := range w.clients {
		wg.Go(func() {
			if errs[i] = do(&w.clients[i]); errs[i] != nil {
				w.stop()
			}
		})
	}
	wg.Wait()
	return firstError(errs)
}

// stop ends the waits of the other goroutines.
func (w *streams) stop() {
	w.stopped.Store(true)
	for i := range w.clients {
		w.clients[i].conn.SetDeadline(time.Now())
	}
}

func (w *streams) driveClient(c *streamClient) error {
	c.scanner = scanner{}
	for {
		due, ok := w.claimDue()
		if !ok {
			break
		}
		if wait := due - w.now(); wait > 0 {
			time.Sleep(time.Duration(wait)) // a load with a rate sends by the clock
		}
		if w.stopped.Load() {
			return errStopped
		}
		if err := w.exchange(c); err != nil {
			return err
		}
		w.mu.Lock()
		w.book(w.thread, &c.batch, w.now()-due)
		w.mu.Unlock()
		if w.Reconnect {
			c.conn.Close()
			if err := w.connect(c); err != nil {
				return err
			}
		}
	}
	w.mu.Lock()
	w.tallies[w.thread].Nulls += c.scanner.nulls
	w.mu.Unlock()
	return nil
}

// claimDue takes one batch from what is left, and says when it is to be sent.
func (w *streams) claimDue() (int64, bool) {
	now := w.now()
	if w.Rate == 0 {
		return now, w.claim(now)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	due := w.due
	w.due += w.step
	return due, w.claim(due)
}

// exchange sends a batch and reads its replies.
func (w *streams) exchange(c *streamClient) error {
	w.mu.Lock()
	w.source.fill(&c.batch)
	w.mu.Unlock()
	out, waiting := c.batch.text, w.Depth
	if !c.opened {
		c.opened = true
		waiting += w.Answers
		out = append(append([]byte(nil), w.Prefix...), out...)
	}
	if w.Patience > 0 {
		c.conn.SetDeadline(time.Now().Add(w.Patience))
	}
	if _, err := c.conn.Write(out); err != nil {
		if err := w.read(c); err != nil { // the server has said why it does not listen
			return err
		}
		return w.failed(err)
	}
	for want := c.scanner.replies + waiting; c.scanner.replies < want; {
		if err := w.read(c); err != nil {
			return err
		}
	}
	return nil
}

func (w *streams) read(c *streamClient) error {
	n, err := c.conn.Read(c.input)
	c.scanner.scan(c.input[:n])
	if err != nil && n == 0 {
		return w.failed(err)
	}
	return c.scanner.judge()
}

func (w *streams) failed(err error) error {
	if w.stopped.Load() {
		return errStopped
	}
	return told(err)
}
