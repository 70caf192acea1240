// Pooling over windows.

import TapFormats
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
}

extension WindowPooling: DocumentedOperator {
  package static let documentKinds = ["maxPool", "averagePool"]

  package var documentKind: String { kind == .maximum ? "maxPool" : "averagePool" }

  package init(_ document: NodeReader) throws(GraphDocumentError) {
    var kind = Kind.maximum
    if document.kind == "averagePool" {
      guard case .bool(let countsPadding)? = document["countsPadding"] else {
        throw document.error("'countsPadding' must be true or false")
      }
      kind = .average(countsPadding: countsPadding)
    }
    self.init(kind, vertical: try document.axis("vertical"), horizontal: try document.axis("horizontal"))
  }

  package func write(to document: inout NodeWriter) {
    if case .average(let countsPadding) = kind { document["countsPadding"] = .bool(countsPadding) }
    document["vertical"] = vertical.document
    document["horizontal"] = horizontal.document
  }

  package var name: String { kind == .maximum ? "max pool" : "average pool" }

  package var hashedText: String {
    kind.hashedText + " " + String(vertical.kernel) + " x " + String(horizontal.kernel) + " "
      + WindowAxis.hashedText(vertical, horizontal)
  }

  package func outputShape(_ operands: [Shape]) -> Shape? {
    guard let input = operands.single, input.rank == 3 else { return nil }
    let height = vertical.geometry(input: input[1]).output
    let width = horizontal.geometry(input: input[2]).output
    return height > 0 && width > 0 ? [input[0], height, width] : nil
  }

  package func layout(output: Shape) -> Layout? { .channelsLast }

  package func receptiveField(_ operands: OperandFields) -> ReceptiveField {
    operands.window(vertical, horizontal)
  }

  package func step(_ context: StepContext) -> any Step {
    WindowPoolingStep(
      pooling: self, input: context.input.place, output: context.output.place, from: context.from,
      to: context.to)
  }
}

extension WindowPooling.Kind {
  fileprivate var hashedText: String {
    switch self {
    case .maximum: "maximum"
    case .average(countsPadding: true): "average(countsPadding: true)"
    case .average(countsPadding: false): "average(countsPadding: false)"
    }
  }
}
