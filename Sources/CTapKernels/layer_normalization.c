// Layer normalization in double precision. The sums are computed with one pixel in each lane. So the sum of each pixel
// is one chain over its channels, as in plain Swift. The values are computed with one channel in each lane.
#ifndef KERNEL_FILE
#define KERNEL_FILE "layer_normalization.c"
#include "instruction_sets.h"  // includes this file again for each instruction set
#else

// Channel `c` of WIDTH_D pixels.
static inline __attribute__((always_inline)) DOUBLES NAME(channel)(const float *const *pixels, const size_t c) {
  float values[WIDTH_D];
  for (int i = 0; i < WIDTH_D; i++) values[i] = pixels[i][c];
  return WIDEN(values);
}

// Computes WIDTH_D pixels and writes the first `count` of them.
static inline __attribute__((always_inline)) void NAME(normalize_pixels)(const lt_f32_layer_normalization *t,
                                                                         const float *const *pixels, float *output,
                                                                         const size_t count) {
  const size_t channels = t->channels, whole = channels / WIDTH_D * WIDTH_D;
  const DOUBLES total = SPREAD_D((double)channels);
  DOUBLES x[WIDTH_D], sum = SPREAD_D(0), squares = SPREAD_D(0);
  for (size_t c = 0; c < whole; c += WIDTH_D) {
    NAME(transpose)(pixels, c, x);
    UNROLL for (int i = 0; i < WIDTH_D; i++) sum = ADD_D(sum, x[i]);
  }
  for (size_t c = whole; c < channels; c++) sum = ADD_D(sum, NAME(channel)(pixels, c));
  const DOUBLES mean = DIVIDE_D(sum, total);
  for (size_t c = 0; c < whole; c += WIDTH_D) {
    NAME(transpose)(pixels, c, x);
    UNROLL for (int i = 0; i < WIDTH_D; i++) {
      const DOUBLES deviation = SUBTRACT_D(x[i], mean);
      squares = ADD_D(squares, MULTIPLY_D(deviation, deviation));
    }
  }
  for (size_t c = whole; c < channels; c++) {
    const DOUBLES deviation = SUBTRACT_D(NAME(channel)(pixels, c), mean);
    squares = ADD_D(squares, MULTIPLY_D(deviation, deviation));
  }
  const DOUBLES variance = ADD_D(DIVIDE_D(squares, total), SPREAD_D(t->epsilon));
  double means[WIDTH_D], scales[WIDTH_D];
  STORE_D(means, mean);
  STORE_D(scales, DIVIDE_D(SPREAD_D(1), SQUARE_ROOT_D(variance)));

  float rest[3][WIDTH_D] = {{0}};
  for (size_t c = whole; c < channels; c++) {
    rest[1][c - whole] = t->gamma[c];
    rest[2][c - whole] = t->beta[c];
  }
#define NORMALIZED(from, gamma, beta) \
  ADD_D(MULTIPLY_D(MULTIPLY_D(SUBTRACT_D(WIDEN(from), center), scale), WIDEN(gamma)), WIDEN(beta))
  for (size_t i = 0; i < count; i++, output += channels) {
    const DOUBLES center = SPREAD_D(means[i]), scale = SPREAD_D(scales[i]);
    for (size_t c = 0; c < whole; c += WIDTH_D)
      NARROW(output + c, NORMALIZED(pixels[i] + c, t->gamma + c, t->beta + c));
    if (whole == channels) continue;
    for (size_t c = whole; c < channels; c++) rest[0][c - whole] = pixels[i][c];
    NARROW(rest[0], NORMALIZED(rest[0], rest[1], rest[2]));
    for (size_t c = whole; c < channels; c++) output[c] = rest[0][c - whole];
  }
#undef NORMALIZED
}

void NAME(layer_normalization)(const lt_f32_layer_normalization *t) {
  for (size_t first = 0; first < t->pixels; first += WIDTH_D) {
    const size_t left = t->pixels - first, count = left < WIDTH_D ? left : WIDTH_D;
    // A lane without a pixel computes the sums of the last pixel again.
    const float *pixels[WIDTH_D];
    for (size_t i = 0; i < WIDTH_D; i++) pixels[i] = t->input + (first + (i < count ? i : count - 1)) * t->channels;
    NAME(normalize_pixels)(t, pixels, t->output + first * t->channels, count);
  }
}

#endif
