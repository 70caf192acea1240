// Models of a few nodes as backbones: computed results, refusals, and names of layers.

import TapBackbone
import TapONNX
import TapProvenance
import TestSupport
import Testing

@Suite struct ImportTests {
  // MARK: - Computed results

  /// The convolution adds the zeros of a padded value, but the shape of this value is still known.
  @Test func shapesOfPaddedImagesAreKnown() throws {
    let backbone = try Sketch.backbone(
      [
        Sketch.node("Pad", ["x", "pads"], ["p"]),
        Sketch.node("Shape", ["p"], ["s"]),
        Sketch.node("Slice", ["s", "two", "four"], ["hw"]),
        Sketch.node("Concat", ["first", "hw"], ["shape"], [:], ["axis": .integer(0)]),
        Sketch.node("Reshape", ["p", "shape"], ["y"]),
      ],
      [
        TensorSketch("pads", [8], integers: [0, 0, 1, 2, 0, 0, 3, 4]),
        TensorSketch("two", [1], integers: [2]), TensorSketch("four", [1], integers: [4]),
        TensorSketch("first", [2], integers: [1, -1]),
      ])
    #expect(try Sketch.row(backbone, "y").count == 3 * 12 * 14)
    #expect(try Sketch.row(backbone, "y").filter { $0 != 0 }.count == Sketch.image.filter { $0 != 0 }.count)
  }

  /// timm standardizes the weights of BiT and NFNets with `torch.nn.functional.batch_norm(w.reshape(1, 2, -1), None,
  /// None, weight=g, training=True, momentum=0, eps=1e-6)`.
  @Test func weightsAreStandardized() throws {
    let weights = Sketch.values(2 * 27)
    let backbone = try Sketch.backbone(
      [
        Sketch.node("Reshape", ["w", "rows"], ["r"]),
        Sketch.node(
          "BatchNormalization", ["r", "gain", "zero", "zero", "one"], ["n", "mean", "variance"], [:],
          ["training_mode": .integer(1), "epsilon": .float(1e-6), "momentum": .float(0)]),
        Sketch.node("Reshape", ["n", "kernel"], ["k"]),
        Sketch.node("Conv", ["x", "k"], ["y"]),
      ],
      [
        TensorSketch("w", [2, 3, 3, 3], weights), TensorSketch("rows", [3], integers: [1, 2, -1]),
        TensorSketch("kernel", [4], integers: [2, 3, 3, 3]), TensorSketch("gain", [2], [0.5, 2]),
        TensorSketch("zero", [2], [0, 0]), TensorSketch("one", [2], [1, 1]),
      ])
    let found = try Sketch.row(backbone, "y")
    for channel in 0..<2 {
      let own = weights[channel * 27..<(channel + 1) * 27].map { Double($0) }
      let mean = own.reduce(0, +) / 27
      let variance = own.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 27
      let gain = [0.5, 2][channel] / (variance + 1e-6).squareRoot()
      // The expected value is the value of the output's first pixel. The image is in H, W, C order.
      var expected = 0.0
      for input in 0..<3 {
        for y in 0..<3 {
          for x in 0..<3 {
            expected +=
              Double(Sketch.image[(y * 8 + x) * 3 + input]) * (own[input * 9 + y * 3 + x] - mean) * gain
          }
        }
      }
      #expect(abs(Double(found[channel * 36]) - expected) < 1e-5 * max(1, abs(expected)))
    }
  }

  /// Statistics of an image's own values would be those of the batch in PyTorch, so they are refused.
  @Test func statisticsOfTheBatchAreRefused() throws {
    let error = #expect(throws: ONNXError.Reason.self) {
      try Sketch.backbone(
        [
          Sketch.node(
            "BatchNormalization", ["x", "one", "one", "one", "one"], ["y"], [:],
            ["training_mode": .integer(1)])
        ], [TensorSketch("one", [3], [1, 1, 1])])
    }
    let text = error.map { "\($0)" } ?? ""
    #expect(text.contains("batch") && text.contains("model.eval()"))
  }

  // MARK: - Parts left out

  private static let unsupported = [
    Sketch.node("Relu", ["x"], ["a"]), Sketch.node("Teleport", ["a"], ["b"]),
    Sketch.node("Relu", ["b"], ["y"]),
  ]

  /// A node after the tap does not matter. The layers before this node are those of a model without the node.
  @Test func nodesAfterTheTapDoNotMatter() throws {
    let backbone = try Sketch.backbone(Self.unsupported)
    #expect(backbone.layers.map(\.name) == ["a"])
    #expect(try Sketch.row(backbone, "a").sorted() == Sketch.image.map { max($0, 0) }.sorted())
    let plain = try Sketch.backbone([Sketch.node("Relu", ["x"], ["a"])], output: "a")
    #expect(backbone.graphHash == plain.graphHash)
    #expect(backbone.absent.count == 2)
    for layer in ["b", "y"] {
      let error = #expect(throws: BackboneError.self) { try backbone.resolve(layer) }
      #expect(error?.description.contains("Teleport \"b\" (opset 15)") == true)
    }
    let first = #expect(throws: ONNXError.Reason.self) {
      try Sketch.backbone([Sketch.node("Teleport", ["x"], ["b"]), Sketch.node("Relu", ["b"], ["y"])])
    }
    #expect("\(first as Any)".contains("Teleport"))
  }

  /// The input of the last layer is not computed, and no other value gets the name `penultimate`.
  @Test func penultimateIsNotGuessed() throws {
    let backbone = try Sketch.backbone(
      [
        Sketch.node("GlobalAveragePool", ["x"], ["p"]),
        Sketch.node("Conv", ["p", "w"], ["gate"]),
        Sketch.node("Mul", ["x", "gate"], ["m"]),
        Sketch.node("GlobalAveragePool", ["m"], ["q"]),
        Sketch.node("Teleport", ["q"], ["t"]),
        Sketch.node("Flatten", ["t"], ["f"]),
        Sketch.node("MatMul", ["f", "v"], ["y"]),
      ],
      [
        TensorSketch("w", [3, 3, 1, 1], Sketch.values(9)), TensorSketch("v", [3, 2], Sketch.values(6)),
      ])
    #expect(backbone.aliases["penultimate"] == nil && backbone.aliases["logits"] == nil)
    let error = #expect(throws: BackboneError.self) { try backbone.resolve("penultimate") }
    #expect(error?.description.contains("Teleport") == true)
  }

  // MARK: - Names

  /// Forms of a network's last layer, which comes after its pooling.
  private static let heads: [(name: String, nodes: [NodeSketch], penultimate: String)] = [
    ("Gemm", [Sketch.node("Flatten", ["p"], ["f"]), Sketch.node("Gemm", ["f", "v"], ["y"])], "p"),
    (
      "MatMul",
      [
        Sketch.node("Flatten", ["p"], ["f"]), Sketch.node("MatMul", ["f", "v"], ["s"]),
        Sketch.node("Add", ["s", "c"], ["y"]),
      ], "p"
    ),
    ("1 x 1", [Sketch.node("Conv", ["p", "w"], ["s"]), Sketch.node("Flatten", ["s"], ["y"])], "p"),
    (
      "a layer and a classifier",
      [
        Sketch.node("Conv", ["p", "w"], ["s"]), Sketch.node("Relu", ["s"], ["r"]),
        Sketch.node("Flatten", ["r"], ["f"]),
        Sketch.node("Gemm", ["f", "v"], ["y"]),
      ], "f"
    ),
    (
      "a normalization",
      [
        Sketch.node("Flatten", ["p"], ["f"]), Sketch.node("LayerNormalization", ["f", "c"], ["n"]),
        Sketch.node("Gemm", ["n", "v"], ["y"]),
      ], "n"
    ),
  ]

  @Test(arguments: heads.indices)
  func penultimateIsWhatTheLastLayerReads(index: Int) throws {
    let head = Self.heads[index]
    let backbone = try Sketch.backbone(
      [
        // A gate with its own products comes before the last layer.
        Sketch.node("GlobalAveragePool", ["x"], ["g"]), Sketch.node("Flatten", ["g"], ["gf"]),
        Sketch.node("Gemm", ["gf", "v"], ["gg"]), Sketch.node("Reshape", ["gg", "gate"], ["gr"]),
        Sketch.node("Mul", ["x", "gr"], ["m"]), Sketch.node("GlobalAveragePool", ["m"], ["p"]),
      ] + head.nodes,
      [
        TensorSketch("v", [3, 3], Sketch.values(9)), TensorSketch("w", [3, 3, 1, 1], Sketch.values(9)),
        TensorSketch("c", [3], [1, 2, 3]), TensorSketch("gate", [4], integers: [1, 3, 1, 1]),
      ], opset: 17)
    let found = try Sketch.row(backbone, "penultimate")
    #expect(found.count == 3, "\(head.name)")
    #expect(try found == Sketch.row(backbone, head.penultimate), "\(head.name)")
    #expect(try backbone.columns(layers: ["penultimate"], poolings: [.avg]).map(\.pooling) == [.none])
  }

  /// Tokens are no image. A mean over one of their axes would be a guess, and all of them together can be 37,824
  /// numbers, which are too many.
  @Test func tokensAreNotPooledByGuessing() throws {
    let backbone = try Sketch.backbone(
      [Sketch.node("Reshape", ["x", "tokens"], ["t"]), Sketch.node("Relu", ["t"], ["y"])],
      [TensorSketch("tokens", [3], integers: [1, 16, 12])])
    for pooling in [TapProvenance.Pooling.avg, .max, .avgmax, .gem] {
      let error = #expect(throws: BackboneError.self) {
        try backbone.columns(layers: ["y"], poolings: [pooling])
      }
      #expect(
        error?.description.contains("[16, 12]") == true && error?.description.contains("192 numbers") == true)
    }
    #expect(try Sketch.row(backbone, "y").count == 192)
  }

  // MARK: - Messages

  /// Error texts are for people, so they contain no names of Swift cases.
  @Test func messagesAreWords() throws {
    func text(_ body: () throws -> Void) -> String {
      do { try body() } catch { return "\(error)" }
      return ""
    }
    let relu = [Sketch.node("Relu", ["x"], ["y"])]
    let texts = [
      text { _ = try Sketch.backbone(relu, inputShape: [1, 4, 8, 8]) },
      text { _ = try Sketch.backbone(relu, inputShape: [3, 8, 8]) },
      text { _ = try Sketch.backbone(relu, inputShape: [1, 3, 8, 9]) },
      text { _ = try Sketch.backbone([Sketch.node("LRN", ["x"], ["y"], [:], ["size": .floats([1, 2])])]) },
      text {
        _ = try Sketch.backbone([
          Sketch.node("Elu", ["x"], ["y"], [:], ["alpha": .tensor(TensorSketch("t", [1], [1]))])
        ])
      },
    ]
    for text in texts {
      #expect(!text.isEmpty)
      for word in ["extent(", "symbol(", "float32(", "tensor(", "Optional", "TapONNX", "floats(", "text("] {
        #expect(!text.contains(word), "\(text)")
      }
    }
    #expect(
      texts[0]
        == "the input \"x\" should be one square image of three channels, or a batch of any size but is of shape [1, 4, 8, 8]"
    )
    #expect(texts[1] == "the input \"x\" should be a float tensor [N, 3, H, W] but is of float32, [3, 8, 8]")
    #expect(texts[3].hasSuffix("size should be an integer but is a list of 2 floats"))
  }
}
