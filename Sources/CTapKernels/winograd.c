// The two transforms of Winograd's convolution. A transform is applied to the columns of a tile and then to its rows.
// Its 36 values do not fit in the registers. So the columns are transformed for one or two rows of results at a time,
// and these rows are finished before the next ones.
#ifndef KERNEL_FILE
#define KERNEL_FILE "winograd.c"
#include "instruction_sets.h"  // includes this file again for each instruction set
#else

// The value at the point 0 of d[0], d[2] and d[4], or at infinity of d[1], d[3] and d[5].
static inline __attribute__((always_inline)) VECTOR NAME(outer_point)(VECTOR first, VECTOR middle, VECTOR last) {
  const VECTOR product = SPREAD(LT_WINOGRAD_A * LT_WINOGRAD_A * LT_WINOGRAD_B * LT_WINOGRAD_B);
  const VECTOR minus_sum = SPREAD(-(LT_WINOGRAD_A * LT_WINOGRAD_A + LT_WINOGRAD_B * LT_WINOGRAD_B));
  return FMA(product, first, FMA(minus_sum, middle, last));
}

// The values of d[1] ... d[4] at `point` and at `-point`. `other` is the absolute value of the other two points.
static inline __attribute__((always_inline)) void NAME(inner_points)(const float point, const float other, VECTOR d1,
                                                                     VECTOR d2, VECTOR d3, VECTOR d4, VECTOR *plus,
                                                                     VECTOR *minus) {
  const VECTOR minus_square = SPREAD(-other * other);
  const VECTOR even = FMA(minus_square, d2, d4), odd = FMA(minus_square, d1, d3);
  *plus = FMA(SPREAD(point), odd, even);
  *minus = FMA(SPREAD(-point), odd, even);
}

// Stores the values of six pixels at the six points, which are `stride` floats apart.
static inline __attribute__((always_inline)) void NAME(store_points)(float *points, const size_t stride,
                                                                     const VECTOR *d, const MASK mask, const int full) {
  VECTOR values[6];
  values[0] = NAME(outer_point)(d[0], d[2], d[4]);
  NAME(inner_points)(LT_WINOGRAD_A, LT_WINOGRAD_B, d[1], d[2], d[3], d[4], &values[1], &values[2]);
  NAME(inner_points)(LT_WINOGRAD_B, LT_WINOGRAD_A, d[1], d[2], d[3], d[4], &values[3], &values[4]);
  values[5] = NAME(outer_point)(d[1], d[3], d[5]);
  UNROLL for (int x = 0; x < 6; x++) NAME(store)(points + (size_t)x * stride, values[x], mask, full);
}

// The row of the point 0, from the pixel rows 0, 2 and 4, or of infinity, from the pixel rows 1, 3 and 5.
static inline __attribute__((always_inline)) void NAME(outer_row)(const float *const *pixels, float *points,
                                                                  const size_t stride, const size_t c, const MASK mask,
                                                                  const int full) {
  VECTOR values[6];
  UNROLL for (int x = 0; x < 6; x++) {
    VECTOR d[3];
    UNROLL for (int i = 0; i < 3; i++) d[i] = NAME(load)(pixels[12 * i + x] + c, mask, full);
    values[x] = NAME(outer_point)(d[0], d[1], d[2]);
  }
  NAME(store_points)(points, stride, values, mask, full);
}

// The rows of `point` and of `-point`, from the pixel rows 1 ... 4.
static inline __attribute__((always_inline)) void NAME(inner_rows)(const float point, const float other,
                                                                   const float *const *pixels, float *points,
                                                                   const size_t stride, const size_t c, const MASK mask,
                                                                   const int full) {
  VECTOR plus[6], minus[6];
  UNROLL for (int x = 0; x < 6; x++) {
    VECTOR d[4];
    UNROLL for (int i = 0; i < 4; i++) d[i] = NAME(load)(pixels[6 * i + x] + c, mask, full);
    NAME(inner_points)(point, other, d[0], d[1], d[2], d[3], &plus[x], &minus[x]);
  }
  NAME(store_points)(points, stride, plus, mask, full);
  NAME(store_points)(points + 6 * stride, stride, minus, mask, full);
}

static inline __attribute__((always_inline)) void NAME(input_of)(const float *const *pixels, float *points,
                                                                 const size_t stride, const size_t c, const MASK mask,
                                                                 const int full) {
  NAME(outer_row)(pixels, points, stride, c, mask, full);
  NAME(inner_rows)(LT_WINOGRAD_A, LT_WINOGRAD_B, pixels + 6, points + 6 * stride, stride, c, mask, full);
  NAME(inner_rows)(LT_WINOGRAD_B, LT_WINOGRAD_A, pixels + 6, points + 18 * stride, stride, c, mask, full);
  NAME(outer_row)(pixels + 6, points + 30 * stride, stride, c, mask, full);
}

void NAME(winograd_input)(const lt_f32_winograd_input *t) {
  const float *const *pixels = t->pixels;
  float *points = t->points;
  const size_t stride = t->stride, channels = t->channels;
  size_t c = 0;
  for (; c + WIDTH <= channels; c += WIDTH)
    NAME(input_of)(pixels, points + c, stride, c, FIRST_LANES(WIDTH), 1);
  if (c < channels) NAME(input_of)(pixels, points + c, stride, c, FIRST_LANES(channels - c), 0);
}

// The outputs 0 and 2, of the products m[0] ... m[4].
static inline __attribute__((always_inline)) void NAME(even_outputs)(const VECTOR *m, VECTOR *first, VECTOR *third) {
  const VECTOR aa = SPREAD(LT_WINOGRAD_A * LT_WINOGRAD_A), bb = SPREAD(LT_WINOGRAD_B * LT_WINOGRAD_B);
  const VECTOR even_a = ADD(m[1], m[2]), even_b = ADD(m[3], m[4]);
  *first = ADD(ADD(m[0], even_a), even_b);
  *third = FMA(bb, even_b, MULTIPLY(aa, even_a));
}

// The outputs 1 and 3, of the products m[1] ... m[5].
static inline __attribute__((always_inline)) void NAME(odd_outputs)(const VECTOR *m, VECTOR *second, VECTOR *fourth) {
  const VECTOR a = SPREAD(LT_WINOGRAD_A), aaa = SPREAD(LT_WINOGRAD_A * LT_WINOGRAD_A * LT_WINOGRAD_A);
  const VECTOR b = SPREAD(LT_WINOGRAD_B), bbb = SPREAD(LT_WINOGRAD_B * LT_WINOGRAD_B * LT_WINOGRAD_B);
  const VECTOR odd_a = SUBTRACT(m[1], m[2]), odd_b = SUBTRACT(m[3], m[4]);
  *second = FMA(b, odd_b, MULTIPLY(a, odd_a));
  *fourth = FMA(bbb, odd_b, FMA(aaa, odd_a, m[5]));
}

// Stores a row of outputs. `rows`, `columns` and `has_residual` are constants in the calls that take most of the time.
static inline __attribute__((always_inline)) void NAME(store_outputs)(
    const lt_f32_winograd_output *t, const VECTOR *m, const int y, const size_t rows, const size_t columns,
    const int has_residual, const size_t c, const MASK mask, const int full) {
  if ((size_t)y >= rows) return;
  const VECTOR bias = NAME(load)(t->bias + c, mask, full);
  const VECTOR minimum = SPREAD(t->minimum), maximum = SPREAD(t->maximum);
  VECTOR outputs[4];
  NAME(even_outputs)(m, &outputs[0], &outputs[2]);
  NAME(odd_outputs)(m, &outputs[1], &outputs[3]);
  UNROLL for (int x = 0; x < 4; x++) {
    if ((size_t)x >= columns) continue;
    VECTOR value = ADD(outputs[x], bias);
    if (has_residual) {
      const float *residual = t->residual + (size_t)y * t->residual_row_stride + (size_t)x * t->residual_column_stride;
      value = ADD(value, NAME(load)(residual + c, mask, full));
    }
    float *output = t->output + (size_t)y * t->row_stride + (size_t)x * t->column_stride;
    // MINIMUM and MAXIMUM return the second operand if one operand is a NaN.
    NAME(store)(output + c, MINIMUM(maximum, MAXIMUM(minimum, value)), mask, full);
  }
}

static inline __attribute__((always_inline)) void NAME(output_of)(const lt_f32_winograd_output *t, const size_t rows,
                                                                  const size_t columns, const int has_residual,
                                                                  const size_t c, const MASK mask, const int full) {
  VECTOR first[6], second[6];
  UNROLL for (int odd = 0; odd < 2; odd++) {
    UNROLL for (int x = 0; x < 6; x++) {
      VECTOR m[6];
      UNROLL for (int y = odd; y < 5 + odd; y++)
        m[y] = NAME(load)(t->points + (size_t)(6 * y + x) * t->stride + c, mask, full);
      if (odd)
        NAME(odd_outputs)(m, &first[x], &second[x]);
      else
        NAME(even_outputs)(m, &first[x], &second[x]);
    }
    NAME(store_outputs)(t, first, odd, rows, columns, has_residual, c, mask, full);
    NAME(store_outputs)(t, second, odd + 2, rows, columns, has_residual, c, mask, full);
  }
}

static inline __attribute__((always_inline)) void NAME(outputs_of)(const lt_f32_winograd_output *t, const size_t rows,
                                                                   const size_t columns, const int has_residual) {
  size_t c = 0;
  for (; c + WIDTH <= t->channels; c += WIDTH)
    NAME(output_of)(t, rows, columns, has_residual, c, FIRST_LANES(WIDTH), 1);
  if (c < t->channels) NAME(output_of)(t, rows, columns, has_residual, c, FIRST_LANES(t->channels - c), 0);
}

void NAME(winograd_output)(const lt_f32_winograd_output *t) {
  if (t->rows < 4 || t->columns < 4)
    NAME(outputs_of)(t, t->rows, t->columns, t->residual != 0);
  else if (t->residual)
    NAME(outputs_of)(t, 4, 4, 1);
  else
    NAME(outputs_of)(t, 4, 4, 0);
}

#endif
