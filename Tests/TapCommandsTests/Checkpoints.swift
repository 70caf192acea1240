import FoundationEssentials
import TapCheckpoints
import TapFormats

/// Checkpoints and matrices that tests make.
enum Checkpoints {
  typealias Tensors = [String: (shape: [Int], elements: [Float])]

  static func read(_ path: String) throws -> Tensors {
    try Checkpoint.load(path).tensors.mapValues { ($0.shape.extents, $0.elements) }
  }

  static func write(_ tensors: Tensors, to path: String) throws {
    let encoded = Safetensors.encode(
      tensors.map { Safetensors.Tensor(name: $0, shape: $1.shape, elements: $1.elements) })
    try Data(encoded).write(to: URL(filePath: path))
  }

  static func writeMatrix(_ elements: [Float], columns: Int, to path: String) throws {
    let encoded = NPY.encode(elements, shape: [elements.count / columns, columns])
    try Data(encoded).write(to: URL(filePath: path))
  }
}
