// Products of one row with chosen vectors, in float32.
//
// A product has four chains of sums, which hide the latency of additions. The number of chains does not depend on the
// other vectors of the call, so the bits are always the same. The chains of four vectors (AVX-512) or of two vectors
// (AVX2) fill half of the registers.
#ifndef KERNEL_FILE
#define KERNEL_FILE "row.c"
#include "instruction_sets.h"  // includes this file again for each instruction set
#else

#define CHAINS 4
#define TOGETHER (WIDTH / 4)

// `count` is a constant in every call.
static inline __attribute__((always_inline)) void NAME(dots_of)(
    size_t columns, const float *x, const float *next, const float *weights, const unsigned char *chosen, float *dots,
    const int count) {
  const float *w[TOGETHER];
  VECTOR sum[TOGETHER][CHAINS];
  UNROLL for (int i = 0; i < count; i++) {
    w[i] = weights + chosen[i] * columns;
    UNROLL for (int c = 0; c < CHAINS; c++) sum[i][c] = ZERO();
  }
  size_t j = 0;
  for (; j + CHAINS * WIDTH <= columns; j += CHAINS * WIDTH) {
    UNROLL for (int c = 0; c < CHAINS; c++) {
      const VECTOR features = LOAD_ALL(x + j + c * WIDTH);
      __builtin_prefetch(next + j + c * WIDTH);
      UNROLL for (int i = 0; i < count; i++) sum[i][c] = FMA(features, LOAD_ALL(w[i] + j + c * WIDTH), sum[i][c]);
    }
  }
  for (; j + WIDTH <= columns; j += WIDTH) {
    const VECTOR features = LOAD_ALL(x + j);
    __builtin_prefetch(next + j);
    UNROLL for (int i = 0; i < count; i++) sum[i][0] = FMA(features, LOAD_ALL(w[i] + j), sum[i][0]);
  }
  UNROLL for (int i = 0; i < count; i++) {
    float total = SUM(ADD(ADD(sum[i][0], sum[i][1]), ADD(sum[i][2], sum[i][3])));
    for (size_t t = j; t < columns; t++) total += x[t] * w[i][t];
    dots[i] = total;
  }
}

void NAME(dots)(size_t columns, const float *x, const float *next, const float *weights, const unsigned char *chosen,
                size_t count, float *dots) {
  while (count > 0) {
    const size_t some = count < TOGETHER ? count : TOGETHER;
    switch (some) {
      case 1: NAME(dots_of)(columns, x, next, weights, chosen, dots, 1); break;
      case 2: NAME(dots_of)(columns, x, next, weights, chosen, dots, 2); break;
#if TOGETHER == 4
      case 3: NAME(dots_of)(columns, x, next, weights, chosen, dots, 3); break;
      case 4: NAME(dots_of)(columns, x, next, weights, chosen, dots, 4); break;
#endif
    }
    count -= some, chosen += some, dots += some;
  }
}

void NAME(add)(size_t columns, const float *x, const float *scale, const float *factors,
               const unsigned char *chosen, size_t count, float *weights) {
  for (size_t i = 0; i < count; i++) {
    float *w = weights + chosen[i] * columns;
    const VECTOR factor = SPREAD(factors[i]);
    size_t j = 0;
    for (; j + WIDTH <= columns; j += WIDTH) {
      VECTOR features = LOAD_ALL(x + j);
      if (scale) features = MULTIPLY(features, LOAD_ALL(scale + j));
      STORE_ALL(w + j, FMA(factor, features, LOAD_ALL(w + j)));
    }
    for (; j < columns; j++) w[j] += factors[i] * (scale ? x[j] * scale[j] : x[j]);
  }
}

#endif
