// Pooling over a fixed number of regions.

import TapTensors

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

  package static func region(_ index: Int, of count: Int, size: Int) -> Range<Int> {
    index * size / count..<((index + 1) * size + count - 1) / count
  }
}

extension AdaptiveAveragePooling: DocumentedOperator {
  package static let documentKinds = ["adaptiveAveragePool"]

  package init(_ document: NodeReader) throws(GraphDocumentError) {
    self.init(
      height: try document.integer("height", 1...Backbone.sizes.upperBound),
      width: try document.integer("width", 1...Backbone.sizes.upperBound))
  }

  package func write(to document: inout NodeWriter) {
    document["height"] = .integer(height)
    document["width"] = .integer(width)
  }

  package var name: String { "adaptive average pool" }
  package var hashedText: String { "adaptive average pool " + String(height) + " x " + String(width) }

  package func outputShape(_ operands: [Shape]) -> Shape? {
    operands.single.flatMap { $0.rank == 3 ? [$0[0], height, width] : nil }
  }

  package func layout(output: Shape) -> Layout? { .channelsLast }
  package func receptiveField(_ operands: OperandFields) -> ReceptiveField { operands.wholeImage }

  package func step(_ context: StepContext) -> any Step {
    AdaptiveAverageStep(
      input: context.input.place, output: context.output.place, from: context.from, to: context.to)
  }
}
