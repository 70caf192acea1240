import TapCommands

CommandLineTool.main()
