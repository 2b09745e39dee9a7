package callcount

import (
	"fmt"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"strings"
)

// literal matches what the runtime calls a function literal: the function around it, which
// may have been inlined into others, and a number. A declared function has no more than
// a package before its name.
var literal = regexp.MustCompile(`^[^.]+\..+\.func\d+([.-].*)?$`)

// nameOf is the qualified name of a function.
func nameOf(f reflect.Value) string {
	fn := runtime.FuncForPC(f.Pointer())
	dir, base := path.Split(fn.Name())
	if madeByReflect[fn.Name()] {
		// The caller's mistake: there is nothing to count this under.
		panic(fmt.Sprintf("callcount: a %s made by reflect, or wrapped before, has no name; give it one with callcount.Name", f.Type()))
	}
	if literal.MatchString(base) {
		return place(fn)
	}
	base = strings.TrimSuffix(base, "-fm") // a method bound to its receiver
	return dir + strings.ReplaceAll(base, "%2e", ".")
}

// madeByReflect has the code that all functions of reflect.MakeFunc share, and that of
// methods taken from a reflect.Value.
var madeByReflect = map[string]bool{"reflect.makeFuncStub": true, "reflect.methodValueCall": true}

// place is where a function stands: file and line, with one folder, so that neither the
// machine it is built on nor -trimpath make a difference.
func place(fn *runtime.Func) string {
	file, line := fn.FileLine(fn.Entry())
	file = filepath.ToSlash(file)
	return fmt.Sprintf("%s/%s:%d", path.Base(path.Dir(file)), path.Base(file), line)
}
