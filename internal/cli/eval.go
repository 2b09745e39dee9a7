package cli

import (
	"fmt"
	"os"
	"strconv"

	"github.com/redstart-db/redstart/internal/client"
)

// runEval sends a script from a file with EVAL. Words before a comma are keys, those behind it arguments.
func runEval(a *app) int {
	script, err := os.ReadFile(a.script)
	if err != nil {
		fmt.Fprintf(os.Stderr, "Can't open file '%s': %s\n", a.script, client.Reason(err))
		return 1
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
	if a.repeated(argv, a.repeat, a.interval) != nil {
		return 1
	}
	return 0
}
