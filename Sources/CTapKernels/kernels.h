// The kernels by name: lt_<dtype>_<kernel>[_<tile>]__<instruction set>, a file each.
#ifndef LT_KERNELS_H
#define LT_KERNELS_H

#include "tap_kernels.h"

void lt_f32_igemm_14x32__avx512(const lt_f32_igemm_tile *tile);
void lt_f32_igemm_6x16__avx2(const lt_f32_igemm_tile *tile);
void lt_f32_depthwise__avx512(const lt_f32_depthwise_row *row);
void lt_f32_depthwise__avx2(const lt_f32_depthwise_row *row);

#endif
