// TapCheckpoints
