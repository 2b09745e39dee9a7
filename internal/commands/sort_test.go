package commands

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func TestSortAsStock(t *testing.T) {
	compare(t, lines(`
		RPUSH l 3 1 2 10 -5 0x1A 1e2
		ZADD z 3 a 1 b 2 c
		SADD ints 5 3 1 4
		SADD words pear apple fig
		MSET w_3 30 w_1 -1 w_2 20 w_10 x1 wt_3 c wt_1 a wt_2 ""
		HSET h_1 f x g 7
		HSET h_2 f y g 5
		SET str v
		HSET hash a 1
		SORT l
		SORT l DESC
		SORT l ALPHA
		SORT l ALPHA DESC
		SORT l asc alpha desc
		SORT l LIMIT 1 2
		SORT l LIMIT -1 2
		SORT l LIMIT 2 -1
		SORT l LIMIT 2 -7 DESC
		SORT l LIMIT 7 1
		SORT l LIMIT 100 1
		SORT l LIMIT 0 0
		SORT l LIMIT 9223372036854775807 9223372036854775807
		SORT l LIMIT x 1
		SORT l LIMIT 1 x
		SORT l LIMIT 1
		SORT l LIMIT 0 1 LIMIT 0 2
		SORT l BY nosort
		SORT l BY nosort DESC
		SORT l BY nosort DESC LIMIT 1 3
		SORT l BY nosort DESC LIMIT 5 30
		SORT l BY nosort LIMIT 1 3
		SORT l BY nosort LIMIT 10 3
		SORT l BY nosort LIMIT 0 0
		SORT l BY w_*
		SORT l BY w_* ALPHA
		SORT l BY wt_* ALPHA
		SORT l BY wt_* ALPHA DESC
		SORT l BY wt_* ALPHA LIMIT 1 3
		SORT l BY missing_*
		SORT l BY missing_* ALPHA
		SORT l BY h_*->g
		SORT l BY h_*->f
		SORT l BY h_*->f ALPHA GET # GET h_*->f GET w_*
		SORT l BY w_*->
		SORT l BY w_*->nofield
		SORT l BY w_*-> ALPHA
		SORT l BY h_* GET h_*
		SORT l BY w_* BY nosort
		SORT l BY *
		SORT l BY #
		SORT l GET #
		SORT l GET *
		SORT l GET nostar
		SORT l GET ->
		SORT l GET h_*->
		SORT l GET *->f
		SORT l GET hash
		SORT ints
		SORT ints DESC GET # GET w_*
		SORT words
		SORT words ALPHA
		SORT words BY nosort STORE dst
		LRANGE dst 0 -1
		SORT words BY nosort DESC STORE dst
		LRANGE dst 0 -1
		SORT z
		SORT z ALPHA
		SORT z ALPHA DESC LIMIT 0 2
		SORT z BY nosort
		SORT z BY nosort DESC
		SORT z BY nosort DESC LIMIT 0 2
		SORT z BY nosort DESC LIMIT 1 5
		SORT z BY nosort DESC LIMIT 3 5
		SORT z BY nosort LIMIT 1 1
		SORT z BY nosort LIMIT -5 2
		SORT z BY nosort LIMIT 1 -1
		SORT z BY nosort STORE dst
		LRANGE dst 0 -1
		SORT str
		SORT hash
		SORT str foo
		SORT nokey
		SORT nokey STORE dst
		EXISTS dst
		SORT nokey STORE dst
		SORT l STORE dst
		TYPE dst
		LRANGE dst 0 -1
		EXPIRE dst 1000
		SORT l GET w_* GET # STORE dst
		TTL dst
		LRANGE dst 0 -1
		SORT l LIMIT 0 0 STORE dst
		SORT l STORE str
		TYPE str
		SORT l STORE a STORE b
		EXISTS a b
		SORT words STORE dst
		SORT l STORE l
		LRANGE l 0 -1
		SORT
		SORT l foo
		SORT l BY
		SORT l GET
		SORT l STORE
		SORT_RO l
		SORT_RO l BY nosort GET # DESC LIMIT 0 2
		SORT_RO l STORE dst
		SORT_RO hash
		SORT_RO
		DEL blanks
		RPUSH blanks " 1" "" "	-2"
		SORT blanks
		RPUSH blanks "2 "
		SORT blanks
		DEL odd
		RPUSH odd inf -inf Infinity 1e308 "5\x00x"
		SORT odd
		RPUSH odd 1e309
		SORT odd
		DEL odd
		RPUSH odd nan
		SORT odd
		DEL odd
		RPUSH odd 1 " "
		SORT odd
		COMMAND GETKEYS SORT l STORE d BY x STORE e
		COMMAND GETKEYS SORT l BY STORE GET STORE LIMIT STORE x
		COMMAND GETKEYSANDFLAGS SORT l STORE d
		COMMAND GETKEYS SORT_RO l BY x_*
	`))
}

func TestSortOfManyAsStock(t *testing.T) {
	var script []string
	r := rand.New(rand.NewPCG(1, 2))
	push, add := "RPUSH l", "ZADD z"
	for i := range 600 {
		push += fmt.Sprintf(" %d", r.IntN(1000)-500)
		add += fmt.Sprintf(" %d m%d", r.IntN(100), i)
		script = append(script, fmt.Sprintf("SET w_%d %d", i-500, r.IntN(100)))
	}
	script = append(script, push, add, "SORT l", "SORT l DESC ALPHA", "SORT l BY w_* DESC", "SORT l BY w_* LIMIT 10 50 GET # GET w_*",
		"SORT l BY nosort DESC LIMIT 100 400", "SORT z BY nosort DESC LIMIT 100 400", "SORT z ALPHA LIMIT 5 300", "SORT z BY nosort STORE d", "SORT d ALPHA")
	compare(t, script)
}
