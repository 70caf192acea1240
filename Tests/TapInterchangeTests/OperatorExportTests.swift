import TapBackbone
import TapFileSystem
import TapInterchange
import TapONNXOperators
import TapProvenance
import TapTensors
import TestSupport
import Testing

/// Operators in forms that frameworks define differently, and images of odd sizes.
@Suite struct OperatorExportTests {
  private func check(_ name: String, _ graph: Graph, size: Int) throws {
    let backbone = try Backbone.small(graph, size: size)
    let last = try #require(graph.nodes.last?.output)
    let columns = try backbone.columns(layers: [last], poolings: [.flatten])
    let file = try ExportedFile(try ONNXExport(backbone, columns: columns))
    let image = ReferenceParameters.image(size: size)
    let found = try #require(try file.outputs(image, size: size).values.first)
    let expected = try backbone.row(columns, image)
    #expect(normalizedError(found, expected) <= 2e-6, "\(name) at \(size)")
    #expect(file.readBack.featureDifference <= 2e-6, "\(name) at \(size): \(file.readBack)")
  }

  private func graph(_ operation: any Operator) -> Graph {
    var graph = Graph()
    graph.append("y", operation, Graph.input)
    return graph
  }

  private func weights(_ shape: Shape) -> Tensor {
    Tensor(shape: shape, elements: ReferenceParameters.uniform("weights", count: shape.elementCount).map { $0 - 0.5 })
  }

  private static let windows: [WindowAxis] = [
    WindowAxis(kernel: 3, stride: 2, padding: .same), WindowAxis(kernel: 2, stride: 2, padding: .same),
    WindowAxis(kernel: 5, stride: 3, padding: .around(before: 1, after: 2)),
    WindowAxis(kernel: 3, stride: 2, padding: .symmetric(1), roundsUp: true),
    WindowAxis(kernel: 2, stride: 2, roundsUp: true), WindowAxis(kernel: 3, stride: 2, roundsUp: true),
    WindowAxis(kernel: 1, stride: 2), WindowAxis(kernel: 3, dilation: 2, padding: .symmetric(2)),
  ]

  @Test(arguments: windows, [8, 9, 11]) func windowsKeepTheirPixels(_ axis: WindowAxis, _ size: Int) throws {
    let other = WindowAxis(kernel: 2, stride: 1)
    try check(
      "convolution \(axis)",
      graph(
        Convolution(
          weights: weights([4, 3, axis.kernel, 2]), bias: [1, 2, 3, 4], vertical: axis, horizontal: other, groups: 1)),
      size: size)
    try check("maximum \(axis)", graph(WindowPooling(.maximum, vertical: axis, horizontal: other)), size: size)
    for counts in [false, true] where axis.dilation == 1 {
      try check(
        "mean \(axis), counts \(counts)",
        graph(WindowPooling(.average(countsPadding: counts), vertical: axis, horizontal: axis)), size: size)
    }
  }

  @Test func aMeanWithDilationIsRefusedByName() throws {
    let axis = WindowAxis(kernel: 3, dilation: 2)
    let backbone = try Backbone.small(graph(WindowPooling(.average(countsPadding: false), axis)), size: 9)
    let export = try ONNXExport(backbone, columns: backbone.columns(layers: ["y"], poolings: [.avg]))
    let refusal = try export.refusal()
    #expect(refusal.contains("'y' (average pool)") && refusal.contains("dilation"))
  }

  @Test(arguments: [7, 12, 13]) func regionsCoverTheImage(_ size: Int) throws {
    try check("6 x 6 regions", graph(AdaptiveAveragePooling(height: 6, width: 6)), size: size)
    try check("regions", graph(AdaptiveAveragePooling(height: 1, width: 5)), size: size)
  }

  @Test func valuesKeepTheirMeaning() throws {
    for activation in Activation.allCases { try check(activation.rawValue, graph(activation), size: 6) }
    for clamp in [
      Clamp.relu, .relu6, Clamp(minimum: -0.5, maximum: .infinity), Clamp(minimum: -.infinity, maximum: 0.25),
    ] {
      try check("\(clamp)", graph(clamp), size: 6)
    }
    try check("affine", graph(BatchNormalization(scale: [1.5, -2, 0.1], shift: [0, 1, -1])), size: 6)
    try check(
      "layer normalization", graph(LayerNormalization(gamma: [1, 2, 3], beta: [0, 1, -1], epsilon: 1e-6)), size: 6)
    var gated = Graph()
    gated.append("mean", GlobalAveragePooling(), Graph.input)
    gated.append("layer", FullyConnected(weights: weights([3, 3]), bias: [1, 2, 3]), "mean")
    gated.append("gate", Softmax(), "layer")
    gated.append("gated", Multiplication(), Graph.input, "gate")
    gated.append("sum", Addition(), "gated", Graph.input)
    gated.append("joined", Concatenation(), "sum", "gated")
    gated.append("flat", Flatten(), "joined")
    try check("gates", gated, size: 6)
    var tokens = Graph()
    tokens.append("rows", Reshape([9, 12]), Graph.input)
    tokens.append("layer", FullyConnected(weights: weights([5, 12]), bias: [1, 2, 3, 4, 5]), "rows")
    try check("tokens", tokens, size: 6)
  }
}
