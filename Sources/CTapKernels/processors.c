// The affinity mask, which glibc shows to C only.
#define _GNU_SOURCE
#include <sched.h>
#include <unistd.h>

#include "tap_kernels.h"

int lt_available_processors(void) {
#if defined(__linux__)
  cpu_set_t mask;
  if (sched_getaffinity(0, sizeof mask, &mask) == 0 && CPU_COUNT(&mask) > 0) return CPU_COUNT(&mask);
#endif
  const long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? (int)online : 1;
}
