module github.com/redstart-db/redstart

go 1.26.0

require (
	github.com/anishathalye/porcupine v1.3.1
	golang.org/x/sys v0.49.0 // indirect
)
