package client

import (
	"net/url"
	"strconv"
	"strings"
	"testing"
)

// What a URI names can be named again.
func FuzzParseURI(f *testing.F) {
	for _, s := range []string{"redis://a:b@h:1/2", "rediss://:p%40q@[::1]:6380", "redis://", "redis://%zz@x", "REDIS://h?x=1", "redis://@/", "http://x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		u, err := ParseURI(text)
		if err != nil || strings.ContainsAny(u.Host, "[]:/@?") {
			return
		}
		again := map[bool]string{false: "redis://", true: "rediss://"}[u.TLS]
		if u.Login {
			again += url.PathEscape(u.User) + ":" + url.PathEscape(u.Pass) + "@"
		}
		again += u.Host
		if u.Port >= 0 {
			again += ":" + strconv.Itoa(u.Port)
		}
		if u.DB >= 0 {
			again += "/" + strconv.Itoa(u.DB)
		}
		if got, err := ParseURI(again); err != nil || got != u {
			t.Errorf("%q is %+v, and %q is %+v, %v", text, u, again, got, err)
		}
	})
}
