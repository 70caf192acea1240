// Dense tile of 14 pixels by 32 channels: 28 accumulators, two vectors of weights and one broadcast
// input fill the 32 registers of AVX-512.
#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels.h"

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"))), \
                             apply_to = function)

// `rows` and `vectors` are constants at every call, so the accumulators live in registers.
static inline __attribute__((always_inline)) void tile_of(const lt_f32_igemm_tile *t, const int rows,
                                                          const int vectors) {
  __m512 sum[14][2];
  const float *weights = t->panel;
#pragma clang loop unroll(full)
  for (int v = 0; v < vectors; v++) {
    const __m512 bias = _mm512_loadu_ps(weights + 16 * v);
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) sum[r][v] = bias;
  }
  weights += 16 * vectors;

  const float *const *inputs = t->inputs;
  const size_t channels = t->channels;
  for (size_t p = 0; p < t->positions; p++, inputs += rows) {
    for (size_t c = 0; c < channels; c++, weights += 16 * vectors) {
      __m512 w[2];
#pragma clang loop unroll(full)
      for (int v = 0; v < vectors; v++) w[v] = _mm512_loadu_ps(weights + 16 * v);
#pragma clang loop unroll(full)
      for (int r = 0; r < rows; r++) {
        const __m512 x = _mm512_set1_ps(inputs[r][c]);
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) sum[r][v] = _mm512_fmadd_ps(x, w[v], sum[r][v]);
      }
    }
  }

  const __m512 minimum = _mm512_set1_ps(t->minimum), maximum = _mm512_set1_ps(t->maximum);
  const size_t tail = t->columns - 16 * (size_t)(vectors - 1);
  const __mmask16 last = (__mmask16)((1u << tail) - 1u);
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) {
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) {
      const __mmask16 mask = v == vectors - 1 ? last : (__mmask16)0xffff;
      __m512 y = sum[r][v];
      if (t->residual)
        y = _mm512_add_ps(y, _mm512_maskz_loadu_ps(mask, t->residual + r * t->residual_stride + 16 * v));
      // The second operand is returned when one is a NaN.
      y = _mm512_min_ps(maximum, _mm512_max_ps(minimum, y));
      _mm512_mask_storeu_ps(t->output + r * t->output_stride + 16 * v, mask, y);
    }
  }
}

void lt_f32_igemm_14x32__avx512(const lt_f32_igemm_tile *t) {
#define ROWS(n)              \
  case n:                    \
    if (t->columns > 16)     \
      tile_of(t, n, 2);      \
    else                     \
      tile_of(t, n, 1);      \
    break;
  switch (t->rows) {
    ROWS(1)
    ROWS(2)
    ROWS(3)
    ROWS(4)
    ROWS(5)
    ROWS(6)
    ROWS(7)
    ROWS(8)
    ROWS(9)
    ROWS(10)
    ROWS(11)
    ROWS(12)
    ROWS(13)
    ROWS(14)
  }
#undef ROWS
}

#pragma clang attribute pop
#endif
