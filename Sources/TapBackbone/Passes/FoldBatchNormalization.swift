// Folds a batch normalization into the convolution before it.

extension Graph {
  /// Merges each convolution with the batch normalization after it, if no other node reads the convolution's output.
  package func foldingBatchNormalization() -> Graph {
    fusing { producer, node in
      guard var convolution = producer.operation as? Convolution, convolution.clamp == nil,
        producer.inputs.count == 1, let normalization = node.operation as? BatchNormalization
      else { return nil }
      convolution.normalization = convolution.normalization?.followed(by: normalization) ?? normalization
      return Node(node.output, convolution, producer.inputs)
    }
  }

  /// Merges each node with the first of its producers that can be merged and whose output no other node reads.
  /// `merge(producer, node)` returns the node that replaces both, or nil. The graph stays in topological order because
  /// the merged node has the position of the reader.
  func fusing(_ merge: (_ producer: Node, _ node: Node) -> Node?) -> Graph {
    let uses = useCounts
    var result: [Node] = []
    for node in nodes {
      var merged: Node?
      // The last operand comes first: it was computed last and is still in the cache.
      for index in result.indices.reversed() {
        let producer = result[index]
        guard node.inputs.contains(producer.output), uses[producer.output] == 1 else { continue }
        if let replacement = merge(producer, node) {
          result.remove(at: index)
          merged = replacement
          break
        }
      }
      result.append(merged ?? node)
    }
    return Graph(result)
  }
}
