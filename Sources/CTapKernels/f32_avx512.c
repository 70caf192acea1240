// The float32 kernels with AVX-512: 28 sums of a dense tile take 28 of the 32 registers.
#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels.h"

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"))), apply_to = function)

#define NAME(x) lt_f32_##x##__avx512
#define TILE_ROWS 14
#define VECTOR __m512
#define WIDTH 16
#define MASK __mmask16
#define FIRST_LANES(n) ((__mmask16)((1u << (n)) - 1u))
#define LOAD(p, m) _mm512_maskz_loadu_ps(m, p)
#define LOAD_ALL _mm512_loadu_ps
#define STORE(p, v, m) _mm512_mask_storeu_ps(p, m, v)
#define STORE_ALL _mm512_storeu_ps
#define FMA _mm512_fmadd_ps
#define MULTIPLY _mm512_mul_ps
#define DIVIDE _mm512_div_ps
#define ADD _mm512_add_ps
#define SUBTRACT _mm512_sub_ps
#define MINIMUM _mm512_min_ps
#define MAXIMUM _mm512_max_ps
#define FIRST_IF_NAN(x, y) _mm512_mask_mov_ps(y, _mm512_cmp_ps_mask(x, x, _CMP_UNORD_Q), x)
#define SPREAD _mm512_set1_ps
#define ZERO _mm512_setzero_ps
#define FETCH(p) _mm_prefetch((const char *)(p), _MM_HINT_T1)
#define UNROLL _Pragma("clang loop unroll(full)")
#define DOUBLES __m512d
#define WIDTH_D 8
#define WIDEN(p) _mm512_cvtps_pd(_mm256_loadu_ps(p))
#define NARROW(p, v) _mm256_storeu_ps(p, _mm512_cvtpd_ps(v))
#define SPREAD_D _mm512_set1_pd
#define ADD_D _mm512_add_pd
#define SUBTRACT_D _mm512_sub_pd
#define MULTIPLY_D _mm512_mul_pd
#define DIVIDE_D _mm512_div_pd
#define MINIMUM_D _mm512_min_pd
#define MAXIMUM_D _mm512_max_pd
#define NEGATE_D(v) _mm512_xor_pd(v, _mm512_set1_pd(-0.0))
#define POWER_OF_2(v) \
  _mm512_castsi512_pd(_mm512_slli_epi64(_mm512_add_epi64(_mm512_castpd_si512(v), _mm512_set1_epi64(1023)), 52))
#include "vectors.inc"

#include "activation.inc"
#include "depthwise.inc"
#include "igemm.inc"
#include "pooling.inc"
#include "winograd.inc"

#pragma clang attribute pop
#endif
