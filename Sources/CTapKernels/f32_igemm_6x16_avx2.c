// Dense tile of 6 pixels by 16 channels: 12 accumulators, two vectors of weights and one broadcast
// input of the 16 registers of AVX2.
#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels.h"

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

// All ones in the first `count` lanes, 1 ... 8.
static inline __attribute__((always_inline)) __m256i first_lanes(size_t count) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

// `rows` and `vectors` are constants at every call, so the accumulators live in registers.
static inline __attribute__((always_inline)) void tile_of(const lt_f32_igemm_tile *t, const int rows,
                                                          const int vectors) {
  __m256 sum[6][2];
  const float *weights = t->panel;
#pragma clang loop unroll(full)
  for (int v = 0; v < vectors; v++) {
    const __m256 bias = _mm256_loadu_ps(weights + 8 * v);
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) sum[r][v] = bias;
  }
  weights += 8 * vectors;

  const float *const *inputs = t->inputs;
  const size_t channels = t->channels;
  for (size_t p = 0; p < t->positions; p++, inputs += rows) {
    for (size_t c = 0; c < channels; c++, weights += 8 * vectors) {
      __m256 w[2];
#pragma clang loop unroll(full)
      for (int v = 0; v < vectors; v++) w[v] = _mm256_loadu_ps(weights + 8 * v);
#pragma clang loop unroll(full)
      for (int r = 0; r < rows; r++) {
        const __m256 x = _mm256_broadcast_ss(inputs[r] + c);
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) sum[r][v] = _mm256_fmadd_ps(x, w[v], sum[r][v]);
      }
    }
  }

  const __m256 minimum = _mm256_set1_ps(t->minimum), maximum = _mm256_set1_ps(t->maximum);
  const __m256i last = first_lanes(t->columns - 8 * (size_t)(vectors - 1));
  const __m256i all = _mm256_set1_epi32(-1);
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) {
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) {
      const __m256i mask = v == vectors - 1 ? last : all;
      __m256 y = sum[r][v];
      if (t->residual)
        y = _mm256_add_ps(y, _mm256_maskload_ps(t->residual + r * t->residual_stride + 8 * v, mask));
      // The second operand is returned when one is a NaN.
      y = _mm256_min_ps(maximum, _mm256_max_ps(minimum, y));
      _mm256_maskstore_ps(t->output + r * t->output_stride + 8 * v, mask, y);
    }
  }
}

void lt_f32_igemm_6x16__avx2(const lt_f32_igemm_tile *t) {
#define ROWS(n)             \
  case n:                   \
    if (t->columns > 8)     \
      tile_of(t, n, 2);     \
    else                    \
      tile_of(t, n, 1);     \
    break;
  switch (t->rows) {
    ROWS(1)
    ROWS(2)
    ROWS(3)
    ROWS(4)
    ROWS(5)
    ROWS(6)
  }
#undef ROWS
}

#pragma clang attribute pop
#endif
