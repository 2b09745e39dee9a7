package cli

import (
	"fmt"
	"os"
	"strconv"

	"github.com/redstart-db/redstart/internal/client"
)

// runEval sends a script from a file with EVAL.
func runEval(a *app) int {
	if a.ldb {
		return a.debugScript()
	}
	argv, err := a.evalCommand()
	if a.tell(err) != nil || a.repeated(argv, a.repeat, a.interval) != nil {
		return 1
	}
	return 0
}

// evalCommand is the command. Words before a comma are keys, those behind it arguments.
func (a *app) evalCommand() ([][]byte, error) {
	script, err := os.ReadFile(a.script)
	if err != nil {
		return nil, fmt.Errorf("Can't open file '%s': %s", a.script, client.Reason(err))
	}
	argv := [][]byte{[]byte("EVAL"), script, nil}
	keys := -1
	for i, w := range a.args {
		if w == "," && keys < 0 {
			keys = i
			continue
		}
		argv = append(argv, []byte(w))
	}
	if keys < 0 {
		keys = len(a.args)
	}
	argv[2] = []byte(strconv.Itoa(keys))
	return argv, nil
}
