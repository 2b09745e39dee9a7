package commands

import (
	"strings"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/resp"
)

const (
	debugTypes = "string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false"

	errDebugType = cmdspec.Error("ERR Wrong protocol type name. Please use one of the following: " + debugTypes)
	errRESP2     = cmdspec.Error("ERR RESP2 is not supported by this command")
)

// debugProtocol replies with what clients test their parsers on.
func (d *Deps) debugProtocol(c *cmdspec.Ctx) error {
	r := c.Reply
	switch strings.ToLower(string(c.Argv[2])) {
	case "string":
		r.BulkString("Hello World")
	case "integer":
		r.Int(12345)
	case "double":
		r.Double(3.141)
	case "bignum":
		r.BigNumber("1234567999999999999999999999999999999")
	case "null":
		r.Null()
	case "array":
		r.Array(3)
		writeThree(r)
	case "set":
		r.Set(3)
		writeThree(r)
	case "map":
		r.Map(3)
		for i := range 3 {
			r.Int(int64(i))
			r.Bool(i == 1)
		}
	case "attrib":
		writeAttribute(r)
	case "push":
		if r.Proto < 3 {
			return errRESP2
		}
		r.Push(2)
		r.BulkString("server-cpu-usage")
		r.Int(42)
		r.BulkString("Some real reply following the push reply")
	case "verbatim":
		r.Verbatim("txt", "This is a verbatim\nstring")
	case "true":
		r.Bool(true)
	case "false":
		r.Bool(false)
	default:
		return errDebugType
	}
	return nil
}

func writeThree(r *resp.Writer) {
	for i := range 3 {
		r.Int(int64(i))
	}
}

// writeAttribute writes a reply with an attribute, which RESP2 leaves out.
func writeAttribute(r *resp.Writer) {
	if r.Proto == 3 {
		r.Attribute(1)
		r.BulkString("key-popularity")
		r.Array(2)
		r.BulkString("key:123")
		r.Int(90)
	}
	r.BulkString("Some real reply following the attribute")
}
