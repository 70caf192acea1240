// TapArchitectures
