// The microkernels, and the table through which they are called.
//
// A kernel computes one tile. It never allocates memory, starts a thread, chooses an instruction set or uses a tensor.
// Activations are channels-last: a pixel is `channels` neighboring floats.
//
// Numerics: every output is ONE chain of fused multiply-adds. The chain starts at the bias and takes the kernel
// positions in order (row, column), and at each position the channels in order. Then the residual is added, and the sum
// is clamped. Pixels outside the image are multiplied as zeros. So every instruction set, and plain Swift with fused
// multiply-adds, gives the same bits. Winograd's algorithm has such a chain at each point; its transforms are fixed
// sequences of the same operations on each channel.
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
// XNNPACK calls this form an indirect GEMM. The inputs are pointers, so that a k x k convolution needs no im2col copy.
// A long chain may take several calls. Each call continues from the sums that the previous call left in `output`.
typedef struct {
  size_t rows;       // the number of output pixels: 1 ... gemm_rows of the table, or gemm_wide_rows for a wide panel
  size_t columns;    // the output channels of the panel: 1 ... 2 * vector_width; 4 * vector_width for a wide panel
  size_t panels;     // the number of neighboring panels that the call computes; more than 1 only for full panels
  size_t panel_stride;  // the number of floats from bias, weights and `ahead` of a panel to those of the next panel
  size_t positions;  // the number of kernel positions of this call
  size_t channels;   // the number of input channels of this call at each position
  const float *_Nonnull const *_Nonnull inputs;  // [positions][rows]
  size_t first_channel;           // the call reads inputs[p][r][first_channel ... first_channel + channels - 1]
  const float *_Nullable bias;    // [width], or NULL to continue from the sums in `output`
  const float *weights;           // [positions][channels][width], zeros beyond `columns`; the width is
                                  // `columns` rounded up to whole vectors
  const float *ahead;    // the data that is read next; it is prefetched into the second-level cache
  float *output;         // [rows][columns], with rows that are `output_stride` apart
  size_t output_stride;
  int is_last;           // whether the chain ends with this call: the residual and the clamp follow
  const float *_Nullable residual;  // in the layout of `output`; or NULL
  size_t residual_stride;
  float minimum, maximum;  // the limits of the clamp; infinities for no clamp. A NaN stays a NaN.
} lt_f32_igemm_tile;

// The largest side of a depthwise kernel.
#define LT_DEPTHWISE_MAXIMUM_KERNEL 16

// A row of outputs of a convolution with a square kernel and as many outputs as inputs. It is a depthwise convolution,
// or one with small groups of channels.
typedef struct {
  size_t outputs;           // the number of output pixels of the row
  size_t channels;
  size_t group;             // the number of channels that an output sees: 1 for f32_depthwise, 4 or 8 for f32_grouped
  size_t kernel;            // the side of the kernel: 1 ... LT_DEPTHWISE_MAXIMUM_KERNEL; 3 for f32_grouped
  size_t stride;            // from one output's first input column to the next output's; 1 or 2 for f32_grouped
  ptrdiff_t first_column;   // the input column of output 0 under the kernel's first column; may be negative
  size_t columns;           // the number of input columns of the image
  const float *_Nonnull const *_Nonnull rows;  // [kernel]: rows of [columns][channels]; zeros outside the image
  const float *zeros;       // at least `channels` zeros, for columns outside the image
  const float *bias;        // [channels]
  const float *weights;     // [kernel * kernel][channels]; for each group [kernel * kernel][group][2 * vector_width]
                            // 2 * vector_width channels, the last ones perhaps fewer
  float *output;            // [outputs][channels]
  float minimum, maximum;
} lt_f32_depthwise_row;

// Neighboring output pixels of window pooling. Each is the maximum of the pixels under its window, or their sum divided
// by `divisor`. The maximum is NaN if one of the values is NaN.
typedef struct {
  size_t outputs;  // the number of output pixels
  size_t step;     // the number of floats from the pixels of one window to those of the next
  size_t count;    // the number of pixels under a window, at least 1
  size_t channels;
  const float *_Nonnull const *_Nonnull pixels;  // [count]: addresses of `channels` floats, for the first window
  float divisor;                                  // 0 for the maximum
  float *output;                                  // [outputs][channels]
} lt_f32_window;

// Functions that are applied to each element. They are computed in double precision and rounded once.
enum { LT_SIGMOID, LT_SILU, LT_HARD_SIGMOID, LT_HARD_SWISH, LT_GELU, LT_TANH };
typedef struct {
  int function;  // LT_SIGMOID ... LT_TANH
  size_t count;
  const float *input;  // [count]
  float *output;       // [count]; may be the same memory as `input`
} lt_f32_activation;

// Normalization of each pixel over its channels, computed in double precision and rounded once. Sums are in the order
// of the channels.
typedef struct {
  size_t pixels;
  size_t channels;
  const float *input;  // [pixels][channels]
  float *output;       // [pixels][channels]; must not be the same memory as `input`
  const float *gamma;  // [channels]
  const float *beta;   // [channels]
  double epsilon;
} lt_f32_layer_normalization;

// Winograd's convolution F(4 x 4, 3 x 3) with the points 0, +-A, +-B and infinity: Lavin and Gray, "Fast Algorithms for
// Convolutional Neural Networks" (2015). The numbers 3/4 and 3/2 are exact in binary. The error is about a quarter of
// the error with the usual points 1 and 2: Barabasz et al., "Error Analysis and Improving the Accuracy of Winograd
// Convolution for Deep Neural Networks" (2020).
#define LT_WINOGRAD_A 0.75f
#define LT_WINOGRAD_B 1.5f

// Transforms a tile of 6 x 6 pixels to its values at 6 x 6 points. It computes B' d B for each channel.
typedef struct {
  size_t channels;
  const float *_Nonnull const *_Nonnull pixels;  // [6][6]: addresses of `channels` floats
  float *points;  // [6][6] vectors of `channels` floats, `stride` floats apart
  size_t stride;
} lt_f32_winograd_input;

// Transforms the products at 6 x 6 points to 4 x 4 outputs: A' m A + bias, plus the residual, clamped.
typedef struct {
  size_t channels;
  const float *points;  // as in lt_f32_winograd_input
  size_t stride;
  const float *bias;  // [channels]
  float *output;      // [rows][columns], of which `rows` x `columns` are in the image, 1 ... 4 each
  size_t rows, columns;
  size_t row_stride, column_stride;
  const float *_Nullable residual;  // or NULL
  size_t residual_row_stride, residual_column_stride;
  float minimum, maximum;
} lt_f32_winograd_output;

// The list of kernels: the name of each kernel and the struct of its operands. A line of this list makes the kernel's
// field in the table below, and declares the kernel's function for each instruction set.
#define LT_F32_KERNELS(KERNEL)                            \
  KERNEL(igemm, lt_f32_igemm_tile)                        \
  KERNEL(depthwise, lt_f32_depthwise_row)                 \
  KERNEL(grouped, lt_f32_depthwise_row)                   \
  KERNEL(window, lt_f32_window)                           \
  KERNEL(activation, lt_f32_activation)                   \
  KERNEL(layer_normalization, lt_f32_layer_normalization) \
  KERNEL(winograd_input, lt_f32_winograd_input)           \
  KERNEL(winograd_output, lt_f32_winograd_output)

#define LT_FIELD(name, operands) void (*f32_##name)(const operands *call);
typedef struct {
  size_t vector_width;    // the number of floats in a vector; a panel has two vectors, or four if it is wide
  size_t gemm_rows;       // the number of rows of a full tile
  size_t gemm_wide_rows;  // the number of rows of a full wide tile; 0 if there are no wide tiles
  LT_F32_KERNELS(LT_FIELD)
} __attribute__((swift_attr("@Sendable"))) lt_kernel_table;
#undef LT_FIELD

// Whether this machine can run the kernels of x86-64-v3 (AVX2, FMA) and of x86-64-v4 (AVX-512).
int lt_has_avx2(void);
int lt_has_avx512(void);

// The number of processors that this process may use, at least 1. It is limited by the affinity mask of the process and
// by the control group that is mounted at /sys/fs/cgroup. In a container, this is the container's own group. The limits
// of groups below this group, such as those that systemd sets for a service, are not read.
int lt_available_processors(void);

// Begins to count forks. Called once, before the first thread of a pool starts.
void lt_watch_forks(void);

// The number of forks between this process and the process that called lt_watch_forks; 0 in that process itself.
int lt_forks(void);
// The number of processors that the control group mounted at `folder` allows, rounded up; 0 if there is no limit. It is
// read from `cpu.max` (version 2) or from the quota and the period (version 1).
// https://docs.kernel.org/admin-guide/cgroup-v2.html
int lt_quota_processors(const char *folder);

// The tables of kernels; NULL if the kernels were not built, because the machine has another architecture.
const lt_kernel_table *_Nullable lt_kernels_avx2(void);
const lt_kernel_table *_Nullable lt_kernels_avx512(void);

LT_ASSUME_NONNULL_END

#endif
