// The versions of ONNX's operator set at which the form of an operator changed (onnx.ai, "Operator Schemas" and
// "Changelog"). Changes that only allow more element types are left out.

import TapONNXOperators

enum OperatorSetChanges {
  /// The versions at which an operator's inputs, attributes or meaning changed. The first version introduces the
  /// operator. Operators that are not listed exist since version 6 or earlier and have not changed in form since then.
  private static let versions: [String: [Int]] = [
    "Add": [7], "And": [7], "ArgMax": [1, 12], "ArgMin": [1, 12], "AveragePool": [1, 7, 10, 19],
    "BatchNormalization": [1, 7, 9, 14], "Cast": [6, 19, 24], "CastLike": [15, 19, 24], "Celu": [12], "Clip": [6, 11],
    "Concat": [4, 11], "ConstantOfShape": [9], "CumSum": [11], "DepthToSpace": [1, 11], "Div": [7],
    "Dropout": [7, 10, 12], "Equal": [7], "Erf": [9], "Expand": [8], "Flatten": [1, 11], "Gather": [1, 11],
    "GatherElements": [11], "Gelu": [20], "Gemm": [7, 11], "Greater": [7], "GreaterOrEqual": [12],
    "GroupNormalization": [18, 21], "HardSwish": [14], "Hardmax": [1, 11, 13], "IsInf": [10], "IsNaN": [9],
    "LayerNormalization": [17], "Less": [7], "LessOrEqual": [12], "LogSoftmax": [1, 11, 13], "LpPool": [2, 11, 18],
    "Max": [8], "MaxPool": [1, 8, 10], "Mean": [8], "MeanVarianceNormalization": [9], "Min": [8], "Mish": [18],
    "Mod": [10], "Mul": [7], "Or": [7], "PRelu": [7], "Pad": [2, 11, 18, 19], "Pow": [7], "RMSNormalization": [23],
    "Range": [11], "ReduceL1": [1, 11, 18], "ReduceL2": [1, 11, 18], "ReduceLogSum": [1, 11, 18],
    "ReduceLogSumExp": [1, 11, 18], "ReduceMax": [1, 11, 18], "ReduceMean": [1, 11, 18], "ReduceMin": [1, 11, 18],
    "ReduceProd": [1, 11, 18], "ReduceSum": [1, 11, 13], "ReduceSumSquare": [1, 11, 18], "Reshape": [5, 14],
    "Resize": [10, 11, 13, 18, 19], "Round": [11], "Shape": [1, 15], "Shrink": [9], "Sign": [9], "Slice": [1, 10, 11],
    "Softmax": [1, 11, 13], "Split": [2, 11, 13, 18], "Squeeze": [1, 11, 13], "Sub": [7], "Sum": [8], "Swish": [24],
    "ThresholdedRelu": [10], "Trilu": [14], "Unsqueeze": [1, 11, 13], "Upsample": [7, 9, 10], "Where": [9], "Xor": [7],
  ]

  /// Operators whose newer form is also valid for attributes and inputs of the older form.
  private static let compatible: [String: [Int]] = [
    "ArgMax": [12], "ArgMin": [12], "AveragePool": [10], "Concat": [11], "DepthToSpace": [11], "Flatten": [11],
    "Gather": [11], "Gemm": [11], "LpPool": [11], "MaxPool": [8, 10], "ReduceL1": [11], "ReduceL2": [11],
    "ReduceLogSum": [11], "ReduceLogSumExp": [11], "ReduceMax": [11], "ReduceMean": [11], "ReduceMin": [11],
    "ReduceProd": [11], "ReduceSum": [11], "ReduceSumSquare": [11], "Reshape": [14], "Shape": [15], "Slice": [11],
    "Split": [11], "Squeeze": [11], "Unsqueeze": [11],
  ]

  /// The reason why a node of its own operator set cannot be written unchanged to another set. Nil if it can.
  static func reason(against node: ONNXOperator, at opset: Int) -> String? {
    let changes = versions[node.type] ?? []
    if let first = changes.first, first > opset { return "the operator came with operator set \(first)" }
    let (low, high) = (min(node.opset, opset), max(node.opset, opset))
    let tolerated = node.opset <= opset ? compatible[node.type] ?? [] : []
    guard let change = changes.dropFirst().first(where: { low < $0 && $0 <= high && !tolerated.contains($0) })
    else { return nil }
    return "it comes from operator set \(node.opset), and set \(change) changed the operator's form"
  }
}
