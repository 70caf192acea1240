// Row products with AVX2 and FMA. The sums of two rows by six outputs take 12 of the 16 registers.
#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels.h"

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

static inline __attribute__((always_inline)) float sum_ps(__m256 v) {
  __m128 sum = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  sum = _mm_add_ps(sum, _mm_movehl_ps(sum, sum));
  return _mm_cvtss_f32(_mm_add_ss(sum, _mm_movehdup_ps(sum)));
}

static inline __attribute__((always_inline)) double sum_pd(__m256d v) {
  const __m128d sum = _mm_add_pd(_mm256_castpd256_pd128(v), _mm256_extractf128_pd(v, 1));
  return _mm_cvtsd_f64(_mm_add_sd(sum, _mm_unpackhi_pd(sum, sum)));
}

#define OUTPUTS 6
#define UNROLL _Pragma("clang loop unroll(full)")
#define ROWS 2
#define SPAN 2

#define NAME(x) lt_f32_##x##__avx2
#define T float
#define VECTOR __m256
#define WIDTH 8
#define LOAD _mm256_loadu_ps
#define STORE _mm256_storeu_ps
#define WIDEN _mm256_loadu_ps
#define SPREAD _mm256_set1_ps
#define FMA _mm256_fmadd_ps
#define ZERO _mm256_setzero_ps
#define SUM sum_ps
#define MULTIPLY _mm256_mul_ps
#define ADD _mm256_add_ps
#include "rows.inc"
#include "row.inc"
#undef MULTIPLY
#undef ADD
#undef NAME
#undef T
#undef VECTOR
#undef WIDTH
#undef LOAD
#undef STORE
#undef WIDEN
#undef SPREAD
#undef FMA
#undef ZERO
#undef SUM

#define NAME(x) lt_f64_##x##__avx2
#define T double
#define VECTOR __m256d
#define WIDTH 4
#define LOAD _mm256_loadu_pd
#define STORE _mm256_storeu_pd
#define WIDEN(p) _mm256_cvtps_pd(_mm_loadu_ps(p))
#define SPREAD _mm256_set1_pd
#define FMA _mm256_fmadd_pd
#define ZERO _mm256_setzero_pd
#define SUM sum_pd
#include "rows.inc"

#pragma clang attribute pop
#endif
