package server

import (
	"bytes"
	"os"
	"strconv"
	"sync"
)

// titleArea is the memory that the system takes the title from: the arguments, and
// behind them the environment, of which Go has made copies.
var titleArea struct {
	once             sync.Once
	mu               sync.Mutex
	start, args, end int64 // addresses: of the first argument, behind the last one, behind the environment
	written          int   // bytes of the last title, if it was longer than the arguments
}

// setProcessTitle writes the title, as much of it as there is room for. Where the
// system does not allow that, the arguments stay.
func setProcessTitle(title string) {
	t := &titleArea
	t.mu.Lock()
	defer t.mu.Unlock()
	t.once.Do(findTitleArea)
	if t.start == 0 {
		return
	}
	room := int(t.end - t.start - 1)
	title = title[:min(len(title), room)]
	text := make([]byte, max(len(title)+1, int(t.args-t.start), t.written))
	copy(text, title)
	mem, err := os.OpenFile("/proc/self/mem", os.O_WRONLY, 0)
	if err != nil {
		return
	}
	defer mem.Close()
	if _, err := mem.WriteAt(text, t.start); err == nil {
		t.written = len(title) + 1
	}
}

// The fields of /proc/self/stat behind the name of the program, which may have spaces: see proc(5).
const (
	statArgStart = 48 - 3
	statArgEnd   = 49 - 3
	statEnvEnd   = 51 - 3
)

func findTitleArea() {
	stat, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return
	}
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) <= statEnvEnd {
		return
	}
	number := func(i int) int64 {
		n, _ := strconv.ParseInt(string(fields[i]), 10, 64)
		return n
	}
	t := &titleArea
	start, args, end := number(statArgStart), number(statArgEnd), number(statEnvEnd)
	if start > 0 && start < args && args <= end && end-start <= 1<<21 {
		t.start, t.args, t.end = start, args, end
	}
}
