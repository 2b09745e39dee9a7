package commands

import (
	"cmp"
	"slices"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/geohash"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/object"
	"github.com/redstart-db/redstart/internal/value"
)

// A geoHit is a member in the shape searched.
type geoHit struct {
	start, end int // in geoHits.names
	distance   float64
	score      float64
	place      geohash.Point
}

// geoHits are what a search found. Members are copied: those of a packed set
// are not where they could stay, and the result may be stored over the source.
type geoHits struct {
	hits  []geoHit
	names []byte
}

func (h *geoHits) member(hit *geoHit) []byte { return h.names[hit.start:hit.end] }

// search collects the members in a shape, up to a limit if that is not 0.
func (h *geoHits) search(z *value.ZSet, s *geohash.Shape, limit int) {
	var room [9]geohash.Cell
	for _, cell := range s.AppendCells(room[:0]) {
		if limit > 0 && len(h.hits) >= limit {
			return
		}
		from, to := cell.Range()
		rank, n := z.ByScore(value.ScoreRange{Min: from, Max: to, MaxOpen: true})
		it := z.Walk(rank, n, false)
		h.take(&it, s, limit)
	}
}

func (h *geoHits) take(it *value.ZIter, s *geohash.Shape, limit int) {
	for member, score, ok := it.Next(); ok; member, score, ok = it.Next() {
		p := geohash.Of(score)
		d, in := s.Contains(p)
		if !in {
			continue
		}
		start := len(h.names)
		h.names = append(h.names, member...)
		h.hits = append(h.hits, geoHit{start, len(h.names), d, score, p})
		if limit > 0 && len(h.hits) >= limit {
			return
		}
	}
}

// geoOrder is how results are ordered.
type geoOrder uint8

const (
	geoUnordered geoOrder = iota
	geoNearest
	geoFarthest
)

// order orders the hits and leaves at most count, if that is not 0.
func (h *geoHits) order(o geoOrder, count int64) {
	switch o {
	case geoNearest:
		slices.SortStableFunc(h.hits, func(a, b geoHit) int { return cmp.Compare(a.distance, b.distance) })
	case geoFarthest:
		slices.SortStableFunc(h.hits, func(a, b geoHit) int { return cmp.Compare(b.distance, a.distance) })
	}
	if count > 0 && int64(len(h.hits)) > count {
		h.hits = h.hits[:count]
	}
}

// runGeoQuery is all commands that search.
func runGeoQuery(c *cmdspec.Ctx, form geoForm) error {
	source := c.Keys[0]
	if form == geoSearchStoring {
		source = c.Keys[1]
	}
	z, found, err := readZSet(c, source)
	if err != nil {
		return err
	}
	q := geoQuery{form: form}
	if found {
		q.source = &z
	}
	if err := q.parse(c); err != nil {
		return err
	}
	var h geoHits
	if found {
		if q.count > 0 && q.order == geoUnordered && !q.any {
			q.order = geoNearest
		}
		limit := 0
		if q.any {
			limit = int(q.count)
		}
		h.search(&z, &q.shape, limit)
		h.order(q.order, q.count)
	}
	if q.stores {
		return q.store(c, &h)
	}
	q.reply(c, &h)
	return nil
}

func (q *geoQuery) reply(c *cmdspec.Ctx, h *geoHits) {
	fields := 1
	for _, with := range []bool{q.withDistance, q.withHash, q.withPlace} {
		if with {
			fields++
		}
	}
	c.Reply.Array(len(h.hits))
	for i := range h.hits {
		hit := &h.hits[i]
		if fields > 1 {
			c.Reply.Array(fields)
		}
		c.Reply.Bulk(h.member(hit))
		if q.withDistance {
			writeDistance(c, hit.distance/q.shape.Unit)
		}
		if q.withHash {
			c.Reply.Int(int64(hit.score))
		}
		if q.withPlace {
			writePoint(c, hit.place)
		}
	}
}

// store makes the hits the sorted set at the destination.
func (q *geoQuery) store(c *cmdspec.Ctx, h *geoHits) error {
	c.Reply.Int(int64(len(h.hits)))
	k := q.destination
	if len(h.hits) == 0 {
		if c.Tx.Delete(k) {
			c.Tx.Notify(keyspace.ClassGeneric, "del", k)
		}
		return nil
	}
	score := func(hit *geoHit) float64 {
		if q.storeDistance {
			return hit.distance / q.shape.Unit
		}
		return hit.score
	}
	first := &h.hits[0]
	n := value.NewZSetSize(h.member(first), score(first))
	z := value.NewZSet(c.Tx.NewCell(k, keyspace.TypeZSet, object.Packed, n, keyspace.NoTTL), h.member(first))
	for i := range h.hits {
		hit := &h.hits[i]
		member := h.member(hit)
		if p := z.Find(member); !p.Found { // a search round the earth may have met it twice
			z.Add(&p, member, score(hit))
		}
	}
	event := "georadiusstore"
	if q.form.isSearch() {
		event = "geosearchstore"
	}
	c.Tx.Notify(keyspace.ClassZSet, event, k)
	return nil
}
