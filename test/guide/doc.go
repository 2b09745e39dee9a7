// Package guide runs the examples, and compares what they print with what their comments say.
package guide
