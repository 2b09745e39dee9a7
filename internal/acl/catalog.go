package acl

import (
	"slices"
	"strings"

	"github.com/redstart-db/redstart/internal/cmdspec"
)

// A Catalog has the commands and categories that rules may name. It does not change.
type Catalog struct {
	commands   []command // by number; those of the table have their Spec.ID
	byName     map[string]int
	sorted     []int    // numbers, by name
	categories []string // the bit of a category is its place
}

// command is what rules must know of one.
type command struct {
	name       string // with its parent's, lower case, from before rename-command
	categories uint32
	parent     int // -1: none
	subs       []int
	channels   channelWords
	databases  databaseWords
}

// NewCatalog makes a catalog of a table, and of commands that are not in it
// because rename-command removed them.
func NewCatalog(table *cmdspec.Table, removed []*cmdspec.Spec) *Catalog {
	c := &Catalog{byName: map[string]int{}, categories: cmdspec.Categories()}
	c.commands = make([]command, len(table.Specs()))
	for _, s := range table.Top() {
		c.add(s, s.ID, -1)
		for _, sub := range s.Sub {
			c.add(sub, sub.ID, s.ID)
		}
	}
	for _, s := range removed {
		parent := c.append(s, -1)
		for _, sub := range s.Sub {
			c.append(sub, parent)
		}
	}
	for id := range c.commands {
		c.sorted = append(c.sorted, id)
	}
	slices.SortFunc(c.sorted, func(a, b int) int { return strings.Compare(c.commands[a].name, c.commands[b].name) })
	return c
}

// append adds a command that has no ID.
func (c *Catalog) append(s *cmdspec.Spec, parent int) (id int) {
	id = len(c.commands)
	c.commands = append(c.commands, command{})
	c.add(s, id, parent)
	return id
}

func (c *Catalog) add(s *cmdspec.Spec, id, parent int) {
	cmd := &c.commands[id]
	cmd.name, cmd.parent = s.OriginalName(), parent
	if parent >= 0 {
		above := &c.commands[parent]
		above.subs = append(above.subs, id)
		cmd.name = above.name + "|" + cmd.name
	}
	for _, name := range s.ACLCategories() {
		cmd.categories |= 1 << slices.Index(c.categories, name)
	}
	cmd.channels = channelsOf[cmd.name]
	cmd.databases = databasesOf(cmd.name, s)
	c.byName[cmd.name] = id
}

// find is the number of a command by its full name in any case, -1 if there is none.
func (c *Catalog) find(name string) int {
	if id, ok := c.byName[strings.ToLower(name)]; ok {
		return id
	}
	return -1
}

// category is the bit of a category by its name in any case, 0 if there is none.
func (c *Catalog) category(name string) uint32 {
	for i, known := range c.categories {
		if strings.EqualFold(known, name) {
			return 1 << i
		}
	}
	return 0
}

// Categories are the names of all categories.
func (c *Catalog) Categories() []string { return c.categories }

// Commands are the names of the commands of a category, sorted. ok is false if there is no such category.
func (c *Catalog) Commands(category string) (names []string, ok bool) {
	bit := c.category(category)
	for _, id := range c.sorted {
		if cmd := &c.commands[id]; cmd.categories&bit != 0 {
			names = append(names, cmd.name)
		}
	}
	return names, bit != 0
}
