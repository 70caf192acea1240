// Depthwise convolution for one instruction set. Each lane has one channel. Neighboring outputs share weights and input
// columns in registers.
#ifndef KERNEL_FILE
#define KERNEL_FILE "depthwise.c"
#include "instruction_sets.h"  // includes this file again for each instruction set
#else

// The number of outputs that are computed together. In usual images, the number of outputs in a row is a multiple of 7.
// Seven chains of multiply-adds nearly fill two units with a latency of four cycles. Seven sums, the weights of a
// kernel row and an input fit in 16 registers, up to a kernel of 7 x 7.
#define OUTPUTS 7
// The number of outputs of a smaller group, for rows whose outputs do not fill the groups.
#define FEWER_OUTPUTS 4

// The addresses of the inputs of a group of outputs. If the group is inside the image, column j of kernel row y is at
// `rows[y] + j * channels`. If the group is at the edge of the image, each input has its own pointer in `pixels`.
typedef struct {
  const float *const *rows;
  const float *const *pixels;  // [kernel][columns], or NULL inside the image
} NAME(group_inputs);

// Computes `outputs` outputs for one vector of channels that begins at channel `c`. `kernel`, `stride` and
// `outputs` are constants in the calls that take most of the time, so that sums and weights stay in registers.
static inline __attribute__((always_inline)) void NAME(depthwise_vector)(
    const lt_f32_depthwise_row *t, const NAME(group_inputs) in, float *output, const int kernel, const int stride,
    const int outputs, const size_t c, const MASK mask, const int full) {
  const int columns = kernel + (outputs - 1) * stride;
  const float *weights = t->weights + c;
  VECTOR sum[OUTPUTS];
  UNROLL for (int o = 0; o < outputs; o++) sum[o] = NAME(load)(t->bias + c, mask, full);
  for (int y = 0; y < kernel; y++, weights += (size_t)kernel * t->channels) {
    VECTOR w[LT_DEPTHWISE_MAXIMUM_KERNEL];
    UNROLL for (int x = 0; x < kernel; x++) w[x] = NAME(load)(weights + (size_t)x * t->channels, mask, full);
    UNROLL for (int j = 0; j < columns; j++) {
      const float *pixel = in.pixels ? in.pixels[y * columns + j] : in.rows[y] + (size_t)j * t->channels;
      const VECTOR input = NAME(load)(pixel + c, mask, full);
      UNROLL for (int o = 0; o < outputs; o++) {
        const int x = j - o * stride;
        if (x >= 0 && x < kernel) sum[o] = FMA(input, w[x], sum[o]);
      }
    }
  }
  const VECTOR minimum = SPREAD(t->minimum), maximum = SPREAD(t->maximum);
  UNROLL for (int o = 0; o < outputs; o++) {
    // MINIMUM and MAXIMUM return the second operand if one operand is a NaN.
    const VECTOR result = MINIMUM(maximum, MAXIMUM(minimum, sum[o]));
    NAME(store)(output + (size_t)o * t->channels + c, result, mask, full);
  }
}

static inline __attribute__((always_inline)) void NAME(depthwise_channels)(const lt_f32_depthwise_row *t,
                                                                           const NAME(group_inputs) in, float *output,
                                                                           const int kernel, const int stride,
                                                                           const int outputs) {
  size_t c = 0;
  for (; c + WIDTH <= t->channels; c += WIDTH)
    NAME(depthwise_vector)(t, in, output, kernel, stride, outputs, c, FIRST_LANES(WIDTH), 1);
  if (c < t->channels)
    NAME(depthwise_vector)(t, in, output, kernel, stride, outputs, c, FIRST_LANES(t->channels - c), 0);
}

static inline __attribute__((always_inline)) void NAME(depthwise_outputs)(const lt_f32_depthwise_row *t, const size_t o,
                                                                          const int kernel, const int stride,
                                                                          const int outputs) {
  const int columns = kernel + (outputs - 1) * stride;
  const ptrdiff_t first = t->first_column + (ptrdiff_t)o * stride;
  float *output = t->output + o * t->channels;
  if (first >= 0 && (size_t)(first + columns) <= t->columns) {
    const float *rows[LT_DEPTHWISE_MAXIMUM_KERNEL];
    for (int y = 0; y < kernel; y++) rows[y] = t->rows[y] + (size_t)first * t->channels;
    NAME(depthwise_channels)(t, (NAME(group_inputs)){rows, NULL}, output, kernel, stride, outputs);
    return;
  }
  const float *pixels[LT_DEPTHWISE_MAXIMUM_KERNEL * (LT_DEPTHWISE_MAXIMUM_KERNEL + (OUTPUTS - 1) * 2)];
  for (int y = 0; y < kernel; y++)
    for (int j = 0; j < columns; j++) {
      const ptrdiff_t column = first + j;
      const int inside = column >= 0 && (size_t)column < t->columns;
      pixels[y * columns + j] = inside ? t->rows[y] + (size_t)column * t->channels : t->zeros;
    }
  NAME(depthwise_channels)(t, (NAME(group_inputs)){t->rows, pixels}, output, kernel, stride, outputs);
}

// If the last outputs of a row do not fill a group, the last group begins earlier and computes some outputs again.
static inline __attribute__((always_inline)) void NAME(depthwise_row)(const lt_f32_depthwise_row *t, const int kernel,
                                                                      const int stride) {
  size_t o = 0;
  for (; o + OUTPUTS <= t->outputs; o += OUTPUTS) NAME(depthwise_outputs)(t, o, kernel, stride, OUTPUTS);
  const size_t rest = t->outputs - o;
  if (rest == 0) return;
  if (t->outputs < FEWER_OUTPUTS) {
    for (; o < t->outputs; o++) NAME(depthwise_outputs)(t, o, kernel, stride, 1);
  } else if (rest <= FEWER_OUTPUTS) {
    NAME(depthwise_outputs)(t, t->outputs - FEWER_OUTPUTS, kernel, stride, FEWER_OUTPUTS);
  } else if (t->outputs >= OUTPUTS) {
    NAME(depthwise_outputs)(t, t->outputs - OUTPUTS, kernel, stride, OUTPUTS);
  } else {
    NAME(depthwise_outputs)(t, 0, kernel, stride, FEWER_OUTPUTS);
    NAME(depthwise_outputs)(t, t->outputs - FEWER_OUTPUTS, kernel, stride, FEWER_OUTPUTS);
  }
}

// With a kernel of 3 x 3 and a stride of 2, outputs share few inputs. In wide rows the inputs come from the
// second-level cache, and reading fewer of them at a time is faster.
static inline void NAME(wide_depthwise_row)(const lt_f32_depthwise_row *t) {
  size_t o = 0;
  for (; o + FEWER_OUTPUTS <= t->outputs; o += FEWER_OUTPUTS) NAME(depthwise_outputs)(t, o, 3, 2, FEWER_OUTPUTS);
  if (o < t->outputs) NAME(depthwise_outputs)(t, t->outputs - FEWER_OUTPUTS, 3, 2, FEWER_OUTPUTS);
}

void NAME(depthwise)(const lt_f32_depthwise_row *t) {
  if (t->kernel == 3 && t->stride == 1)
    NAME(depthwise_row)(t, 3, 1);
  else if (t->kernel == 3 && t->stride == 2 && t->outputs > 2 * OUTPUTS)
    NAME(wide_depthwise_row)(t);
  else if (t->kernel == 3 && t->stride == 2)
    NAME(depthwise_row)(t, 3, 2);
  else if (t->kernel == 5 && t->stride == 1)
    NAME(depthwise_row)(t, 5, 1);
  else if (t->kernel == 5 && t->stride == 2)
    NAME(depthwise_row)(t, 5, 2);
  else if (t->kernel == 7 && t->stride == 1)
    NAME(depthwise_row)(t, 7, 1);
  else
    for (size_t o = 0; o < t->outputs; o++) NAME(depthwise_outputs)(t, o, (int)t->kernel, (int)t->stride, 1);
}

#endif
