package cli

import (
	"fmt"

	"github.com/redstart-db/redstart/internal/client"
)

func runHotKeys(a *app) int {
	return a.connected(func() error {
		s, err := a.begin()
		if err != nil {
			return err
		}
		fmt.Fprintf(a.out, scanIntro, "hot keys")
		hottest := highest{limit: a.hotShown}
		err = a.scan(100, func(keys []client.Reply) error {
			s.step()
			return a.each(keys, func(i int) []string { return []string{"OBJECT", "FREQ", string(keys[i].Text)} }, func(i int, r *client.Reply) error {
				a.sampled(s)
				switch {
				case r.IsError():
					return fmt.Errorf("Error: %s", r.Text)
				case r.Kind == client.Int && hottest.add(ranked{r.N, "", keys[i].Text}):
					fmt.Fprintf(a.out, "[%05.2f%%] Hot key '%s' found so far with counter %d\n", s.done, quoted(keys[i].Text), r.N)
				}
				return nil
			})
		})
		s.bar.clear()
		if err != nil {
			return err
		}
		a.concluded(s)
		for _, k := range hottest.keys {
			fmt.Fprintf(a.out, "hot key found with counter: %d\tkeyname: %s\n", k.n, quoted(k.key))
		}
		return nil
	})
}

// highest are the keys with the highest figures, the highest first.
type highest struct {
	limit int
	keys  []ranked
}

type ranked struct {
	n    int64
	kind string // of value
	key  []byte
}

// add says whether the key is among the highest now.
func (h *highest) add(k ranked) bool {
	at := len(h.keys)
	for at > 0 && h.keys[at-1].n < k.n {
		at--
	}
	if k.n == 0 || at >= h.limit {
		return false
	}
	h.keys = append(h.keys, ranked{})
	copy(h.keys[at+1:], h.keys[at:])
	h.keys[at] = k
	h.keys = h.keys[:min(len(h.keys), h.limit)]
	return true
}
