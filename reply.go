package redstart

import (
	"errors"
	"math/big"
	"strconv"
	"strings"

	"github.com/redstart-db/redstart/internal/client"
)

// Nil is the error in place of a null reply: there is no such key, or nothing came in time.
var Nil = errors.New("redstart: nil")

// TxFailedErr is the error of a transaction that did nothing because a watched key had changed.
var TxFailedErr = errors.New("redstart: transaction failed")

// Error is an error reply: "WRONGTYPE Operation against a key holding the wrong kind of value".
type Error string

func (e Error) Error() string { return string(e) }

// Prefix is the first word, which tells the kind: ERR, WRONGTYPE, NOAUTH.
func (e Error) Prefix() string {
	prefix, _, _ := strings.Cut(string(e), " ")
	return prefix
}

// result makes a reply what Do returns: nil and errors are errors.
func result(v any) (any, error) {
	switch v := v.(type) {
	case nil:
		return nil, Nil
	case Error:
		return nil, v
	}
	return v, nil
}

// decode reads a reply, which is one of our own making.
func decode(b []byte) (any, error) {
	if len(b) > 1 && b[0] == '$' && b[1] != '-' { // most are
		end := 1
		for b[end] != '\r' {
			end++
		}
		return string(b[end+2 : len(b)-2]), nil
	}
	v, _ := decodeOne(b)
	return result(v)
}

// decodeOne reads a reply and returns what follows it.
func decodeOne(b []byte) (v any, rest []byte) {
	end := 1
	for b[end] != '\r' {
		end++
	}
	line, rest := b[1:end], b[end+2:]
	switch client.Kind(b[0]) {
	case client.Simple:
		if string(line) == "OK" {
			return "OK", rest
		}
		return string(line), rest
	case client.Error:
		return Error(line), rest
	case client.Int:
		return decodeInt(line), rest
	case client.Bulk, client.BulkError, client.Verbatim:
		n := int(decodeInt(line))
		if n < 0 {
			return nil, rest
		}
		text := rest[:n]
		rest = rest[n+2:]
		switch client.Kind(b[0]) {
		case client.BulkError:
			return Error(text), rest
		case client.Verbatim:
			text = text[4:]
		}
		return string(text), rest
	case client.Array, client.Set, client.Push:
		n := int(decodeInt(line))
		if n < 0 {
			return nil, rest
		}
		items := make([]any, n)
		for i := range items {
			items[i], rest = decodeOne(rest)
		}
		return items, rest
	case client.Map:
		n := int(decodeInt(line))
		m := make(map[any]any, n)
		for range n {
			var key, value any
			key, rest = decodeOne(rest)
			value, rest = decodeOne(rest)
			m[mapKey(key)] = value
		}
		return m, rest
	}
	if b[0] == '|' { // attributes, which are about the reply that follows them
		for range 2 * decodeInt(line) {
			_, rest = decodeOne(rest)
		}
		return decodeOne(rest)
	}
	return scalar(client.Kind(b[0]), line), rest
}

// scalar is a value that is rare.
func scalar(kind client.Kind, text []byte) any {
	switch kind {
	case client.Double:
		f, _ := strconv.ParseFloat(string(text), 64)
		return f
	case client.Bool:
		return text[0] == 't'
	case client.BigNumber:
		n, _ := new(big.Int).SetString(string(text), 10)
		return n
	}
	return nil
}

// mapKey is a key of a map: one that Go cannot compare becomes a pointer to it.
func mapKey(v any) any {
	switch v := v.(type) {
	case []any:
		return &v
	case map[any]any:
		return &v
	}
	return v
}

// decodeInt reads a number without making a string of it.
func decodeInt(b []byte) (n int64) {
	minus := b[0] == '-'
	if minus {
		b = b[1:]
	}
	for _, d := range b {
		n = n*10 + int64(d-'0')
	}
	if minus {
		return -n
	}
	return n
}

// fromReply is decode for what was read from a connection.
func fromReply(r *client.Reply) any {
	switch r.Kind {
	case client.Error, client.BulkError:
		return Error(r.Text)
	case client.Int:
		return r.N
	case client.Bool:
		return r.N == 1
	case client.Null:
		return nil
	case client.Simple, client.Bulk, client.Verbatim:
		return string(r.Text)
	case client.Map:
		m := make(map[any]any, len(r.Items)/2)
		for i := 0; i+1 < len(r.Items); i += 2 {
			m[mapKey(fromReply(&r.Items[i]))] = fromReply(&r.Items[i+1])
		}
		return m
	case client.Array, client.Set, client.Push:
		items := make([]any, len(r.Items))
		for i := range items {
			items[i] = fromReply(&r.Items[i])
		}
		return items
	}
	return scalar(r.Kind, r.Text)
}
