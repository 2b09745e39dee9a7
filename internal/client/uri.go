package client

import (
	"errors"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// A URI names a server: redis://[user:]password@host[:port][/db], or rediss:// for
// TLS. Each part may be missing, and is then empty, or -1.
type URI struct {
	TLS        bool
	Login      bool // there is a password
	User, Pass string
	Host       string
	Port, DB   int
}

// ParseURI takes the parts of a URI.
func ParseURI(text string) (u URI, err error) {
	u.Port, u.DB = -1, -1
	scheme, rest, ok := strings.Cut(text, "://")
	scheme = strings.ToLower(scheme)
	if u.TLS = scheme == "rediss"; !ok || !u.TLS && scheme != "redis" {
		return u, errors.New("Invalid URI scheme")
	}
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		if err := u.setLogin(rest[:i]); err != nil {
			return u, err
		}
		rest = rest[i+1:]
	}
	where, db, _ := strings.Cut(rest, "/")
	if db, _, _ = strings.Cut(db, "?"); db != "" {
		u.DB = Number(db)
	}
	return u, u.setHost(where)
}

func (u *URI) setLogin(login string) error {
	user, pass, hasUser := strings.Cut(login, ":")
	if !hasUser {
		user, pass = "", login
	}
	var err error
	if u.User, err = url.PathUnescape(user); err == nil {
		u.Pass, err = url.PathUnescape(pass)
	}
	if escape := url.EscapeError(""); errors.As(err, &escape) && len(escape) == len("%00") {
		return errors.New("Illegal character in URI encoding")
	} else if err != nil {
		return errors.New("Incomplete URI encoding")
	}
	u.Login = true
	return nil
}

func (u *URI) setHost(where string) error {
	if where == "" {
		return nil
	}
	host, port, err := net.SplitHostPort(where)
	if err != nil { // no port
		host, port = strings.Trim(where, "[]"), ""
	}
	u.Host = host
	if port != "" {
		if u.Port, err = strconv.Atoi(port); err != nil || u.Port > 65535 {
			return errors.New("Invalid server port.")
		}
	}
	return nil
}

// Number reads as atoi does.
func Number(s string) int {
	end := 0
	for end < len(s) && (s[end] >= '0' && s[end] <= '9' || end == 0 && (s[end] == '-' || s[end] == '+')) {
		end++
	}
	n, _ := strconv.Atoi(s[:end])
	return n
}
