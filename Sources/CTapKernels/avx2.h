// The operations of AVX2 and FMA. The 12 sums of a dense tile take 12 of the 16 registers.
#define NAME(x) lt_f32_##x##__avx2
#define NAME_D(x) lt_f64_##x##__avx2
#define TILE_ROWS 6
#define WIDE_ROWS 0
#define T float
#define VECTOR __m256
#define WIDTH 8
#define MASK __m256i
#define FIRST_LANES(n) \
  _mm256_cmpgt_epi32(_mm256_set1_epi32((int)(n)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7))
#define LOAD(p, m) _mm256_maskload_ps(p, m)
#define LOAD_ALL _mm256_loadu_ps
#define LOAD_FLOATS LOAD_ALL
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
#define SUM NAME(sum)
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
#define ZERO_D _mm256_setzero_pd
#define SUM_D NAME_D(sum)
#define LOAD_D _mm256_loadu_pd
#define STORE_D _mm256_storeu_pd
#define NEGATE_D(v) _mm256_xor_pd(v, _mm256_set1_pd(-0.0))
#define POWER_OF_2(v) \
  _mm256_castsi256_pd(_mm256_slli_epi64(_mm256_add_epi64(_mm256_castpd_si256(v), _mm256_set1_epi64x(1023)), 52))

static inline __attribute__((always_inline)) float NAME(sum)(__m256 v) {
  __m128 sum = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  sum = _mm_add_ps(sum, _mm_movehl_ps(sum, sum));
  return _mm_cvtss_f32(_mm_add_ss(sum, _mm_movehdup_ps(sum)));
}

static inline __attribute__((always_inline)) double NAME_D(sum)(__m256d v) {
  const __m128d sum = _mm_add_pd(_mm256_castpd256_pd128(v), _mm256_extractf128_pd(v, 1));
  return _mm_cvtsd_f64(_mm_add_sd(sum, _mm_unpackhi_pd(sum, sum)));
}

// x[i] is channel c + i of four pixels, with one pixel in each lane.
static inline __attribute__((always_inline)) void NAME(transpose)(const float *const *pixels, const size_t c,
                                                                  __m256d *x) {
  __m128 rows[4];
  UNROLL for (int i = 0; i < 4; i++) rows[i] = _mm_loadu_ps(pixels[i] + c);
  _MM_TRANSPOSE4_PS(rows[0], rows[1], rows[2], rows[3]);
  UNROLL for (int i = 0; i < 4; i++) x[i] = _mm256_cvtps_pd(rows[i]);
}
