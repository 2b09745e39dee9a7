package cli

import (
	"errors"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// setURI takes the parts of a URI: redis://[user:]password@host[:port][/db]. Each part may be missing.
func (c *config) setURI(uri string) error {
	rest, plain := strings.CutPrefix(uri, "redis://")
	if !plain {
		var ok bool
		if rest, ok = strings.CutPrefix(uri, "rediss://"); !ok {
			return errors.New("Invalid URI scheme")
		}
		c.tls.On = true
	}
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		if err := c.setLogin(rest[:i]); err != nil {
			return err
		}
		rest = rest[i+1:]
	}
	where, db, _ := strings.Cut(rest, "/")
	if db, _, _ = strings.Cut(db, "?"); db != "" {
		c.db = number(db)
	}
	return c.setHost(where)
}

func (c *config) setLogin(login string) error {
	user, pass, hasUser := strings.Cut(login, ":")
	if !hasUser {
		user, pass = "", login
	}
	var err error
	if user != "" {
		if c.user, err = url.PathUnescape(user); err != nil {
			return errors.New("Incomplete URI encoding")
		}
	}
	if c.pass, err = url.PathUnescape(pass); err != nil {
		return errors.New("Incomplete URI encoding")
	}
	c.passGiven = true
	return nil
}

func (c *config) setHost(where string) error {
	if where == "" {
		return nil
	}
	host, port, err := net.SplitHostPort(where)
	if err != nil { // no port
		host, port = strings.Trim(where, "[]"), ""
	}
	if host != "" {
		c.host = host
	}
	if port != "" {
		if c.port, err = strconv.Atoi(port); err != nil || c.port > 65535 {
			return errors.New("Invalid server port.")
		}
	}
	return nil
}
