package guide

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// pythonSession writes a program that runs the blocks one by one, all with the same names.
func pythonSession(dir string, blocks []step) ([]string, error) {
	var src strings.Builder
	src.WriteString("import sys\nnames = {'__name__': '__main__'}\nfor line, code in [\n")
	for _, b := range blocks {
		fmt.Fprintf(&src, "    (%d, %q),\n", b.line, b.text)
	}
	src.WriteString(`]:
    sys.stdin.readline()
    exec(compile("\n" * (line - 1) + code, "guide.md", "exec"), names)
    print("\0", flush=True)
`)
	path := filepath.Join(dir, "session.py")
	return []string{"python3", "-u", path}, os.WriteFile(path, []byte(src.String()), 0o600)
}

const goSteps = `package main

import (
	"fmt"
	"os"
)

func begin() { os.Stdin.Read(make([]byte, 1)) }

func end() { fmt.Print("\x00\n") }
`

var (
	head   = regexp.MustCompile(`(?m)^package `)
	beside = regexp.MustCompile(`(?m)^(func [\w(]|type )`)
)

// goSession makes a program of the blocks and builds it.
func goSession(dir string, blocks []step) ([]string, error) {
	var top, outside, inside strings.Builder
	for _, b := range blocks {
		place := fmt.Sprintf("//line guide.md:%d\n%s\n", b.line, b.text)
		inside.WriteString("begin()\n")
		switch {
		case head.MatchString(b.text):
			top.WriteString(place)
		case beside.MatchString(b.text):
			outside.WriteString(place)
		default:
			inside.WriteString("{\n" + place + "}\n")
		}
		inside.WriteString("end()\n")
	}
	folder := filepath.Join(dir, "session")
	if err := os.Mkdir(folder, 0o700); err != nil {
		return nil, err
	}
	source := top.String() + outside.String() + "func main() {\n" + inside.String() + "}\n"
	for name, text := range map[string]string{"main.go": source, "steps.go": goSteps} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	binary := filepath.Join(folder, "session")
	build := exec.Command("go", "build", "-o", binary, "./session")
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("the Go program of the page: %w\n%s", err, out)
	}
	return []string{binary}, nil
}

// goModule makes dir a module that requires what the examples do.
func goModule(dir, root string) error {
	sum, err := os.ReadFile(filepath.Join(root, "examples/go.sum"))
	if err != nil {
		return err
	}
	mod, err := os.ReadFile(filepath.Join(root, "examples/go.mod"))
	if err != nil {
		return err
	}
	there := strings.Replace(string(mod), "=> ../", "=> "+root, 1)
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte(there), 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "go.sum"), sum, 0o600)
}
