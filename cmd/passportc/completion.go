package main

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

var shells = []string{"bash", "zsh", "fish"}

func completionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "completion bash|zsh|fish",
		Short: "print what a shell needs to complete commands",
		Long: `Completion prints a script for a shell. With it, the shell completes commands,
flags, directories, rooms, codes and keys.

For one session, let the shell read it:

  bash: source <(passportc completion bash)
  zsh:  source <(passportc completion zsh)
  fish: passportc completion fish | source

For all, put it where the shell looks for such scripts.`,
		Example: `  passportc completion bash
  passportc completion zsh
  passportc completion fish`,
		ValidArgs: shells,
		Args:      usageArgs(cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs)),
		RunE: func(c *cobra.Command, args []string) error {
			switch args[0] {
			case "bash":
				return c.Root().GenBashCompletionV2(c.OutOrStdout(), true)
			case "zsh":
				return c.Root().GenZshCompletion(c.OutOrStdout())
			}
			return c.Root().GenFishCompletion(c.OutOrStdout(), true)
		},
	}
}

// completeArguments lets the shell complete what a command's usage line calls DIR or
// ROOM, unless the command completes its arguments itself.
func completeArguments(c *cobra.Command) {
	for _, child := range c.Commands() {
		completeArguments(child)
	}
	switch {
	case c.ValidArgsFunction != nil || len(c.ValidArgs) > 0:
	case strings.Contains(c.Use, "DIR"):
		c.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		}
	case strings.Contains(c.Use, "ROOM") && c.Name() != "new":
		c.ValidArgsFunction = completeRooms
	}
}

// completeRooms offers the names of the rooms in --rooms, or in the usual place.
func completeRooms(c *cobra.Command, _ []string, begun string) (names []string, _ cobra.ShellCompDirective) {
	rooms := defaultRooms
	if f := c.Flags().Lookup("rooms"); f != nil {
		rooms = f.Value.String()
	}
	passports, err := filepath.Glob(filepath.Join(rooms, begun+"*", "passport.toml"))
	if err != nil { // what was begun is no room's name
		return nil, cobra.ShellCompDirectiveError
	}
	for _, p := range passports {
		if _, err := os.Stat(p); err == nil {
			names = append(names, filepath.Base(filepath.Dir(p)))
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
