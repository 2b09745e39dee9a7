package server

import (
	"sync"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/resp"
)

// What the client knows of commands when it has no server to ask: the same table that a
// server answers from.

// offline is the table of a server that was never built: enough to describe commands, not to run them.
var offline = sync.OnceValue(func() *cmdspec.Table {
	s := newServer(settings)
	s.table = cmdspec.NewTable(s.families()...)
	return s.table
})

// CommandDocs is the reply of COMMAND DOCS, in RESP3.
func CommandDocs() []byte {
	w := resp.Writer{Proto: 3}
	docs := offline().ByName("command|docs")
	docs.Run(&cmdspec.Ctx{Spec: docs, Argv: [][]byte{[]byte("command"), []byte("docs")}, Reply: &w}) // never fails without names
	return w.Buf
}

// HasSecret says whether a command line has a word that others may not see.
func HasSecret(words [][]byte) bool {
	spec := offline().Lookup(words)
	if spec == nil || spec.Secret == nil {
		return false
	}
	for i := range words {
		if spec.Secret(words, i) {
			return true
		}
	}
	return false
}
