// Depthwise convolution, 8 channels at a time. The inner loop runs over channels, so that pixels
// are read as they lie; up to four neighbouring outputs share weights and input columns in registers.
#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels.h"

#pragma clang attribute push(__attribute__((target("avx2,fma"))), \
                             apply_to = function)

static inline __attribute__((always_inline)) __m256i first_lanes(size_t count) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
static inline __attribute__((always_inline)) __m256 load(const float *from, __m256i mask, int full) {
  return full ? _mm256_loadu_ps(from) : _mm256_maskload_ps(from, mask);
}
static inline __attribute__((always_inline)) void store(float *to, __m256 value, __m256i mask, int full) {
  if (full)
    _mm256_storeu_ps(to, value);
  else
    _mm256_maskstore_ps(to, mask, value);
}

// Where the inputs of a group of outputs lie: in the picture, column j of kernel row y is
// `rows[y] + j * channels`; at its edge, each has a pointer of its own.
typedef struct {
  const float *const *rows;
  const float *const *pixels;  // [kernel][columns], or NULL inside the picture
} group_inputs;

// `outputs` outputs, one vector of channels from `c`. All sizes but `channels` are constants at the
// calls that matter, so that sums, weights and inputs live in registers.
static inline __attribute__((always_inline)) void vector_of(const lt_f32_depthwise_row *t, const group_inputs in,
                                                            float *output, const size_t kernel,
                                                            const size_t stride, const size_t outputs,
                                                            const size_t c, const __m256i mask, const int full) {
  const size_t channels = t->channels, columns = kernel + (outputs - 1) * stride;
  const float *weights = t->weights + c;
  __m256 sum[4];
  for (size_t o = 0; o < outputs; o++) sum[o] = load(t->bias + c, mask, full);
  for (size_t y = 0; y < kernel; y++) {
    for (size_t x = 0; x < kernel; x++, weights += channels) {
      const __m256 w = load(weights, mask, full);
      for (size_t o = 0; o < outputs; o++) {
        const size_t j = o * stride + x;
        const float *pixel = in.pixels ? in.pixels[y * columns + j] : in.rows[y] + j * channels;
        sum[o] = _mm256_fmadd_ps(load(pixel + c, mask, full), w, sum[o]);
      }
    }
  }
  const __m256 minimum = _mm256_set1_ps(t->minimum), maximum = _mm256_set1_ps(t->maximum);
  for (size_t o = 0; o < outputs; o++) {
    // The second operand is returned when one is a NaN.
    const __m256 result = _mm256_min_ps(maximum, _mm256_max_ps(minimum, sum[o]));
    store(output + o * channels + c, result, mask, full);
  }
}

static inline __attribute__((always_inline)) void group_of(const lt_f32_depthwise_row *t, const group_inputs in,
                                                           float *output, const size_t kernel,
                                                           const size_t stride, const size_t outputs) {
  size_t c = 0;
  for (; c + 8 <= t->channels; c += 8)
    vector_of(t, in, output, kernel, stride, outputs, c, _mm256_set1_epi32(-1), 1);
  if (c < t->channels) vector_of(t, in, output, kernel, stride, outputs, c, first_lanes(t->channels - c), 0);
}

// A group at the picture's edge, each of whose inputs has a pointer of its own.
static inline __attribute__((always_inline)) void edge_group_of(const lt_f32_depthwise_row *t, const size_t o,
                                                                const ptrdiff_t first, const size_t kernel,
                                                                const size_t stride, const size_t outputs) {
  const size_t columns = kernel + (outputs - 1) * stride;
  const float *pixels[LT_DEPTHWISE_MAXIMUM_KERNEL * LT_DEPTHWISE_MAXIMUM_KERNEL];
  for (size_t y = 0; y < kernel; y++)
    for (size_t j = 0; j < columns; j++) {
      const ptrdiff_t column = first + (ptrdiff_t)j;
      const int inside = column >= 0 && (size_t)column < t->columns;
      pixels[y * columns + j] = inside ? t->rows[y] + (size_t)column * t->channels : t->zeros;
    }
  group_of(t, (group_inputs){t->rows, pixels}, t->output + o * t->channels, kernel, stride, outputs);
}

static inline __attribute__((always_inline)) void row_of(const lt_f32_depthwise_row *t, const size_t kernel,
                                                         const size_t stride, const size_t outputs) {
  const size_t columns = kernel + (outputs - 1) * stride;
  size_t o = 0;
  for (; o + outputs <= t->outputs; o += outputs) {
    const ptrdiff_t first = t->first_column + (ptrdiff_t)(o * stride);
    if (first >= 0 && (size_t)first + columns <= t->columns) {
      const float *rows[LT_DEPTHWISE_MAXIMUM_KERNEL];
      for (size_t y = 0; y < kernel; y++) rows[y] = t->rows[y] + (size_t)first * t->channels;
      group_of(t, (group_inputs){rows, NULL}, t->output + o * t->channels, kernel, stride, outputs);
    } else {
      edge_group_of(t, o, first, kernel, stride, outputs);
    }
  }
  for (; o < t->outputs; o++)
    edge_group_of(t, o, t->first_column + (ptrdiff_t)(o * stride), kernel, stride, 1);
}

void lt_f32_depthwise__avx2(const lt_f32_depthwise_row *t) {
  if (t->kernel == 3 && t->stride == 1)
    row_of(t, 3, 1, 4);
  else if (t->kernel == 3 && t->stride == 2)
    row_of(t, 3, 2, 4);
  else if (t->kernel == 5 && t->stride == 1)
    row_of(t, 5, 1, 4);
  else if (t->kernel == 5 && t->stride == 2)
    row_of(t, 5, 2, 4);
  else
    row_of(t, t->kernel, t->stride, 1);
}

#pragma clang attribute pop
#endif
