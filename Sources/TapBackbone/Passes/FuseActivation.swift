// Merges convolutions with the clamps and the residual additions that follow them.

extension Graph {
  /// Merges a convolution and a clamp into one node that clamps the sums while they are in registers.
  package func fusingActivations() -> Graph {
    fusing { producer, node in
      guard var convolution = producer.operation as? Convolution, convolution.clamp == nil,
        let clamp = node.operation as? Clamp
      else { return nil }
      convolution.clamp = clamp
      return Node(node.output, convolution, producer.inputs)
    }
  }

  /// Merges a convolution that is not depthwise with an addition. The other addend becomes the convolution's residual
  /// input.
  package func fusingResiduals() -> Graph {
    fusing { producer, node in
      guard let convolution = producer.operation as? Convolution, convolution.clamp == nil,
        !convolution.isDepthwise, producer.inputs.count == 1, node.operation is Addition,
        let residual = node.inputs.first(where: { $0 != producer.output })
      else { return nil }
      return Node(node.output, convolution, [producer.inputs[0], residual])
    }
  }

  /// Applies all fusions. In this order a clamp after an addition is fused too.
  package func fused() -> Graph {
    foldingBatchNormalization().fusingActivations().fusingResiduals().fusingActivations()
  }
}
