// The convolutions that are computed by another algorithm than the default. A choice changes the bytes of features,
// because the rounding differs. So the choice is part of the identity of features, and stores and models keep it.

import TapFormats

/// The algorithms of a convolution. Identities contain these names.
public enum ConvolutionAlgorithm: String, Sendable, CaseIterable {
  /// One chain of fused multiply-adds for each output, over the kernel's positions and the channels.
  case direct = "direct"
  /// The algorithm of ``direct`` for convolutions that filter each channel separately.
  case depthwise = "depthwise"
  /// Winograd's algorithm F(4 x 4, 3 x 3). It takes a quarter of the multiplications of ``direct``. Its rounding error
  /// is about three times the rounding error of ``direct``.
  case winograd = "winograd"
}

/// The convolutions whose algorithm differs from the program's default choice, each with its algorithm.
///
/// A convolution is identified by its geometry, such as `3x3 64-128 at 56x56`: kernel, input and output channels,
/// height and width of the output. `stride 2x2`, `dilation 2x2` and `groups 4` follow if they are not 1. The same
/// algorithm computes all convolutions of the same geometry, so a choice does not depend on taps.
///
/// Only deviations from the default are kept. Without deviations, features and identity are those of a network that was
/// never tuned.
public struct AlgorithmChoices: Hashable, Sendable {
  /// The algorithm for each geometry. An algorithm that cannot compute its convolution is ignored.
  public var algorithms: [String: ConvolutionAlgorithm]

  /// Creates choices. By default there are no choices.
  public init(_ algorithms: [String: ConvolutionAlgorithm] = [:]) {
    self.algorithms = algorithms
  }

  /// Whether every convolution uses the program's default choice.
  public var isEmpty: Bool { algorithms.isEmpty }

  /// The choices as text, for reports: `winograd for 3x3 16-16 at 56x56`.
  package var text: String {
    algorithms.sorted { $0.key < $1.key }.map { "\($0.value.rawValue) for \($0.key)" }.joined(separator: ", ")
  }

  /// A JSON object with a field for each geometry.
  package var json: JSONValue { .object(algorithms.mapValues { .string($0.rawValue) }) }

  /// - Throws: ``ProvenanceError`` if `json` is not an object whose values are names of algorithms.
  package init(json: JSONValue) throws(ProvenanceError) {
    guard let object = json.objectValue else {
      throw .value(field: "algorithms", found: json.canonical, expected: "an object")
    }
    let fields = Fields(json: json)
    self.init()
    for geometry in object.keys.sorted() {
      algorithms[geometry] = try fields.name(geometry, as: ConvolutionAlgorithm.self)
    }
  }
}
