package redstart

import (
	"errors"
	"reflect"
	"strconv"
)

// appendWords appends the words that args are to argv, and their bytes to buf. It keeps
// nothing of args, so that a caller's need no memory of their own.
func appendWords(argv [][]byte, buf []byte, args []any) ([][]byte, []byte, error) {
	if len(args) == 0 {
		return argv, buf, errors.New("redstart: a command has one word at least")
	}
	for _, arg := range args {
		start := len(buf)
		if s, ok := arg.(string); ok { // most are
			buf = append(buf, s...)
		} else if buf, ok = appendWord(buf, arg); !ok {
			return argv, buf, errors.New("redstart: no word of a command can be made of a " + typeName(arg))
		}
		argv = append(argv, buf[start:len(buf):len(buf)]) // stays right when buf moves
	}
	return argv, buf, nil
}

func typeName(arg any) string {
	if arg == nil {
		return "nil"
	}
	return reflect.TypeOf(arg).String()
}

// appendWord appends one word.
func appendWord(b []byte, arg any) ([]byte, bool) {
	switch v := arg.(type) {
	case []byte:
		return append(b, v...), true
	case int:
		return strconv.AppendInt(b, int64(v), 10), true
	case int8:
		return strconv.AppendInt(b, int64(v), 10), true
	case int16:
		return strconv.AppendInt(b, int64(v), 10), true
	case int32:
		return strconv.AppendInt(b, int64(v), 10), true
	case int64:
		return strconv.AppendInt(b, v, 10), true
	case uint:
		return strconv.AppendUint(b, uint64(v), 10), true
	case uint8:
		return strconv.AppendUint(b, uint64(v), 10), true
	case uint16:
		return strconv.AppendUint(b, uint64(v), 10), true
	case uint32:
		return strconv.AppendUint(b, uint64(v), 10), true
	case uint64:
		return strconv.AppendUint(b, v, 10), true
	case float32:
		return strconv.AppendFloat(b, float64(v), 'f', -1, 64), true
	case float64:
		return strconv.AppendFloat(b, v, 'f', -1, 64), true
	case bool:
		if v {
			return append(b, '1'), true
		}
		return append(b, '0'), true
	}
	return b, false
}
