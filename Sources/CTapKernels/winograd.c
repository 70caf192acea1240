// The two transforms of Winograd's convolution.
#ifndef KERNEL_FILE
#define KERNEL_FILE "winograd.c"
#include "instruction_sets.h"  // includes this file again for each instruction set
#else

// Applies the rows of B transposed to d[0], d[step], ... d[5 * step].
static inline __attribute__((always_inline)) void NAME(to_points)(VECTOR *d, const int step) {
  const VECTOR a = SPREAD(LT_WINOGRAD_A), minus_a = SPREAD(-LT_WINOGRAD_A);
  const VECTOR b = SPREAD(LT_WINOGRAD_B), minus_b = SPREAD(-LT_WINOGRAD_B);
  const VECTOR minus_aa = SPREAD(-LT_WINOGRAD_A * LT_WINOGRAD_A), minus_bb = SPREAD(-LT_WINOGRAD_B * LT_WINOGRAD_B);
  const VECTOR product = SPREAD(LT_WINOGRAD_A * LT_WINOGRAD_A * LT_WINOGRAD_B * LT_WINOGRAD_B);
  const VECTOR minus_sum = SPREAD(-(LT_WINOGRAD_A * LT_WINOGRAD_A + LT_WINOGRAD_B * LT_WINOGRAD_B));
  const VECTOR d0 = d[0], d1 = d[step], d2 = d[2 * step], d3 = d[3 * step], d4 = d[4 * step], d5 = d[5 * step];
  const VECTOR even_b = FMA(minus_bb, d2, d4), odd_b = FMA(minus_bb, d1, d3);
  const VECTOR even_a = FMA(minus_aa, d2, d4), odd_a = FMA(minus_aa, d1, d3);
  d[0] = FMA(product, d0, FMA(minus_sum, d2, d4));
  d[step] = FMA(a, odd_b, even_b);
  d[2 * step] = FMA(minus_a, odd_b, even_b);
  d[3 * step] = FMA(b, odd_a, even_a);
  d[4 * step] = FMA(minus_b, odd_a, even_a);
  d[5 * step] = FMA(product, d1, FMA(minus_sum, d3, d5));
}

// Applies the rows of A transposed to m[0], m[step], ... m[5 * step]; the results are in the first four of these
// places.
static inline __attribute__((always_inline)) void NAME(from_points)(VECTOR *m, const int step) {
  const VECTOR a = SPREAD(LT_WINOGRAD_A), aa = SPREAD(LT_WINOGRAD_A * LT_WINOGRAD_A);
  const VECTOR aaa = SPREAD(LT_WINOGRAD_A * LT_WINOGRAD_A * LT_WINOGRAD_A);
  const VECTOR b = SPREAD(LT_WINOGRAD_B), bb = SPREAD(LT_WINOGRAD_B * LT_WINOGRAD_B);
  const VECTOR bbb = SPREAD(LT_WINOGRAD_B * LT_WINOGRAD_B * LT_WINOGRAD_B);
  const VECTOR even_a = ADD(m[step], m[2 * step]), odd_a = SUBTRACT(m[step], m[2 * step]);
  const VECTOR even_b = ADD(m[3 * step], m[4 * step]), odd_b = SUBTRACT(m[3 * step], m[4 * step]);
  m[0] = ADD(ADD(m[0], even_a), even_b);
  m[step] = FMA(b, odd_b, MULTIPLY(a, odd_a));
  m[2 * step] = FMA(bb, even_b, MULTIPLY(aa, even_a));
  m[3 * step] = FMA(bbb, odd_b, FMA(aaa, odd_a, m[5 * step]));
}

static inline __attribute__((always_inline)) void NAME(input_of)(const lt_f32_winograd_input *t, const size_t c,
                                                                 const MASK mask, const int full) {
  VECTOR d[36];
  UNROLL for (int x = 0; x < 6; x++) {
    UNROLL for (int y = 0; y < 6; y++) d[6 * y + x] = NAME(load)(t->pixels[6 * y + x] + c, mask, full);
    NAME(to_points)(d + x, 6);
  }
  UNROLL for (int y = 0; y < 6; y++) {
    NAME(to_points)(d + 6 * y, 1);
    UNROLL for (int x = 0; x < 6; x++)
      NAME(store)(t->points + (size_t)(6 * y + x) * t->stride + c, d[6 * y + x], mask, full);
  }
}

void NAME(winograd_input)(const lt_f32_winograd_input *t) {
  size_t c = 0;
  for (; c + WIDTH <= t->channels; c += WIDTH) NAME(input_of)(t, c, FIRST_LANES(WIDTH), 1);
  if (c < t->channels) NAME(input_of)(t, c, FIRST_LANES(t->channels - c), 0);
}

static inline __attribute__((always_inline)) void NAME(output_of)(const lt_f32_winograd_output *t, const size_t c,
                                                                  const MASK mask, const int full) {
  VECTOR m[36];
  UNROLL for (int x = 0; x < 6; x++) {
    UNROLL for (int y = 0; y < 6; y++)
      m[6 * y + x] = NAME(load)(t->points + (size_t)(6 * y + x) * t->stride + c, mask, full);
    NAME(from_points)(m + x, 6);
  }
  const VECTOR bias = NAME(load)(t->bias + c, mask, full);
  const VECTOR minimum = SPREAD(t->minimum), maximum = SPREAD(t->maximum);
  UNROLL for (int y = 0; y < 4; y++) {
    NAME(from_points)(m + 6 * y, 1);
    if ((size_t)y >= t->rows) continue;
    UNROLL for (int x = 0; x < 4; x++) {
      if ((size_t)x >= t->columns) continue;
      VECTOR value = ADD(m[6 * y + x], bias);
      if (t->residual) {
        const float *residual =
            t->residual + (size_t)y * t->residual_row_stride + (size_t)x * t->residual_column_stride;
        value = ADD(value, NAME(load)(residual + c, mask, full));
      }
      float *output = t->output + (size_t)y * t->row_stride + (size_t)x * t->column_stride;
      // MINIMUM and MAXIMUM return the second operand if one operand is a NaN.
      NAME(store)(output + c, MINIMUM(maximum, MAXIMUM(minimum, value)), mask, full);
    }
  }
}

void NAME(winograd_output)(const lt_f32_winograd_output *t) {
  size_t c = 0;
  for (; c + WIDTH <= t->channels; c += WIDTH) NAME(output_of)(t, c, FIRST_LANES(WIDTH), 1);
  if (c < t->channels) NAME(output_of)(t, c, FIRST_LANES(t->channels - c), 0);
}

#endif
