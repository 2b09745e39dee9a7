package redstart

import (
	"bufio"
	"context"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redstart-db/redstart/internal/client"
	"github.com/redstart-db/redstart/internal/config"
)

// corpus are the case files that compare our replies with those of a stock server: here their commands are run through Do
// and over a socket.
var corpus = []string{"bitmap", "copy_types", "expire", "geo", "get", "getex", "hash", "hyperloglog", "incr", "incrbyfloat",
	"keys", "lcs", "list", "multikey", "object", "range", "rename", "scan", "set", "set_type", "sort", "stream"}

// What a command answers is the same in process as over a socket.
func TestRepliesAreThoseOfASocket(t *testing.T) {
	for _, name := range corpus {
		t.Run(name, func(t *testing.T) {
			inside, outside := OpenT(t), OpenT(t)
			nc, err := net.Dial("tcp", outside.Addr())
			if err != nil {
				t.Fatal(err)
			}
			defer nc.Close()
			socket := client.NewConn(nc)
			if _, err := socket.Do("HELLO", "3"); err != nil {
				t.Fatal(err)
			}
			for range 100 { // the first are measured, which keeps them off the short way
				inside.Do(context.Background(), "GET", "none")
			}
			compared := 0
			for words, exact := range cases(t, name) {
				if strings.EqualFold(strings.Join(words[:min(2, len(words))], " "), "debug sleep") { // something is to expire
					inside.AdvanceTime(time.Second)
					outside.AdvanceTime(time.Second)
					continue
				}
				args := make([]any, len(words))
				for i, w := range words {
					args[i] = w
				}
				got, err := inside.Do(context.Background(), args...)
				if err != nil && strings.Contains(err.Error(), "is about one client") {
					continue
				}
				r, ioErr := socket.Do(words...)
				if ioErr != nil {
					t.Fatal(ioErr)
				}
				want, wantErr := result(fromReply(&r))
				if !exact {
					continue
				}
				compared++
				if err != wantErr || !reflect.DeepEqual(got, want) {
					t.Errorf("%.200q: %v, %v; over a socket %v, %v", words, got, err, want, wantErr)
				}
			}
			if compared < 10 {
				t.Errorf("only %d commands were compared", compared)
			}
		})
	}
}

var template = regexp.MustCompile(`\{\{(.*?)\}\}`)

// cases yields the commands of a case file up to the first that needs a connection of its own, and whether the reply is compared as it
// is.
func cases(t *testing.T, name string) func(yield func([]string, bool) bool) {
	f, err := os.ReadFile(filepath.Join("test/compat/testdata", name+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	return func(yield func([]string, bool) bool) {
		lines := bufio.NewScanner(strings.NewReader(string(f)))
		lines.Buffer(nil, 1<<20)
		exact := true
		for lines.Scan() {
			line := strings.TrimSpace(lines.Text())
			if line == "" || line[0] == '#' {
				continue
			}
			if directive, ok := strings.CutPrefix(line, ">"); ok {
				word := strings.Fields(directive)[0]
				if slices.Contains([]string{"raw", "conn", "close", "blocked"}, word) {
					return
				}
				exact = exact && slices.Contains([]string{"with", "server", "resp"}, word)
				continue
			}
			words, ok := config.SplitWords(line)
			if !ok {
				t.Fatalf("%s: %s", name, line)
			}
			for i := range words {
				words[i] = template.ReplaceAllStringFunc(words[i], func(s string) string { return expand(s[2:len(s)-2], now) })
			}
			if !yield(words, exact) {
				return
			}
			exact = true
		}
	}
}

// expand is what a template of the case files stands for.
func expand(s string, now time.Time) string {
	if text, n, ok := strings.Cut(s, "*"); ok {
		times, _ := strconv.Atoi(n)
		return strings.Repeat(text, times)
	}
	base, offset := now.Unix(), strings.TrimPrefix(s, "now")
	if ms, ok := strings.CutPrefix(offset, "ms"); ok {
		base, offset = now.UnixMilli(), ms
	}
	n, _ := strconv.ParseInt(offset, 10, 64)
	return strconv.FormatInt(base+n, 10)
}
