// The two row products for float and for double weights. A tile of scores has ROWS x OUTPUTS sums. With AVX2, the sums
// of two rows by six outputs take 12 of the 16 registers. With AVX-512, the sums of four rows by six outputs take 24 of
// 32.
#ifndef KERNEL_FILE
#define KERNEL_FILE "rows.c"
#define ALSO_FOR_DOUBLE
#include "instruction_sets.h"  // includes this file again for each instruction set
#else

#define OUTPUTS 6
#define ROWS (TILE_ROWS > 6 ? 4 : 2)
// The number of vectors of columns of a tile of sums.
#define SPAN ROWS

// `rows` and `outputs` are constants in every call, so that the sums stay in registers.
static inline __attribute__((always_inline)) void NAME(scores_tile)(
    const float *const *x, size_t columns, const T *weights, T *scores, size_t stride, const int rows,
    const int outputs) {
  VECTOR sum[ROWS][OUTPUTS];
  UNROLL for (int r = 0; r < rows; r++) {
    UNROLL for (int c = 0; c < outputs; c++) sum[r][c] = ZERO();
  }
  size_t j = 0;
  for (; j + WIDTH <= columns; j += WIDTH) {
    VECTOR features[ROWS];
    UNROLL for (int r = 0; r < rows; r++) features[r] = LOAD_FLOATS(x[r] + j);
    UNROLL for (int c = 0; c < outputs; c++) {
      const VECTOR w = LOAD_ALL(weights + (size_t)c * columns + j);
      UNROLL for (int r = 0; r < rows; r++) sum[r][c] = FMA(features[r], w, sum[r][c]);
    }
  }
  UNROLL for (int r = 0; r < rows; r++) {
    UNROLL for (int c = 0; c < outputs; c++) {
      T total = SUM(sum[r][c]);
      for (size_t i = j; i < columns; i++) total += (T)x[r][i] * weights[(size_t)c * columns + i];
      scores[(size_t)r * stride + (size_t)c] = total;
    }
  }
}

static inline __attribute__((always_inline)) void NAME(scores_rows)(
    const float *const *x, size_t columns, const T *weights, T *scores, size_t stride, const int rows,
    size_t outputs) {
  switch (outputs) {
    case 1: NAME(scores_tile)(x, columns, weights, scores, stride, rows, 1); break;
    case 2: NAME(scores_tile)(x, columns, weights, scores, stride, rows, 2); break;
    case 3: NAME(scores_tile)(x, columns, weights, scores, stride, rows, 3); break;
    case 4: NAME(scores_tile)(x, columns, weights, scores, stride, rows, 4); break;
    case 5: NAME(scores_tile)(x, columns, weights, scores, stride, rows, 5); break;
    case 6: NAME(scores_tile)(x, columns, weights, scores, stride, rows, 6); break;
  }
}

// All rows are multiplied with one group of outputs before the next group. So the weights of a group stay in the
// first-level cache.
void NAME(scores)(const lt_feature_rows *rows, const T *weights, T *scores) {
  const size_t outputs = rows->outputs, groups = (outputs + OUTPUTS - 1) / OUTPUTS;
  for (size_t g = 0; g < groups; g++) {
    // The groups have nearly equal sizes. A last group of one output would take almost as long as a full group.
    const size_t first = outputs * g / groups, count = outputs * (g + 1) / groups - first;
    const T *w = weights + first * rows->columns;
    size_t r = 0;
    for (; r + ROWS <= rows->rows; r += ROWS)
      NAME(scores_rows)(rows->x + r, rows->columns, w, scores + r * outputs + first, outputs, ROWS, count);
    for (; r < rows->rows; r++)
      NAME(scores_rows)(rows->x + r, rows->columns, w, scores + r * outputs + first, outputs, 1, count);
  }
}

static inline __attribute__((always_inline)) void NAME(sums_tile)(
    const float *const *x, size_t rows, size_t column, const T *factors, size_t stride, T *sums, size_t columns,
    const int outputs, const int vectors) {
  VECTOR sum[OUTPUTS][SPAN];
  UNROLL for (int c = 0; c < outputs; c++) {
    UNROLL for (int v = 0; v < vectors; v++) sum[c][v] = LOAD_ALL(sums + (size_t)c * columns + column + v * WIDTH);
  }
  for (size_t r = 0; r < rows; r++) {
    VECTOR features[SPAN];
    UNROLL for (int v = 0; v < vectors; v++) features[v] = LOAD_FLOATS(x[r] + column + v * WIDTH);
    UNROLL for (int c = 0; c < outputs; c++) {
      const VECTOR factor = SPREAD(factors[r * stride + (size_t)c]);
      UNROLL for (int v = 0; v < vectors; v++) sum[c][v] = FMA(factor, features[v], sum[c][v]);
    }
  }
  UNROLL for (int c = 0; c < outputs; c++) {
    UNROLL for (int v = 0; v < vectors; v++) STORE_ALL(sums + (size_t)c * columns + column + v * WIDTH, sum[c][v]);
  }
}

static inline __attribute__((always_inline)) void NAME(sums_columns)(
    const lt_feature_rows *rows, size_t column, const T *factors, T *sums, const int vectors) {
  const size_t outputs = rows->outputs, groups = (outputs + OUTPUTS - 1) / OUTPUTS;
  for (size_t g = 0; g < groups; g++) {
    const size_t first = outputs * g / groups, count = outputs * (g + 1) / groups - first;
    const T *f = factors + first;
    T *target = sums + first * rows->columns;
    switch (count) {
      case 1: NAME(sums_tile)(rows->x, rows->rows, column, f, outputs, target, rows->columns, 1, vectors); break;
      case 2: NAME(sums_tile)(rows->x, rows->rows, column, f, outputs, target, rows->columns, 2, vectors); break;
      case 3: NAME(sums_tile)(rows->x, rows->rows, column, f, outputs, target, rows->columns, 3, vectors); break;
      case 4: NAME(sums_tile)(rows->x, rows->rows, column, f, outputs, target, rows->columns, 4, vectors); break;
      case 5: NAME(sums_tile)(rows->x, rows->rows, column, f, outputs, target, rows->columns, 5, vectors); break;
      case 6: NAME(sums_tile)(rows->x, rows->rows, column, f, outputs, target, rows->columns, 6, vectors); break;
    }
  }
}

void NAME(sums)(const lt_feature_rows *rows, const T *factors, T *sums) {
  size_t column = 0;
  for (; column + SPAN * WIDTH <= rows->columns; column += SPAN * WIDTH)
    NAME(sums_columns)(rows, column, factors, sums, SPAN);
  for (; column + WIDTH <= rows->columns; column += WIDTH) NAME(sums_columns)(rows, column, factors, sums, 1);
  for (size_t r = 0; column < rows->columns && r < rows->rows; r++) {
    for (size_t c = 0; c < rows->outputs; c++) {
      const T factor = factors[r * rows->outputs + c];
      for (size_t j = column; j < rows->columns; j++) sums[c * rows->columns + j] += factor * (T)rows->x[r][j];
    }
  }
}

#endif
