// Reads the affinity mask, which glibc offers only to C, and the processor time that the control group at
// /sys/fs/cgroup allows.
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include "tap_kernels.h"

// Reads one or two numbers from a small file; a number that is missing is -1.
static void read_numbers(const char *folder, const char *name, long long *first, long long *second) {
  *first = *second = -1;
  char path[4096];
  if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path) return;
  FILE *file = fopen(path, "r");
  if (!file) return;
  if (fscanf(file, "%lld %lld", first, second) < 1) *first = -1;
  fclose(file);
}

int lt_quota_processors(const char *folder) {
  long long quota, period, none;
  read_numbers(folder, "cpu.max", &quota, &period);
  if (quota <= 0 || period <= 0) {
    read_numbers(folder, "cpu/cpu.cfs_quota_us", &quota, &none);
    read_numbers(folder, "cpu/cpu.cfs_period_us", &period, &none);
  }
  if (quota <= 0 || period <= 0) return 0;
  const long long processors = quota / period + (quota % period != 0);
  return processors < 1 << 20 ? (int)processors : 0;
}

int lt_available_processors(void) {
  long available = sysconf(_SC_NPROCESSORS_ONLN);
#if defined(__linux__)
  cpu_set_t mask;
  if (sched_getaffinity(0, sizeof mask, &mask) == 0 && CPU_COUNT(&mask) > 0) available = CPU_COUNT(&mask);
  const int quota = lt_quota_processors("/sys/fs/cgroup");
  if (quota > 0 && quota < available) available = quota;
#endif
  return available > 0 ? (int)available : 1;
}
