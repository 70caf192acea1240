// Merges convolutions with the clamps and the residual additions that follow them.

extension Graph {
  /// Merges a convolution and a clamp into one node that clamps the sums while they are in registers.
  package func fusingActivations() -> Graph {
    fusing { producer, node in
      guard case .convolution(var convolution) = producer.operation, convolution.clamp == nil,
        case .clamp(let clamp) = node.operation
      else { return nil }
      convolution.clamp = clamp
      return Node(node.output, .convolution(convolution), producer.inputs)
    }
  }

  /// Merges a convolution that is not depthwise with an addition. The other addend becomes the convolution's residual
  /// input.
  package func fusingResiduals() -> Graph {
    fusing { producer, node in
      guard case .convolution(let convolution) = producer.operation, convolution.clamp == nil,
        !convolution.isDepthwise, producer.inputs.count == 1, case .add = node.operation,
        let residual = node.inputs.first(where: { $0 != producer.output })
      else { return nil }
      return Node(node.output, producer.operation, [producer.inputs[0], residual])
    }
  }

  /// Applies all fusions. In this order a clamp after an addition is fused too.
  package func fused() -> Graph {
    foldingBatchNormalization().fusingActivations().fusingResiduals().fusingActivations()
  }
}
