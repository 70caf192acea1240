// The hashes of imported graphs: the tests compare the whole hashed text and the fixed hash.

import TapBackbone
import TapFormats
import TapONNX
import TapProvenance
import TestSupport
import Testing

@Suite struct PinnedIdentitiesTests {
  /// A model of an image of 8 by 8 pixels, and the text of the structure's hash.
  private struct Model {
    let name: String
    let bytes: [UInt8]
    let structure: String

    init(
      _ name: String, _ nodes: [NodeSketch], with initializers: [TensorSketch] = [], opset: Int64 = 13,
      inputShape: [Int64] = [1, 3, 8, 8], _ structure: String
    ) {
      self.name = name
      self.bytes = modelBytes(nodes, initializers, opset: opset, inputShape: inputShape)
      self.structure = structure
    }

    /// A model of one LeakyRelu, which uses some attributes and ignores others.
    init(_ name: String, _ attributes: [String: AttributeSketch], _ text: String) {
      self.init(
        name,
        [NodeSketch(operatorName: "LeakyRelu", inputs: ["x"], outputs: ["y"], attributes: attributes)],
        "y = LeakyRelu opset 13 \(text) ([1, 3, 8, 8]) (input)\n")
    }

    var backbone: Backbone {
      get throws {
        try ONNXImporter.backbone(
          try ONNXModel(bytes.span), name: "pinned", preprocessing: Preprocessing(size: 8))
      }
    }
  }

  private static func node(
    _ name: String, _ inputs: [String], _ outputs: [String], _ integers: [String: [Int64]] = [:],
    _ attributes: [String: AttributeSketch] = [:]
  ) -> NodeSketch {
    NodeSketch(
      operatorName: name, inputs: inputs, outputs: outputs, integers: integers, attributes: attributes)
  }

  /// One attribute of each type, and numbers of every form.
  private static let attributes = [
    Model("nothing", [:], ""),
    Model("float", ["alpha": .float(0.1)], "alpha 0.1"),
    Model("small float", ["alpha": .float(1e-7)], "alpha 1e-07"),
    Model("infinity", ["alpha": .float(-.infinity)], "alpha -inf"),
    Model("no number", ["other": .float(.nan)], "other nan"),
    Model("integer", ["other": .integer(-3)], "other -3"),
    Model("text", ["other": .text("a \"word\"")], "other a \"word\""),
    Model("floats", ["other": .floats([0.5, -1e-5, .infinity])], "other [0.5, -1e-05, inf]"),
    Model("no floats", ["other": .floats([])], "other []"),
    Model("one float", ["other": .floats([1])], "other [1.0]"),
    Model("texts", ["other": .texts(["one", "two", ""])], #"other ["one", "two", ""]"#),
    Model("texts with signs", ["other": .texts(["\"\\\n\t'"])], #"other ["\"\\\n\t\'"]"#),
    Model(
      "texts beyond ASCII", ["other": .texts(["é\u{1}\r\0\u{7F}"])], #"other ["é\u{01}\r\0\u{7F}"]"#),
    Model(
      "tensor", ["other": .tensor(TensorSketch("t", [1, 2], [1, 2]))], "other tensor [1, 2]"),
    Model("scalar", ["other": .tensor(TensorSketch("t", [], [1]))], "other tensor []"),
    Model("graph", ["other": .graph], "other a graph"),
    Model(
      "two", ["beta": .integer(2), "alpha": .float(16_777_218)], "alpha 1.6777218e+07 beta 2"),
  ]

  private static let nodes = [
    Model(
      "integers", [node("Transpose", ["x"], ["y"], ["perm": [0, 1, 3, 2]])],
      "y = Transpose opset 13 perm [0, 1, 3, 2] ([1, 3, 8, 8]) (input)\n"),
    Model(
      "another opset", [node("LeakyRelu", ["x"], ["y"])], opset: 9,
      "y = LeakyRelu opset 9  ([1, 3, 8, 8]) (input)\n"),
    Model(
      "local response normalization",
      [
        node(
          "LRN", ["x"], ["y"], [:],
          ["alpha": .float(1e-4), "beta": .float(0.75), "bias": .float(1.5), "size": .integer(3)])
      ], "y = LRN opset 13 alpha 0.0001 beta 0.75 bias 1.5 size 3 ([1, 3, 8, 8]) (input)\n"),
    Model(
      "constants of integers, one left out", [node("Slice", ["x", "starts", "ends", "", "steps"], ["y"])],
      with: [
        TensorSketch("starts", [4], integers: [0, 0, 1, -7]),
        TensorSketch("ends", [4], integers: [1, 3, 8, 9_223_372_036_854_775_807]),
        TensorSketch("steps", [4], integers: [1, 1, 2, 1]),
      ],
      "y = Slice opset 13  ([1, 3, 8, 8], [0, 0, 1, -7], [1, 3, 8, 9223372036854775807], -, [1, 1, 2, 1]) (input)\n"
    ),
    Model(
      "a constant of bools", [node("Where", ["mask", "x", "zero"], ["y"])],
      with: [
        TensorSketch("mask", [8], integers: [1, 0, 1, 1, 0, 0, 1, 1], isBool: true),
        TensorSketch("zero", [1], [0]),
      ], "y = Where opset 13  ([1, 0, 1, 1, 0, 0, 1, 1], [1, 3, 8, 8], tensor) (input)\n"),
    Model(
      "constants of floats", [node("PRelu", ["x", "slope"], ["y"])],
      with: [TensorSketch("slope", [3, 1, 1], [1, 2, 3])],
      "y = PRelu opset 13  ([1, 3, 8, 8], tensor) (input)\n"),
    Model(
      "the second result",
      [node("Split", ["x"], ["a", "b"], [:], ["axis": .integer(3)]), node("Add", ["b", "a"], ["y"])],
      """
      a = Split opset 13 axis 3 ([1, 3, 8, 8]) (input)
      b = Split output 1 opset 13 axis 3 ([1, 3, 8, 8]) (input)
      y = add (b, a)

      """),
    Model(
      "zeros around", [node("Pad", ["x", "pads"], ["p"]), node("Relu", ["p"], ["y"])],
      with: [TensorSketch("pads", [8], integers: [0, 0, 1, 2, 0, 0, 3, 4])],
      """
      input with zeros = Pad Pads(top: 1, left: 2, bottom: 3, right: 4) (input)
      y = clamp 0.0 inf (input with zeros)

      """),
    Model(
      "zeros around twice",
      [
        node("Pad", ["x", "pads"], ["p"]), node("Relu", ["p"], ["a"]), node("Tanh", ["p"], ["b"]),
        node("Add", ["a", "b"], ["y"]),
      ],
      with: [TensorSketch("pads", [8], integers: [0, 0, 1, 0, 0, 0, 0, 0])],
      """
      input with zeros = Pad Pads(top: 1, left: 0, bottom: 0, right: 0) (input)
      a = clamp 0.0 inf (input with zeros)
      input with zeros (2) = Pad Pads(top: 1, left: 0, bottom: 0, right: 0) (input)
      b = tanh (input with zeros (2))
      y = add (a, b)

      """),
    Model(
      "channels last", [node("LeakyRelu", ["x"], ["y"])], inputShape: [1, 8, 8, 3],
      """
      x in N, H, W, C = Transpose opset 13 perm [0, 2, 3, 1] ([1, 3, 8, 8]) (input)
      y = LeakyRelu opset 13  ([1, 8, 8, 3]) (x in N, H, W, C)

      """),
    Model(
      "a vector as a picture", [node("GlobalAveragePool", ["x"], ["p"]), node("LeakyRelu", ["p"], ["y"])],
      """
      p = global average pool (input)
      p as [3, 1, 1] = reshape [3, 1, 1] (p)
      y = LeakyRelu opset 13  ([1, 3, 1, 1]) (p as [3, 1, 1])

      """),
    Model(
      "a picture as a vector",
      [node("GlobalAveragePool", ["x"], ["p"]), node("Softmax", ["p"], ["y"], [:], ["axis": .integer(1)])],
      """
      p = global average pool (input)
      p as [3, 1, 1] = reshape [3, 1, 1] (p)
      p as [3, 1, 1] as [3] = reshape [3] (p as [3, 1, 1])
      y = softmax (p as [3, 1, 1] as [3])
      y as [3, 1, 1] = reshape [3, 1, 1] (y)

      """),
    Model(
      "clip", [node("Clip", ["x"], ["y"], [:], ["min": .float(-0.1), "max": .float(0.3)])], opset: 6,
      "y = clamp -0.1 0.3 (input)\n"),
    Model(
      "windows",
      [
        node(
          "MaxPool", ["x"], ["y"], ["kernel_shape": [2, 3], "pads": [0, 1, 1, 1]], ["ceil_mode": .integer(1)])
      ],
      "y = maximum 2 x 3 stride 1 dilation 1 padding around(before: 0, after: 1) up by stride 1 dilation 1 padding around(before: 1, after: 1) up (input)\n"
    ),
    Model(
      "enlarged",
      [node("Upsample", ["x"], ["y"], [:], ["mode": .text("linear"), "scales": .floats([1, 1, 2, 1.5])])],
      opset: 7, "y = Upsample opset 7 mode linear scales [1.0, 1.0, 2.0, 1.5] ([1, 3, 8, 8]) (input)\n"),
  ]

  @Test func structures() throws {
    for model in Self.attributes + Self.nodes {
      #expect(
        try model.backbone.graphHash == PinnedIdentities.hash(model.structure),
        "\(model.name): \(model.structure)")
    }
  }

  @Test func pins() throws {
    var pins: [String: PinnedIdentities.Pin] = [:]
    for model in Self.attributes + Self.nodes {
      let pin = PinnedIdentities.pin(try model.backbone)
      #expect(pins.updateValue(pin, forKey: model.name) == nil, "\(model.name) is there twice")
    }
    PinnedIdentities.checkDistinct(pins)
    try PinnedIdentities.check("onnx", pins)
  }
}
