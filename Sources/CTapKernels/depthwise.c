// Depthwise convolution, one vector of channels at a time. The inner loop runs over channels, so that pixels are read
// in memory order. Up to four neighboring outputs share weights and input columns in registers.
#ifndef KERNEL_FILE
#define KERNEL_FILE "depthwise.c"
#include "instruction_sets.h"  // includes this file again for each instruction set
#else

// The addresses of the inputs of a group of outputs. If the group is inside the image, column j of kernel row y is at
// `rows[y] + j * channels`. If the group is at the edge of the image, each input has its own pointer in `pixels`.
typedef struct {
  const float *const *rows;
  const float *const *pixels;  // [kernel][columns], or NULL inside the image
} NAME(group_inputs);

// Computes `outputs` outputs for one vector of channels that begins at channel `c`. All sizes except `channels` are
// constants in the calls that take most of the time, so that sums, weights and inputs stay in registers.
static inline __attribute__((always_inline)) void NAME(vector_of)(const lt_f32_depthwise_row *t,
                                                            const NAME(group_inputs) in,
                                                            float *output, const size_t kernel,
                                                            const size_t stride, const size_t outputs,
                                                            const size_t c, const MASK mask, const int full) {
  const size_t channels = t->channels, columns = kernel + (outputs - 1) * stride;
  const float *weights = t->weights + c;
  VECTOR sum[4];
  for (size_t o = 0; o < outputs; o++) sum[o] = NAME(load)(t->bias + c, mask, full);
  for (size_t y = 0; y < kernel; y++) {
    for (size_t x = 0; x < kernel; x++, weights += channels) {
      const VECTOR w = NAME(load)(weights, mask, full);
      for (size_t o = 0; o < outputs; o++) {
        const size_t j = o * stride + x;
        const float *pixel = in.pixels ? in.pixels[y * columns + j] : in.rows[y] + j * channels;
        sum[o] = FMA(NAME(load)(pixel + c, mask, full), w, sum[o]);
      }
    }
  }
  const VECTOR minimum = SPREAD(t->minimum), maximum = SPREAD(t->maximum);
  for (size_t o = 0; o < outputs; o++) {
    // MINIMUM and MAXIMUM return the second operand if one operand is a NaN.
    const VECTOR result = MINIMUM(maximum, MAXIMUM(minimum, sum[o]));
    NAME(store)(output + o * channels + c, result, mask, full);
  }
}

static inline __attribute__((always_inline)) void NAME(group_of)(const lt_f32_depthwise_row *t,
                                                           const NAME(group_inputs) in,
                                                           float *output, const size_t kernel,
                                                           const size_t stride, const size_t outputs) {
  size_t c = 0;
  for (; c + WIDTH <= t->channels; c += WIDTH)
    NAME(vector_of)(t, in, output, kernel, stride, outputs, c, FIRST_LANES(WIDTH), 1);
  if (c < t->channels) NAME(vector_of)(t, in, output, kernel, stride, outputs, c, FIRST_LANES(t->channels - c), 0);
}

// Computes a group of outputs at the edge of the image, where each input has its own pointer.
static inline __attribute__((always_inline)) void NAME(edge_group_of)(const lt_f32_depthwise_row *t, const size_t o,
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
  NAME(group_of)(t, (NAME(group_inputs)){t->rows, pixels}, t->output + o * t->channels, kernel, stride, outputs);
}

static inline __attribute__((always_inline)) void NAME(row_of)(const lt_f32_depthwise_row *t, const size_t kernel,
                                                         const size_t stride, const size_t outputs) {
  const size_t columns = kernel + (outputs - 1) * stride;
  size_t o = 0;
  for (; o + outputs <= t->outputs; o += outputs) {
    const ptrdiff_t first = t->first_column + (ptrdiff_t)(o * stride);
    if (first >= 0 && (size_t)first + columns <= t->columns) {
      const float *rows[LT_DEPTHWISE_MAXIMUM_KERNEL];
      for (size_t y = 0; y < kernel; y++) rows[y] = t->rows[y] + (size_t)first * t->channels;
      NAME(group_of)(t, (NAME(group_inputs)){rows, NULL}, t->output + o * t->channels, kernel, stride, outputs);
    } else {
      NAME(edge_group_of)(t, o, first, kernel, stride, outputs);
    }
  }
  for (; o < t->outputs; o++)
    NAME(edge_group_of)(t, o, t->first_column + (ptrdiff_t)(o * stride), kernel, stride, 1);
}

void NAME(depthwise)(const lt_f32_depthwise_row *t) {
  if (t->kernel == 3 && t->stride == 1)
    NAME(row_of)(t, 3, 1, 4);
  else if (t->kernel == 3 && t->stride == 2)
    NAME(row_of)(t, 3, 2, 4);
  else if (t->kernel == 5 && t->stride == 1)
    NAME(row_of)(t, 5, 1, 4);
  else if (t->kernel == 5 && t->stride == 2)
    NAME(row_of)(t, 5, 2, 4);
  else if (t->kernel == 7 && t->stride == 1)
    NAME(row_of)(t, 7, 1, 4);
  else
    NAME(row_of)(t, t->kernel, t->stride, 1);
}

#endif
