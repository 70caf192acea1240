// The activations that are not clamps.

import CTapKernels
import TapTensors

/// A function that is applied to each element; a NaN stays a NaN. Documents in files use the names of the cases.
package enum Activation: String, Hashable, Sendable, CaseIterable {
  /// `1 / (1 + exp(-x))`.
  case sigmoid = "sigmoid"
  /// `x sigmoid(x)`, also called swish. Elfwing, Uchibe, Doya (2018); Ramachandran, Zoph, Le (2017).
  case silu = "silu"
  /// `min(max(x + 3, 0), 6) / 6`. Howard et al., "Searching for MobileNetV3" (2019).
  case hardSigmoid = "hardSigmoid"
  /// `x hardSigmoid(x)`.
  case hardSwish = "hardSwish"
  /// `x Φ(x)`, with Φ the cumulative distribution function of the normal distribution. Hendrycks, Gimpel (2016).
  case gelu = "gelu"
  case tanh = "tanh"

  /// The kernel's number for this function.
  var function: Int32 {
    switch self {
    case .sigmoid: Int32(LT_SIGMOID)
    case .silu: Int32(LT_SILU)
    case .hardSigmoid: Int32(LT_HARD_SIGMOID)
    case .hardSwish: Int32(LT_HARD_SWISH)
    case .gelu: Int32(LT_GELU)
    case .tanh: Int32(LT_TANH)
    }
  }
}

extension Activation: DocumentedOperator {
  package static var documentKinds: [String] { allCases.map(\.rawValue) }
  package var documentKind: String { rawValue }

  package init(_ document: NodeReader) throws(GraphDocumentError) {
    guard let activation = Activation(rawValue: document.kind) else {
      throw document.error("the activation '\(document.kind)' is unknown")
    }
    self = activation
  }

  package var name: String { rawValue }

  package var hashedText: String {
    switch self {
    case .sigmoid: "sigmoid"
    case .silu: "silu"
    case .hardSigmoid: "hardSigmoid"
    case .hardSwish: "hardSwish"
    case .gelu: "gelu"
    case .tanh: "tanh"
    }
  }

  package func outputShape(_ operands: [Shape]) -> Shape? { operands.single }
  package func layout(output: Shape) -> Layout? { nil }
  package func receptiveField(_ operands: OperandFields) -> ReceptiveField { operands.samePixel }
  package func step(_ context: StepContext) -> any Step { ElementwiseStep(.activation(self), context) }
}
