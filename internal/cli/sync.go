package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/redstart-db/redstart/internal/client"
)

// What makes the client a replica for a while: --rdb, --functions-rdb, --replica, SYNC.

var errNoTransfer = errors.New("Error reading bulk length while SYNCing")

// replconf tells the server what kind of replica this is; it may be too old to know.
func (a *app) replconf(name, value string) (accepted bool, err error) {
	fmt.Fprintf(os.Stderr, "sending REPLCONF %s %s\n", name, value)
	r, err := a.session.conn.Do("REPLCONF", name, value)
	if err != nil {
		return false, errBroken
	}
	if r.IsError() {
		fmt.Fprintf(os.Stderr, "REPLCONF %s error: %s\n", name, r.Text)
	}
	return !r.IsError(), nil
}

// sync asks for all data.
func (a *app) sync() (*client.Transfer, error) {
	t, err := a.session.conn.Sync()
	var refused client.ReplyError
	switch {
	case errors.As(err, &refused):
		return nil, fmt.Errorf("SYNC with master failed: -%s", refused)
	case err != nil:
		return nil, errNoTransfer
	}
	return t, nil
}

func runRDB(a *app) int { return a.connected(func() error { return a.saveRDB() }) }

func (a *app) saveRDB() error {
	if _, err := a.replconf("capa", "eof"); err != nil {
		return err
	}
	if _, err := a.replconf("rdb-only", "1"); err != nil {
		return err
	}
	if a.functionsOnly {
		if ok, err := a.replconf("rdb-filter-only", "functions"); err != nil || !ok {
			a.tell(err)
			return errors.New("Failed requesting functions only RDB from server, aborting")
		}
	}
	t, err := a.sync()
	if err != nil {
		return err
	}
	if t.Size < 0 {
		fmt.Fprintf(os.Stderr, "SYNC sent to master, writing bytes of bulk transfer until EOF marker to '%s'\n", a.rdbFile)
	} else {
		fmt.Fprintf(os.Stderr, "SYNC sent to master, writing %d bytes to '%s'\n", t.Size, a.rdbFile)
	}
	n, err := a.writeTransfer(t)
	switch {
	case err != nil:
		return err
	case t.Size < 0:
		fmt.Fprintf(os.Stderr, "Transfer finished with success after %d bytes\n", n)
	default:
		fmt.Fprintln(os.Stderr, "Transfer finished with success.")
	}
	return nil
}

// writeTransfer writes the data to the file that was named, and sees that it is on disk.
func (a *app) writeTransfer(t *client.Transfer) (n int64, err error) {
	if a.rdbFile == "-" {
		return a.copyTransfer(os.Stdout, t)
	}
	f, err := os.OpenFile(a.rdbFile, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o644)
	if err != nil {
		return 0, fmt.Errorf("Error opening '%s': %s", a.rdbFile, client.Reason(err))
	}
	if n, err = a.copyTransfer(f, t); err != nil {
		f.Close()
		return n, err
	}
	a.session.close() // writing it out may take long
	if err = f.Sync(); err != nil {
		f.Close()
		return n, fmt.Errorf("Fail to fsync '%s': %s", a.rdbFile, client.Reason(err))
	}
	if err = f.Close(); err != nil {
		return n, fmt.Errorf("Error writing data to file: %s", client.Reason(err))
	}
	return n, nil
}

func (a *app) copyTransfer(f *os.File, t *client.Transfer) (n int64, err error) {
	progress := a.newBar(t.Size, "bytes")
	w := &countedFile{f: f, bar: progress}
	n, err = t.WriteTo(w)
	progress.clear()
	switch {
	case w.err != nil:
		return n, fmt.Errorf("Error writing data to file: %s", client.Reason(w.err))
	case err != nil:
		return n, errors.New("I/O Error reading RDB payload from socket")
	}
	return n, nil
}

// A countedFile shows how much has been written to it, and keeps apart what went wrong there from what went wrong before.
type countedFile struct {
	f   *os.File
	bar *bar
	n   int64
	err error
}

func (c *countedFile) Write(p []byte) (n int, err error) {
	n, c.err = c.f.Write(p)
	c.n += int64(n)
	c.bar.show(c.n)
	return n, c.err
}

func runReplica(a *app) int {
	return a.connected(func() error {
		if _, err := a.replconf("capa", "eof"); err != nil {
			return err
		}
		if _, err := a.replconf("rdb-filter-only", ""); err != nil {
			return err
		}
		return a.replica()
	})
}

// replica drops the data and shows the commands that follow, as CSV, until the connection ends.
func (a *app) replica() error {
	t, err := a.sync()
	if err != nil {
		return err
	}
	if t.Size < 0 {
		fmt.Fprintln(os.Stderr, "SYNC with master, discarding bytes of bulk transfer until EOF marker...")
	} else {
		fmt.Fprintf(os.Stderr, "SYNC with master, discarding %d bytes of bulk transfer...\n", t.Size)
	}
	n, err := t.WriteTo(io.Discard)
	if err != nil {
		return errors.New("Error reading RDB payload while SYNCing")
	}
	if t.Size < 0 {
		fmt.Fprintf(os.Stderr, "SYNC done after %d bytes. Logging commands from master.\n", n)
		done := make(chan struct{})
		defer close(done)
		go a.acknowledge(done)
	} else {
		fmt.Fprintln(os.Stderr, "SYNC done. Logging commands from master.")
	}
	before := a.output
	a.output = outputCSV
	defer func() { a.output = before }()
	for {
		r, err := a.session.conn.Read()
		if err != nil {
			return errors.New("Error: " + readError(err))
		}
		fmt.Fprint(a.out, a.format(&r))
	}
}

const acknowledgeEvery = time.Second

// acknowledge tells the server now and then that the replica is there. One that has had its data
// until a mark gets no commands before; the server forgets it if it comes too early.
func (a *app) acknowledge(done chan struct{}) {
	fmt.Fprintln(os.Stderr, "sending REPLCONF ACK 0")
	c := a.session.conn
	for {
		if c.Send([]byte("REPLCONF"), []byte("ACK"), []byte("0")) != nil || c.Flush() != nil {
			return // who reads notices
		}
		select {
		case <-done:
			return
		case <-time.After(acknowledgeEvery):
		}
	}
}
