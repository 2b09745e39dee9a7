package guide

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A result is what a step printed.
type result struct {
	step
	got string
	err error
}

func (r result) ok() bool { return r.err == nil && matches(r.got, r.want) }

func (r result) String() string {
	what := r.lang
	if r.command != "" {
		what = shell + r.command
	}
	s := fmt.Sprintf("line %d, %s\nprints\n%s", r.line, what, r.got)
	if r.err != nil {
		return s + "\n" + r.err.Error()
	}
	return s + "\nthe page says\n" + r.want
}

// A runner goes through a page.
type runner struct {
	dir       string // where the reader works
	root      string // the module under test
	port      string // in place of 6379
	path      string // of programs
	terminals map[string]*process
	sessions  map[string]*session
}

// run executes a page. What it returns is complete even where a step failed; err says that the page
// cannot be run.
func (r *runner) run(page string) (results []result, err error) {
	r.terminals, r.sessions = map[string]*process{}, map[string]*session{}
	defer r.stop()
	blocks, err := parse(page)
	if err != nil {
		return nil, err
	}
	all, err := steps(blocks)
	if err != nil {
		return nil, err
	}
	if err := r.startSessions(all); err != nil {
		return nil, err
	}
	for _, s := range all {
		res := result{step: s}
		res.got, res.err = r.step(s)
		res.got = r.shown(res.got)
		results = append(results, res)
	}
	return results, nil
}

func (r *runner) startSessions(all []step) error {
	for lang, program := range map[string]func(string, []step) ([]string, error){"python": pythonSession, "go": goSession} {
		var blocks []step
		for _, s := range all {
			if s.lang == lang && s.name == "" {
				s.text = r.real(s.text)
				blocks = append(blocks, s)
			}
		}
		if blocks == nil {
			continue
		}
		args, err := program(r.dir, blocks)
		if err != nil {
			return err
		}
		if r.sessions[lang], err = startSession(r.command(args...)); err != nil {
			return err
		}
	}
	return nil
}

// command is a program that runs where and how a reader would run it.
func (r *runner) command(args ...string) *exec.Cmd {
	cmd := exec.Command("/usr/bin/env", args...) // which looks for it in the PATH below
	cmd.Dir = r.dir
	cmd.Env = append(os.Environ(), "PATH="+r.path+":"+os.Getenv("PATH"), "FAKETTY=1")
	return cmd
}

// real and shown translate between what the page says and what happens.
func (r *runner) real(page string) string { return strings.ReplaceAll(page, "6379", r.port) }
func (r *runner) shown(out string) string { return strings.ReplaceAll(out, r.port, "6379") }

func (r *runner) step(s step) (string, error) {
	switch {
	case s.lang == "console":
		return r.console(s)
	case s.lang == "output":
		return r.more(s)
	case s.name != "":
		return "", os.WriteFile(filepath.Join(r.dir, s.name), []byte(r.real(s.text)), 0o600)
	}
	return r.sessions[s.lang].next()
}

func (r *runner) console(s step) (string, error) {
	cmd := r.command("sh", "-c", r.real(s.command))
	cmd.Stdin = strings.NewReader(r.real(s.typed))
	p, err := start(cmd)
	if err != nil {
		return "", err
	}
	if s.name != "" {
		if r.terminals[s.name] != nil {
			r.terminals[s.name].stop()
		}
		r.terminals[s.name] = p
		return r.more(s)
	}
	return p.finish()
}

// more waits for what a terminal prints.
func (r *runner) more(s step) (string, error) {
	p := r.terminals[s.name]
	if p == nil {
		return "", fmt.Errorf("there is no terminal %q", s.name)
	}
	return p.take(func(out string) bool { return matches(r.shown(out), s.want) })
}

func (r *runner) stop() {
	for _, s := range r.sessions {
		s.stop()
	}
	for _, p := range r.terminals {
		p.stop()
	}
}
