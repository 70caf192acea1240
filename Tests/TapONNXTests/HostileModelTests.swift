// An invalid file is read, or an error names the problem. No file causes a trap.

import FoundationEssentials
import TapFormats
import TapONNX
import TapONNXOperators
import TapProvenance
import TapTensors
import TestSupport
import Testing

struct HostileModelTests {
  private static let weights = (0..<36).map { Float($0) / 36 - 0.5 }

  /// A model with a convolution, a pooling and a reshape, which have shapes, weights and attributes of every kind.
  private static let small = modelBytes(
    [
      NodeSketch(
        operatorName: "Conv", inputs: ["x", "w"], outputs: ["a"],
        integers: ["pads": [1, 1, 1, 1], "strides": [1, 1], "dilations": [1, 1]]),
      NodeSketch(operatorName: "Relu", inputs: ["a"], outputs: ["b"]),
      NodeSketch(
        operatorName: "MaxPool", inputs: ["b"], outputs: ["c"],
        integers: ["kernel_shape": [2, 2], "strides": [2, 2]]),
      NodeSketch(operatorName: "Transpose", inputs: ["c"], outputs: ["y"], integers: ["perm": [0, 2, 3, 1]]),
    ],
    [TensorSketch("w", [2, 2, 3, 3], weights)])

  private func read(_ bytes: [UInt8]) throws(ONNXError.Reason) -> ONNXModel { try ONNXModel(bytes.span) }

  private let input = ["x": ONNXTensor(shape: [1, 2, 4, 4], floats: (0..<32).map { Float($0) })]

  @Test func readsAndEvaluatesTheWholeFile() throws {
    let model = try read(Self.small)
    #expect(model.opsets == ["": 13] && model.irVersion == 7 && model.producer == "tests")
    #expect(model.graph.nodes.map(\.operatorName) == ["Conv", "Relu", "MaxPool", "Transpose"])
    #expect(model.graph.initializers["w"]?.shape == [2, 2, 3, 3])
    #expect(
      model.graph.inputs
        == [
          ONNXValueInfo(name: "x", type: .tensor(.float32, [.extent(1), .extent(2), .extent(4), .extent(4)]))
        ])
    let results = try ONNXEvaluator(model).evaluate(input, outputs: ["a", "y"])
    #expect(results["a"]?.shape == [1, 2, 4, 4] && results["y"]?.shape == [1, 2, 2, 2])
  }

  @Test func everyTruncationIsReadOrRefused() {
    for count in 0..<Self.small.count {
      guard let model = try? read(Array(Self.small.prefix(count))) else { continue }
      _ = try? ONNXEvaluator(model).evaluate(input)
    }
  }

  @Test func everyFlipIsReadOrRefused() {
    var numbers = Congruential(state: 2026)
    func next(_ bound: Int) -> Int { numbers.next(below: bound) }
    var (read, evaluated) = (0, 0)
    for _ in 0..<(TestData.runsLongTests ? 200_000 : 5_000) {
      var bytes = Self.small
      for _ in 0...next(3) { bytes[next(bytes.count)] = UInt8(next(256)) }
      guard let model = try? self.read(bytes) else { continue }
      read += 1
      if (try? ONNXEvaluator(model).evaluate(input)) != nil { evaluated += 1 }
    }
    #expect(read > 0 && evaluated > 0)
  }

  @Test func refusesLyingTensors() {
    let relu = NodeSketch(operatorName: "Relu", inputs: ["x"], outputs: ["y"])
    func refusal(_ change: (inout TensorSketch) -> Void) -> ONNXError.Reason? {
      var tensor = TensorSketch("w", [2], [1, 2])
      change(&tensor)
      do throws(ONNXError.Reason) {
        _ = try read(modelBytes([relu], [tensor]))
        return nil
      } catch {
        return error
      }
    }
    #expect(refusal { _ in } == nil)
    #expect(refusal { $0.dims = [3] } == .wrongCount(tensor: "w", expected: 12, found: 8, unit: "bytes"))
    #expect(refusal { $0.raw = nil } == .wrongCount(tensor: "w", expected: 2, found: 0, unit: "elements"))
    #expect(refusal { $0.dims = [-1] } == .badShape(tensor: "w", dims: [-1]))
    let huge: [Int64] = [1 << 40, 1 << 40]
    #expect(refusal { $0.dims = huge } == .badShape(tensor: "w", dims: huge))
    #expect(refusal { $0.dims = [0] + huge } == .badShape(tensor: "w", dims: [0] + huge))
    #expect(refusal { $0.dims = [1 << 31] } == .badShape(tensor: "w", dims: [1 << 31]))
    #expect(refusal { $0.type = 8 } == .unsupportedType(of: "w", type: "of strings"))
    for location in ["../x", "/etc/passwd", "a/../../x", "", "a//b", "a\0b"] {
      guard case .externalData = refusal({ $0.location = ["location": location] }) else {
        Issue.record("\(location) is not refused")
        continue
      }
    }
  }

  @Test func readsExternalDataWithinTheFolderOnly() throws {
    try withTemporaryFolder { folder in
      func load(_ location: [String: String]) throws -> ONNXTensor? {
        var tensor = TensorSketch("w", [2], [])
        tensor.location = location
        let relu = NodeSketch(operatorName: "Relu", inputs: ["x"], outputs: ["y"])
        let bytes = modelBytes([relu], [tensor])
        try Data(bytes).write(to: URL(filePath: folder + "/model.onnx"))
        return try ONNXModel(path: folder + "/model.onnx").graph.initializers["w"]
      }
      try Data([Float(7), 1, 2].littleEndianBytes).write(to: URL(filePath: folder + "/weights.bin"))
      #expect(
        try load(["location": "weights.bin", "offset": "4", "length": "8"])
          == ONNXTensor(shape: [2], floats: [1, 2]))
      #expect(throws: ONNXError.self) { try load(["location": "weights.bin", "offset": "8"]) }
      #expect(throws: ONNXError.self) { try load(["location": "weights.bin", "offset": "-1"]) }
      #expect(throws: ONNXError.self) { try load(["location": "weights.bin", "length": "4"]) }
      #expect(throws: ONNXError.self) { try load(["location": "missing.bin"]) }
      do {
        _ = try load(["location": "../weights.bin"])
        Issue.record("a path out of the folder is read")
      } catch let error as ONNXError {
        #expect(
          error.description
            == "\(folder)/model.onnx: the external data of \"w\": the location \"../weights.bin\" is not a path "
            + "below the model's folder")
      }
    }
  }

  @Test func sortsNodesAndRefusesCycles() throws {
    let second = NodeSketch(operatorName: "Relu", inputs: ["a"], outputs: ["y"])
    let first = NodeSketch(operatorName: "Neg", inputs: ["x"], outputs: ["a"])
    #expect(try read(modelBytes([second, first])).graph.nodes.map(\.operatorName) == ["Neg", "Relu"])
    let loop = NodeSketch(operatorName: "Add", inputs: ["x", "y"], outputs: ["a"])
    #expect(throws: ONNXError.Reason.cycle(nodes: ["y", "a"])) { try read(modelBytes([second, loop])) }
    let own = NodeSketch(operatorName: "Relu", inputs: ["y"], outputs: ["y"])
    #expect(throws: ONNXError.Reason.cycle(nodes: ["y"])) { try read(modelBytes([own])) }
    #expect(throws: ONNXError.Reason.undefinedValue(name: "a", node: "y")) { try read(modelBytes([second])) }
    #expect(throws: ONNXError.Reason.undefinedOutput("z")) { try read(modelBytes([first], output: "z")) }
    #expect(throws: ONNXError.Reason.duplicateName("a")) { try read(modelBytes([second, first, first])) }
  }

  @Test func namesWhatIsNotSupported() throws {
    let model = try read(modelBytes([NodeSketch(operatorName: "Teleport", inputs: ["x"], outputs: ["y"])]))
    let node = ONNXNodeReference(operatorName: "Teleport", domain: "", node: "y", opset: 13)
    #expect(throws: ONNXError.Reason.unsupportedOperator(node, supported: ONNXEvaluator.supportedOperators)) {
      try ONNXEvaluator(model).evaluate(input)
    }
    let relu = NodeSketch(operatorName: "Relu", inputs: ["x"], outputs: ["y"])
    #expect(throws: ONNXError.Reason.opset(domain: "ai.onnx", version: 3, supported: 6...28)) {
      try read(modelBytes([relu], opset: 3))
    }
    let evaluator = ONNXEvaluator(try read(modelBytes([relu])))
    #expect(throws: ONNXError.Reason.missingInput(name: "x")) { try evaluator.evaluate([:]) }
    #expect(throws: ONNXError.Reason.unknownInput(name: "z", expected: ["x"])) {
      try evaluator.evaluate(["z": ONNXTensor(1)])
    }
    #expect(
      throws: ONNXError.Reason.wrongInput(name: "x", expected: "of shape [1, 2, 4, 4]", found: "of shape []")
    ) { try evaluator.evaluate(["x": ONNXTensor(1)]) }
  }

  /// Attributes at the ends of their range reach the arithmetic of shapes.
  @Test(arguments: [Int64.min, -(1 << 40), -1, 0, 3, 1 << 30, 1 << 40, Int64.max])
  func extremeAttributesAreRefused(value: Int64) throws {
    let pair = [value, value]
    let nodes = [
      NodeSketch(operatorName: "MaxPool", inputs: ["x"], outputs: ["y"], integers: ["kernel_shape": pair]),
      NodeSketch(
        operatorName: "MaxPool", inputs: ["x"], outputs: ["y"],
        integers: ["kernel_shape": pair, "pads": pair + pair]),
      NodeSketch(
        operatorName: "AveragePool", inputs: ["x"], outputs: ["y"],
        integers: ["kernel_shape": [2, 2], "dilations": pair, "strides": pair]),
      NodeSketch(operatorName: "Conv", inputs: ["x", "w"], outputs: ["y"], integers: ["pads": pair + pair]),
      NodeSketch(
        operatorName: "Conv", inputs: ["x", "w"], outputs: ["y"],
        integers: ["dilations": pair, "strides": pair]),
      NodeSketch(
        operatorName: "ConvTranspose", inputs: ["x", "w"], outputs: ["y"],
        integers: ["strides": pair, "output_padding": pair]),
      NodeSketch(
        operatorName: "ConvTranspose", inputs: ["x", "w"], outputs: ["y"], integers: ["output_shape": pair]),
      NodeSketch(operatorName: "Transpose", inputs: ["x"], outputs: ["y"], integers: ["perm": pair + pair]),
      NodeSketch(operatorName: "ReduceMean", inputs: ["x"], outputs: ["y"], integers: ["axes": pair]),
      NodeSketch(operatorName: "Squeeze", inputs: ["x"], outputs: ["y"], integers: ["axes": pair]),
      NodeSketch(operatorName: "Unsqueeze", inputs: ["x"], outputs: ["y"], integers: ["axes": pair]),
      NodeSketch(operatorName: "Reshape", inputs: ["x"], outputs: ["y"], integers: ["shape": pair]),
      NodeSketch(operatorName: "Split", inputs: ["x"], outputs: ["y"], integers: ["split": pair]),
      NodeSketch(
        operatorName: "Slice", inputs: ["x"], outputs: ["y"],
        integers: ["starts": pair, "ends": pair, "axes": [2, 3]]),
      NodeSketch(
        operatorName: "Slice", inputs: ["x"], outputs: ["y"],
        integers: ["starts": [1], "ends": [2], "axes": [value]]),
      NodeSketch(
        operatorName: "Pad", inputs: ["x"], outputs: ["y"], integers: ["pads": pair + pair + pair + pair]),
    ]
    for node in nodes {
      let bytes = modelBytes([node], [TensorSketch("w", [2, 2, 3, 3], Self.weights)], opset: 9)
      _ = try? ONNXEvaluator(try read(bytes)).evaluate(input)
    }
  }

  /// Operators that have a kernel, in nodes without a name for the result. `isLegal` says whether a network with such a
  /// node is imported.
  @Test(arguments: [
    ("Identity", true), ("Relu", true), ("Clip", false), ("Add", true), ("Mul", true),
    ("GlobalAveragePool", true),
    ("ReduceMean", false), ("Flatten", true), ("Softmax", true), ("Conv", true),
    ("BatchNormalization", false),
    ("MaxPool", false), ("Concat", true), ("Reshape", false), ("Gemm", false), ("Pad", false),
    ("Split", false),
  ]) func nodesWithoutOutputsAreNoTrap(name: String, isLegal: Bool) throws {
    let nodes = [
      NodeSketch(operatorName: name, inputs: ["x", "x"], outputs: []),
      NodeSketch(operatorName: "Relu", inputs: ["x"], outputs: ["y"]),
    ]
    let model = try read(modelBytes(nodes, inputShape: [1, 3, 8, 8]))
    let backbone = try? ONNXImporter.backbone(model, name: "hostile", preprocessing: Preprocessing(size: 8))
    #expect((backbone != nil) == isLegal)
  }

  /// The slice leaves no pixel of the image.
  @Test func resultsWithoutElementsAreRefused() throws {
    let nodes = [
      NodeSketch(
        operatorName: "Slice", inputs: ["x"], outputs: ["a"],
        integers: ["starts": [3], "ends": [3], "axes": [2]]),
      NodeSketch(operatorName: "Relu", inputs: ["a"], outputs: ["y"]),
    ]
    let model = try read(modelBytes(nodes, opset: 9, inputShape: [1, 3, 8, 8]))
    let error = #expect(throws: ONNXError.Reason.self) {
      try ONNXImporter.backbone(model, name: "hostile", preprocessing: Preprocessing(size: 8))
    }
    #expect("\(error as Any)".contains("a result without elements"))
  }
}
