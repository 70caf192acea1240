// The dense tile. A tile has TILE_ROWS pixels and two vectors of output channels: the sums, two vectors of weights and
// one input fill the registers. If there are enough registers, a wide tile has WIDE_ROWS pixels and four vectors. A
// wide tile reads fewer inputs for each sum and keeps the pointers of the inputs in registers. A single pixel reads
// each weight once, so its time is the time of these reads. It takes PANELS_OF_ROW panels together: the processor's own
// prefetching then follows several panels, which is faster than one panel with prefetches by the code.
#ifndef KERNEL_FILE
#define KERNEL_FILE "igemm.c"
#include "instruction_sets.h"  // includes this file again for each instruction set
#else

#define PANELS_OF_ROW 4

// Computes `rows` pixels of one panel, or one pixel of several panels. `rows`, `panels` and `vectors` are constants in
// every call, so that the sums stay in registers.
static inline __attribute__((always_inline)) void NAME(tile_of)(const lt_f32_igemm_tile *t, const int rows,
                                                                const int panels, const int vectors) {
  const int count = rows * panels;
  const size_t outputs = panels > 1 ? t->columns : t->output_stride;
  const size_t residuals = panels > 1 ? t->columns : t->residual_stride;
  VECTOR sum[TILE_ROWS][4];
  // The rows of a tile are too far apart for the processor's own prefetching. So this code fetches their cache lines,
  // of 16 floats, while the sums are computed.
  if (t->bias && panels == 1)
    for (int i = 0; i < count; i++)
      for (int v = 0; v < vectors; v += 16 / WIDTH) __builtin_prefetch(t->output + i * outputs + WIDTH * v, 1);
  if (t->is_last && t->residual)
    for (int i = 0; i < count; i++)
      for (int v = 0; v < vectors; v += 16 / WIDTH) __builtin_prefetch(t->residual + i * residuals + WIDTH * v);
  const MASK last = FIRST_LANES(t->columns - WIDTH * (size_t)(vectors - 1));
  // On a Zen 4, a masked store with AVX2 takes about thirteen cycles.
  const int full = panels > 1 || t->columns == WIDTH * (size_t)vectors;
  if (t->bias) {
    UNROLL for (int v = 0; v < vectors; v++) {
      UNROLL for (int p = 0; p < panels; p++) {
        const VECTOR bias = LOAD_ALL(t->bias + p * t->panel_stride + WIDTH * v);
        UNROLL for (int r = 0; r < rows; r++) sum[r + p][v] = bias;
      }
    }
  } else {
    UNROLL for (int i = 0; i < count; i++) {
      const float *output = t->output + i * outputs;
      UNROLL for (int v = 0; v < vectors; v++)
        sum[i][v] = NAME(load)(output + WIDTH * v, last, full || v < vectors - 1);
    }
  }

  const float *weights = t->weights;
  const float *ahead = t->ahead;
  const float *const *inputs = t->inputs;
  const size_t channels = t->channels, first = t->first_channel;
  for (size_t p = 0; p < t->positions; p++, inputs += rows) {
    for (size_t c = first; c < first + channels; c++, weights += WIDTH * vectors, ahead += 16) {
      if (panels > 1) {
        const VECTOR x = SPREAD(inputs[0][c]);
        UNROLL for (int i = 0; i < panels; i++) {
          UNROLL for (int v = 0; v < vectors; v++)
            sum[i][v] = FMA(x, LOAD_ALL(weights + i * t->panel_stride + WIDTH * v), sum[i][v]);
        }
        continue;
      }
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
    UNROLL for (int i = 0; i < count; i++) {
      const float *residual = t->residual + i * residuals;
      UNROLL for (int v = 0; v < vectors; v++)
        sum[i][v] = ADD(sum[i][v], NAME(load)(residual + WIDTH * v, last, full || v < vectors - 1));
    }
  }
  // A limit of infinity changes no value. MINIMUM and MAXIMUM return the second operand if one operand is a NaN.
  if (t->is_last && t->minimum > -__builtin_inff()) {
    const VECTOR minimum = SPREAD(t->minimum);
    UNROLL for (int i = 0; i < count; i++) {
      UNROLL for (int v = 0; v < vectors; v++) sum[i][v] = MAXIMUM(minimum, sum[i][v]);
    }
  }
  if (t->is_last && t->maximum < __builtin_inff()) {
    const VECTOR maximum = SPREAD(t->maximum);
    UNROLL for (int i = 0; i < count; i++) {
      UNROLL for (int v = 0; v < vectors; v++) sum[i][v] = MINIMUM(maximum, sum[i][v]);
    }
  }
  UNROLL for (int i = 0; i < count; i++) {
    float *output = t->output + i * outputs;
    UNROLL for (int v = 0; v < vectors; v++) NAME(store)(output + WIDTH * v, sum[i][v], last, full || v < vectors - 1);
  }
}

static inline void NAME(panel)(const lt_f32_igemm_tile *t) {
#if WIDE_ROWS
#define WIDE(n)               \
  case n:                     \
    NAME(tile_of)(t, n, 1, 4); \
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
      NAME(tile_of)(t, n, 1, 2); \
    else                         \
      NAME(tile_of)(t, n, 1, 1); \
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

// PANELS_OF_ROW panels of one pixel.
static inline void NAME(row)(const lt_f32_igemm_tile *t) {
#if WIDE_ROWS
  if (t->columns > 2 * WIDTH) {
    NAME(tile_of)(t, 1, PANELS_OF_ROW, 4);
    return;
  }
#endif
  NAME(tile_of)(t, 1, PANELS_OF_ROW, 2);
}

void NAME(igemm)(const lt_f32_igemm_tile *t) {
  size_t some = 1;
  if (t->panels >= PANELS_OF_ROW && t->rows == 1) {
    // Several panels are full, so each has two vectors, or four vectors if it is wide.
    some = PANELS_OF_ROW;
    NAME(row)(t);
  } else {
    NAME(panel)(t);
  }
  if (t->panels == some) return;
  lt_f32_igemm_tile next = *t;
  for (size_t p = some; p < t->panels; p += some) {
    if (next.bias) next.bias += some * t->panel_stride;
    next.weights += some * t->panel_stride;
    next.ahead += some * t->panel_stride;
    next.output += some * t->columns;
    if (next.residual) next.residual += some * t->columns;
    if (t->panels - p < some) some = 1;
    if (some > 1)
      NAME(row)(&next);
    else
      NAME(panel)(&next);
  }
}

#endif
