// What a graph is, as two hashes that enter a store's identity: its structure and its weights.

import Synchronization
import TapFormats
import TapKernels
import TapTensors

extension Graph {
  /// SHA-256 of the weights and of the structure, in hexadecimal.
  ///
  /// Structure: a line per node, `output = operator attributes (inputs)`. Weights: for each node with
  /// weights in order, its output's name, the shape and the SHA-256 of the float32 values, a line
  /// each. Neither depends on the file that the weights came from.
  func hashes() -> (weights: String, graph: String) {
    let structure = nodes.map {
      "\($0.output) = \($0.operation.attributes) (\($0.inputs.joined(separator: ", ")))\n"
    }
    let tensors = nodes.flatMap { node in node.operation.tensors.map { ("\(node.output) \($0.shape)", $0) } }
    let digests = Mutex([String](repeating: "", count: tensors.count))
    Threads.concurrentForEach(count: tensors.count, threads: Threads.available) { index in
      let digest = Graph.digest(tensors[index].1.elements)
      digests.withLock { $0[index] = digest }
    }
    let weights = zip(tensors, digests.withLock { $0 }).map { "\($0.0) \($1)\n" }
    return (
      SHA256.hash(Array(weights.joined().utf8)).hex, SHA256.hash(Array(structure.joined().utf8)).hex
    )
  }

  /// SHA-256 of the values as little-endian float32.
  private static func digest(_ elements: [Float]) -> String {
    var hash = SHA256()
    unsafe elements.withUnsafeBytes { bytes in
      unsafe hash.update(Span(_unsafeElements: bytes.bindMemory(to: UInt8.self)))
    }
    return hash.finalize().hex
  }
}

extension Operator {
  fileprivate var attributes: String {
    switch self {
    case .convolution(let convolution):
      "\(name) \(WindowAxis.text(convolution.vertical, convolution.horizontal)) groups \(convolution.groups)"
    case .windowPooling(let pooling):
      "\(pooling.kind) \(pooling.vertical.kernel) x \(pooling.horizontal.kernel) "
        + WindowAxis.text(pooling.vertical, pooling.horizontal)
    case .reshape(let shape): "\(name) \(shape)"
    case .general(let operation): "\(name) \(operation.attributes)"
    case .adaptiveAveragePooling(let pooling): "\(name) \(pooling.height) x \(pooling.width)"
    case .layerNormalization(let normalization): "\(name) \(normalization.epsilon)"
    case .clamp(let clamp): "\(name) \(clamp.minimum) \(clamp.maximum)"
    default: name
    }
  }

  fileprivate var tensors: [Tensor] {
    func vector(_ elements: [Float]) -> Tensor { Tensor(shape: [elements.count], elements: elements) }
    return switch self {
    case .convolution(let convolution): [convolution.weights] + (convolution.bias.map { [vector($0)] } ?? [])
    case .fullyConnected(let layer): [layer.weights, vector(layer.bias)]
    case .batchNormalization(let normalization):
      [vector(normalization.scale.map(Float.init)), vector(normalization.shift.map(Float.init))]
    case .general(let operation): operation.constants
    case .layerNormalization(let normalization): [vector(normalization.gamma), vector(normalization.beta)]
    default: []
    }
  }
}

extension WindowAxis {
  /// `stride 2 padding symmetric(1)` where both axes and both ends are alike and nothing is unusual: stores of the first
  /// networks were named by it. Otherwise everything, axis by axis.
  fileprivate static func text(_ vertical: WindowAxis, _ horizontal: WindowAxis) -> String {
    var plain = horizontal
    plain.kernel = vertical.kernel
    if plain == vertical, vertical.dilation == 1, !vertical.roundsUp {
      switch vertical.padding {
      case .same: return "stride \(vertical.stride) padding same"
      case .around(let before, let after) where before == after:
        return "stride \(vertical.stride) padding symmetric(\(before))"
      default: break
      }
    }
    return "\(vertical.text) by \(horizontal.text)"
  }

  private var text: String {
    "stride \(stride) dilation \(dilation) padding \(padding)\(roundsUp ? " up" : "")"
  }
}
