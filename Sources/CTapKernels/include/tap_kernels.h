// The microkernels, and the one table that gives access to them.
//
// A kernel never allocates, never starts a thread, never chooses an instruction set and never uses a tensor: it
// computes one tile. Layout: activations are channels-last; a pixel is `channels` neighboring floats.
//
// Numerics: every output is ONE chain of fused multiply-adds. It starts at the bias and takes the kernel positions in
// order (row, column), and within a position the channels in order; then the residual is added, then the value is
// clamped. Pixels outside the image are multiplied as zeros. So every instruction set, and plain Swift with fused
// multiply-adds, gives the same bits. Winograd's transforms are fixed sequences of the same operations on each channel,
// with such chains between them.
#ifndef TAP_KERNELS_H
#define TAP_KERNELS_H

#include <stddef.h>

#include "tap_resample.h"
#include "tap_rows.h"
#include "tap_sha256.h"

#define LT_ASSUME_NONNULL_BEGIN _Pragma("clang assume_nonnull begin")
#define LT_ASSUME_NONNULL_END _Pragma("clang assume_nonnull end")

LT_ASSUME_NONNULL_BEGIN

// A tile of a dense convolution or a fully connected layer: `rows` output pixels times one panel of output channels.
// XNNPACK calls the form an indirect GEMM: the inputs are pointers, so that a k x k convolution needs no im2col copy. A
// long chain may take several calls, each of which continues from the sums that the previous one left in `output`.
typedef struct {
  size_t rows;       // output pixels, 1 ... the table's gemm_rows, or gemm_wide_rows of a wide panel
  size_t columns;    // output channels of the panel, 1 ... 2 * vector_width, or the 4 * vector_width of a wide one
  size_t positions;  // kernel positions of this call
  size_t channels;   // input channels of this call at each position
  const float *_Nonnull const *_Nonnull inputs;  // [positions][rows]
  size_t first_channel;           // the floats used are inputs[p][r][first_channel ... + channels]
  const float *_Nullable bias;    // [width], or NULL: go on from `output`
  const float *weights;           // [positions][channels][width], zeros beyond `columns`; the width is
                                  // `columns` rounded up to whole vectors
  const float *ahead;    // the next data to read, prefetched into the second-level cache
  float *output;         // [rows][columns], rows `output_stride` apart
  size_t output_stride;
  int is_last;           // the chain ends with this call: residual and clamp follow
  const float *_Nullable residual;  // like output, or NULL
  size_t residual_stride;
  float minimum, maximum;  // the clamp; infinities for none. A NaN stays a NaN.
} lt_f32_igemm_tile;

// The largest side of a depthwise kernel.
#define LT_DEPTHWISE_MAXIMUM_KERNEL 16

// A row of outputs of a convolution with a square kernel and as many outputs as inputs, of each channel alone or of
// groups.
typedef struct {
  size_t outputs;           // output pixels of the row
  size_t channels;
  size_t group;             // channels that an output sees: 1 for f32_depthwise; for f32_grouped 4 or 8
  size_t kernel;            // the kernel's side, 1 ... LT_DEPTHWISE_MAXIMUM_KERNEL; 3 for groups
  size_t stride;            // between the first input columns of neighboring outputs; 1 or 2 for groups
  ptrdiff_t first_column;   // the input column under the kernel's first for output 0; may be negative
  size_t columns;           // input columns of the image
  const float *_Nonnull const *_Nonnull rows;  // [kernel]: input rows [columns][channels], zeros where outside
  const float *zeros;       // at least `channels` zeros, for columns outside
  const float *bias;        // [channels]
  const float *weights;     // [kernel * kernel][channels]; for each group [kernel * kernel][group][2 * vector_width]
                            // 2 * vector_width channels, the last ones perhaps fewer
  float *output;            // [outputs][channels]
  float minimum, maximum;
} lt_f32_depthwise_row;

// One output pixel of window pooling: the maximum (a NaN if there is one), or the sum over `divisor`.
typedef struct {
  size_t count;  // pixels under the window, at least 1
  size_t channels;
  const float *_Nonnull const *_Nonnull pixels;  // [count], each to `channels` floats
  float divisor;                                  // 0 for the maximum
  float *output;                                  // [channels]
} lt_f32_window;

// Functions of each element, in double and rounded once.
enum { LT_SIGMOID, LT_SILU, LT_HARD_SIGMOID, LT_HARD_SWISH, LT_GELU, LT_TANH };
typedef struct {
  int function;  // one of the above
  size_t count;
  const float *input;  // [count]
  float *output;       // [count]; may be `input`
} lt_f32_activation;

// Normalization of each pixel over its channels, in double and rounded once: sums in the order of the channels.
typedef struct {
  size_t pixels;
  size_t channels;
  const float *input;  // [pixels][channels]
  float *output;       // [pixels][channels], not `input`
  const float *gamma;  // [channels]
  const float *beta;   // [channels]
  double epsilon;
} lt_f32_layer_normalization;

// Winograd's convolution F(4 x 4, 3 x 3): Lavin and Gray, "Fast Algorithms for Convolutional Neural
// Networks" (2015), with the points 0, +-A, +-B and infinity. 3/4 and 3/2 are exact, and the error
// is about a quarter of that with the usual 1 and 2: Barabasz et al., "Error Analysis and Improving the Accuracy of
// Winograd Convolution for Deep Neural Networks" (2020).
#define LT_WINOGRAD_A 0.75f
#define LT_WINOGRAD_B 1.5f

// Transforms a tile of 6 x 6 pixels to its values at 6 x 6 points: B' d B, for each channel alone.
typedef struct {
  size_t channels;
  const float *_Nonnull const *_Nonnull pixels;  // [6][6], each to `channels` floats
  float *points;  // [6][6], `stride` apart, each `channels` floats
  size_t stride;
} lt_f32_winograd_input;

// Transforms the products' values at 6 x 6 points to 4 x 4 outputs: A' m A + bias, + residual, clamped.
typedef struct {
  size_t channels;
  const float *points;  // as above
  size_t stride;
  const float *bias;  // [channels]
  float *output;      // [rows][columns], of which `rows` x `columns` are in the image, 1 ... 4 each
  size_t rows, columns;
  size_t row_stride, column_stride;
  const float *_Nullable residual;  // or NULL
  size_t residual_row_stride, residual_column_stride;
  float minimum, maximum;
} lt_f32_winograd_output;

typedef struct {
  size_t vector_width;    // floats in a vector: a panel is two wide, or four
  size_t gemm_rows;       // the rows of a full tile
  size_t gemm_wide_rows;  // the rows of a full tile four vectors wide; 0 if there is none
  void (*f32_igemm)(const lt_f32_igemm_tile *tile);
  void (*f32_depthwise)(const lt_f32_depthwise_row *row);
  void (*f32_grouped)(const lt_f32_depthwise_row *row);
  void (*f32_window)(const lt_f32_window *window);
  void (*f32_activation)(const lt_f32_activation *activation);
  void (*f32_layer_normalization)(const lt_f32_layer_normalization *pixels);
  void (*f32_winograd_input)(const lt_f32_winograd_input *tile);
  void (*f32_winograd_output)(const lt_f32_winograd_output *tile);
} __attribute__((swift_attr("@Sendable"))) lt_kernel_table;

// Whether this machine runs the kernels of the x86-64-v3 (AVX2, FMA) and x86-64-v4 (AVX-512) level.
int lt_has_avx2(void);
int lt_has_avx512(void);

// The number of processors that this process may run on, at least 1: those of its affinity mask, limited by the control
// group mounted at /sys/fs/cgroup. That is a container's own; limits of groups below it, as systemd sets for a service,
// are not read.
int lt_available_processors(void);
// The number of processors that the control group mounted at `folder` allows, rounded up: `cpu.max` of version 2, or
// version 1's quota and period. 0 if there is no limit. https://docs.kernel.org/admin-guide/cgroup-v2.html
int lt_quota_processors(const char *folder);

// The tables; NULL if the kernels were not built (another architecture).
const lt_kernel_table *_Nullable lt_kernels_avx2(void);
const lt_kernel_table *_Nullable lt_kernels_avx512(void);

LT_ASSUME_NONNULL_END

#endif
