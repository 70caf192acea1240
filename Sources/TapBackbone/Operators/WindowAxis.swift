// A sliding window along one axis, for convolutions and poolings.

/// The positions of a convolution's or a pooling's window along one axis.
package struct WindowAxis: Hashable, Sendable {
  /// The padding around the image. For a convolution its values are zeros; a pooling ignores the pixels outside the
  /// image.
  package enum Padding: Hashable, Sendable {
    case around(before: Int, after: Int)
    /// TensorFlow's "same": the output has `ceil(input / stride)` elements. If the number of padded pixels is odd, the
    /// additional pixel comes after the last pixel of the image.
    case same

    package static func symmetric(_ count: Int) -> Padding { .around(before: count, after: count) }
  }

  /// The number of elements of the window, at least 1.
  package var kernel: Int
  /// The distance between windows, at least 1.
  package var stride: Int
  /// The distance between elements of a window, at least 1.
  package var dilation: Int
  package var padding: Padding
  /// Whether the last window may end beyond the padding, as with PyTorch's `ceil_mode`. The window must start before
  /// the padding at the end.
  package var roundsUp: Bool

  package init(
    kernel: Int, stride: Int = 1, dilation: Int = 1, padding: Padding = .symmetric(0), roundsUp: Bool = false
  ) {
    precondition(
      kernel > 0 && stride > 0 && dilation > 0, "kernel \(kernel) stride \(stride) dilation \(dilation)")
    self.kernel = kernel
    self.stride = stride
    self.dilation = dilation
    self.padding = padding
    self.roundsUp = roundsUp
  }

  /// The number of pixels from the first element of a window to its last.
  private var reach: Int { dilation * (kernel - 1) + 1 }

  /// Two numbers for an axis of `input` pixels. `output` is the number of windows, 0 or less if no window fits.
  /// `before` is the number of pixels from the start of the first window to the first pixel.
  package func geometry(input: Int) -> (output: Int, before: Int) {
    switch padding {
    case .around(let before, let after):
      let room = input + before + after - reach
      guard room >= 0 else { return (0, before) }
      var output = room / stride + 1
      if roundsUp, room % stride != 0, output * stride < input + before { output += 1 }
      return (output, before)
    case .same:
      let output = (input + stride - 1) / stride
      return (output, max((output - 1) * stride + reach - input, 0) / 2)
    }
  }

  /// The number of pixels that a window covers in the image and its padding. PyTorch's average with `count_include_pad`
  /// counts the same pixels.
  func covered(window: Int, input: Int) -> Int {
    let (_, before) = geometry(input: input)
    var end = input
    if case .around(_, let after) = padding { end += after }
    let start = window * stride - before
    return max(min(start + reach, end) - start, 0)
  }
}
