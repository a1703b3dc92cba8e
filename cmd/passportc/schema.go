package main

import (
	"github.com/anchor-os/anchor/compiler/check"
	"github.com/spf13/cobra"
)

var schemas = []string{"room", "system"}

func schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema [room|system]",
		Short: "print a JSON Schema for editors",
		Long: `Schema prints a JSON Schema (draft 7) of passports, or of system.toml. An editor that
has one completes keys and values, explains them, and underlines most faults while
one types; 'passportc check' finds the others.

It is made of the same schema as check judges by, but for what a JSON Schema cannot
say: bounds of sizes and times, and whatever concerns two keys or two files.`,
		Example: `  passportc schema
  passportc schema system > system.schema.json`,
		ValidArgs: schemas,
		Args:      usageArgs(cobra.MatchAll(cobra.MaximumNArgs(1), cobra.OnlyValidArgs)),
		RunE: func(c *cobra.Command, args []string) error {
			text, err := check.JSONSchema(len(args) == 1 && args[0] == "system")
			if err != nil {
				return err
			}
			_, err = c.OutOrStdout().Write(text)
			return err
		},
	}
}
