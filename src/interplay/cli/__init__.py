"""The command line: one file a command, each reads, calls the library once and prints."""
