package server

import "testing"

// A name that no directive has would let the directive that it is meant for pass.
func TestProgramOnlyNamesExist(t *testing.T) {
	s := newServer(settings)
	for _, name := range programOnly {
		if s.conf.Value(name).Text == "" && s.conf.Get([]string{name}, func(a, b string) bool { return a == b }) == nil {
			t.Errorf("there is no directive %s", name)
		}
	}
}

// A guest neither listens nor has a title, whatever is applied when it starts.
func TestGuest(t *testing.T) {
	e, err := Embed([]string{"maxmemory 10mb"}, nil, true)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	l := e.Hub().Local()
	defer l.Close()
	reply := string(l.Do([][]byte{[]byte("CONFIG"), []byte("GET"), []byte("port")}))
	if want := "*2\r\n$4\r\nport\r\n$1\r\n0\r\n"; reply != want {
		t.Errorf("%q", reply)
	}
	if len(e.s.listen.tcp.open)+len(e.s.listen.tls.open) != 0 || e.s.listen.unix != nil {
		t.Error("it listens")
	}
}
