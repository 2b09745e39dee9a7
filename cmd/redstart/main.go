// Command redstart is the server, the client and the benchmark tool: which of
// them is chosen by the first word, or by the name it is called by.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/redstart-db/redstart/internal/benchmark"
	"github.com/redstart-db/redstart/internal/cli"
	"github.com/redstart-db/redstart/internal/server"
)

// applets are what this program can be. An applet without a run is planned.
var applets = []struct {
	word, name string // redstart word; called as name
	run        func(args []string) int
}{
	{"server", "redis-server", server.Main},
	{"cli", "redis-cli", client},
	{"benchmark", "redis-benchmark", benchmark.Main},
	{"check-rdb", "redis-check-rdb", nil},
	{"check-aof", "redis-check-aof", nil},
	{"sentinel", "redis-sentinel", nil},
}

// client is the command line client, which knows the commands of the server.
func client(args []string) int {
	return cli.Main(args, cli.Known{Docs: server.CommandDocs, HasSecret: server.HasSecret})
}

func main() { os.Exit(run(os.Args)) }

func run(argv []string) int {
	called := filepath.Base(argv[0])
	for _, a := range applets {
		args := argv[1:]
		switch {
		case called == a.name:
		case len(args) > 0 && args[0] == a.word:
			args = args[1:]
		default:
			continue
		}
		if a.run == nil {
			fmt.Fprintf(os.Stderr, "redstart: %s does not exist yet\n", a.name)
			return 1
		}
		return a.run(args)
	}
	return server.Main(argv[1:])
}
