// Notices that this process is the child of a process that already had threads.
#include <pthread.h>

#include "tap_kernels.h"

static int forks;

static void in_child(void) { forks++; }

void lt_watch_forks(void) { pthread_atfork(NULL, NULL, in_child); }

int lt_forks(void) { return forks; }
