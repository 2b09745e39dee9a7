package cli

import (
	"bufio"
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	statHeader = "------- data ------ --------------------- load -------------------- - child -\n" +
		"keys       mem      clients blocked requests            connections          \n"
	statLines = 20 // under one header
)

// runStat prints a line of figures per interval, for ever or as often as -r says.
func runStat(a *app) int {
	interval := a.interval
	if interval == 0 {
		interval = time.Second
	}
	return a.connected(func() error {
		before := int64(0)
		for i := 0; a.repeat <= 1 || i < a.repeat; i++ {
			info, err := a.info()
			if err != nil {
				return err
			}
			if i%statLines == 0 {
				fmt.Fprint(a.out, statHeader)
			}
			fmt.Fprint(a.out, statLine(info, &before))
			time.Sleep(interval) // asked for by -i
		}
		return nil
	})
}

// info is INFO as a map.
func (a *app) info() (map[string]string, error) {
	r, err := a.insist("INFO")
	switch {
	case err != nil:
		return nil, err
	case r.IsError():
		return nil, fmt.Errorf("ERROR: %s", r.Text)
	}
	fields := map[string]string{}
	for lines := bufio.NewScanner(bytes.NewReader(r.Text)); lines.Scan(); {
		if name, value, ok := strings.Cut(lines.Text(), ":"); ok {
			fields[name] = strings.TrimSpace(value)
		}
	}
	return fields, nil
}

func statLine(info map[string]string, before *int64) string {
	figure := func(name string) int64 {
		n, _ := strconv.ParseInt(info[name], 10, 64)
		return n
	}
	keys := int64(0)
	for name, value := range info {
		if db, ok := strings.CutPrefix(name, "db"); ok {
			if _, err := strconv.Atoi(db); err == nil {
				n := int64(0)
				fmt.Sscanf(value, "keys=%d,", &n)
				keys += n
			}
		}
	}
	requests := figure("total_commands_processed")
	since := int64(0)
	if *before != 0 {
		since = requests - *before
	}
	*before = requests
	child := ""
	for _, c := range []struct{ field, text string }{{"rdb_bgsave_in_progress", "SAVE"}, {"aof_rewrite_in_progress", "AOF"}} {
		if figure(c.field) == 1 {
			child += c.text
		}
	}
	return fmt.Sprintf("%-11d%-9s%-8d%-8d%-20s%-12d%s\n", keys, humanBytes(figure("used_memory")), figure("connected_clients"),
		figure("blocked_clients"), fmt.Sprintf("%d (+%d)", requests, since), figure("total_connections_received"), child)
}

// humanBytes is a size in at most 7 characters.
func humanBytes(n int64) string {
	if n < 1024 {
		return fmt.Sprintf("%dB", n)
	}
	f := float64(n)
	for _, unit := range "KMGTP" {
		if f /= 1024; f < 1024 {
			return fmt.Sprintf("%.2f%c", f, unit)
		}
	}
	return fmt.Sprintf("%.2fE", f/1024)
}
