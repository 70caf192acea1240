// Facts of the process that Swift on Linux reads from /proc: the command line and the processor's name. This module
// gives them also if /proc is not mounted. It also starts other programs, and exchanges the names of two files.
#ifndef TAP_PROCESS_H
#define TAP_PROCESS_H

// The number of words of the command line, with the program's name; 0 if the C library does not tell them.
int lt_command_line_count(void);
// The word at an index, ended by a zero byte; NULL if there is no such word. It stays valid while the process runs.
const char *lt_command_line_word(int index);

// The path that the process was started with, ended by a zero byte; NULL if it is not known.
const char *lt_program_path(void);

// Writes the name that the processor itself gives (CPUID) and a zero byte: at most 49 bytes. The name is empty if the
// processor has none.
void lt_processor_name(char name[49]);

// Starts a program with this process's environment and standard error, and without standard input. The words end with
// NULL. The first one is the program: a path, or a name that is searched for in PATH. Returns 0, and sets the process
// ID and a file descriptor from which the caller reads the program's standard output and which it closes. Or returns an
// errno.
int lt_start_program(char *const words[], int *output, int *process);

// Exchanges two files or folders of one file system: each gets the name of the other. At every moment both names exist.
// Returns 0 or an errno: EINVAL or ENOSYS if the file system or the kernel cannot exchange names.
int lt_exchange_names(const char *first, const char *second);

#endif
