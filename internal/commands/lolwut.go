package commands

import (
	"strings"

	"github.com/redstart-db/redstart/internal/cmdspec"
)

var lolwutSpec = cmdspec.Spec{
	Name: "lolwut", Arity: -1, Since: "5.0.0", Group: cmdspec.GroupServer,
	Summary: "Draws a picture and tells the version.",
	Flags:   cmdspec.ReadOnly | cmdspec.Fast,
	Args:    "[VERSION version]",
}

// The picture: a redstart on its branch under the stars. Two numbers change
// its size, as they do in Redis: columns and rows.
const (
	lolwutColumns, lolwutRows       = 48, 8
	lolwutMaxColumns, lolwutMaxRows = 200, 60
)

var lolwutBird = []string{
	`    __   `,
	`   (o >  `,
	`   //\   `,
	`===V_/===`,
	`  _//    `,
}

func (d *Deps) runLolwut(c *cmdspec.Ctx) error {
	a := c.ArgsFrom(1)
	columns, rows := int64(lolwutColumns), int64(lolwutRows)
	if a.MatchValue("VERSION") {
		if a.Int(); a.Err() != nil {
			return a.Err()
		}
	}
	if a.More() {
		if n, ok := cmdspec.ParseInt(a.Next()); ok {
			columns = n
		}
	}
	if a.More() {
		if n, ok := cmdspec.ParseInt(a.Next()); ok {
			rows = n
		}
	}
	columns = min(max(columns, int64(len(lolwutBird[0]))), lolwutMaxColumns)
	rows = min(max(rows, int64(len(lolwutBird))), lolwutMaxRows)
	c.Reply.Verbatim("txt", lolwut(int(columns), int(rows), uint64(c.Tx.Now()))+"\nRedstart ver. "+d.Version+"\n")
	return nil
}

// lolwut draws a sky, different for each seed, with the bird at the bottom.
func lolwut(columns, rows int, seed uint64) string {
	var b strings.Builder
	left := (columns - len(lolwutBird[0])) / 2
	for y := range rows {
		line := make([]byte, columns)
		for x := range line {
			seed = seed*6364136223846793005 + 1442695040888963407
			line[x] = lolwutStar(seed >> 33)
		}
		if i := y - (rows - len(lolwutBird)); i >= 0 {
			if lolwutBird[i][0] == '=' {
				line = []byte(strings.Repeat("=", columns))
			}
			copy(line[left:], lolwutBird[i])
		}
		b.WriteString(strings.TrimRight(string(line), " "))
		b.WriteByte('\n')
	}
	return b.String()
}

func lolwutStar(r uint64) byte {
	switch r % 40 {
	case 0:
		return '*'
	case 1, 2:
		return '.'
	case 3:
		return '\''
	}
	return ' '
}
