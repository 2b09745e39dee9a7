package commands

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redstart-db/redstart/internal/testutil"
	"github.com/redstart-db/redstart/internal/value"
)

// effectFiles are the case files of the differential tests whose commands are
// run here too, for what no client sees: events and journal.
var effectFiles = []string{"list", "set_type", "hash", "zset", "stream", "bitmap", "hyperloglog", "geo", "sort", "copy_types"}

// TestEffectsAsStock runs the case files with each of their settings, and
// compares the events and the journal of every command with stock's, and in the end the data.
func TestEffectsAsStock(t *testing.T) {
	for _, name := range effectFiles {
		settings, lines := readCases(t, name)
		for _, s := range settings {
			t.Run(name+"/"+s, func(t *testing.T) { compareEffects(t, s, lines) })
		}
	}
}

// readCases returns the settings and the commands of a case file. Commands whose
// replies are compared by their shape are left out: what they do is drawn at random.
func readCases(t *testing.T, name string) (settings, lines []string) {
	b, err := os.ReadFile(filepath.Join(testutil.ModuleRoot(), "test/compat/testdata", name+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	skip := false
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSpace(line)
		rest, isWith := strings.CutPrefix(line, "> with ")
		switch {
		case line == "" || line[0] == '#':
		case isWith:
			settings = append(settings, rest)
		case line == "> shape" || line == "> kind":
			skip = true
		case line == "> scan" || line[0] == '>':
		case skip:
			skip = false
		default:
			lines = append(lines, line)
		}
	}
	if settings == nil {
		settings = []string{""}
	}
	return settings, lines
}

func compareEffects(t *testing.T, settings string, lines []string) {
	b, o := newBench(t), newOracle(t)
	b.ks.Settings.Limits.SetEntries.Store(0) // 7.0 has no packed sets
	if settings != "" {
		configure(&b.ks.Settings.Limits, strings.Fields(settings))
		o.conn.Must(t, append([]string{"CONFIG", "SET"}, strings.Fields(settings)...)...)
	}
	b.ks.Settings.ActiveExpire.Store(false) // keys expire when commands meet them
	o.conn.Must(t, "DEBUG", "SET-ACTIVE-EXPIRE", "0")
	failed := 0
	for _, line := range lines {
		words := split(expand(line))
		if strings.EqualFold(words[0], "select") {
			b.db, _ = strconv.Atoi(words[1])
			o.do(words...)
			continue
		}
		b.events, b.journal = nil, nil
		b.do(words...)
		_, events, journal := o.do(words...)
		switch {
		case fmt.Sprint(b.events) != fmt.Sprint(events):
			t.Errorf("%.200s\n got events %v\nwant %v", line, b.events, events)
		case !sameJournal(b.journal, journal):
			t.Errorf("%.200s\n got journal %.300q\nwant %.300q", line, b.journal, journal)
		default:
			continue
		}
		if failed++; failed == 20 {
			t.Fatal("and so on")
		}
	}
	want, _, _ := o.do("DEBUG", "DIGEST")
	if got := b.do("DEBUG", "DIGEST"); got != want {
		t.Errorf("the data differ: digest %q, not %q", got, want)
	}
}

// configure stores settings of which the oracle gets the same.
func configure(l *value.Limits, words []string) {
	limits := map[string]*atomic.Int64{
		"hash-max-listpack-entries": &l.HashEntries, "hash-max-listpack-value": &l.HashValue,
		"list-max-listpack-size": &l.ListSize, "set-max-intset-entries": &l.SetIntSet,
		"zset-max-listpack-entries": &l.ZSetEntries, "zset-max-listpack-value": &l.ZSetValue,
		"stream-node-max-entries": &l.StreamEntries, "stream-node-max-bytes": &l.StreamNodeBytes,
		"hll-sparse-max-bytes": &l.HLLSparse,
	}
	for i := 0; i < len(words); i += 2 {
		n, _ := strconv.ParseInt(words[i+1], 10, 64)
		limits[words[i]].Store(n)
	}
}

var casePlaceholder = regexp.MustCompile(`\{\{([^{}]*)\}\}`)

// expand replaces {{text*n}} and {{nowms-n}} in a case.
func expand(line string) string {
	return casePlaceholder.ReplaceAllStringFunc(line, func(m string) string {
		m = m[2 : len(m)-2]
		if ago, ok := strings.CutPrefix(m, "nowms-"); ok {
			n, _ := strconv.ParseInt(ago, 10, 64)
			return strconv.FormatInt(time.Now().UnixMilli()-n, 10)
		}
		i := strings.LastIndexByte(m, '*')
		n, _ := strconv.Atoi(m[i+1:])
		return strings.Repeat(m[:i], n)
	})
}
