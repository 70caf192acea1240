// The tables of kernels by instruction set, and functions that say which of them this machine can run.
#include "kernels.h"

#if defined(__x86_64__)

int lt_has_avx2(void) { return __builtin_cpu_supports("x86-64-v3"); }
int lt_has_avx512(void) { return __builtin_cpu_supports("x86-64-v4"); }

#define AVX2(name, operands) .f32_##name = lt_f32_##name##__avx2,
#define AVX512(name, operands) .f32_##name = lt_f32_##name##__avx512,
static const lt_kernel_table avx2 = {.vector_width = 8, .gemm_rows = 6, LT_F32_KERNELS(AVX2)};
static const lt_kernel_table avx512 = {
    .vector_width = 16, .gemm_rows = 14, .gemm_wide_rows = 6, LT_F32_KERNELS(AVX512)};

#define ROWS_AVX2(name, ...) .name = lt_##name##__avx2,
#define ROWS_AVX512(name, ...) .name = lt_##name##__avx512,
static const lt_row_kernel_table rows_avx2 = {LT_ROW_KERNELS(ROWS_AVX2)};
static const lt_row_kernel_table rows_avx512 = {LT_ROW_KERNELS(ROWS_AVX512)};

const lt_kernel_table *lt_kernels_avx2(void) { return &avx2; }
const lt_kernel_table *lt_kernels_avx512(void) { return &avx512; }
const lt_row_kernel_table *lt_row_kernels_avx2(void) { return &rows_avx2; }
const lt_row_kernel_table *lt_row_kernels_avx512(void) { return &rows_avx512; }

#else

int lt_has_avx2(void) { return 0; }
int lt_has_avx512(void) { return 0; }
const lt_kernel_table *lt_kernels_avx2(void) { return NULL; }
const lt_kernel_table *lt_kernels_avx512(void) { return NULL; }
const lt_row_kernel_table *lt_row_kernels_avx2(void) { return NULL; }
const lt_row_kernel_table *lt_row_kernels_avx512(void) { return NULL; }

#endif
