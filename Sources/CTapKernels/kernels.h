// The names of the kernels: lt_<dtype>_<kernel>__<instruction set>. Each kernel is written once, in <kernel>.inc, and
// is compiled for every instruction set.
#ifndef LT_KERNELS_H
#define LT_KERNELS_H

#include "tap_kernels.h"

void lt_f32_igemm__avx512(const lt_f32_igemm_tile *tile);
void lt_f32_igemm__avx2(const lt_f32_igemm_tile *tile);
void lt_f32_depthwise__avx512(const lt_f32_depthwise_row *row);
void lt_f32_depthwise__avx2(const lt_f32_depthwise_row *row);
void lt_f32_grouped__avx512(const lt_f32_depthwise_row *row);
void lt_f32_grouped__avx2(const lt_f32_depthwise_row *row);
void lt_f32_activation__avx512(const lt_f32_activation *activation);
void lt_f32_activation__avx2(const lt_f32_activation *activation);
void lt_f32_layer_normalization__avx512(const lt_f32_layer_normalization *pixels);
void lt_f32_layer_normalization__avx2(const lt_f32_layer_normalization *pixels);
void lt_f32_window__avx512(const lt_f32_window *window);
void lt_f32_window__avx2(const lt_f32_window *window);
void lt_f32_winograd_input__avx512(const lt_f32_winograd_input *tile);
void lt_f32_winograd_input__avx2(const lt_f32_winograd_input *tile);
void lt_f32_winograd_output__avx512(const lt_f32_winograd_output *tile);
void lt_f32_winograd_output__avx2(const lt_f32_winograd_output *tile);

void lt_f32_scores__avx512(const lt_feature_rows *rows, const float *weights, float *scores);
void lt_f32_sums__avx512(const lt_feature_rows *rows, const float *factors, float *sums);
void lt_f64_scores__avx512(const lt_feature_rows *rows, const double *weights, double *scores);
void lt_f64_sums__avx512(const lt_feature_rows *rows, const double *factors, double *sums);
void lt_f32_scores__avx2(const lt_feature_rows *rows, const float *weights, float *scores);
void lt_f32_sums__avx2(const lt_feature_rows *rows, const float *factors, float *sums);
void lt_f64_scores__avx2(const lt_feature_rows *rows, const double *weights, double *scores);
void lt_f64_sums__avx2(const lt_feature_rows *rows, const double *factors, double *sums);
void lt_f32_dots__avx512(size_t columns, const float *x, const float *next, const float *weights,
                      const unsigned char *chosen, size_t count, float *dots);
void lt_f32_add__avx512(size_t columns, const float *x, const float *scale, const float *factors,
                     const unsigned char *chosen, size_t count, float *weights);
void lt_f32_dots__avx2(size_t columns, const float *x, const float *next, const float *weights,
                      const unsigned char *chosen, size_t count, float *dots);
void lt_f32_add__avx2(size_t columns, const float *x, const float *scale, const float *factors,
                     const unsigned char *chosen, size_t count, float *weights);

#endif
