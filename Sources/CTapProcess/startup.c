// Keeps the words of the command line, and lets a static program start without /proc.
#include "tap_process.h"

#include <stdlib.h>
#include <sys/auxv.h>
#include <unistd.h>

static int word_count;
static char **words;

// glibc gives the words of the command line to constructors. The number puts this constructor before those of the Swift
// runtime. One of those looks for a program that prints backtraces, beside the runtime, whose place it reads from
// /proc/self/exe in a static program. If it cannot read the link, it ends the process, unless the place of that program
// is set. setenv moves the environment, and then Swift's CommandLine no longer finds the words, so they are kept here.
__attribute__((constructor(101))) static void start(int count, char **arguments, char **environment) {
  (void)environment;
  word_count = count;
  words = arguments;
#ifdef __linux__
  // A program has no base of an interpreter if it was not started by a dynamic linker.
  char byte;
  if (getauxval(AT_BASE) == 0 && readlink("/proc/self/exe", &byte, 1) < 0) {
    setenv("SWIFT_BACKTRACE", "enable=off,swift-backtrace=/nonexistent", 1);
  }
#endif
}

const char *lt_program_path(void) {
#ifdef __linux__
  return (const char *)getauxval(AT_EXECFN);
#else
  return NULL;
#endif
}

int lt_command_line_count(void) { return word_count; }

const char *lt_command_line_word(int index) { return index < 0 || index >= word_count ? NULL : words[index]; }
