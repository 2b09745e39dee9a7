package cli

import "github.com/redstart-db/redstart/internal/client"

// setURI sets what a URI names.
func (c *config) setURI(text string) error {
	u, err := client.ParseURI(text)
	if err != nil {
		return err
	}
	c.tls.On = c.tls.On || u.TLS
	if u.Login {
		c.pass, c.passGiven = u.Pass, true
	}
	if u.User != "" {
		c.user = u.User
	}
	if u.Host != "" {
		c.host = u.Host
	}
	if u.Port >= 0 {
		c.port = u.Port
	}
	if u.DB >= 0 {
		c.db = u.DB
	}
	return nil
}
