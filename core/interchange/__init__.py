"""A building as a folder of files: import, export, and every fault named by file and line."""
