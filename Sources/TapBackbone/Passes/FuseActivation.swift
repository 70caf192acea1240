// Merges convolutions with the clamp and the residual addition that follow them.

extension Graph {
  /// Convolution, clamp: one node that clamps while the sums are in registers.
  package func fusingActivations() -> Graph {
    fusing { producer, node in
      guard case .convolution(var convolution) = producer.operation, convolution.clamp == nil,
        case .clamp(let clamp) = node.operation
      else { return nil }
      convolution.clamp = clamp
      return Node(node.output, .convolution(convolution), producer.inputs)
    }
  }

  /// Convolution (not depthwise), addition: the other addend becomes the convolution's residual input.
  package func fusingResiduals() -> Graph {
    fusing { producer, node in
      guard case .convolution(let convolution) = producer.operation, convolution.clamp == nil,
        !convolution.isDepthwise, producer.inputs.count == 1, case .add = node.operation,
        let residual = node.inputs.first(where: { $0 != producer.output })
      else { return nil }
      return Node(node.output, producer.operation, [producer.inputs[0], residual])
    }
  }

  /// All fusions, in the order that lets a clamp after an addition be fused too.
  package func fused() -> Graph {
    foldingBatchNormalization().fusingActivations().fusingResiduals().fusingActivations()
  }
}
