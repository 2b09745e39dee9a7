// Package geohash places points of the earth's surface on a line, so that a
// sorted set can search them by area: the arithmetic of the GEO commands.
//
// # Terms
//
// A point is a longitude and a latitude in degrees. A grid of step n cuts both
// of their ranges into 2^n parts. A cell is a field of such a grid; its number
// has the bits of the two indexes interleaved, longitude in the higher bit of
// each pair. A cell of step n contains those of greater steps whose numbers
// begin with its own, so a cell is a range of scores. The score of a point is
// its cell of step 26: 52 bits, which a float64 holds exactly.
//
// Latitudes end at 85.05 degrees, where the square Mercator map ends.
//
// # Searching
//
// Cells returns the cell around the centre of a shape and those around it, at
// the greatest step at which they cover the shape, less those that are wholly
// outside. What is in them is a superset of what is in the shape: Contains
// decides. All of this has to be computed as Redis does, to the last bit:
// the order of unsorted replies follows from the cells, and distances are
// stored as scores.
//
// # Rejected
//
// The functions of package math: they are good to about one unit in the last
// place, the C library's to half a unit. Sin, cos and asin here are as good
// as the C library's, and not slower.
package geohash
