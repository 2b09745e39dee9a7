package acl

import (
	"maps"
	"slices"
	"strings"
)

// commandSet is the commands that a selector allows.
type commandSet struct {
	catalog   *Catalog
	bits      []uint64         // by number; what is beyond its end is not allowed
	all       bool             // every bit is set, and never was one cleared since +@all
	future    bool             // it began with +@all
	firstArgs map[int][]string // commands that are not allowed but with one of these as the first argument
}

func newCommandSet(c *Catalog) commandSet {
	return commandSet{catalog: c, bits: make([]uint64, len(c.commands)/64+1)}
}

func (s *commandSet) clone() commandSet {
	t := *s
	t.bits = slices.Clone(s.bits)
	t.firstArgs = maps.Clone(s.firstArgs)
	return t
}

func (s *commandSet) has(id int) bool { return s.bits[id/64]&(1<<(id%64)) != 0 }

func (s *commandSet) put(id int, allow bool) {
	if allow {
		s.bits[id/64] |= 1 << (id % 64)
		return
	}
	s.bits[id/64] &^= 1 << (id % 64)
	s.all = false
}

// everything allows all commands, or none.
func (s *commandSet) everything(allow bool) {
	fill := uint64(0)
	if allow {
		fill = ^fill
	}
	for i := range s.bits {
		s.bits[i] = fill
	}
	s.all, s.future, s.firstArgs = allow, allow, nil
}

// change allows a command with its subcommands, or forbids them.
func (s *commandSet) change(id int, allow bool) {
	s.put(id, allow)
	delete(s.firstArgs, id)
	for _, sub := range s.catalog.commands[id].subs {
		s.put(sub, allow)
	}
}

// changeCategory does it with all commands of a category.
func (s *commandSet) changeCategory(bit uint32, allow bool) {
	for id := range s.catalog.commands {
		if s.catalog.commands[id].categories&bit != 0 {
			s.change(id, allow)
		}
	}
}

// count counts the commands of a category that are allowed, and those that are not.
func (s *commandSet) count(bit uint32) (on, off int) {
	for id := range s.catalog.commands {
		switch {
		case s.catalog.commands[id].categories&bit == 0:
		case s.has(id):
			on++
		default:
			off++
		}
	}
	return on, off
}

// allowFirst allows a command with a first argument.
func (s *commandSet) allowFirst(id int, arg string) {
	if s.firstArgs == nil {
		s.firstArgs = map[int][]string{}
	}
	for _, known := range s.firstArgs[id] {
		if strings.EqualFold(known, arg) {
			return
		}
	}
	s.firstArgs[id] = append(slices.Clone(s.firstArgs[id]), arg)
}

// allows says whether a command may be run.
func (s *commandSet) allows(id int, argv [][]byte) bool {
	if s.all || s.has(id) {
		return true
	}
	if len(argv) < 2 {
		return false
	}
	for _, arg := range s.firstArgs[id] {
		if strings.EqualFold(arg, string(argv[1])) {
			return true
		}
	}
	return false
}

// describe are rules that make this set, from nothing: +@all or -@all, then the
// categories that come closest, one after the other, then single commands.
func (s *commandSet) describe() string {
	made := newCommandSet(s.catalog) // what the rules so far make
	made.everything(s.future)
	words := []string{sign(s.future) + "@all"}
	for _, i := range s.closestCategories() {
		made.changeCategory(1<<i, !s.future)
		words = append(words, sign(!s.future)+"@"+s.catalog.categories[i])
	}
	for _, id := range s.catalog.sorted { // a parent comes before its subcommands
		name := s.catalog.commands[id].name
		if allow := s.has(id); allow != made.has(id) {
			made.change(id, allow)
			words = append(words, sign(allow)+name)
		}
		if !s.has(id) {
			for _, arg := range s.firstArgs[id] {
				words = append(words, "+"+name+"|"+arg)
			}
		}
	}
	return strings.Join(words, " ")
}

func sign(allow bool) string {
	if allow {
		return "+"
	}
	return "-"
}

// closestCategories chooses categories that lead towards the set: of those of
// which more commands fit than do not, the one with the fewest that do not,
// then the one with the most that do. Commands of one that was chosen count no
// more for those after it.
func (s *commandSet) closestCategories() (chosen []int) {
	left := s.clone()
	for {
		best, fewest, most := -1, 0, 0
		for i := range s.catalog.categories {
			if slices.Contains(chosen, i) {
				continue
			}
			fit, not := left.count(1 << i)
			if s.future {
				fit, not = not, fit
			}
			if fit > not && (best < 0 || not < fewest || not == fewest && fit > most) {
				best, fewest, most = i, not, fit
			}
		}
		if best < 0 {
			return chosen
		}
		chosen = append(chosen, best)
		left.changeCategory(1<<best, s.future)
	}
}
