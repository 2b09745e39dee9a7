package guide

import (
	"fmt"
	"regexp"
	"strings"
)

// A block is a fenced part of a page.
type block struct {
	lang, name string
	line       int // of its first line
	text       string
}

var fence = regexp.MustCompile("^```(.*)$")

// parse cuts the fenced blocks out of a page.
func parse(page string) (blocks []block, err error) {
	var open *block
	for i, line := range strings.Split(page, "\n") {
		m := fence.FindStringSubmatch(line)
		switch {
		case m != nil && open == nil:
			words := strings.Fields(m[1])
			if len(words) == 0 || len(words) > 2 {
				return nil, fmt.Errorf("line %d: a block has a language, and perhaps a name", i+1)
			}
			open = &block{lang: words[0], name: strings.Join(words[1:], ""), line: i + 2}
		case m != nil:
			blocks, open = append(blocks, *open), nil
		case open != nil:
			open.text += line + "\n"
		}
	}
	if open != nil {
		return nil, fmt.Errorf("line %d: the block has no end", open.line)
	}
	return blocks, nil
}

// A step is one thing to do, and what it prints.
type step struct {
	block
	command string // of the shell
	typed   string // into the command
	want    string
}

// steps puts programs and their outputs together, and takes transcripts apart.
func steps(blocks []block) (all []step, err error) {
	for i := 0; i < len(blocks); i++ {
		b := blocks[i]
		switch {
		case b.lang == "console":
			some, err := transcript(b)
			if err != nil {
				return nil, err
			}
			all = append(all, some...)
		case b.lang == "output" && b.name != "":
			all = append(all, step{block: b, want: b.text})
		case b.name != "" && strings.Contains(b.name, "."):
			all = append(all, step{block: b})
		case b.name == "" && (b.lang == "python" || b.lang == "go"):
			s := step{block: b}
			if i+1 < len(blocks) && blocks[i+1].lang == "output" && blocks[i+1].name == "" {
				i++
				s.want = blocks[i].text
			}
			all = append(all, s)
		default:
			return nil, fmt.Errorf("line %d: nothing is known about a block of %q", b.line, strings.TrimSpace(b.lang+" "+b.name))
		}
	}
	return all, nil
}

const shell = "$ "

// prompt is that of redis-cli, and the one between MULTI and EXEC.
var prompt = regexp.MustCompile(`^127\.0\.0\.1:6379(\(TX\))?> `)

func transcript(b block) (all []step, err error) {
	for i, line := range strings.SplitAfter(b.text, "\n") {
		if command, ok := strings.CutPrefix(line, shell); ok {
			at := b
			at.line += i
			all = append(all, step{block: at, command: strings.TrimSpace(command)})
			continue
		}
		if len(all) == 0 {
			return nil, fmt.Errorf("line %d: a transcript opens with %q", b.line, shell)
		}
		last := &all[len(all)-1]
		if p := prompt.FindString(line); p != "" {
			last.typed += line[len(p):]
		} else {
			last.want += line
		}
	}
	return all, nil
}

// pattern is what an output has to match.
func pattern(want string) *regexp.Regexp {
	var re strings.Builder
	for _, line := range strings.SplitAfter(want, "\n") {
		if line == "...\n" {
			re.WriteString(`(.*\n)*`)
			continue
		}
		re.WriteString(strings.ReplaceAll(regexp.QuoteMeta(line), `\.\.\.`, `.*`))
	}
	return regexp.MustCompile(`^` + re.String() + `$`)
}

func matches(got, want string) bool { return pattern(want).MatchString(got) }
