// Leaderboard ranks players by their points in a sorted set: adding points, the best, the place of one
// player and the neighbours all take time that grows with the logarithm of the number of players.
//
//	$ go run ./leaderboard
//	the best of 1000:
//	  1. player 999   999
//	  2. player 998   998
//	  3. player 997   997
//	player 500 scores 1000 and is number 1
//	around player 250:
//	749. player 251   251
//	750. player 250   250
//	751. player 249   249
//	101 players have 900 points or more
package main

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/redstart-db/redstart/examples/connect"
)

const board = "example:leaderboard"

func main() { connect.Run(run) }

func run(ctx context.Context, rdb *redis.Client) error {
	players := make([]redis.Z, 1000)
	for i := range players {
		players[i] = redis.Z{Score: float64(i), Member: fmt.Sprintf("player %d", i)}
	}
	pipe := rdb.TxPipeline() // nobody sees half a board
	pipe.Del(ctx, board)
	pipe.ZAdd(ctx, board, players...)
	if _, err := pipe.Exec(ctx); err != nil {
		return err
	}
	defer rdb.Del(ctx, board)

	fmt.Println("the best of 1000:")
	if err := show(ctx, rdb, 0, 2); err != nil {
		return err
	}

	// ZINCRBY returns the new score; there is no reading first, so nothing that others score is lost.
	score, err := rdb.ZIncrBy(ctx, board, 500, "player 500").Result()
	if err != nil {
		return err
	}
	rank, err := rdb.ZRevRank(ctx, board, "player 500").Result()
	if err != nil {
		return err
	}
	fmt.Printf("player 500 scores %.0f and is number %d\n", score, rank+1)

	rank, err = rdb.ZRevRank(ctx, board, "player 250").Result()
	if err != nil {
		return err
	}
	fmt.Println("around player 250:")
	if err := show(ctx, rdb, max(0, rank-1), rank+1); err != nil {
		return err
	}

	many, err := rdb.ZCount(ctx, board, "900", "+inf").Result()
	fmt.Printf("%d players have 900 points or more\n", many)
	return err
}

// show prints some places of the board. The first is 0.
func show(ctx context.Context, rdb *redis.Client, first, last int64) error {
	places, err := rdb.ZRevRangeWithScores(ctx, board, first, last).Result()
	for i, p := range places {
		fmt.Printf("%3d. %s %5.0f\n", first+int64(i)+1, p.Member, p.Score)
	}
	return err
}
