// Two hashes of a graph that are part of a store's identity: the hash of its structure and the hash of its weights.
//
// All hashed bytes come from literal strings and functions of this program, never from texts that Swift prints or that
// a message shows. The hash names a store. If one word of the hashed text changes, all users must compute their
// features again. Tests/Reference/identities.json contains the expected hashes, and Scripts/mutate-identity checks that
// a test detects a change of any word.

import Synchronization
import TapFormats
import TapKernels
import TapTensors

extension Graph {
  /// The SHA-256 of the weights and the SHA-256 of the structure, in hexadecimal.
  ///
  /// The structure is hashed as one line for each node: `output = operator attributes (inputs)`. The weights are hashed
  /// as lines too: for each node with weights, in order, the name of its output, then the shape and the SHA-256 of the
  /// float32 values of each tensor. Neither hash depends on the file that the weights came from.
  func hashes() -> (weights: String, graph: String) {
    let structure = nodes.map {
      $0.output + " = " + $0.operation.hashedText + " (" + $0.inputs.joined(separator: ", ") + ")\n"
    }
    let tensors = nodes.flatMap { node in
      node.operation.tensors.map { (node.output + " " + $0.shape.hashedText, $0) }
    }
    let digests = Mutex([String](repeating: "", count: tensors.count))
    Threads.concurrentForEach(count: tensors.count, threads: Threads.available) { index in
      let digest = Graph.digest(tensors[index].1.elements)
      digests.withLock { $0[index] = digest }
    }
    let weights = zip(tensors, digests.withLock { $0 }).map { $0.0 + " " + $1 + "\n" }
    return (
      SHA256.hash(Array(weights.joined().utf8)).hex, SHA256.hash(Array(structure.joined().utf8)).hex
    )
  }

  /// The SHA-256 of the values as little-endian float32.
  private static func digest(_ elements: [Float]) -> String {
    var hash = SHA256()
    unsafe elements.withUnsafeBytes { bytes in
      unsafe hash.update(Span(_unsafeElements: bytes.bindMemory(to: UInt8.self)))
    }
    return hash.finalize().hex
  }
}

extension Operator {
  /// The operator, and everything except inputs and weights that its result depends on.
  fileprivate var hashedText: String {
    switch self {
    case .convolution(let convolution):
      "convolution " + WindowAxis.hashedText(convolution.vertical, convolution.horizontal) + " groups "
        + String(convolution.groups)
    // An affine map of each channel; its scale and its shift are weights.
    case .batchNormalization: "batch normalization"
    case .clamp(let clamp):
      "clamp " + ShortestDecimal.text(clamp.minimum) + " " + ShortestDecimal.text(clamp.maximum)
    case .activation(let activation): activation.hashedText
    case .add: "add"
    case .multiply: "multiply"
    case .concatenate: "concatenate"
    case .windowPooling(let pooling):
      pooling.kind.hashedText + " " + String(pooling.vertical.kernel) + " x "
        + String(pooling.horizontal.kernel) + " "
        + WindowAxis.hashedText(pooling.vertical, pooling.horizontal)
    case .adaptiveAveragePooling(let pooling):
      "adaptive average pool " + String(pooling.height) + " x " + String(pooling.width)
    case .globalAveragePool: "global average pool"
    case .layerNormalization(let normalization):
      "layer normalization " + ShortestDecimal.text(normalization.epsilon)
    case .flatten: "flatten"
    case .fullyConnected: "fully connected"
    case .reshape(let shape): "reshape " + shape.hashedText
    case .imported(let operation): operation.name + " " + operation.attributes
    case .softmax: "softmax"
    // Lowering adds this operator; no architecture defines it.
    case .layoutConversion: "layout conversion"
    }
  }

  /// The trained tensors, in the order in which they are hashed.
  fileprivate var tensors: [Tensor] {
    func vector(_ elements: [Float]) -> Tensor { Tensor(shape: [elements.count], elements: elements) }
    return switch self {
    case .convolution(let convolution): [convolution.weights] + (convolution.bias.map { [vector($0)] } ?? [])
    case .fullyConnected(let layer): [layer.weights, vector(layer.bias)]
    case .batchNormalization(let normalization):
      [vector(normalization.scale.map(Float.init)), vector(normalization.shift.map(Float.init))]
    case .imported(let operation): operation.constants
    case .layerNormalization(let normalization): [vector(normalization.gamma), vector(normalization.beta)]
    case .clamp, .activation, .add, .multiply, .concatenate, .windowPooling, .adaptiveAveragePooling,
      .globalAveragePool, .flatten, .reshape, .softmax, .layoutConversion:
      []
    }
  }
}

extension Activation {
  fileprivate var hashedText: String {
    switch self {
    case .sigmoid: "sigmoid"
    case .silu: "silu"
    case .hardSigmoid: "hardSigmoid"
    case .hardSwish: "hardSwish"
    case .gelu: "gelu"
    case .tanh: "tanh"
    }
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

extension WindowAxis {
  /// A short text, such as `stride 2 padding symmetric(1)`, for usual windows: both axes are equal, both ends are
  /// padded equally, the dilation is 1, and the output size is rounded down. The first networks' stores have this text
  /// in their identities. Otherwise the text names all attributes of each axis.
  fileprivate static func hashedText(_ vertical: WindowAxis, _ horizontal: WindowAxis) -> String {
    var plain = horizontal
    plain.kernel = vertical.kernel
    if plain == vertical, vertical.dilation == 1, !vertical.roundsUp, let padding = vertical.padding.plainText {
      return "stride " + String(vertical.stride) + " padding " + padding
    }
    return vertical.hashedText + " by " + horizontal.hashedText
  }

  private var hashedText: String {
    "stride " + String(stride) + " dilation " + String(dilation) + " padding " + padding.hashedText
      + (roundsUp ? " up" : "")
  }
}

extension WindowAxis.Padding {
  /// The text of a padding with equal ends; nil for any other padding.
  fileprivate var plainText: String? {
    switch self {
    case .same: "same"
    case .around(let before, let after): before == after ? "symmetric(" + String(before) + ")" : nil
    }
  }

  fileprivate var hashedText: String {
    switch self {
    case .same: "same"
    case .around(let before, let after):
      "around(before: " + String(before) + ", after: " + String(after) + ")"
    }
  }
}

extension Shape {
  /// The extents as text: `[64, 3, 7, 7]`, or `[]` for a scalar.
  fileprivate var hashedText: String { "[" + extents.map { String($0) }.joined(separator: ", ") + "]" }
}
