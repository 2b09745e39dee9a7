package commands

import (
	"strings"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/resp"
)

// writeInfo writes what COMMAND INFO tells of a command.
func writeInfo(w *resp.Writer, s *cmdspec.Spec) {
	first, last, step := s.KeyRange()
	w.Array(10)
	w.BulkString(s.FullName)
	w.Int(int64(s.Arity))
	writeNames(w, s.Flags.Names())
	w.Int(int64(first))
	w.Int(int64(last))
	w.Int(int64(step))
	categories := s.ACLCategories()
	w.Set(len(categories))
	for _, name := range categories {
		w.Simple("@" + name)
	}
	w.Set(len(s.Tips))
	for _, tip := range s.Tips {
		w.BulkString(tip)
	}
	w.Set(len(s.Keys))
	for i := range s.Keys {
		writeKeySpec(w, &s.Keys[i])
	}
	if len(s.Sub) == 0 {
		w.Set(0)
		return
	}
	w.Array(len(s.Sub))
	for _, sub := range s.Sub {
		writeInfo(w, sub)
	}
}

// writeNames writes a set of flags.
func writeNames(w *resp.Writer, names []string) {
	w.Set(len(names))
	for _, name := range names {
		w.Simple(name)
	}
}

func writeKeySpec(w *resp.Writer, k *cmdspec.KeySpec) {
	if k.Notes != "" {
		w.Map(4)
		w.BulkString("notes")
		w.BulkString(k.Notes)
	} else {
		w.Map(3)
	}
	w.BulkString("flags")
	writeNames(w, k.Flags.Names())
	w.BulkString("begin_search")
	if k.Keyword == "" && k.Index == 0 {
		writeKeySearch(w, "unknown", 0)
		w.BulkString("find_keys")
		writeKeySearch(w, "unknown", 0)
		return
	}
	if k.Keyword != "" {
		writeKeySearch(w, "keyword", 2)
		w.BulkString("keyword")
		w.BulkString(k.Keyword)
		writeField(w, "startfrom", k.StartFrom)
	} else {
		writeKeySearch(w, "index", 1)
		writeField(w, "index", k.Index)
	}
	w.BulkString("find_keys")
	if k.KeyNum {
		writeKeySearch(w, "keynum", 3)
		writeField(w, "keynumidx", k.NumIndex)
		writeField(w, "firstkey", k.First)
		writeField(w, "keystep", k.Step)
	} else {
		writeKeySearch(w, "range", 3)
		writeField(w, "lastkey", k.Last)
		writeField(w, "keystep", k.Step)
		writeField(w, "limit", k.Limit)
	}
}

// writeKeySearch opens the description of one half of a key specification.
func writeKeySearch(w *resp.Writer, kind string, fields int) {
	w.Map(2)
	w.BulkString("type")
	w.BulkString(kind)
	w.BulkString("spec")
	w.Map(fields)
}

func writeField(w *resp.Writer, name string, n int) {
	w.BulkString(name)
	w.Int(int64(n))
}

// docWriter gathers the fields of a map whose number is known at the end.
type docWriter struct {
	body resp.Writer
	n    int
}

func (d *docWriter) field(name string) *resp.Writer {
	d.n++
	d.body.BulkString(name)
	return &d.body
}

// text adds a field unless it is empty.
func (d *docWriter) text(name, value string) {
	if value != "" {
		d.field(name).BulkString(value)
	}
}

func (d *docWriter) writeTo(w *resp.Writer) {
	w.Map(d.n)
	w.Buf = append(w.Buf, d.body.Buf...)
}

// writeDocs writes what COMMAND DOCS tells of a command.
func writeDocs(w *resp.Writer, s *cmdspec.Spec) {
	d := docWriter{body: resp.Writer{Proto: w.Proto}}
	d.text("summary", s.Summary)
	d.text("since", s.Since)
	d.text("group", s.Group.String())
	d.text("complexity", s.Complexity)
	flags := strings.Fields(s.DocFlags)
	since, replacement, deprecated := strings.Cut(s.Deprecated, "|")
	if deprecated {
		flags = append([]string{"deprecated"}, flags...)
	}
	if len(flags) > 0 {
		writeNames(d.field("doc_flags"), flags)
	}
	d.text("deprecated_since", since)
	d.text("replaced_by", replacement)
	if s.History != nil {
		writeHistory(d.field("history"), s.History)
	}
	if s.Args != "" {
		writeArgs(d.field("arguments"), s.ArgTree())
	}
	if len(s.Sub) > 0 {
		sub := d.field("subcommands")
		sub.Map(len(s.Sub))
		for _, spec := range s.Sub {
			sub.BulkString(spec.FullName)
			writeDocs(sub, spec)
		}
	}
	d.writeTo(w)
}

func writeHistory(w *resp.Writer, history [][2]string) {
	w.Set(len(history))
	for _, h := range history {
		w.Array(2)
		w.BulkString(h[0])
		w.BulkString(h[1])
	}
}

func writeArgs(w *resp.Writer, args []cmdspec.Arg) {
	w.Array(len(args))
	for i := range args {
		writeArg(w, &args[i])
	}
}

func writeArg(w *resp.Writer, a *cmdspec.Arg) {
	d := docWriter{body: resp.Writer{Proto: w.Proto}}
	d.text("name", a.Name)
	d.text("type", string(a.Type))
	if a.KeySpec >= 0 {
		d.field("key_spec_index").Int(int64(a.KeySpec))
	}
	if a.HasToken {
		d.field("token").BulkString(a.Token)
	}
	d.text("since", a.Since)
	d.text("deprecated_since", a.Deprecated)
	if flags := a.Flags(); flags != nil {
		writeNames(d.field("flags"), flags)
	}
	if a.Args != nil {
		writeArgs(d.field("arguments"), a.Args)
	}
	d.writeTo(w)
}
