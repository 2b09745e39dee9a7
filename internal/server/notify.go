package server

import (
	"strings"

	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/session"
)

// notifyClasses are the classes that letters of notify-keyspace-events stand for. There
// are no modules, so d stands for no event.
var notifyClasses = map[byte]keyspace.Class{
	'g': keyspace.ClassGeneric, '$': keyspace.ClassString, 'l': keyspace.ClassList, 's': keyspace.ClassSet,
	'h': keyspace.ClassHash, 'z': keyspace.ClassZSet, 't': keyspace.ClassStream, 'x': keyspace.ClassExpired,
	'e': keyspace.ClassEvicted, 'm': keyspace.ClassMiss, 'n': keyspace.ClassNew,
	'o': keyspace.ClassOverwritten, 'c': keyspace.ClassTypeChanged,
}

func applyNotify(s *Server) error {
	bits := s.num("notify-keyspace-events")
	has := func(letter byte) bool {
		return bits>>strings.IndexByte(eventClasses+eventOthers, letter)&1 != 0
	}
	n := session.Notify{
		Keyspace: has('K'), KeyEvent: has('E'),
		Subkeyspace: has('S'), SubkeyEvent: has('T'), SubkeyspaceItem: has('I'), SubkeyspaceEvent: has('V'),
	}
	for letter, class := range notifyClasses {
		if has(letter) {
			n.Classes |= class
		}
	}
	s.hub.SetNotify(n)
	return nil
}
