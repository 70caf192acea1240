// The tables of kernels by instruction set, and functions that say which of them this machine can run.
#include "kernels.h"

#if defined(__x86_64__)

int lt_has_avx2(void) { return __builtin_cpu_supports("x86-64-v3"); }
int lt_has_avx512(void) { return __builtin_cpu_supports("x86-64-v4"); }

static const lt_kernel_table avx2 = {
    .vector_width = 8,
    .gemm_rows = 6,
    .f32_igemm = lt_f32_igemm__avx2,
    .f32_depthwise = lt_f32_depthwise__avx2,
    .f32_grouped = lt_f32_grouped__avx2,
    .f32_window = lt_f32_window__avx2,
    .f32_activation = lt_f32_activation__avx2,
    .f32_layer_normalization = lt_f32_layer_normalization__avx2,
    .f32_winograd_input = lt_f32_winograd_input__avx2,
    .f32_winograd_output = lt_f32_winograd_output__avx2,
};
static const lt_kernel_table avx512 = {
    .vector_width = 16,
    .gemm_rows = 14,
    .gemm_wide_rows = 6,
    .f32_igemm = lt_f32_igemm__avx512,
    .f32_depthwise = lt_f32_depthwise__avx512,
    .f32_grouped = lt_f32_grouped__avx512,
    .f32_window = lt_f32_window__avx512,
    .f32_activation = lt_f32_activation__avx512,
    .f32_layer_normalization = lt_f32_layer_normalization__avx512,
    .f32_winograd_input = lt_f32_winograd_input__avx512,
    .f32_winograd_output = lt_f32_winograd_output__avx512,
};

static const lt_row_kernel_table rows_avx2 = {
    .f32_scores = lt_f32_scores__avx2,
    .f64_scores = lt_f64_scores__avx2,
    .f32_sums = lt_f32_sums__avx2,
    .f64_sums = lt_f64_sums__avx2,
    .f32_dots = lt_f32_dots__avx2,
    .f32_add = lt_f32_add__avx2,
};
static const lt_row_kernel_table rows_avx512 = {
    .f32_scores = lt_f32_scores__avx512,
    .f64_scores = lt_f64_scores__avx512,
    .f32_sums = lt_f32_sums__avx512,
    .f64_sums = lt_f64_sums__avx512,
    .f32_dots = lt_f32_dots__avx512,
    .f32_add = lt_f32_add__avx512,
};

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
