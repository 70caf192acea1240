// The two inner loops of image resizing on 8-bit samples.
//
// Both compute clip((2^21 + sum_i w[i] p[i]) >> 22) in 32-bit integers, which are exact: every instruction set gives
// the same bytes. A weight is passed in halves, w = 256 high + low with low in 0...255, so that 16-bit multiply-adds
// can be used. Four taps are a group of eight halves: the highs, then the lows; taps that are missing in the last group
// have weight 0.
#ifndef TAP_RESAMPLE_H
#define TAP_RESAMPLE_H

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

// Resizes one row of RGB pixels.
typedef struct {
  const uint8_t *source;
  size_t source_count;     // bytes at `source`; nothing beyond is read
  const int32_t *first;    // [columns]: the first pixel that an output averages
  int32_t origin;          // the number of the pixel at `source`
  const int16_t *weights;  // [columns][groups][8]
  size_t groups;           // of four taps
  size_t columns;
  uint8_t *target;         // [columns][3]
} lt_u8_resample_along;

// Averages several rows into one.
typedef struct {
  const uint8_t *_Nonnull const *_Nonnull rows;  // [4 * groups]; those of weight 0 must be readable too
  const int16_t *weights;                        // [groups][8]
  size_t groups;
  size_t count;                                  // bytes in each row
  uint8_t *target;                               // [count]
} lt_u8_resample_across;

// For machines with AVX2 only; elsewhere they are absent.
#if defined(__x86_64__)
void lt_u8_resample_along__avx2(const lt_u8_resample_along *row);
void lt_u8_resample_across__avx2(const lt_u8_resample_across *rows);
#endif

#pragma clang assume_nonnull end

#endif
