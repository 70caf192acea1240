// Batch normalization with frozen statistics: an affine map for each channel.

import TapFormats
import TapTensors

/// `y[c] = (x[c] - mean[c]) / sqrt(variance[c] + epsilon) * gamma[c] + beta[c]`. Ioffe, Szegedy (2015).
package struct BatchNormalization: Sendable {
  package let scale: [Double]
  package let shift: [Double]

  package init(gamma: [Float], beta: [Float], mean: [Float], variance: [Float], epsilon: Double) {
    precondition(gamma.count == beta.count && mean.count == variance.count && gamma.count == mean.count)
    scale = gamma.indices.map { Double(gamma[$0]) / (Double(variance[$0]) + epsilon).squareRoot() }
    let scale = scale
    shift = gamma.indices.map { Double(beta[$0]) - Double(mean[$0]) * scale[$0] }
  }

  /// The map `y[c] = x[c] * scale[c] + shift[c]`.
  package init(scale: [Double], shift: [Double]) {
    precondition(scale.count == shift.count, "\(scale.count) scales and \(shift.count) shifts")
    self.scale = scale
    self.shift = shift
  }

  package var channels: Int { scale.count }

  /// The map that first applies this map and then `next`.
  func followed(by next: BatchNormalization) -> BatchNormalization {
    BatchNormalization(
      scale: zip(scale, next.scale).map { $0 * $1 },
      shift: shift.indices.map { shift[$0] * next.scale[$0] + next.shift[$0] })
  }

  /// The convolution that gives the same result as `convolution` followed by this map. The products are computed in
  /// double precision and rounded once.
  func folded(into convolution: Convolution) -> Convolution {
    var result = convolution
    var elements = convolution.weights.elements
    let perChannel = elements.count / convolution.outputChannels
    for channel in 0..<convolution.outputChannels {
      let factor = scale[channel]
      for index in channel * perChannel..<(channel + 1) * perChannel {
        elements[index] = Float(Double(elements[index]) * factor)
      }
    }
    result.weights = Tensor(shape: convolution.weights.shape, elements: elements)
    result.bias = (0..<channels).map { channel in
      Float(Double(convolution.bias?[channel] ?? 0) * scale[channel] + shift[channel])
    }
    return result
  }
}

extension BatchNormalization: DocumentedOperator {
  package static let documentKinds = ["batchNormalization"]

  package init(_ document: NodeReader) throws(GraphDocumentError) {
    func numbers(_ name: String) throws(GraphDocumentError) -> [Double] {
      let values = document[name]?.arrayValue ?? []
      let numbers = values.compactMap(\.doubleValue).filter(\.isFinite)
      guard !numbers.isEmpty, numbers.count == values.count else {
        throw document.error("'\(name)' must be a list of finite numbers")
      }
      return numbers
    }
    let (scale, shift) = (try numbers("scale"), try numbers("shift"))
    guard scale.count == shift.count else {
      throw document.error("\(scale.count) scales and \(shift.count) shifts")
    }
    self.init(scale: scale, shift: shift)
  }

  /// Writes the numbers in double precision, which JSON numbers keep exactly.
  package func write(to document: inout NodeWriter) {
    document["scale"] = .array(scale.map(JSONValue.number))
    document["shift"] = .array(shift.map(JSONValue.number))
  }

  package var isStorable: Bool { scale.allSatisfy(\.isFinite) && shift.allSatisfy(\.isFinite) }

  package var name: String { "batch normalization" }
  /// An affine map of each channel; its scale and its shift are weights.
  package var hashedText: String { "batch normalization" }
  package var tensors: [Tensor] {
    [Tensor(vector: scale.map(Float.init)), Tensor(vector: shift.map(Float.init))]
  }

  package func outputShape(_ operands: [Shape]) -> Shape? {
    guard let x = operands.single, [1, 3].contains(x.rank), x[0] == channels else { return nil }
    return x
  }

  package func layout(output: Shape) -> Layout? { .channelsLast }
  package func receptiveField(_ operands: OperandFields) -> ReceptiveField { operands.samePixel }

  package func step(_ context: StepContext) -> any Step {
    ElementwiseStep(.affine(scale: scale, shift: shift), context)
  }
}
