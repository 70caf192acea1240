// The functions of the kernels: lt_<dtype>_<kernel>__<instruction set>. Each kernel is written once and is compiled for
// every instruction set.
#ifndef LT_KERNELS_H
#define LT_KERNELS_H

#include "tap_kernels.h"

LT_ASSUME_NONNULL_BEGIN

#define LT_DECLARE(name, operands)                  \
  void lt_f32_##name##__avx2(const operands *call); \
  void lt_f32_##name##__avx512(const operands *call);
LT_F32_KERNELS(LT_DECLARE)
#undef LT_DECLARE

#define LT_DECLARE(name, ...)          \
  void lt_##name##__avx2(__VA_ARGS__); \
  void lt_##name##__avx512(__VA_ARGS__);
LT_ROW_KERNELS(LT_DECLARE)
#undef LT_DECLARE

LT_ASSUME_NONNULL_END

#endif
