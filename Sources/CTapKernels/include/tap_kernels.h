// The microkernels and the one table through which they are reached.
//
// A kernel never allocates, never starts a thread, never chooses an instruction set and never knows
// a tensor: it computes one tile. Layout: activations are channels-last; a pixel is `channels`
// neighbouring floats.
//
// Numerics: every output is ONE chain of fused multiply-adds that starts at the bias and walks the
// kernel positions in order (row, column), within a position the channels in order; then the
// residual is added, then the value is clamped. Pixels outside the picture are multiplied as zeros.
// So every instruction set, and plain Swift with fused multiply-adds, gives the same bits.
#ifndef TAP_KERNELS_H
#define TAP_KERNELS_H

#include <stddef.h>

#include "tap_resample.h"
#include "tap_rows.h"
#include "tap_sha256.h"

#define LT_ASSUME_NONNULL_BEGIN _Pragma("clang assume_nonnull begin")
#define LT_ASSUME_NONNULL_END _Pragma("clang assume_nonnull end")

LT_ASSUME_NONNULL_BEGIN

// A tile of a dense convolution or a fully connected layer: `rows` outputs pixels times one panel of
// output channels. XNNPACK calls the form an indirect GEMM: the inputs are pointers, so that a k x k
// convolution needs no im2col copy.
typedef struct {
  size_t rows;       // output pixels, 1 ... the table's gemm_rows
  size_t columns;    // output channels of the panel, 1 ... 2 * vector_width
  size_t positions;  // kernel positions: kernel height * kernel width
  size_t channels;   // input channels at each position
  const float *_Nonnull const *_Nonnull inputs;  // [positions][rows], each to `channels` floats
  // bias[width], then [positions][channels][width], zeros beyond `columns`; the width is
  // 2 * vector_width, or vector_width when columns <= vector_width.
  const float *panel;
  float *output;         // [rows][columns], rows `output_stride` apart
  size_t output_stride;
  const float *_Nullable residual;  // like output, or NULL
  size_t residual_stride;
  float minimum, maximum;  // the clamp; infinities for none. A NaN stays a NaN.
} lt_f32_igemm_tile;

// The largest side of a depthwise kernel.
#define LT_DEPTHWISE_MAXIMUM_KERNEL 16

// A row of outputs of a depthwise convolution with a square kernel.
typedef struct {
  size_t outputs;           // output pixels of the row
  size_t channels;
  size_t kernel;            // the kernel's side, 1 ... LT_DEPTHWISE_MAXIMUM_KERNEL
  size_t stride;            // between the first input columns of neighbouring outputs
  ptrdiff_t first_column;   // the input column under the kernel's first for output 0; may be negative
  size_t columns;           // input columns of the picture
  const float *_Nonnull const *_Nonnull rows;  // [kernel]: input rows [columns][channels], zeros where outside
  const float *zeros;       // at least `channels` zeros, for columns outside
  const float *bias;        // [channels]
  const float *weights;     // [kernel * kernel][channels]
  float *output;            // [outputs][channels]
  float minimum, maximum;
} lt_f32_depthwise_row;

typedef struct {
  size_t vector_width;  // floats in a vector: a panel is twice as wide
  size_t gemm_rows;     // the rows of a full tile
  void (*f32_igemm)(const lt_f32_igemm_tile *tile);
  void (*f32_depthwise)(const lt_f32_depthwise_row *row);
} __attribute__((swift_attr("@Sendable"))) lt_kernel_table;

// Whether this machine runs the kernels of the x86-64-v3 (AVX2, FMA) and x86-64-v4 (AVX-512) level.
int lt_has_avx2(void);
int lt_has_avx512(void);

// Processors that this process may run on, at least 1.
int lt_available_processors(void);

// The tables; NULL where the kernels were not built (another architecture).
const lt_kernel_table *_Nullable lt_kernels_avx2(void);
const lt_kernel_table *_Nullable lt_kernels_avx512(void);

LT_ASSUME_NONNULL_END

#endif
