// TapFileSystem
