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

extension Shape {
  /// The extents as text: `[64, 3, 7, 7]`, or `[]` for a scalar.
  var hashedText: String { "[" + extents.map { String($0) }.joined(separator: ", ") + "]" }
}
