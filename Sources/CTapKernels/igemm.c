// The dense tile. A tile has TILE_ROWS pixels and two vectors of output channels: the sums, two vectors of weights and
// one input fill the registers. If there are enough registers, a wide tile has WIDE_ROWS pixels and four vectors. A
// wide tile reads fewer inputs for each sum and keeps the pointers of the inputs in registers.
#ifndef KERNEL_FILE
#define KERNEL_FILE "igemm.c"
#include "instruction_sets.h"  // includes this file again for each instruction set
#else

// `rows` and `vectors` are constants in every call, so that the sums stay in registers.
static inline __attribute__((always_inline)) void NAME(tile_of)(const lt_f32_igemm_tile *t, const int rows,
                                                                const int vectors) {
  VECTOR sum[TILE_ROWS][4];
  // The rows of a tile are too far apart for the processor's own prefetching. So this code fetches their cache lines,
  // of 16 floats, while the sums are computed.
  if (t->bias)
    for (int r = 0; r < rows; r++)
      for (int v = 0; v < vectors; v += 16 / WIDTH) __builtin_prefetch(t->output + r * t->output_stride + WIDTH * v, 1);
  if (t->is_last && t->residual)
    for (int r = 0; r < rows; r++)
      for (int v = 0; v < vectors; v += 16 / WIDTH)
        __builtin_prefetch(t->residual + r * t->residual_stride + WIDTH * v);
  const MASK last = FIRST_LANES(t->columns - WIDTH * (size_t)(vectors - 1));
  // On a Zen 4, a masked store with AVX2 takes about thirteen cycles.
  const int full = t->columns == WIDTH * (size_t)vectors;
  if (t->bias) {
    UNROLL for (int v = 0; v < vectors; v++) {
      const VECTOR bias = LOAD_ALL(t->bias + WIDTH * v);
      UNROLL for (int r = 0; r < rows; r++) sum[r][v] = bias;
    }
  } else {
    UNROLL for (int r = 0; r < rows; r++) {
      const float *output = t->output + r * t->output_stride;
      UNROLL for (int v = 0; v < vectors; v++)
        sum[r][v] = NAME(load)(output + WIDTH * v, last, full || v < vectors - 1);
    }
  }

  const float *weights = t->weights;
  const float *ahead = t->ahead;
  const float *const *inputs = t->inputs;
  const size_t channels = t->channels, first = t->first_channel;
  for (size_t p = 0; p < t->positions; p++, inputs += rows) {
    for (size_t c = first; c < first + channels; c++, weights += WIDTH * vectors, ahead += 16) {
      FETCH(ahead);
      VECTOR w[4];
      UNROLL for (int v = 0; v < vectors; v++) w[v] = LOAD_ALL(weights + WIDTH * v);
      UNROLL for (int r = 0; r < rows; r++) {
        const VECTOR x = SPREAD(inputs[r][c]);
        UNROLL for (int v = 0; v < vectors; v++) sum[r][v] = FMA(x, w[v], sum[r][v]);
      }
    }
  }

  if (t->is_last && t->residual) {
    UNROLL for (int r = 0; r < rows; r++) {
      const float *residual = t->residual + r * t->residual_stride;
      UNROLL for (int v = 0; v < vectors; v++)
        sum[r][v] = ADD(sum[r][v], NAME(load)(residual + WIDTH * v, last, full || v < vectors - 1));
    }
  }
  // A limit of infinity changes no value. MINIMUM and MAXIMUM return the second operand if one operand is a NaN.
  if (t->is_last && t->minimum > -__builtin_inff()) {
    const VECTOR minimum = SPREAD(t->minimum);
    UNROLL for (int r = 0; r < rows; r++) {
      UNROLL for (int v = 0; v < vectors; v++) sum[r][v] = MAXIMUM(minimum, sum[r][v]);
    }
  }
  if (t->is_last && t->maximum < __builtin_inff()) {
    const VECTOR maximum = SPREAD(t->maximum);
    UNROLL for (int r = 0; r < rows; r++) {
      UNROLL for (int v = 0; v < vectors; v++) sum[r][v] = MINIMUM(maximum, sum[r][v]);
    }
  }
  UNROLL for (int r = 0; r < rows; r++) {
    float *output = t->output + r * t->output_stride;
    UNROLL for (int v = 0; v < vectors; v++) NAME(store)(output + WIDTH * v, sum[r][v], last, full || v < vectors - 1);
  }
}

static inline void NAME(panel)(const lt_f32_igemm_tile *t) {
#if WIDE_ROWS
#define WIDE(n)               \
  case n:                     \
    NAME(tile_of)(t, n, 4);   \
    break;
  if (t->columns > 2 * WIDTH) {
    switch (t->rows) {
      WIDE(1)
      WIDE(2)
      WIDE(3)
      WIDE(4)
      WIDE(5)
      WIDE(6)
    }
    return;
  }
#undef WIDE
#endif
#define ROWS(n)                  \
  case n:                        \
    if (t->columns > WIDTH)      \
      NAME(tile_of)(t, n, 2);    \
    else                         \
      NAME(tile_of)(t, n, 1);    \
    break;
  switch (t->rows) {
    ROWS(1)
    ROWS(2)
    ROWS(3)
    ROWS(4)
    ROWS(5)
    ROWS(6)
#if TILE_ROWS > 6
    ROWS(7)
    ROWS(8)
    ROWS(9)
    ROWS(10)
    ROWS(11)
    ROWS(12)
    ROWS(13)
    ROWS(14)
#endif
  }
#undef ROWS
}

void NAME(igemm)(const lt_f32_igemm_tile *t) {
  NAME(panel)(t);
  if (t->panels == 1) return;
  lt_f32_igemm_tile next = *t;
  for (size_t p = 1; p < t->panels; p++) {
    if (next.bias) next.bias += t->panel_stride;
    next.weights += t->panel_stride;
    next.ahead += t->panel_stride;
    next.output += t->columns;
    if (next.residual) next.residual += t->columns;
    NAME(panel)(&next);
  }
}

#endif
