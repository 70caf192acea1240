// Gives an architecture its parameters by name and shape. The reader collects the problems, so that one error names all
// missing parameters.

import TapBackbone
import TapTensors

struct ParameterReader {
  enum Source {
    case trained(StateDictionary)
    case seeded(SeededParameters)
    /// Only the shapes of parameters: weights take no memory, and vectors contain zeros.
    case outline
  }

  private let architecture: String
  private let source: Source
  /// The names and shapes of parameters, in the order in which they were requested.
  private(set) var requested: [(name: String, shape: Shape)] = []
  private var missing: [String] = []
  private var defect: ArchitectureError?

  init(architecture: String, source: Source) {
    self.architecture = architecture
    self.source = source
  }

  /// Whether the weights come from a file.
  var isTrained: Bool { if case .trained = source { true } else { false } }

  /// Whether a parameter is available. Without a file, every parameter is available.
  func has(_ name: String) -> Bool {
    if case .trained(let weights) = source { weights[name] != nil } else { true }
  }

  /// The extents of a parameter in the file; nil without a file or without this parameter.
  func extents(_ name: String) -> [Int]? {
    if case .trained(let weights) = source { weights[name]?.shape.extents } else { nil }
  }

  /// The parameter `name`. If the parameter has a defect, the values are zeros, and `finish` throws.
  ///
  /// - Parameter initialization: the distribution of the values in a random network.
  mutating func tensor(_ name: String, _ shape: Shape, _ initialization: SeededParameters.Initialization)
    -> Tensor
  {
    requested.append((name, shape))
    switch source {
    case .seeded(let parameters): return parameters.tensor(name, shape, initialization)
    case .outline: return Tensor(withoutElements: shape)
    case .trained(let weights):
      guard let tensor = weights[name] else {
        missing.append(name)
        return Tensor(shape: shape, elements: [Float](repeating: 0, count: shape.elementCount))
      }
      if tensor.shape.holdsTheSame(as: shape) {
        if defect == nil, let index = Self.firstNonFinite(tensor.elements) {
          defect = .notFinite(tensor: name, index: index)
        }
        return tensor.reshaped(to: shape)
      }
      defect =
        defect
        ?? .wrongShape(tensor: name, expected: shape, found: tensor.shape, architecture: architecture)
      return Tensor(shape: shape, elements: [Float](repeating: 0, count: shape.elementCount))
    }
  }

  /// The index of the first element that is infinite or NaN.
  private static func firstNonFinite(_ elements: [Float]) -> Int? {
    // The loop has no early exit, so that the compiler can vectorize it.
    var largest: UInt32 = 0
    for element in elements { largest = max(largest, element.bitPattern & 0x7FFF_FFFF) }
    return largest < Float.infinity.bitPattern ? nil : elements.firstIndex { !$0.isFinite }
  }

  mutating func vector(_ name: String, _ count: Int, _ initialization: SeededParameters.Initialization)
    -> [Float]
  {
    elements(name, [count], initialization)
  }

  /// The elements of a small parameter.
  mutating func elements(
    _ name: String, _ shape: Shape, _ initialization: SeededParameters.Initialization
  ) -> [Float] {
    let tensor = tensor(name, shape, initialization)
    if case .outline = source { return [Float](repeating: 0, count: shape.elementCount) }
    return tensor.elements
  }

  /// A batch normalization for inference. Its tensors have PyTorch's names below `prefix`.
  mutating func batchNormalization(_ prefix: String, channels: Int, epsilon: Double) -> BatchNormalization {
    BatchNormalization(
      gamma: vector("\(prefix).weight", channels, .constant(1)),
      beta: vector("\(prefix).bias", channels, .constant(0)),
      mean: vector("\(prefix).running_mean", channels, .constant(0)),
      variance: vector("\(prefix).running_var", channels, .constant(1)), epsilon: epsilon)
  }

  /// - Throws: the problems with the requested parameters.
  func finish() throws(ArchitectureError) {
    if !missing.isEmpty, case .trained(let weights) = source {
      throw .missingTensors(missing, architecture: architecture, found: weights.tensors.count)
    }
    if let defect { throw defect }
  }
}

extension Shape {
  /// Whether two shapes have the same elements in the same order. A layer of one pixel may be stored as a convolution
  /// or as a matrix. A vector may be stored with more axes of extent 1.
  func holdsTheSame(as other: Shape) -> Bool {
    self == other || (elementCount == other.elementCount && extents.first == other.extents.first)
  }
}
