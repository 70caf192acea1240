// SHA-256 with the SHA extensions of x86. One instruction computes two rounds on the state. It keeps the state words a
// b e f in one register and c d g h in another.
#include "tap_sha256.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

int lt_has_sha(void) {
  unsigned a, b, c, d;
  // CPUID leaf 7: SHA is bit 29 of ebx. The shuffles below need SSE4.1, which is bit 19 of ecx in leaf 1.
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(b >> 29 & 1)) return 0;
  return __get_cpuid(1, &a, &b, &c, &d) && (c >> 19 & 1);
}

#pragma clang attribute push(__attribute__((target("sha,sse4.1"))), apply_to = function)

void lt_sha256_compress__sha(
    uint32_t *state, const uint32_t *constants, const uint8_t *data, size_t blocks) {
  const __m128i bigEndian = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
  const __m128i abcd = _mm_loadu_si128((const __m128i *)state);
  const __m128i efgh = _mm_loadu_si128((const __m128i *)(state + 4));
  // The instructions need the first word of each half in the highest lane.
  const __m128i badc = _mm_shuffle_epi32(abcd, 0xB1), hgfe = _mm_shuffle_epi32(efgh, 0x1B);
  __m128i abef = _mm_alignr_epi8(badc, hgfe, 8);
  __m128i cdgh = _mm_blend_epi16(hgfe, badc, 0xF0);

  for (; blocks > 0; blocks--, data += 64) {
    const __m128i oldABEF = abef, oldCDGH = cdgh;
    __m128i words[4];  // the last sixteen words of the schedule
#pragma clang loop unroll(full)
    for (int group = 0; group < 16; group++) {
      __m128i next;
      if (group < 4) {
        next = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)data + group), bigEndian);
      } else {
        const __m128i last = words[(group + 3) & 3];
        const __m128i sevenBefore = _mm_alignr_epi8(last, words[(group + 2) & 3], 4);
        next = _mm_sha256msg1_epu32(words[group & 3], words[(group + 1) & 3]);
        next = _mm_sha256msg2_epu32(_mm_add_epi32(next, sevenBefore), last);
      }
      words[group & 3] = next;
      const __m128i sum =
          _mm_add_epi32(next, _mm_loadu_si128((const __m128i *)(constants + 4 * group)));
      cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
      abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0E));
    }
    abef = _mm_add_epi32(abef, oldABEF);
    cdgh = _mm_add_epi32(cdgh, oldCDGH);
  }

  const __m128i feba = _mm_shuffle_epi32(abef, 0x1B), dchg = _mm_shuffle_epi32(cdgh, 0xB1);
  _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(feba, dchg, 0xF0));
  _mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

#pragma clang attribute pop

#else

int lt_has_sha(void) { return 0; }

#endif
