// TapCommands
