// The two inner loops for resizing images with 8-bit samples.
//
// Both loops compute clip((2^21 + sum_i w[i] p[i]) >> 22) in 32-bit integers. This is exact, so every instruction set
// gives the same bytes. A weight is passed in two halves, w = 256 high + low with low in 0...255, so that 16-bit
// multiply-adds can be used. A group of four taps has eight halves: the four high halves, then the four low halves. If
// the last group has fewer than four taps, the missing taps have weight 0.
#ifndef TAP_RESAMPLE_H
#define TAP_RESAMPLE_H

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

// Resizes one row of RGB pixels.
typedef struct {
  const uint8_t *source;
  size_t source_count;     // the number of bytes at `source`; no byte beyond them is read
  const int32_t *first;    // [columns]: the first pixel that each output averages
  int32_t origin;          // the number in the image of the pixel at `source`
  const int16_t *weights;  // [columns][groups][8]
  size_t groups;           // the number of groups of four taps
  size_t columns;
  uint8_t *target;         // [columns][3]
} lt_u8_resample_along;

// Averages several rows into one.
typedef struct {
  const uint8_t *_Nonnull const *_Nonnull rows;  // [4 * groups]; rows of weight 0 must be readable too
  const int16_t *weights;                        // [groups][8]
  size_t groups;
  size_t count;                                  // the number of bytes in each row
  uint8_t *target;                               // [count]
} lt_u8_resample_across;

// These functions need AVX2. They exist only on x86-64.
#if defined(__x86_64__)
void lt_u8_resample_along__avx2(const lt_u8_resample_along *row);
void lt_u8_resample_across__avx2(const lt_u8_resample_across *rows);
#endif

#pragma clang assume_nonnull end

#endif
