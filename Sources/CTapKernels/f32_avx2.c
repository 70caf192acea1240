// The float32 kernels with AVX2. The 12 sums of a dense tile take 12 of the 16 registers.
#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels.h"

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

#define NAME(x) lt_f32_##x##__avx2
#define TILE_ROWS 6
#define VECTOR __m256
#define WIDTH 8
#define MASK __m256i
#define FIRST_LANES(n) \
  _mm256_cmpgt_epi32(_mm256_set1_epi32((int)(n)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7))
#define LOAD(p, m) _mm256_maskload_ps(p, m)
#define LOAD_ALL _mm256_loadu_ps
#define STORE(p, v, m) _mm256_maskstore_ps(p, m, v)
#define STORE_ALL _mm256_storeu_ps
#define FMA _mm256_fmadd_ps
#define MULTIPLY _mm256_mul_ps
#define DIVIDE _mm256_div_ps
#define ADD _mm256_add_ps
#define SUBTRACT _mm256_sub_ps
#define MINIMUM _mm256_min_ps
#define MAXIMUM _mm256_max_ps
#define FIRST_IF_NAN(x, y) _mm256_blendv_ps(y, x, _mm256_cmp_ps(x, x, _CMP_UNORD_Q))
#define SPREAD _mm256_set1_ps
#define ZERO _mm256_setzero_ps
#define SPREAD_GROUP(x, group, i)                                                     \
  _mm256_permutevar8x32_ps(                                                           \
      x, _mm256_add_epi32(_mm256_and_si256(_mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7), \
                                           _mm256_set1_epi32(-(int)(group))),         \
                          _mm256_set1_epi32((int)(i))))
#define FETCH(p) _mm_prefetch((const char *)(p), _MM_HINT_T1)
#define UNROLL _Pragma("clang loop unroll(full)")
#define DOUBLES __m256d
#define WIDTH_D 4
#define WIDEN(p) _mm256_cvtps_pd(_mm_loadu_ps(p))
#define NARROW(p, v) _mm_storeu_ps(p, _mm256_cvtpd_ps(v))
#define SPREAD_D _mm256_set1_pd
#define FMA_D _mm256_fmadd_pd
#define ADD_D _mm256_add_pd
#define SUBTRACT_D _mm256_sub_pd
#define MULTIPLY_D _mm256_mul_pd
#define DIVIDE_D _mm256_div_pd
#define MINIMUM_D _mm256_min_pd
#define MAXIMUM_D _mm256_max_pd
#define SQUARE_ROOT_D _mm256_sqrt_pd
#define STORE_D _mm256_storeu_pd
#define NEGATE_D(v) _mm256_xor_pd(v, _mm256_set1_pd(-0.0))
#define POWER_OF_2(v) \
  _mm256_castsi256_pd(_mm256_slli_epi64(_mm256_add_epi64(_mm256_castpd_si256(v), _mm256_set1_epi64x(1023)), 52))

// x[i] is channel c + i of four pixels, with one pixel in each lane.
static inline __attribute__((always_inline)) void NAME(transpose)(const float *const *pixels, const size_t c,
                                                                  __m256d *x) {
  __m128 rows[4];
  UNROLL for (int i = 0; i < 4; i++) rows[i] = _mm_loadu_ps(pixels[i] + c);
  _MM_TRANSPOSE4_PS(rows[0], rows[1], rows[2], rows[3]);
  UNROLL for (int i = 0; i < 4; i++) x[i] = _mm256_cvtps_pd(rows[i]);
}

#include "vectors.inc"

#include "activation.inc"
#include "depthwise.inc"
#include "grouped.inc"
#include "igemm.inc"
#include "layer_normalization.inc"
#include "pooling.inc"
#include "winograd.inc"

#pragma clang attribute pop
#endif
