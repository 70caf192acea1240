// Resizing with AVX2. A 16-bit multiply-add takes two taps at once. The sums of the high halves and of the low halves
// of the weights are separate and are joined at the end. They cannot overflow: for any filter, 256 * 255 * 2^14 is far
// below 2^31.
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#include "tap_resample.h"

#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)

// (2^21 + 256 highs + lows) >> 22
static inline __attribute__((always_inline)) __m256i joined(__m256i highs, __m256i lows) {
  const __m256i sum = _mm256_add_epi32(_mm256_slli_epi32(highs, 8), lows);
  return _mm256_srai_epi32(_mm256_add_epi32(sum, _mm256_set1_epi32(1 << 21)), 22);
}

// One output pixel from groups of four taps. If `safe` is true, the last 16-byte read stays inside the row.
static inline __attribute__((always_inline)) uint32_t pixel(const uint8_t *source, size_t readable,
                                                            const int16_t *weights, size_t groups, int safe) {
  // Copies the bytes of two neighboring pixels to pairs of 16 bits by channel: r0 r1 g0 g1 b0 b1. Four pixels are
  // copied in all.
  const __m256i pairs =
      _mm256_setr_epi8(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1,  //
                       6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1);
  const __m256i high = _mm256_setr_epi8(0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3,  //
                                        4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7);
  const __m256i low = _mm256_add_epi8(high, _mm256_set1_epi8(8));
  __m256i highs = _mm256_setzero_si256(), lows = highs;
  for (size_t g = 0; g < groups; g++) {
    __m128i bytes;
    if (safe) {
      const size_t at = 12 * g;
      uint8_t copy[16] = {0};
      if (at < readable) memcpy(copy, source + at, readable - at < 12 ? readable - at : 12);
      bytes = _mm_loadu_si128((const __m128i *)copy);
    } else {
      bytes = _mm_loadu_si128((const __m128i *)(source + 12 * g));
    }
    const __m256i samples = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(bytes), pairs);
    const __m256i w = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(weights + 8 * g)));
    highs = _mm256_add_epi32(highs, _mm256_madd_epi16(samples, _mm256_shuffle_epi8(w, high)));
    lows = _mm256_add_epi32(lows, _mm256_madd_epi16(samples, _mm256_shuffle_epi8(w, low)));
  }
  const __m128i h = _mm_add_epi32(_mm256_castsi256_si128(highs), _mm256_extracti128_si256(highs, 1));
  const __m128i l = _mm_add_epi32(_mm256_castsi256_si128(lows), _mm256_extracti128_si256(lows, 1));
  const __m128i sum = _mm256_castsi256_si128(joined(_mm256_castsi128_si256(h), _mm256_castsi128_si256(l)));
  const __m128i words = _mm_packs_epi32(sum, sum);
  return (uint32_t)_mm_cvtsi128_si32(_mm_packus_epi16(words, words));
}

// The number of outputs whose 16-byte reads and 4-byte writes stay inside the row. First pixels never decrease from one
// output to the next, so only the last outputs can reach beyond the row.
static inline __attribute__((always_inline)) size_t inside(const lt_u8_resample_along *row, const size_t groups) {
  // These are copies, because a store of bytes may alias anything: the compiler would read the fields again after each
  // store.
  const uint8_t *const source = row->source;
  const int32_t *const first = row->first;
  const int16_t *weights = row->weights;
  uint8_t *target = row->target;
  const size_t columns = row->columns, readable = row->source_count;
  const int32_t origin = row->origin;
  size_t column = 0;
  for (; column + 1 < columns; column++) {
    const size_t at = 3 * (size_t)(first[column] - origin);
    if (at + 12 * groups + 4 > readable) break;
    const uint32_t rgb = pixel(source + at, 0, weights, groups, 0);
    // The next pixel overwrites the fourth byte.
    memcpy(target, &rgb, 4);
    weights += 8 * groups;
    target += 3;
  }
  return column;
}

void lt_u8_resample_along__avx2(const lt_u8_resample_along *row) {
  // With a constant number of groups the compiler unrolls the loop. Only images that become much smaller need more than
  // three.
  size_t column = row->groups == 1   ? inside(row, 1)
                  : row->groups == 2 ? inside(row, 2)
                  : row->groups == 3 ? inside(row, 3)
                                     : inside(row, row->groups);
  for (; column < row->columns; column++) {
    const size_t at = 3 * (size_t)(row->first[column] - row->origin);
    const uint32_t rgb =
        pixel(row->source + at, row->source_count - at, row->weights + column * row->groups * 8, row->groups, 1);
    memcpy(row->target + 3 * column, &rgb, 3);
  }
}

// Two 16-bit halves in memory order, repeated in every 32-bit lane.
static inline __attribute__((always_inline)) __m256i pair(const int16_t *weights) {
  int32_t both;
  memcpy(&both, weights, 4);
  return _mm256_set1_epi32(both);
}

// Computes 16 neighboring outputs.
static inline __attribute__((always_inline)) void block(const lt_u8_resample_across *t, size_t at) {
  __m256i high0 = _mm256_setzero_si256(), high1 = high0, low0 = high0, low1 = high0;
  for (size_t i = 0; i < 2 * t->groups; i++) {
    const int16_t *weights = t->weights + i / 2 * 8 + i % 2 * 2;
    const __m256i high = pair(weights), low = pair(weights + 4);
    const __m128i a = _mm_loadu_si128((const __m128i *)(t->rows[2 * i] + at));
    const __m128i b = _mm_loadu_si128((const __m128i *)(t->rows[2 * i + 1] + at));
    const __m256i left = _mm256_cvtepu8_epi16(_mm_unpacklo_epi8(a, b));
    const __m256i right = _mm256_cvtepu8_epi16(_mm_unpackhi_epi8(a, b));
    high0 = _mm256_add_epi32(high0, _mm256_madd_epi16(left, high));
    high1 = _mm256_add_epi32(high1, _mm256_madd_epi16(right, high));
    low0 = _mm256_add_epi32(low0, _mm256_madd_epi16(left, low));
    low1 = _mm256_add_epi32(low1, _mm256_madd_epi16(right, low));
  }
  // The pack instructions work within 128-bit lanes, so the four quarters are put back in order.
  const __m256i words =
      _mm256_permute4x64_epi64(_mm256_packs_epi32(joined(high0, low0), joined(high1, low1)), 0xD8);
  const __m128i bytes = _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
  _mm_storeu_si128((__m128i *)(t->target + at), bytes);
}

void lt_u8_resample_across__avx2(const lt_u8_resample_across *t) {
  size_t at = 0;
  for (; at + 16 <= t->count; at += 16) block(t, at);
  if (at == t->count) return;
  if (t->count >= 16) {
    block(t, t->count - 16);
    return;
  }
  for (; at < t->count; at++) {
    int32_t highs = 0, lows = 0;
    for (size_t i = 0; i < 4 * t->groups; i++) {
      const int16_t *weights = t->weights + i / 4 * 8 + i % 4;
      highs += weights[0] * t->rows[i][at];
      lows += weights[4] * t->rows[i][at];
    }
    const int32_t value = (int32_t)((uint32_t)highs * 256 + (uint32_t)lows + (1u << 21)) >> 22;
    t->target[at] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
  }
}

#pragma clang attribute pop
#endif
