// Convolution with groups so small that one vector has several groups. The kernel is 3 x 3, and there are as many
// outputs as inputs. As in depthwise.c, each lane has one channel, and neighboring outputs share input columns in
// registers. But each output sees all channels of its group. So one input channel after the other is copied to all
// lanes of its group.
#ifndef KERNEL_FILE
#define KERNEL_FILE "grouped.c"
#include "instruction_sets.h"  // includes this file again for each instruction set
#else

// The number of outputs that are computed together. In usual images, the number of outputs in a row is a multiple of 7.
#define OUTPUTS 7
// The number of vectors of channels that are computed together. Their sums leave enough registers for the inputs.
#define VECTORS (TILE_ROWS > 6 ? 2 : 1)

// Computes `outputs` outputs for `vectors` vectors of channels that begin at channel `c`. The weights of neighboring
// vectors are `width` floats apart. `pixels`: [3][columns]. All arguments except `c` and `width` are constants in the
// calls, so that sums and inputs stay in registers.
static inline __attribute__((always_inline)) void NAME(grouped_vectors)(
    const lt_f32_depthwise_row *t, const float *const *pixels, float *output, const int stride, const int outputs,
    const int group, const int vectors, const size_t c, const float *weights, const size_t width, const MASK mask,
    const int full) {
  const int columns = 3 + (outputs - 1) * stride;
  VECTOR sum[OUTPUTS][2];
  UNROLL for (int o = 0; o < outputs; o++)
    UNROLL for (int v = 0; v < vectors; v++) sum[o][v] = NAME(load)(t->bias + c + WIDTH * v, mask, full);
  for (int y = 0; y < 3; y++, weights += 3 * (size_t)group * width) {
    UNROLL for (int j = 0; j < columns; j++) {
      const float *pixel = pixels[y * columns + j];
      const float *column_weights = weights;
      // Without this line the compiler keeps the weights of one column for the next and needs more registers than there
      // are.
      __asm__("" : "+r"(column_weights));
      VECTOR x[2];
      UNROLL for (int v = 0; v < vectors; v++) x[v] = NAME(load)(pixel + c + WIDTH * v, mask, full);
      UNROLL for (int i = 0; i < group; i++) {
        VECTOR spread[2];
        UNROLL for (int v = 0; v < vectors; v++) spread[v] = SPREAD_GROUP(x[v], group, i);
        UNROLL for (int o = 0; o < outputs; o++) {
          const int kernel_x = j - o * stride;
          if (kernel_x < 0 || kernel_x >= 3) continue;
          const float *w = column_weights + (size_t)(kernel_x * group + i) * width;
          UNROLL for (int v = 0; v < vectors; v++)
            sum[o][v] = FMA(spread[v], NAME(load)(w + WIDTH * v, mask, full), sum[o][v]);
        }
      }
    }
  }
  const VECTOR minimum = SPREAD(t->minimum), maximum = SPREAD(t->maximum);
  UNROLL for (int o = 0; o < outputs; o++)
    UNROLL for (int v = 0; v < vectors; v++) {
      // MINIMUM and MAXIMUM return the second operand if one operand is a NaN.
      const VECTOR result = MINIMUM(maximum, MAXIMUM(minimum, sum[o][v]));
      NAME(store)(output + (size_t)o * t->channels + c + WIDTH * v, result, mask, full);
    }
}

static inline __attribute__((always_inline)) void NAME(grouped_outputs)(const lt_f32_depthwise_row *t, const size_t o,
                                                                        const int stride, const int outputs,
                                                                        const int group) {
  const size_t channels = t->channels, columns = 3 + (size_t)(outputs - 1) * stride;
  const ptrdiff_t first = t->first_column + (ptrdiff_t)(o * stride);
  const float *pixels[3 * (3 + (OUTPUTS - 1) * 2)];
  for (size_t y = 0; y < 3; y++)
    for (size_t j = 0; j < columns; j++) {
      const ptrdiff_t column = first + (ptrdiff_t)j;
      const int inside = column >= 0 && (size_t)column < t->columns;
      pixels[y * columns + j] = inside ? t->rows[y] + (size_t)column * channels : t->zeros;
    }
  float *output = t->output + o * channels;
  const size_t positions = 9 * (size_t)group;
  size_t c = 0;
  for (; c + 2 * WIDTH <= channels; c += 2 * WIDTH)
    for (int v = 0; v < 2; v += VECTORS)
      NAME(grouped_vectors)(t, pixels, output, stride, outputs, group, VECTORS, c + WIDTH * v,
                            t->weights + positions * c + WIDTH * v, 2 * WIDTH, FIRST_LANES(WIDTH), 1);
  const size_t rest = channels - c;
  for (size_t d = 0; d < rest; d += WIDTH)
    NAME(grouped_vectors)(t, pixels, output, stride, outputs, group, 1, c + d, t->weights + positions * c + d, rest,
                          FIRST_LANES(rest - d < WIDTH ? rest - d : WIDTH), 0);
}

// If the last outputs of a row do not fill a group, the group begins earlier and computes some outputs again.
static inline __attribute__((always_inline)) void NAME(grouped_row)(const lt_f32_depthwise_row *t, const int stride,
                                                                    const int group) {
  size_t o = 0;
  for (; o + OUTPUTS <= t->outputs; o += OUTPUTS) NAME(grouped_outputs)(t, o, stride, OUTPUTS, group);
  if (o == t->outputs) return;
  if (t->outputs > OUTPUTS)
    NAME(grouped_outputs)(t, t->outputs - OUTPUTS, stride, OUTPUTS, group);
  else
    for (; o < t->outputs; o++) NAME(grouped_outputs)(t, o, stride, 1, group);
}

void NAME(grouped)(const lt_f32_depthwise_row *t) {
  if (t->group == 4 && t->stride == 1)
    NAME(grouped_row)(t, 1, 4);
  else if (t->group == 4)
    NAME(grouped_row)(t, 2, 4);
  else if (t->stride == 1)
    NAME(grouped_row)(t, 1, 8);
  else
    NAME(grouped_row)(t, 2, 8);
}

#endif
