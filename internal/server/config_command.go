package server

import (
	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/config"
	"github.com/redstart-db/redstart/internal/glob"
	"github.com/redstart-db/redstart/internal/session"
)

func (s *Server) configCommand() *cmdspec.Spec {
	const admin = cmdspec.Admin | cmdspec.NoScript | cmdspec.Loading | cmdspec.Stale
	sub := func(name string, arity int, since, summary, complexity string, run func(*cmdspec.Ctx) error) *cmdspec.Spec {
		return &cmdspec.Spec{
			Name: name, Arity: arity, Since: since, Group: cmdspec.GroupServer, Summary: summary,
			Complexity: complexity, Flags: admin, Locks: cmdspec.LockEach, Run: run,
		}
	}
	get := sub("get", -3, "2.0.0", "Reads settings.", "O(N) with N parameters asked for.", s.runConfigGet)
	get.Args = "<parameter>{block} [<parameter> ...]"
	get.History = [][2]string{{"7.0.0", "Several patterns in one call."}}
	set := sub("set", -4, "2.0.0", "Changes settings.", "O(N) with N parameters.", s.runConfigSet)
	set.Args = "<parameter value> [<parameter value> ...]"
	set.History = [][2]string{{"7.0.0", "Several parameters in one call."}}
	set.Tips = []string{"request_policy:all_nodes", "response_policy:all_succeeded"}
	set.Secret = s.isSecretSetting
	help := sub("help", 2, "5.0.0", "Tells about the subcommands.", "O(1)", runConfigHelp)
	help.Flags = cmdspec.Loading | cmdspec.Stale
	return &cmdspec.Spec{
		Name: "config", Arity: -2, Since: "2.0.0", Group: cmdspec.GroupServer,
		Summary:    "Settings of the server.",
		Complexity: "As the subcommand.",
		Sub: []*cmdspec.Spec{
			get, set, help,
			sub("resetstat", 2, "2.0.0", "Sets the statistics of INFO back to zero.", "O(1)", s.runConfigResetStat),
			sub("rewrite", 2, "2.8.0", "Writes the settings into the configuration file.", "O(1)", s.runConfigRewrite),
		},
	}
}

func (s *Server) runConfigGet(c *cmdspec.Ctx) error {
	found := s.conf.Get(texts(c.Argv[2:]), func(pattern, name string) bool {
		return glob.MatchFold([]byte(pattern), []byte(name))
	})
	c.Reply.Map(len(found))
	for _, f := range found {
		c.Reply.BulkString(f.Name)
		c.Reply.BulkString(f.Text)
	}
	return nil
}

// texts copies words out of the read buffer.
func texts(words [][]byte) []string {
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = string(w)
	}
	return all
}

func (s *Server) runConfigSet(c *cmdspec.Ctx) error {
	words := texts(c.Argv[2:])
	if len(words)%2 != 0 {
		return cmdspec.ErrSyntax
	}
	var pairs []config.Setting
	for i := 0; i < len(words); i += 2 {
		pairs = append(pairs, config.Setting{Name: words[i], Text: words[i+1]})
	}
	if err := s.conf.Change(pairs, s.allowed("enable-protected-configs", c.Client), s.apply); err != nil {
		return cmdspec.Error("ERR " + err.Error())
	}
	c.Reply.OK()
	return nil
}

// isSecretSetting: the values of sensitive settings are.
func (s *Server) isSecretSetting(words [][]byte, i int) bool {
	if i < 3 || i%2 == 0 {
		return false
	}
	d := s.conf.Lookup(string(words[i-1]))
	return d != nil && d.Flags&config.Sensitive != 0
}

// allowed says whether a client may do what one of the enable- settings guards.
func (s *Server) allowed(setting string, client cmdspec.Client) bool {
	switch s.text(setting) {
	case "yes":
		return true
	case "local":
		c, ok := client.(*session.Client)
		return ok && c.IsLocal()
	}
	return false
}

func (s *Server) runConfigRewrite(c *cmdspec.Ctx) error {
	if err := s.rewriteConfig(false); err != nil {
		return err
	}
	c.Reply.OK()
	return nil
}

// rewriteConfig writes the settings into the configuration file, those that have their defaults as
// well with all. Its error is a reply.
func (s *Server) rewriteConfig(all bool) error {
	if s.configFile == "" {
		return cmdspec.Error("ERR The server is running without a config file")
	}
	if err := s.conf.Rewrite(s.configFile, keywordNames, map[string][]string{"user": s.userLines()}, all); err != nil {
		s.warn("CONFIG REWRITE failed: %s", config.Reason(err))
		return cmdspec.Errorf("ERR Rewriting config file: %s", config.Reason(err))
	}
	s.warn("CONFIG REWRITE executed with success.")
	return nil
}

func (s *Server) runConfigResetStat(c *cmdspec.Ctx) error {
	s.hub.ResetStats()
	c.Tx.ResetStats()
	c.Reply.OK()
	return nil
}

var configHelp = []string{
	"CONFIG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
	"GET <pattern>",
	"    Return parameters matching the glob-like <pattern> and their values.",
	"SET <directive> <value>",
	"    Set the configuration <directive> to <value>.",
	"RESETSTAT",
	"    Reset statistics reported by the INFO command.",
	"REWRITE",
	"    Rewrite the configuration file.",
	"HELP",
	"    Prints this help.",
}

func runConfigHelp(c *cmdspec.Ctx) error {
	c.Reply.Array(len(configHelp))
	for _, line := range configHelp {
		c.Reply.Simple(line)
	}
	return nil
}
