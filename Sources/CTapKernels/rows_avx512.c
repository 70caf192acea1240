// Row products with AVX-512. The sums of four rows by six outputs take 24 of the 32 registers.
#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels.h"

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"))), \
                             apply_to = function)

#define OUTPUTS 6
#define UNROLL _Pragma("clang loop unroll(full)")
#define ROWS 4
#define SPAN 4

#define NAME(x) lt_f32_##x##__avx512
#define T float
#define VECTOR __m512
#define WIDTH 16
#define LOAD _mm512_loadu_ps
#define STORE _mm512_storeu_ps
#define WIDEN _mm512_loadu_ps
#define SPREAD _mm512_set1_ps
#define FMA _mm512_fmadd_ps
#define ZERO _mm512_setzero_ps
#define SUM _mm512_reduce_add_ps
#define MULTIPLY _mm512_mul_ps
#define ADD _mm512_add_ps
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

#define NAME(x) lt_f64_##x##__avx512
#define T double
#define VECTOR __m512d
#define WIDTH 8
#define LOAD _mm512_loadu_pd
#define STORE _mm512_storeu_pd
#define WIDEN(p) _mm512_cvtps_pd(_mm256_loadu_ps(p))
#define SPREAD _mm512_set1_pd
#define FMA _mm512_fmadd_pd
#define ZERO _mm512_setzero_pd
#define SUM _mm512_reduce_add_pd
#include "rows.inc"

#pragma clang attribute pop
#endif
