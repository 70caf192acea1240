// The errors of building and tapping backbones.

import TapFormats
import TapProvenance
import TapTensors

/// The reason why a backbone cannot be built or tapped as requested.
public enum BackboneError: Error, Equatable, CustomStringConvertible {
  /// No tap or alias has this name.
  case unknownLayer(String, backbone: String, known: [String])
  /// A layer of a file's network that comes after an unsupported operator.
  case notComputed(String, reason: String)
  /// A value that is no image, so that the axes of its positions are unknown.
  case noPositions(String, shape: Shape, pooling: Pooling)
  /// A pooling with parameters that are not offered.
  case poolingNeedsParameters(String)
  /// An input size outside the allowed range.
  case sizeOutOfRange(Int, allowed: ClosedRange<Int>)
  /// The operands of a node do not fit together.
  case operandMismatch(node: String, operation: String, operands: [Shape])
  /// A file's network that cannot be read or that needs too much memory.
  case document(String)
  /// A network with numbers that no model file can store.
  case notEmbeddable(backbone: String, node: String)
  /// No layer was requested.
  case nothingToTap(backbone: String)

  /// The largest number of names in a message; an imported network can have hundreds of names.
  private static let listed = 60

  public var description: String {
    switch self {
    case .unknownLayer(let name, let backbone, let known):
      "\(backbone) has no layer '\(name)'"
        + (NearestName.nearest(to: name, in: known).map { ". Did you mean '\($0)'? Its" } ?? "; its")
        + " layers are \(known.prefix(Self.listed).joined(separator: ", "))"
        + (known.count > Self.listed ? " and \(known.count - Self.listed) more" : "")
        + " ('layertap layers' with the backbone's name or file lists them)"
    case .notComputed(let name, let reason):
      "the layer '\(name)' cannot be computed: \(reason). Layers before that node can be tapped"
    case .noPositions(let name, let shape, let pooling):
      "the layer '\(name)' has the shape \(shape) and is no image: nothing says which axis pooling '\(pooling.name)' should go "
        + "over. Pooling 'flatten' takes all \(shape.elementCount) numbers; or tap another layer"
    case .poolingNeedsParameters(let parameters):
      "pooling 'gem' is offered with p = 3 only, not \(parameters)"
    case .sizeOutOfRange(let size, let allowed):
      "an input of \(size) x \(size) pixels is out of range; the size may be \(allowed.lowerBound) to "
        + "\(allowed.upperBound)"
    case .operandMismatch(let node, let operation, let operands):
      "\(node): \(operation) cannot take inputs of shape "
        + operands.map(\.description).joined(separator: " and ")
    case .document(let problem): "the network in the file cannot be read: \(problem)"
    case .notEmbeddable(let backbone, let node):
      "\(backbone) cannot be embedded in a model: the numbers of its node '\(node)' are not all finite. Keep the file that it "
        + "comes from beside the model and name it with --backbone"
    case .nothingToTap(let backbone): "no layer of \(backbone) was asked for; name at least one"
    }
  }
}
