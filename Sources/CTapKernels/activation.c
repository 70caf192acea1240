// Activations. They are computed in double precision by the steps of PortableKernels+Activation.swift, and rounded
// once. As in that file, additions and multiplications are not fused. A polynomial is one long chain of operations. So
// GROUP vectors are computed together; with a single vector, the processor would wait for each operation.
#ifndef KERNEL_FILE
#define KERNEL_FILE "activation.c"
#include "instruction_sets.h"  // includes this file again for each instruction set
#else

#define GROUP 8
#define EACH UNROLL for (int v = 0; v < GROUP; v++)

static inline __attribute__((always_inline)) void NAME(exponential)(DOUBLES *x) {
  DOUBLES shifted[GROUP], p[GROUP];
  EACH {
    const DOUBLES bounded = MINIMUM_D(SPREAD_D(100), MAXIMUM_D(SPREAD_D(-100), x[v]));
    // Adding 1.5 x 2^52 rounds to an integer, which is then in the lowest bits.
    const DOUBLES rounder = SPREAD_D(6755399441055744.0);
    shifted[v] = ADD_D(MULTIPLY_D(bounded, SPREAD_D(1.4426950408889634)), rounder);
    const DOUBLES n = SUBTRACT_D(shifted[v], rounder);
    const DOUBLES most = SUBTRACT_D(bounded, MULTIPLY_D(n, SPREAD_D(0.6931471803691238)));
    x[v] = SUBTRACT_D(most, MULTIPLY_D(n, SPREAD_D(1.9082149292705877e-10)));
    p[v] = SPREAD_D(1.0 / 40320);
  }
  static const double coefficients[] = {1.0 / 5040, 1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 0.5, 1, 1};
  UNROLL for (int i = 0; i < 8; i++) EACH p[v] = ADD_D(MULTIPLY_D(p[v], x[v]), SPREAD_D(coefficients[i]));
  EACH x[v] = MULTIPLY_D(p[v], POWER_OF_2(shifted[v]));
}

static inline __attribute__((always_inline)) void NAME(error_function)(DOUBLES *x) {
  DOUBLES s[GROUP], p[GROUP];
  EACH {
    x[v] = MINIMUM_D(SPREAD_D(4), MAXIMUM_D(SPREAD_D(-4), x[v]));
    s[v] = SUBTRACT_D(MULTIPLY_D(MULTIPLY_D(x[v], x[v]), SPREAD_D(0.125)), SPREAD_D(1));
    p[v] = SPREAD_D(1.2873585826134119e-05);
  }
  static const double coefficients[] = {
      -3.668349630367569e-05, 3.298166514361336e-05,  -7.24620314889167e-05, 0.00029513373401520896,
      -0.0006727965874649553, 0.0012770781536441313,  -0.0025306731595722844, 0.004861253793852784,
      -0.008629832321591356,  0.014347218437205343,   -0.02246626395799292,  0.03306107327080911,
      -0.045766463410655295,  0.05988686028227138,    -0.07472772838182547,  0.09020899618649306,
      -0.10771044890915892,   0.13167511686643962,    -0.1765762332142437,   0.3535309956434043};
  // If this loop were unrolled, the compiler would compute one chain after another.
#pragma clang loop unroll(disable)
  for (int i = 0; i < 20; i++) EACH p[v] = ADD_D(MULTIPLY_D(p[v], s[v]), SPREAD_D(coefficients[i]));
  EACH x[v] = MULTIPLY_D(x[v], p[v]);
}

// x / 6, correctly rounded if nothing underflows or overflows. A division would take several times as long. Markstein,
// "Computation of Elementary Functions on the IBM RISC System/6000 Processor" (1990), theorem 3.
static inline __attribute__((always_inline)) DOUBLES NAME(sixth)(const DOUBLES x) {
  const DOUBLES reciprocal = SPREAD_D(1.0 / 6), quotient = MULTIPLY_D(x, reciprocal);
  return FMA_D(FMA_D(SPREAD_D(-6), quotient, x), reciprocal, quotient);
}

// Computes the activations of GROUP vectors of floats.
static inline __attribute__((always_inline)) void NAME(activate_group)(const float *input, float *output,
                                                                       const int function) {
  const DOUBLES one = SPREAD_D(1), two = SPREAD_D(2);
  DOUBLES x[GROUP], e[GROUP];
  EACH x[v] = WIDEN(input + v * WIDTH_D);
  if (function == LT_SIGMOID || function == LT_SILU) {
    EACH e[v] = NEGATE_D(x[v]);
    NAME(exponential)(e);
    EACH x[v] = DIVIDE_D(function == LT_SIGMOID ? one : x[v], ADD_D(one, e[v]));
  } else if (function == LT_GELU) {
    EACH e[v] = MULTIPLY_D(x[v], SPREAD_D(0.7071067811865476));
    NAME(error_function)(e);
    EACH x[v] = MULTIPLY_D(MULTIPLY_D(SPREAD_D(0.5), x[v]), ADD_D(one, e[v]));
  } else if (function == LT_TANH) {
    EACH e[v] = MULTIPLY_D(two, x[v]);
    NAME(exponential)(e);
    EACH x[v] = SUBTRACT_D(one, DIVIDE_D(two, ADD_D(e[v], one)));
  } else {
    EACH {
      const DOUBLES raised = MAXIMUM_D(SPREAD_D(0), ADD_D(x[v], SPREAD_D(3)));
      const DOUBLES gate = NAME(sixth)(MINIMUM_D(SPREAD_D(6), raised));
      x[v] = function == LT_HARD_SIGMOID ? gate : MULTIPLY_D(x[v], gate);
    }
  }
  EACH NARROW(output + v * WIDTH_D, x[v]);
}

static inline __attribute__((always_inline)) void NAME(activate_all)(const lt_f32_activation *t, const int function) {
  const size_t step = GROUP * WIDTH_D;
  size_t i = 0;
  for (; i + step <= t->count; i += step) NAME(activate_group)(t->input + i, t->output + i, function);
  if (i < t->count) {
    float rest[GROUP * WIDTH_D] = {0};
    for (size_t j = i; j < t->count; j++) rest[j - i] = t->input[j];
    NAME(activate_group)(rest, rest, function);
    for (size_t j = i; j < t->count; j++) t->output[j] = rest[j - i];
  }
}

void NAME(activation)(const lt_f32_activation *t) {
  switch (t->function) {
    case LT_SIGMOID: NAME(activate_all)(t, LT_SIGMOID); break;
    case LT_SILU: NAME(activate_all)(t, LT_SILU); break;
    case LT_HARD_SIGMOID: NAME(activate_all)(t, LT_HARD_SIGMOID); break;
    case LT_HARD_SWISH: NAME(activate_all)(t, LT_HARD_SWISH); break;
    case LT_GELU: NAME(activate_all)(t, LT_GELU); break;
    case LT_TANH: NAME(activate_all)(t, LT_TANH); break;
  }
}

#endif
