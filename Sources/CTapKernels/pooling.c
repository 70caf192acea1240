// Pooling of windows.
#ifndef KERNEL_FILE
#define KERNEL_FILE "pooling.c"
#include "instruction_sets.h"  // includes this file again for each instruction set
#else

static inline __attribute__((always_inline)) void NAME(window_of)(const lt_f32_window *t, const size_t c,
                                                                  const MASK mask, const int full) {
  VECTOR result = t->divisor > 0 ? ZERO() : SPREAD(-__builtin_inff());
  for (size_t i = 0; i < t->count; i++) {
    const VECTOR x = NAME(load)(t->pixels[i] + c, mask, full);
    // MAXIMUM returns the second operand if one operand is a NaN.
    result = t->divisor > 0 ? ADD(result, x) : FIRST_IF_NAN(x, MAXIMUM(x, result));
  }
  if (t->divisor > 0) result = DIVIDE(result, SPREAD(t->divisor));
  NAME(store)(t->output + c, result, mask, full);
}

void NAME(window)(const lt_f32_window *t) {
  size_t c = 0;
  for (; c + WIDTH <= t->channels; c += WIDTH) NAME(window_of)(t, c, FIRST_LANES(WIDTH), 1);
  if (c < t->channels) NAME(window_of)(t, c, FIRST_LANES(t->channels - c), 0);
}

#endif
