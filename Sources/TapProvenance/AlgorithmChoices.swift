// The convolutions computed by another algorithm than the default. A choice changes bytes, by rounding, so it is part
// of the identity of features and is kept in stores and models.

import TapFormats

/// The algorithms of a convolution. The names are part of identities.
public enum ConvolutionAlgorithm: String, Sendable, CaseIterable {
  /// One chain of fused multiply-adds for each output, over the kernel's positions and the channels.
  case direct = "direct"
  /// The same for convolutions of each channel alone.
  case depthwise = "depthwise"
  /// F(4 x 4, 3 x 3): a quarter of the multiplications, with about three times the rounding error.
  case winograd = "winograd"
}

/// Convolutions whose algorithm differs from the program's own choice.
///
/// A convolution is identified by its geometry, `3x3 64-128 at 56x56`: kernel, input and output channels, height and
/// width of the output, and `stride 2x2`, `dilation 2x2`, `groups 4` if they are not 1. Convolutions of the same
/// geometry are computed by the same algorithm, so that a choice does not depend on taps.
///
/// Only deviations are kept: with none, features and identity are those of a network that was never tuned.
public struct AlgorithmChoices: Hashable, Sendable {
  /// The algorithm by the convolution's geometry. One that cannot compute its convolution is ignored.
  public var algorithms: [String: ConvolutionAlgorithm]

  /// These choices; none by default.
  public init(_ algorithms: [String: ConvolutionAlgorithm] = [:]) {
    self.algorithms = algorithms
  }

  /// Whether every convolution uses the program's own choice.
  public var isEmpty: Bool { algorithms.isEmpty }

  /// As text, for reports: `winograd for 3x3 16-16 at 56x56`.
  package var text: String {
    algorithms.sorted { $0.key < $1.key }.map { "\($0.value.rawValue) for \($0.key)" }.joined(separator: ", ")
  }

  /// An object with a field for each geometry.
  package var json: JSONValue { .object(algorithms.mapValues { .string($0.rawValue) }) }

  /// - Throws: ``ProvenanceError`` for anything but an object of names of algorithms.
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
