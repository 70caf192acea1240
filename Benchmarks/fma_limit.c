// Measures the clock rate of one core, and the highest rate of multiply-adds of float32 vectors. No kernel can be
// faster than this rate. The clock rate changes with load and temperature: run this program beside each timing.
//
// usage: fma_limit [milliseconds for each of the measurements]
// It prints one line: clock rate in GHz, GFLOP/s with AVX2, GFLOP/s with AVX-512 (0 if the processor lacks AVX-512).
// A multiply-add counts as two operations.
// Build: clang -O2 -o fma_limit fma_limit.c
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

#define REPETITIONS 200

// A chain of additions, each of which needs the last one's result. Every x86-64 processor takes one cycle for each.
static void adds(void) {
  unsigned long sum = 0;
  for (int i = 0; i < REPETITIONS; i++) __asm__ volatile(".rept 1000\n\tadd $1, %0\n\t.endr" : "+r"(sum));
}

// Multiply-adds of twelve independent registers. With two multiply-adds a cycle and a latency of four cycles, eight
// chains are enough; twelve also fill processors with a latency of five or six cycles.
#define CHAINS(r)                                                                                                \
  ".rept 100\n\t"                                                                                                 \
  "vfmadd231ps %%" r "12, %%" r "13, %%" r "0\n\tvfmadd231ps %%" r "12, %%" r "13, %%" r "1\n\t"                  \
  "vfmadd231ps %%" r "12, %%" r "13, %%" r "2\n\tvfmadd231ps %%" r "12, %%" r "13, %%" r "3\n\t"                  \
  "vfmadd231ps %%" r "12, %%" r "13, %%" r "4\n\tvfmadd231ps %%" r "12, %%" r "13, %%" r "5\n\t"                  \
  "vfmadd231ps %%" r "12, %%" r "13, %%" r "6\n\tvfmadd231ps %%" r "12, %%" r "13, %%" r "7\n\t"                  \
  "vfmadd231ps %%" r "12, %%" r "13, %%" r "8\n\tvfmadd231ps %%" r "12, %%" r "13, %%" r "9\n\t"                  \
  "vfmadd231ps %%" r "12, %%" r "13, %%" r "10\n\tvfmadd231ps %%" r "12, %%" r "13, %%" r "11\n\t.endr"
#define CLOBBERED                                                                                            \
  "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", \
      "xmm13"

static void multiply_adds_256(void) {
  __asm__ volatile("vzeroall" ::: CLOBBERED);
  for (int i = 0; i < REPETITIONS; i++) __asm__ volatile(CHAINS("ymm")::: CLOBBERED);
  __asm__ volatile("vzeroupper" ::: CLOBBERED);
}

static void multiply_adds_512(void) {
  __asm__ volatile("vzeroall" ::: CLOBBERED);
  for (int i = 0; i < REPETITIONS; i++) __asm__ volatile(CHAINS("zmm")::: CLOBBERED);
  __asm__ volatile("vzeroupper" ::: CLOBBERED);
}

// The number of calls of `kernel` in a second, in the fastest of many short runs.
static double rate(void (*kernel)(void), const double seconds) {
  double shortest = 1;
  const double end = now() + seconds;
  do {
    const double start = now();
    kernel();
    const double time = now() - start;
    if (time < shortest) shortest = time;
  } while (now() < end);
  return 1 / shortest;
}

int main(int count, char **arguments) {
  const double seconds = (count > 1 ? atof(arguments[1]) : 100) / 1000;
  const double clock = rate(adds, seconds) * REPETITIONS * 1000;
  const double instructions = REPETITIONS * 100.0 * 12;
  const double avx2 = __builtin_cpu_supports("fma") ? rate(multiply_adds_256, seconds) * instructions * 8 * 2 : 0;
  const double avx512 = __builtin_cpu_supports("avx512f") ? rate(multiply_adds_512, seconds) * instructions * 16 * 2 : 0;
  printf("%.3f %.2f %.2f\n", clock / 1e9, avx2 / 1e9, avx512 / 1e9);
}
