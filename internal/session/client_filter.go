package session

import (
	"slices"
	"strings"

	"github.com/redstart-db/redstart/internal/acl"
	"github.com/redstart-db/redstart/internal/cmdspec"
)

const (
	errBadClientID  = cmdspec.Error("ERR Invalid client ID")
	errKillID       = cmdspec.Error("ERR client-id should be greater than 0")
	errMaxAge       = cmdspec.Error("ERR maxage is not an integer or out of range")
	errMaxAgeSmall  = cmdspec.Error("ERR maxage should be greater than 0")
	errIdle         = cmdspec.Error("ERR idle is not an integer or out of range")
	errIdleSmall    = cmdspec.Error("ERR idle should be greater than 0")
	errNoSuchClient = cmdspec.Error("ERR No such client")
)

// filter chooses clients: those that every condition fits.
type filter struct {
	users      *acl.Users
	conditions []condition
	skipMe     bool
}

// condition is one option of CLIENT LIST and CLIENT KILL.
type condition func(c *Client, now int64) bool

func (f *filter) fits(c, me *Client) bool {
	if f.skipMe && c.id == me.id {
		return false
	}
	now := c.hub.now()
	for _, fits := range f.conditions {
		if !fits(c, now) {
			return false
		}
	}
	return true
}

// textFilters are the options that compare a text that the client has.
var textFilters = map[string]func(*Client) string{
	"ADDR":     func(c *Client) string { addr, _ := c.addresses(); return addr },
	"LADDR":    func(c *Client) string { _, laddr := c.addresses(); return laddr },
	"NAME":     (*Client).Name,
	"LIB-NAME": func(c *Client) string { return c.labels().libName },
	"LIB-VER":  func(c *Client) string { return c.labels().libVer },
	"IP":       (*Client).ip,
}

// ip is the address the client comes from, without the port.
func (c *Client) ip() string {
	if c.conn == nil || !c.conn.Endpoints().Remote.IsValid() {
		return ""
	}
	return c.conn.Endpoints().Remote.Addr().Unmap().String()
}

// parseFilter reads the options of CLIENT LIST.
func parseFilter(words [][]byte, users *acl.Users) (f filter, err error) {
	f.users = users
	for err == nil && len(words) > 0 {
		words, err = f.parseOne(words, errBadClientID)
	}
	return f, err
}

// parseOne reads one option with its values. NOT- before it inverts it.
func (f *filter) parseOne(words [][]byte, badID error) (rest [][]byte, err error) {
	if len(words) < 2 {
		return nil, cmdspec.ErrSyntax
	}
	option, invert := strings.CutPrefix(strings.ToUpper(string(words[0])), "NOT-")
	var fits condition
	switch value := words[1]; option {
	case "ID":
		return f.parseIDs(words[1:], invert, badID)
	case "TYPE":
		fits, err = typeFilter(value)
	case "USER":
		fits, err = userFilter(value, f.users)
	case "DB":
		fits, err = dbFilter(value)
	case "FLAGS":
		fits = flagsFilter(string(value))
	case "MAXAGE", "IDLE", "SKIPME":
		if invert {
			return nil, cmdspec.ErrSyntax
		}
		fits, err = f.parsePlain(option, value)
	default:
		get := textFilters[option]
		if get == nil {
			return nil, cmdspec.ErrSyntax
		}
		text := string(value)
		fits = func(c *Client, _ int64) bool { return get(c) == text }
	}
	f.add(fits, invert)
	return words[2:], err
}

func (f *filter) add(fits condition, invert bool) {
	switch {
	case fits == nil:
	case invert:
		f.conditions = append(f.conditions, func(c *Client, now int64) bool { return !fits(c, now) })
	default:
		f.conditions = append(f.conditions, fits)
	}
}

// parseIDs reads numbers of clients, up to the next option.
func (f *filter) parseIDs(words [][]byte, invert bool, bad error) (rest [][]byte, err error) {
	var ids []int64
	for len(words) > 0 {
		id, ok := cmdspec.ParseInt(words[0])
		if !ok && len(ids) > 0 && (isFilter(words[0]) || bad == errKillID) {
			break // KILL takes it for an option, one that there is not
		}
		if !ok || id <= 0 && bad == errKillID {
			return nil, bad
		}
		ids = append(ids, id)
		words = words[1:]
	}
	f.add(func(c *Client, _ int64) bool { return slices.Contains(ids, c.id) }, invert)
	return words, nil
}

// isFilter says whether a word is the name of an option.
func isFilter(word []byte) bool {
	option, _ := strings.CutPrefix(strings.ToUpper(string(word)), "NOT-")
	switch option {
	case "ID", "TYPE", "USER", "DB", "FLAGS", "MAXAGE", "IDLE", "SKIPME":
		return true
	}
	return textFilters[option] != nil
}

// parsePlain reads an option that has no opposite.
func (f *filter) parsePlain(option string, value []byte) (condition, error) {
	switch option {
	case "MAXAGE":
		seconds, err := positive(value, errMaxAge, errMaxAgeSmall)
		return func(c *Client, now int64) bool { return (now-c.created)/1000 >= seconds }, err
	case "IDLE":
		seconds, err := positive(value, errIdle, errIdleSmall)
		return func(c *Client, now int64) bool { return (now-c.pub.active.Load())/1000 >= seconds }, err
	}
	switch {
	case cmdspec.EqualFold(value, "YES"):
		f.skipMe = true
	case cmdspec.EqualFold(value, "NO"):
		f.skipMe = false
	default:
		return nil, cmdspec.ErrSyntax
	}
	return nil, nil
}

func positive(value []byte, notInt, tooSmall error) (int64, error) {
	n, ok := cmdspec.ParseInt(value)
	switch {
	case !ok:
		return 0, notInt
	case n <= 0:
		return 0, tooSmall
	}
	return n, nil
}

func typeFilter(value []byte) (condition, error) {
	class, ok := parseClass(value)
	if !ok {
		return nil, cmdspec.Errorf("ERR Unknown client type '%s'", value)
	}
	return func(c *Client, _ int64) bool { return c.class() == class }, nil
}

func parseClass(value []byte) (Class, bool) {
	switch strings.ToLower(string(value)) {
	case "normal":
		return ClassNormal, true
	case "replica", "slave":
		return ClassReplica, true
	case "pubsub":
		return ClassPubSub, true
	case "master":
		return ClassMaster, true
	}
	return 0, false
}

func userFilter(name []byte, users *acl.Users) (condition, error) {
	u := users.Get(string(name))
	if u == nil {
		return nil, cmdspec.Errorf("ERR No such user '%s'", name)
	}
	return func(c *Client, _ int64) bool { return c.user() == u }, nil
}

func dbFilter(value []byte) (condition, error) {
	n, ok := cmdspec.ParseInt(value)
	if !ok {
		return nil, cmdspec.ErrNotInteger
	}
	return func(c *Client, _ int64) bool { return int64(c.DB()) == n }, nil
}

// flagsFilter wants all of the letters.
func flagsFilter(letters string) condition {
	return func(c *Client, _ int64) bool {
		have := c.flagLetters()
		for _, r := range letters {
			if !strings.ContainsRune(have, r) {
				return false
			}
		}
		return true
	}
}

var clientKill = cmdspec.Spec{
	Name: "kill", Arity: -3, Since: "2.4.0", Group: cmdspec.GroupConnection,
	Summary: "Terminates open connections.", Complexity: "O(N) with N clients.",
	Flags: cmdspec.Admin | quiet,
	Args: "<ip:port{-2.8.12} | <[ID client-id{2.8.12}] | [TYPE <NORMAL | MASTER{3.2.0} | SLAVE | REPLICA{5.0.0} | PUBSUB>" +
		"{normal_master_slave_pubsub 2.8.12}] | [USER username] | [ADDR ip:port] | [LADDR ip:port{6.2.0}] | [SKIPME yes/no] | " +
		"[MAXAGE maxage{integer 7.4.0}]>{new-format} [<[ID client-id] | [TYPE <NORMAL | MASTER | SLAVE | REPLICA | PUBSUB>] | " +
		"[USER username] | [ADDR ip:port] | [LADDR ip:port] | [SKIPME yes/no] | [MAXAGE maxage]> ...]>{filter}",
	History: [][2]string{
		{"2.8.12", "Filters by name and value."},
		{"2.8.12", "The filter `ID`."},
		{"3.2.0", "`TYPE` knows `master`."},
		{"5.0.0", "`TYPE` knows `replica`; `slave` stays as another word for it."},
		{"6.2.0", "The filter `LADDR`."},
		{"7.4.0", "The filter `MAXAGE`."},
	},
	Run: runClientKill,
}

func runClientKill(c *cmdspec.Ctx) error {
	me := caller(c)
	if len(c.Argv) == 3 {
		addr := string(c.Argv[2])
		if me.killAll(&filter{conditions: []condition{func(c *Client, _ int64) bool { a, _ := c.addresses(); return a == addr }}}) == 0 {
			return errNoSuchClient
		}
		c.Reply.OK()
		return nil
	}
	f := filter{skipMe: true, users: me.hub.users}
	words := c.Argv[2:]
	for len(words) > 0 {
		var err error
		if words, err = f.parseOne(words, errKillID); err != nil {
			return err
		}
	}
	c.Reply.Int(int64(me.killAll(&f)))
	return nil
}

// killAll closes the clients that a filter chooses, c itself only after the
// reply, and returns their number.
func (c *Client) killAll(f *filter) (n int) {
	for _, other := range c.hub.snapshot() {
		switch {
		case !f.fits(other, c) || other.conn == nil:
			continue
		case other == c:
			c.closeAfterReply()
		default:
			other.kill()
		}
		n++
	}
	return n
}
