// The name of the processor by CPUID, functions 0x80000002 to 0x80000004 (AMD64 Architecture Programmer's Manual,
// volume 3, appendix E.4.2). Linux shows the same text in /proc/cpuinfo, without spaces at its ends.
#include "tap_process.h"

#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>

void lt_processor_name(char name[49]) {
  unsigned int registers[12];
  name[0] = 0;
  for (unsigned int part = 0; part < 3; part++) {
    unsigned int *r = registers + 4 * part;
    if (!__get_cpuid(0x80000002 + part, r, r + 1, r + 2, r + 3)) {
      return;
    }
  }
  memcpy(name, registers, 48);
  name[48] = 0;
  size_t length = strlen(name);
  while (length > 0 && name[length - 1] == ' ') {
    name[--length] = 0;
  }
  size_t first = strspn(name, " ");
  memmove(name, name + first, length - first + 1);
}
#else
void lt_processor_name(char name[49]) { name[0] = 0; }
#endif
