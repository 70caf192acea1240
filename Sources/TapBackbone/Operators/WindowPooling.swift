// Pooling over windows.

import TapTensors

/// The largest or the mean value of each channel under a window; pixels outside the image are ignored.
///
/// A maximum is NaN if a value under its window is NaN.
package struct WindowPooling: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    case maximum
    /// The mean is the sum divided by a number of pixels of the window. If `countsPadding` is true, these are the
    /// pixels within the padded image; otherwise they are the pixels within the image.
    case average(countsPadding: Bool)
  }

  package let kind: Kind
  package let vertical: WindowAxis
  package let horizontal: WindowAxis

  package init(_ kind: Kind, vertical: WindowAxis, horizontal: WindowAxis) {
    self.kind = kind
    self.vertical = vertical
    self.horizontal = horizontal
  }

  /// A pooling with a square window.
  package init(_ kind: Kind, _ axis: WindowAxis) { self.init(kind, vertical: axis, horizontal: axis) }

  func outputShape(_ input: Shape) -> Shape? {
    let height = vertical.geometry(input: input[1]).output
    let width = horizontal.geometry(input: input[2]).output
    return height > 0 && width > 0 ? [input[0], height, width] : nil
  }
}

/// The mean of each channel over `height` x `width` regions that divide the image as evenly as possible. Region i of n
/// covers pixels `floor(i size / n)` to `ceil((i + 1) size / n)`, as in PyTorch's `adaptive_avg_pool2d`.
package struct AdaptiveAveragePooling: Hashable, Sendable {
  package let height: Int
  package let width: Int

  package init(height: Int, width: Int) {
    precondition(height > 0 && width > 0, "\(height) x \(width) regions")
    self.height = height
    self.width = width
  }

  static func region(_ index: Int, of count: Int, size: Int) -> Range<Int> {
    index * size / count..<((index + 1) * size + count - 1) / count
  }
}
