// Compiles one file of kernels for every instruction set. A file of kernels, for example pooling.c, has this form:
//
//   #ifndef KERNEL_FILE
//   #define KERNEL_FILE "pooling.c"
//   #include "instruction_sets.h"
//   #else
//   ... the kernels ...
//   #endif
//
// The compiler begins with pooling.c. There KERNEL_FILE is not defined, so the compiler reads this header and skips the
// kernels. This header includes pooling.c again for each instruction set. Then KERNEL_FILE is defined, so the compiler
// reads the kernels. They consist of the following macros and functions, which each instruction set defines:
//
//   NAME(x)             the name of function or type x
//   T, VECTOR, WIDTH    the type of an element, float; WIDTH elements
//   TILE_ROWS           rows of a dense tile;  WIDE_ROWS: rows of a wide tile, 0 if there are no wide tiles
//   MASK, FIRST_LANES(n)        a mask of lanes; the mask of the first n lanes
//   LOAD(p, m), STORE(p, v, m)  the lanes of a mask; LOAD has zeros in other lanes; LOAD_ALL, STORE_ALL: all lanes
//   NAME(load), NAME(store)     all lanes if `full`, otherwise the lanes of a mask
//   LOAD_FLOATS(p)      WIDTH floats as a VECTOR
//   FMA(a, b, c)        a * b + c;  MULTIPLY, DIVIDE, ADD, SUBTRACT, MINIMUM, MAXIMUM of two vectors
//   FIRST_IF_NAN(x, y)  the lanes of x that are NaN, and the lanes of y elsewhere
//   SPREAD, ZERO, SUM   one element in all lanes; zeros; the sum of the lanes
//   SPREAD_GROUP(x, g, i)       lane i of each group of g neighboring lanes in all lanes of the group
//   FETCH(p)            prefetches a cache line that will be read soon
//   DOUBLES, WIDTH_D    WIDTH_D doubles, with the same operations under names that end in _D; NEGATE_D changes the sign
//   SQUARE_ROOT_D, LOAD_D(p), STORE_D(p, v)
//   NAME(transpose)(pixels, c, x)  x[i]: channel c + i of WIDTH_D pixels, a pixel in each lane
//   WIDEN(p), NARROW(p, v)      floats to doubles and back, rounded once
//   POWER_OF_2(v)       2 to the integer in the lowest bits of each double
//   UNROLL              makes the compiler unroll the loop that follows
//
// If a file defines ALSO_FOR_DOUBLE, doubles.h defines T and its operations anew, and the file is included again.
#include "kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

// The second instruction set defines the macros of the first one anew.
#pragma clang diagnostic ignored "-Wmacro-redefined"

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "avx2.h"
#include "load_store.h"
#include KERNEL_FILE
#ifdef ALSO_FOR_DOUBLE
#include "doubles.h"
#include KERNEL_FILE
#endif
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"))), apply_to = function)
#include "avx512.h"
#include "load_store.h"
#include KERNEL_FILE
#ifdef ALSO_FOR_DOUBLE
#include "doubles.h"
#include KERNEL_FILE
#endif
#pragma clang attribute pop

#endif
