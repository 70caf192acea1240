// Pooling of windows.
#ifndef KERNEL_FILE
#define KERNEL_FILE "pooling.c"
#include "instruction_sets.h"  // includes this file again for each instruction set
#else

// `count` is the number of pixels, and a constant in the calls that take most of the time.
static inline __attribute__((always_inline)) void NAME(window_vector)(const lt_f32_window *t, const size_t count,
                                                                      const size_t first, float *output,
                                                                      const MASK mask, const int full) {
  VECTOR result = t->divisor > 0 ? ZERO() : SPREAD(-__builtin_inff());
  for (size_t i = 0; i < count; i++) {
    const VECTOR x = NAME(load)(t->pixels[i] + first, mask, full);
    // MAXIMUM returns the second operand if one operand is a NaN.
    result = t->divisor > 0 ? ADD(result, x) : FIRST_IF_NAN(x, MAXIMUM(x, result));
  }
  if (t->divisor > 0) result = DIVIDE(result, SPREAD(t->divisor));
  NAME(store)(output, result, mask, full);
}

static inline __attribute__((always_inline)) void NAME(windows_of)(const lt_f32_window *t, const size_t count) {
  for (size_t o = 0; o < t->outputs; o++) {
    const size_t first = o * t->step;
    float *output = t->output + o * t->channels;
    size_t c = 0;
    for (; c + WIDTH <= t->channels; c += WIDTH)
      NAME(window_vector)(t, count, first + c, output + c, FIRST_LANES(WIDTH), 1);
    if (c < t->channels)
      NAME(window_vector)(t, count, first + c, output + c, FIRST_LANES(t->channels - c), 0);
  }
}

void NAME(window)(const lt_f32_window *t) {
  if (t->count == 9)
    NAME(windows_of)(t, 9);
  else
    NAME(windows_of)(t, t->count);
}

#endif
