package cli

import (
	"strings"
	"testing"
)

// A URI is read or refused, and what is read of it can be written again.
func FuzzURI(f *testing.F) {
	for _, uri := range []string{"redis://u:p%40@h:1/2", "rediss://h", "redis://[::1]:6379/0?x=y", "redis://:p@", "redis://%zz@h", "redis://h:99999", "http://x", "redis:///3"} {
		f.Add(uri)
	}
	f.Fuzz(func(t *testing.T, uri string) {
		c := newConfig()
		if err := c.setURI(uri); err != nil {
			return
		}
		if c.port < 0 || c.port > 65535 || c.tls.On != strings.HasPrefix(uri, "rediss://") {
			t.Errorf("%q: port %d, TLS %v", uri, c.port, c.tls.On)
		}
	})
}

// Whatever the options are, they are taken or refused.
func FuzzOptions(f *testing.F) {
	for _, line := range []string{"-p 1 get x", "-h", "-x -X a", "--latency-percentiles 1,,2", "-p6379", "-r-1 ping", "--cursor -1", "-i 1e999", "--lru-test x", "-u redis://h --top -5", "-"} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		a := &app{config: *newConfig()}
		if a.parse(strings.Split(line, " ")) == nil {
			_ = a.conflict()
		}
	})
}
