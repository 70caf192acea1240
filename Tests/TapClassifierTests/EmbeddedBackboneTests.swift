// A model file that contains its backbone gives the same features without any other file. If it is damaged, it is
// refused.

import TapArchitectures
import TapBackbone
import TapClassifier
import TapFileSystem
import TapFormats
import TapImages
import TapLinear
import TapProvenance
import TestSupport
import Testing

@Suite struct EmbeddedBackboneTests {
  static func backbone() throws -> Backbone {
    var backbone = try Architectures.seeded("efficientnet_lite0", seed: 3)
    backbone.preprocessing.size = 32
    return backbone
  }

  /// A classifier of three classes on a column. Its weights differ, so the scores depend on the order of the features.
  static func classifier(_ column: Column, _ backbone: Backbone) throws -> Classifier {
    let dimensions = try backbone.dimensions(of: column)
    return try Classifier(
      classNames: ["a", "b", "c"], weights: (0..<3 * dimensions).map { Float($0 % 7) - 3 },
      bias: [0.5, -0.5, 0],
      scaler: .identity(columns: dimensions),
      source: Classifier.FeatureSource(
        identity: BackboneIdentity(backbone), columns: [column], goldenScores: nil),
      training: ClassifierFixtures.summary
    ).withGoldenScores(of: backbone)
  }

  @Test(arguments: [
    Column(tap: "input", pooling: .flatten), Column(tap: "stem", pooling: .max),
    Column(tap: "blocks.2", pooling: .avg), Column(tap: "head", pooling: .gem),
    Column(tap: "avgpool", pooling: .none), Column(tap: "logits", pooling: .none),
  ])
  func theFileAloneGivesTheSameBits(column: Column) throws {
    try withTemporaryFolder { folder in
      let backbone = try Self.backbone()
      let classifier = try Self.classifier(column, backbone)
      let path = folder + "/m.layertap"
      try classifier.write(to: path, embedding: backbone)
      let (read, embedded) = try Classifier.load(path)
      #expect(read == classifier)
      let cut = try #require(embedded)
      #expect(BackboneIdentity(cut) == BackboneIdentity(backbone))
      #expect(cut.layers.map(\.name) == (column.tap == "input" ? [] : [column.tap]))
      let image = RGBImage(width: 40, height: 30, pixels: (0..<3600).map { UInt8(($0 &* 37) % 256) })
      let (whole, alone) = (
        try ImageClassifier(classifier, backbone: backbone), try ImageClassifier(read, backbone: cut)
      )
      #expect(try whole.scores(image) == alone.scores(image))
      #expect(alone.warnings == [])
      // A file without a backbone gives no backbone and the same classifier.
      try classifier.write(to: path)
      let (bare, none) = try Classifier.load(path)
      #expect(bare == classifier && none == nil)
    }
  }

  @Test func anotherBackboneIsNotEmbedded() throws {
    let backbone = try Self.backbone()
    let classifier = try Self.classifier(Column(tap: "stem", pooling: .avg), backbone)
    var other = try Architectures.seeded("efficientnet_lite0", seed: 4)
    other.preprocessing.size = 32
    #expect(throws: ClassifierError.self) { try classifier.encoded(embedding: other) }
  }

  /// The error for a file whose structure or tensors `change` has changed.
  func damaged(
    _ change: (inout [String: JSONValue], inout [String: [Float]], inout [String: [Int]]) -> Void
  ) throws -> ClassifierError? {
    let backbone = try Self.backbone()
    let classifier = try Self.classifier(Column(tap: "stem", pooling: .avg), backbone)
    let bytes = try classifier.encoded(embedding: backbone)
    let file = try Safetensors(bytes.span)
    var metadata = file.metadata
    var structure = try #require(try JSONValue.parse(metadata["backbone.graph"] ?? "").objectValue)
    var elements: [String: [Float]] = [:]
    var shapes: [String: [Int]] = [:]
    for name in file.entries.keys {
      let tensor = try file.floats(name, in: bytes.span)
      (shapes[name], elements[name]) = (tensor.shape, tensor.elements)
    }
    change(&structure, &elements, &shapes)
    metadata["backbone.graph"] = JSONValue.object(structure).canonical
    let tensors = elements.map {
      Safetensors.Tensor(name: $0.key, shape: shapes[$0.key] ?? [], elements: $0.value)
    }
    return try withTemporaryFolder { folder in
      try AtomicWriter.replace(folder + "/m", with: Safetensors.encode(tensors, metadata: metadata))
      return #expect(throws: ClassifierError.self) { try Classifier.load(folder + "/m") }
    }
  }

  func node(_ structure: inout [String: JSONValue], _ index: Int, _ field: String, _ value: JSONValue?) {
    var nodes = structure["nodes"]?.arrayValue ?? []
    var fields = nodes[index].objectValue ?? [:]
    fields[field] = value
    nodes[index] = .object(fields)
    structure["nodes"] = .array(nodes)
  }

  @Test func damageIsNamed() throws {
    func expect(
      _ words: String,
      _ change: (inout [String: JSONValue], inout [String: [Float]], inout [String: [Int]]) -> Void
    ) throws {
      let error = try #require(try damaged(change))
      #expect("\(error)".contains(words), "\(error)")
    }
    try expect("it has format 3, and this program reads formats 1 to 2") { structure, _, _ in
      structure["format"] = .integer(3)
    }
    try expect("'format' must be") { structure, _, _ in structure["format"] = .integer(0) }
    try expect("operator 'node' is unknown") { structure, _, _ in
      node(&structure, 0, "operator", .string("node"))
    }
    try expect("expected 1 to") { structure, _, _ in structure["nodes"] = .array([]) }
    try expect("operator 'launch' is unknown") { structure, _, _ in
      node(&structure, 0, "operator", .string("launch"))
    }
    try expect("outputs of nodes before it") { structure, _, _ in
      node(&structure, 0, "inputs", .array([.string("stem")]))
    }
    try expect("a name of its own") { structure, _, _ in node(&structure, 1, "output", .string("input")) }
    for (field, value) in [
      ("stride", JSONValue.integer(0)), ("dilation", .integer(1 << 40)), ("kernel", .string("3")),
      ("padding", .array([.integer(-4), .integer(0)])), ("padding", .integer(1)), ("roundsUp", .integer(1)),
    ] {
      try expect("'vertical' must say") { structure, _, _ in
        var axis = structure["nodes"]?.arrayValue?[0]["vertical"]?.objectValue ?? [:]
        axis[field] = value
        node(&structure, 0, "vertical", .object(axis))
      }
    }
    try expect("a kernel of") { structure, _, _ in
      var axis = structure["nodes"]?.arrayValue?[0]["vertical"]?.objectValue ?? [:]
      axis["kernel"] = .integer(5)
      node(&structure, 0, "vertical", .object(axis))
    }
    try expect("'groups' must be") { structure, _, _ in node(&structure, 0, "groups", .integer(1 << 40)) }
    try expect("'scale' must be") { structure, _, _ in node(&structure, 1, "scale", .array([.string("x")])) }
    try expect("scales and") { structure, _, _ in node(&structure, 1, "scale", .array([.number(1)])) }
    try expect("is missing") { _, elements, _ in elements["backbone.0.weights"] = nil }
    try expect("no node has the tensor '7.weights'") { _, elements, shapes in
      (elements["backbone.7.weights"], shapes["backbone.7.weights"]) = ([1], [1])
    }
    try expect("expected rank 4") { _, elements, shapes in
      shapes["backbone.0.weights"] = [elements["backbone.0.weights"]?.count ?? 0]
    }
    try expect("is NaN") { _, elements, _ in elements["backbone.0.weights"]?[5] = .nan }
    try expect("no node computes the tap") { structure, _, _ in
      let nodes = structure["nodes"]?.arrayValue ?? []
      node(&structure, nodes.count - 1, "output", .string("elsewhere"))
    }
    try expect("cannot take inputs") { _, elements, shapes in
      let weights = elements["backbone.0.weights"] ?? []
      elements["backbone.0.weights"] = weights + weights
      shapes["backbone.0.weights"]?[1] = 6
    }
  }
}
