// Products of a few rows of float32 features with a few vectors. They are the main work in the training of linear
// models. Each row has its own pointer and is read from memory once for all outputs. Nothing is copied or packed.
//
// Each sum is computed in several interleaved lanes, so its last digits differ between instruction sets.
#ifndef TAP_ROWS_H
#define TAP_ROWS_H

#include <stddef.h>

#pragma clang assume_nonnull begin

// Rows of features, and the number of vectors that they are multiplied with.
typedef struct {
  size_t rows;     // few rows, which stay in the second-level cache: each group of outputs reads them once
  size_t columns;
  size_t outputs;
  const float *_Nonnull const *_Nonnull x;  // [rows]: addresses of `columns` floats
} lt_feature_rows;

// The list of row kernels: the name and the operands of each kernel. A line of this list makes the kernel's field in
// the table below, and declares the kernel's function for each instruction set.
//
//   scores  scores[r][c] = sum over j of x[r][j] * weights[c][j];  weights [outputs][columns], scores [rows][outputs]
//   sums    sums[c][j] += sum over r of factors[r][c] * x[r][j];  factors [rows][outputs], sums [outputs][columns]
//   dots    products of one row with chosen vectors: dots[i] = sum over j of x[j] * weights[chosen[i]][j];  weights
//           [...][columns]. `next` is the row of the next call, which is prefetched; pass x if no call follows.
//   add     weights[chosen[i]][j] += factors[i] * x[j] * scale[j]. If `scale` is NULL, the scale is 1.
#define LT_ROW_KERNELS(KERNEL)                                                                        \
  KERNEL(f32_scores, const lt_feature_rows *rows, const float *weights, float *scores)                \
  KERNEL(f64_scores, const lt_feature_rows *rows, const double *weights, double *scores)              \
  KERNEL(f32_sums, const lt_feature_rows *rows, const float *factors, float *sums)                    \
  KERNEL(f64_sums, const lt_feature_rows *rows, const double *factors, double *sums)                  \
  KERNEL(f32_dots, size_t columns, const float *x, const float *next, const float *weights,           \
         const unsigned char *chosen, size_t count, float *dots)                                      \
  KERNEL(f32_add, size_t columns, const float *x, const float *_Nullable scale, const float *factors, \
         const unsigned char *chosen, size_t count, float *weights)

#define LT_FIELD(name, ...) void (*name)(__VA_ARGS__);
typedef struct {
  LT_ROW_KERNELS(LT_FIELD)
} __attribute__((swift_attr("@Sendable"))) lt_row_kernel_table;
#undef LT_FIELD

// The tables of kernels; NULL if the kernels were not built, because the machine has another architecture.
const lt_row_kernel_table *_Nullable lt_row_kernels_avx2(void);
const lt_row_kernel_table *_Nullable lt_row_kernels_avx512(void);

#pragma clang assume_nonnull end

#endif
