// ONNX nodes in the document of a graph: each type of node gives the same bits after writing and reading.

import TapBackbone
import TapFormats
import TapONNX
import TapONNXOperators
import TapProvenance
import TapTensors
import TestSupport
import Testing

@Suite struct NodeDocumentTests {
  // MARK: - Every type

  struct Case {
    let node: ONNXOperator
    let operands: [ImportedNode.Operand]
    let result: Int

    init(
      _ type: String, _ operands: [ImportedNode.Operand], _ attributes: [String: ONNXAttribute] = [:],
      opset: Int = 20, results: Int = 1, result: Int = 0
    ) {
      node = ONNXOperator(type: type, opset: opset, attributes: attributes, outputCount: results)
      self.operands = operands
      self.result = result
    }

    var shapes: [Shape] {
      operands.compactMap { if case .value(let shape) = $0 { shape } else { nil } }
    }

    var inputs: [[Float]] {
      shapes.enumerated().map { Sketch.values($1.elementCount, from: 0.1 + Float($0)) }
    }
  }

  private static let image: Shape = [1, 4, 4, 4]
  private static let x = ImportedNode.Operand.value(image)

  private static func floats(
    _ shape: Shape, from first: Float = 0.25, _ type: ElementType = .float32
  ) -> ImportedNode.Operand {
    .constant(ONNXTensor(shape: shape, floats: Sketch.values(shape.elementCount, from: first), type: type))
  }
  private static func number(_ value: Float) -> ImportedNode.Operand { .constant(ONNXTensor(value)) }
  private static func integers(_ values: Int64...) -> ImportedNode.Operand {
    .constant(ONNXTensor(values))
  }
  private static let bools = ImportedNode.Operand.constant(
    ONNXTensor(shape: image, integers: (0..<64).map { $0 % 3 }, type: .bool))

  private static let pointwise: [Case] =
    [
      "Abs", "Ceil", "Cos", "Erf", "Exp", "Floor", "Identity", "IsInf", "IsNaN", "Log", "Neg", "Reciprocal",
      "Relu", "Round", "Sigmoid", "Sign", "Sin", "Softplus", "Softsign", "Sqrt", "Tan", "Tanh", "HardSwish",
      "Mish", "Shape", "Size", "GlobalAveragePool", "GlobalMaxPool", "Softmax", "MeanVarianceNormalization",
    ].map { Case($0, [x]) } + [
      Case("Dropout", [x], results: 2), Case("Elu", [x], ["alpha": .float(0.1)]),
      Case("Celu", [x], ["alpha": .float(1.7)]), Case("LeakyRelu", [x], ["alpha": .float(-0.0)]),
      Case("Selu", [x], ["gamma": .float(.leastNonzeroMagnitude)]),
      Case("ThresholdedRelu", [x], ["alpha": .float(.infinity)]),
      Case("Gelu", [x], ["approximate": .text("tanh")]), Case("HardSigmoid", [x], ["beta": .float(1 / 3)]),
      Case("Swish", [x], ["alpha": .float(1.0000001)], opset: 24),
      Case("Shrink", [x], ["lambd": .float(0.3)]),
      Case("LogSoftmax", [x], ["axis": .integer(1)]), Case("Hardmax", [x], ["axis": .integer(-1)], opset: 11),
      Case("Flatten", [x], ["axis": .integer(2)]), Case("Transpose", [x], ["perm": .integers([0, 3, 1, 2])]),
      Case("LpNormalization", [x], ["p": .integer(1)]),
      Case("ArgMax", [x], ["axis": .integer(1), "keepdims": .integer(0)]), Case("ArgMin", [x]),
      Case("Cast", [x], ["to": .integer(10)]), Case("CastLike", [x, floats([2], from: 0, .bfloat16)]),
      Case("Clip", [x, number(-.infinity), .constant(ONNXTensor(0.5))]),
      Case("Clip", [x], ["min": .float(0.2), "max": .float(3.4e38)], opset: 9), Case("Not", [bools]),
    ]

  private static let pairs: [Case] =
    [
      "Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Sum", "Mean", "Equal", "Less", "LessOrEqual",
      "Greater", "GreaterOrEqual",
    ].flatMap { [Case($0, [x, floats(image, from: -0.5)]), Case($0, [floats([4, 1, 1]), x])] } + [
      Case("Mod", [x, floats([4])], ["fmod": .integer(1)]), Case("And", [bools, bools]),
      Case("Or", [bools, bools]), Case("Xor", [bools, bools]),
      Case(
        "Where",
        [
          bools, x,
          .constant(ONNXTensor(shape: image, floats: (0..<64).map { $0 % 2 == 0 ? -.infinity : 1 })),
        ]),
      Case("Add", [x, x]), Case("PRelu", [x, floats([4, 1, 1])]),
      Case("Concat", [x, floats([1, 2, 4, 4]), x], ["axis": .integer(1)]),
      Case("MatMul", [x, floats([4, 5])]),
      Case(
        "Gemm", [.value([4, 4]), floats([4, 5]), .absent], ["alpha": .float(0.1), "transA": .integer(1)]),
    ]

  private static let reductions: [Case] =
    [
      "ReduceSum", "ReduceMean", "ReduceProd", "ReduceMax", "ReduceMin", "ReduceL1", "ReduceL2",
      "ReduceSumSquare", "ReduceLogSum", "ReduceLogSumExp",
    ].map { Case($0, [x, integers(1, -1)], ["keepdims": .integer(0)]) } + [
      Case(
        "CumSum", [x, .constant(ONNXTensor(shape: [], integers: [2], type: .int32))],
        ["reverse": .integer(1)])
    ]

  private static let windows: [Case] = [
    Case(
      "Conv", [x, floats([6, 2, 3, 3]), floats([6])],
      ["group": .integer(2), "pads": .integers([1, 0, 1, 0]), "auto_pad": .text("NOTSET")]),
    Case("ConvTranspose", [x, floats([4, 3, 2, 2])], ["strides": .integers([2, 2])]),
    Case("MaxPool", [x], ["kernel_shape": .integers([2, 2])], results: 2),
    Case("AveragePool", [x], ["kernel_shape": .integers([3, 3]), "auto_pad": .text("SAME_UPPER")]),
    Case("LpPool", [x], ["kernel_shape": .integers([2, 2]), "p": .integer(3)]),
    Case("LRN", [x], ["size": .integer(3), "alpha": .float(0.1), "beta": .float(0.75), "bias": .float(2)]),
    Case(
      "BatchNormalization", [x, floats([4]), floats([4]), floats([4]), floats([4], from: 1)],
      ["epsilon": .float(1e-3)]),
    Case("InstanceNormalization", [x, floats([4]), floats([4])]),
    Case("GroupNormalization", [x, floats([4]), floats([4])], ["num_groups": .integer(2)], opset: 21),
    Case("LayerNormalization", [x, floats([4]), .absent], ["axis": .integer(3)], results: 3, result: 1),
    Case("RMSNormalization", [x, floats([4])], opset: 23),
    Case(
      "Resize", [x, .absent, .constant(ONNXTensor(shape: [4], floats: [1, 1, 1.5, 2]))],
      ["mode": .text("cubic"), "cubic_coeff_a": .float(-0.5)]),
    Case(
      "Resize", [x, floats([0]), floats([0]), integers(1, 4, 9, 7)], ["mode": .text("linear")], opset: 13),
    Case("Upsample", [x, .constant(ONNXTensor(shape: [4], floats: [1, 1, 2, 2]))], opset: 9),
    Case("Upsample", [x], ["scales": .floats([1, 1, 2, 2])], opset: 7),
  ]

  private static let parts: [Case] = [
    Case("Split", [x, integers(1, 3)], ["axis": .integer(1)], results: 2, result: 1),
    Case("Split", [x], ["axis": .integer(2)], opset: 11, results: 2, result: 1),
    Case("Slice", [x, integers(-1), integers(.min), integers(3), integers(-1)]),
    Case(
      "Gather", [x, .constant(ONNXTensor(shape: [2, 2], integers: [0, 3, -1, 1]))], ["axis": .integer(1)]),
    Case(
      "GatherElements",
      [x, .constant(ONNXTensor(shape: image, integers: (0..<64).map { $0 % 4 }, type: .int32))],
      ["axis": .integer(3)]),
    Case("Pad", [x, integers(0, 0, 1, 2, 0, 0, 0, 1), number(-.infinity)]),
    Case("Pad", [x], ["pads": .integers([0, 0, 1, 1, 0, 0, 1, 1]), "mode": .text("reflect")], opset: 10),
    Case("DepthToSpace", [x], ["blocksize": .integer(2), "mode": .text("CRD")]),
    Case("SpaceToDepth", [x], ["blocksize": .integer(2)]), Case("Expand", [x, integers(2, 1, 1, 1, 4)]),
    Case("Tile", [x, integers(1, 2, 1, 3)]), Case("Reshape", [x, integers(1, -1, 2)]),
    Case("Squeeze", [x, integers(0)]), Case("Unsqueeze", [x, integers(-1)]),
    Case("Trilu", [x, .constant(ONNXTensor(shape: [], integers: [1]))], ["upper": .integer(0)]),
    Case("Constant", [], ["value": .tensor(ONNXTensor(shape: [3, 4], floats: Sketch.values(12)))]),
    Case("Constant", [], ["value_ints": .integers([.min, .max, 0])]),
    Case(
      "ConstantOfShape", [integers(2, 3)],
      ["value": .tensor(ONNXTensor(shape: [1], integers: [-1], type: .uint64))]),
    Case("Range", [.constant(ONNXTensor(1)), .constant(ONNXTensor(2)), .constant(ONNXTensor(0.25))]),
  ]

  private static let cases = pointwise + pairs + reductions + windows + parts

  /// The same operation after writing and reading its text.
  private func again(_ operation: ImportedNode) throws -> ImportedNode {
    let count = max(operation.inputShapes.count, 1)
    let graph = Graph([
      Graph.Node("y", operation, [String](repeating: Graph.input, count: count))
    ])
    let (structure, tensors) = graph.document
    let text = structure.canonical
    let read = try Graph(
      document: JSONValue.parse(text),
      tensors: Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.tensor) }))
    #expect(structure["format"] == .integer(2) && read.document.structure.canonical == text)
    for (_, tensor) in tensors { #expect(tensor.elements.allSatisfy { $0.isFinite }) }
    return try #require(read.nodes.first?.operation as? ImportedNode)
  }

  private func bits(_ values: [ONNXTensor]) -> [String] {
    values.map { value in
      switch value.storage {
      case .floats(let floats): "\(value.type) \(value.shape) \(floats.map(\.bitPattern))"
      case .integers(let integers): "\(value.type) \(value.shape) \(integers)"
      }
    }
  }

  @Test func everyTypeComesBackWithTheSameBits() throws {
    #expect(Set(Self.cases.map(\.node.type)) == Set(ONNXOperator.types))
    for test in Self.cases {
      let label = "\(test.node.type) \(test.node.opset)"
      let plain = ImportedNode(
        node: test.node, operands: test.operands, result: test.result, attributes: "opset, \"text\" é",
        inputShapes: test.shapes, outputShape: [1])
      let results = try plain.results(test.inputs)
      let shape = results[test.result].shape
      let operation = ImportedNode(
        node: test.node, operands: test.operands, result: test.result, attributes: plain.attributes,
        inputShapes: test.shapes, outputShape: shape.rank == 0 ? [1] : shape)
      let read = try again(operation)
      #expect(read.node == operation.node && read.operands == operation.operands, "\(label)")
      #expect(read.result == operation.result && read.attributes == operation.attributes, "\(label)")
      #expect(read.inputShapes == operation.inputShapes && read.outputShape == operation.outputShape)
      #expect(read.constants == operation.constants, "\(label)")
      #expect(try bits(read.results(test.inputs)) == bits(results), "\(label)")
      let (found, expected) = (read.compute(test.inputs), operation.compute(test.inputs))
      #expect(found?.map(\.bitPattern) == expected?.map(\.bitPattern), "\(label)")
      #expect((expected != nil) == results[test.result].type.isFloat, "\(label)")
    }
  }

  /// Attributes of every type, also of types that no operator of this file has, and constants of every type come back.
  @Test func attributesAndConstantsOfEveryKindComeBack() throws {
    let attributes: [String: ONNXAttribute] = [
      "floats": .floats([0.1, -0.0, .leastNonzeroMagnitude, 3.4028235e38, -.infinity]),
      "float": .float(-.infinity),
      "integers": .integers([.min, .max]), "text": .text("a \"b\" \\ \n é \u{1}"),
      "texts": .texts(["", "x"]),
      "empty": .floats([]), "none": .texts([]), "other": .unsupported("a graph"),
      "tensor": .tensor(ONNXTensor(shape: [2, 6], floats: Sketch.values(12), type: .float16)),
      "scalar": .tensor(ONNXTensor(0.1)), "nothing": .tensor(ONNXTensor(shape: [0, 3], floats: [])),
    ]
    for type in ElementType.allCases {
      let values = [0, 1, 100, -1, .max, .min] as [Int64]
      let constant =
        type.isFloat
        ? ONNXTensor(shape: [2, 6], floats: Sketch.values(12), type: type)
        : ONNXTensor(shape: [2, 3], integers: values, type: type)
      let operation = ImportedNode(
        node: ONNXOperator(type: "Abs", opset: 13, attributes: attributes),
        operands: [.value([1, 2]), .constant(constant), .absent], attributes: "", inputShapes: [[2]],
        outputShape: [2])
      let read = try again(operation)
      #expect(read.node == operation.node && read.operands == operation.operands, "\(type)")
    }
    // A NaN equals nothing, not even itself.
    let odd = ImportedNode(
      node: ONNXOperator(type: "Abs", opset: 13, attributes: ["a": .float(.nan)]), operands: [.value([2])],
      attributes: "", inputShapes: [[2]], outputShape: [2])
    guard case .float(let value)? = try again(odd).node.attributes["a"] else {
      Issue.record("no float")
      return
    }
    #expect(value.isNaN)
  }

  /// The words of the document are in existing files. If one of them changed, no existing file could be read.
  @Test func theDocumentIsSpelledOut() throws {
    let attributes: [String: ONNXAttribute] = [
      "a": .integers([1, -2]), "b": .float(0.5), "c": .text("x"), "d": .tensor(ONNXTensor([3])),
      "e": .floats([2]), "f": .integer(4), "g": .texts(["t"]), "h": .unsupported("a graph"),
    ]
    let operation = ImportedNode(
      node: ONNXOperator(type: "Max", opset: 13, attributes: attributes, outputCount: 2),
      operands: [
        .value([1, 3, 2, 2]), Self.number(-.infinity),
        .constant(ONNXTensor(shape: [2], integers: [0, 1], type: .bool)),
        Self.floats([9]), .absent,
      ], result: 1, attributes: "opset 13", inputShapes: [[3, 2, 2]], outputShape: [3, 2, 2])
    let (structure, tensors) = Graph([Graph.Node("y", operation, ["input"])]).document
    #expect(
      structure.canonical == """
        {"format":2,"nodes":[{"attributes":{"a":{"integers":[1,-2]},"b":{"float":0.5},"c":{"text":"x"},\
        "d":{"tensor":{"elements":[3],"shape":[1],"type":"int64"}},"e":{"floats":[2.0]},"f":{"integer":4},\
        "g":{"texts":["t"]},"h":{"unsupported":"a graph"}},"identity":"opset 13","inputs":["input"],\
        "operands":[{"as":[1,3,2,2],"value":[3,2,2]},{"constant":{"elements":["-inf"],"shape":[],"type":"float32"}},\
        {"constant":{"elements":[0,1],"shape":[2],"type":"bool"}},\
        {"constant":{"shape":[9],"tensor":"constant0","type":"float32"}},null],\
        "operator":"node","opset":13,"output":"y","result":1,"results":2,"shape":[3,2,2],"type":"Max"}]}
        """)
    #expect(tensors.map(\.name) == ["0.constant0"])
    #expect(try again(operation).node == operation.node)
  }
}
