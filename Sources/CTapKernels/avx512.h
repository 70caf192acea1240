// The operations of AVX-512. The 28 sums of a dense tile take 28 of the 32 registers; the 24 sums of a wide tile take
// 24.
#define NAME(x) lt_f32_##x##__avx512
#define NAME_D(x) lt_f64_##x##__avx512
#define TILE_ROWS 14
#define WIDE_ROWS 6
#define T float
#define VECTOR __m512
#define WIDTH 16
#define MASK __mmask16
#define FIRST_LANES(n) ((__mmask16)((1u << (n)) - 1u))
#define LOAD(p, m) _mm512_maskz_loadu_ps(m, p)
#define LOAD_ALL _mm512_loadu_ps
#define LOAD_FLOATS LOAD_ALL
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
#define SUM _mm512_reduce_add_ps
#define SPREAD_GROUP(x, group, i)                                                                                \
  _mm512_permutexvar_ps(                                                                                         \
      _mm512_add_epi32(_mm512_and_si512(_mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), \
                                        _mm512_set1_epi32(-(int)(group))),                                       \
                       _mm512_set1_epi32((int)(i))),                                                             \
      x)
#define FETCH(p) _mm_prefetch((const char *)(p), _MM_HINT_T1)
#define UNROLL _Pragma("clang loop unroll(full)")
#define DOUBLES __m512d
#define WIDTH_D 8
#define WIDEN(p) _mm512_cvtps_pd(_mm256_loadu_ps(p))
#define NARROW(p, v) _mm256_storeu_ps(p, _mm512_cvtpd_ps(v))
#define SPREAD_D _mm512_set1_pd
#define FMA_D _mm512_fmadd_pd
#define ADD_D _mm512_add_pd
#define SUBTRACT_D _mm512_sub_pd
#define MULTIPLY_D _mm512_mul_pd
#define DIVIDE_D _mm512_div_pd
#define MINIMUM_D _mm512_min_pd
#define MAXIMUM_D _mm512_max_pd
#define SQUARE_ROOT_D _mm512_sqrt_pd
#define ZERO_D _mm512_setzero_pd
#define SUM_D _mm512_reduce_add_pd
#define LOAD_D _mm512_loadu_pd
#define STORE_D _mm512_storeu_pd
#define NEGATE_D(v) _mm512_xor_pd(v, _mm512_set1_pd(-0.0))
#define POWER_OF_2(v) \
  _mm512_castsi512_pd(_mm512_slli_epi64(_mm512_add_epi64(_mm512_castpd_si512(v), _mm512_set1_epi64(1023)), 52))

// x[i] is channel c + i of eight pixels, with one pixel in each lane.
static inline __attribute__((always_inline)) void NAME(transpose)(const float *const *pixels, const size_t c,
                                                                  __m512d *x) {
  __m256 pairs[8], fours[8];
  UNROLL for (int i = 0; i < 4; i++) {
    const __m256 even = _mm256_loadu_ps(pixels[2 * i] + c), odd = _mm256_loadu_ps(pixels[2 * i + 1] + c);
    pairs[2 * i] = _mm256_unpacklo_ps(even, odd);
    pairs[2 * i + 1] = _mm256_unpackhi_ps(even, odd);
  }
  UNROLL for (int i = 0; i < 8; i += 4) {
    fours[i] = _mm256_shuffle_ps(pairs[i], pairs[i + 2], 0x44);
    fours[i + 1] = _mm256_shuffle_ps(pairs[i], pairs[i + 2], 0xee);
    fours[i + 2] = _mm256_shuffle_ps(pairs[i + 1], pairs[i + 3], 0x44);
    fours[i + 3] = _mm256_shuffle_ps(pairs[i + 1], pairs[i + 3], 0xee);
  }
  UNROLL for (int i = 0; i < 4; i++) {
    x[i] = _mm512_cvtps_pd(_mm256_permute2f128_ps(fours[i], fours[i + 4], 0x20));
    x[i + 4] = _mm512_cvtps_pd(_mm256_permute2f128_ps(fours[i], fours[i + 4], 0x31));
  }
}
