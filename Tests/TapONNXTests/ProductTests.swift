// Products over pixels and tokens: compares the importer's graph with the evaluator's definition.

import TapBackbone
import TapONNX
import TapONNXOperators
import TapTensors
import TestSupport
import Testing

@Suite struct ProductTests {
  /// A block of ConvNeXt as exporters write it, with channels last between two transpositions.
  private static func block(_ unit: [NodeSketch]) -> [NodeSketch] {
    let first = [
      Sketch.node("Conv", ["x", "w"], ["c"]), Sketch.node("Transpose", ["c"], ["t"], ["perm": [0, 2, 3, 1]]),
      Sketch.node("LayerNormalization", ["t", "gain", "shift"], ["n"], [:], ["axis": .integer(-1)]),
      Sketch.node("MatMul", ["n", "m"], ["p"]), Sketch.node("Add", ["bias", "p"], ["b"]),
    ]
    let last = [
      Sketch.node("MatMul", ["g", "m2"], ["q"]), Sketch.node("Add", ["q", "bias2"], ["r"]),
      Sketch.node("Transpose", ["r"], ["u"], ["perm": [0, 3, 1, 2]]),
      Sketch.node("Mul", ["u", "scale"], ["s"]),
      Sketch.node("Add", ["s", "c"], ["y"]),
    ]
    return first + unit + last
  }

  private static let blockWeights = [
    TensorSketch("w", [3, 3, 1, 1], Sketch.values(9)), TensorSketch("gain", [3], [1, 0.5, 2]),
    TensorSketch("shift", [3], [0.1, -0.2, 0.3]), TensorSketch("m", [3, 6], Sketch.values(18)),
    TensorSketch("bias", [6], Sketch.values(6)), TensorSketch("m2", [6, 3], Sketch.values(18, from: -0.3)),
    TensorSketch("bias2", [3], Sketch.values(3)), TensorSketch("scale", [3, 1, 1], [0.9, 0.5, 2]),
    TensorSketch("root", [], [1.4142135]), TensorSketch("inverse", [], [0.70710677]),
    TensorSketch("one", [], [1]), TensorSketch("half", [], [0.5]),
    TensorSketch("others", [4], integers: [0, 1, 3, 2]),
  ]

  /// GELU as PyTorch's exporters write it: the form of the TorchScript exporter, two forms of the dynamo exporter, and
  /// a single node.
  private static let units: [[NodeSketch]] = [
    [
      Sketch.node("Div", ["b", "root"], ["e1"]), Sketch.node("Erf", ["e1"], ["e2"]),
      Sketch.node("Add", ["e2", "one"], ["e3"]),
      Sketch.node("Mul", ["b", "e3"], ["e4"]), Sketch.node("Mul", ["e4", "half"], ["g"]),
    ],
    [
      Sketch.node("Mul", ["inverse", "b"], ["e1"]), Sketch.node("Erf", ["e1"], ["e2"]),
      Sketch.node("Add", ["one", "e2"], ["e3"]),
      Sketch.node("Mul", ["b", "half"], ["e4"]), Sketch.node("Mul", ["e4", "e3"], ["g"]),
    ],
    [Sketch.node("Gelu", ["b"], ["g"])],
  ]

  /// The evaluator's result for a model.
  private static func definition(
    _ nodes: [NodeSketch], _ initializers: [TensorSketch], opset: Int64
  ) throws -> [Float] {
    let model = try ONNXModel(modelBytes(nodes, initializers, opset: opset, inputShape: [1, 3, 8, 8]).span)
    var planes: [Float] = []
    for channel in 0..<3 { for pixel in 0..<64 { planes.append(Sketch.image[3 * pixel + channel]) } }
    let result = try ONNXEvaluator(model).evaluate(["x": ONNXTensor(shape: [1, 3, 8, 8], floats: planes)])
    return try #require(result["y"]).floats()
  }

  /// The graph transposes no value. Its products are convolutions with 1 x 1 kernels, and their cost is counted.
  @Test(arguments: units.indices)
  func productsOverPixelsHaveAKernel(index: Int) throws {
    let nodes = Self.block(Self.units[index])
    let backbone = try Sketch.backbone(nodes, Self.blockWeights, opset: 20)
    #expect(
      backbone.graph.nodes.map(\.operation.name) == [
        "convolution", "layer normalization", "convolution", "batch normalization", "gelu", "convolution",
        "batch normalization", "batch normalization", "add",
      ])
    let expected = try Self.definition(nodes, Self.blockWeights, opset: 20)
    #expect(try normalizedError(Sketch.row(backbone, "y"), expected) < 1e-6)
    #expect(backbone.layers.last?.multiplyAdds == 64 * (9 + 18 + 18))
    // The name of a value that is channels last in ONNX is an alias for the same values in the graph.
    #expect(backbone.aliases["t"] == "c" && backbone.aliases["u"] == "r")
  }

  /// If another node reads the transposed value, or if nothing is gained, the graph keeps the nodes as they are.
  @Test func transpositionsStayWhereTheyAreRead() throws {
    let both: [[NodeSketch]] = [
      [Sketch.node("Relu", ["t"], ["r"])],
      [
        Sketch.node("MatMul", ["t", "k"], ["v"]),
        Sketch.node("Gather", ["v", "others"], ["r"], [:], ["axis": .integer(1)]),
      ],
    ]
    for between in both {
      let first = Sketch.node("Transpose", ["x"], ["t"], ["perm": [0, 2, 3, 1]])
      let last = Sketch.node("Transpose", ["r"], ["y"], ["perm": [0, 3, 1, 2]])
      let nodes = [first] + between + [last]
      let weights = Self.blockWeights + [TensorSketch("k", [3, 3], Sketch.values(9))]
      let backbone = try Sketch.backbone(nodes, weights)
      #expect(backbone.graph.nodes.map(\.operation.name).filter { $0 == "Transpose" }.count == 2)
      #expect(
        try normalizedError(Sketch.row(backbone, "y"), Self.definition(nodes, weights, opset: 15)) < 1e-6)
    }
  }

  /// Each token is multiplied by the matrix, whatever the number of axes.
  @Test(arguments: [[1, 64, 3], [1, 4, 16, 3], [4, 16, 3], [64, 3], [1, 2, 2, 16, 3]] as [[Int64]])
  func productsOverTokensHaveAKernel(extents: [Int64]) throws {
    let nodes = [
      Sketch.node("Reshape", ["x", "tokens"], ["t"]), Sketch.node("MatMul", ["t", "m"], ["p"]),
      Sketch.node("Reshape", ["p", "image"], ["y"]),
    ]
    let weights =
      Self.blockWeights + [
        TensorSketch("tokens", [Int64(extents.count)], integers: extents),
        TensorSketch("image", [4], integers: [1, 6, 8, 8]),
      ]
    let backbone = try Sketch.backbone(nodes, weights)
    #expect(backbone.layers.last?.multiplyAdds == 64 * 18)
    #expect(backbone.graph.document.structure["format"] == .integer(1))
    #expect(try normalizedError(Sketch.row(backbone, "y"), Self.definition(nodes, weights, opset: 15)) < 1e-6)
  }
}
