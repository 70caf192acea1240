// Exchanges two names. Swift's module of the C library lacks renameat2, which belongs to GNU's extensions.
#define _GNU_SOURCE
#include "tap_process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

int lt_exchange_names(const char *first, const char *second) {
  return renameat2(AT_FDCWD, first, AT_FDCWD, second, RENAME_EXCHANGE) == 0 ? 0 : errno;
}
