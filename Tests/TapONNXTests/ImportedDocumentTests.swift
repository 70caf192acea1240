// An imported network in a document gives the same features after reading. Invalid documents are refused.

import TapBackbone
import TapFormats
import TapONNX
import TapProvenance
import TapTensors
import TestSupport
import Testing

@Suite struct ImportedDocumentTests {
  /// Nodes with tensors, integers, infinities, zeros that no convolution adds, and two results.
  private static let nodes = [
    Sketch.node("LRN", ["x"], ["a"], [:], ["size": .integer(3), "alpha": .float(0.1)]),
    Sketch.node("Pad", ["a", "pads"], ["p"]), Sketch.node("Softplus", ["p"], ["b"]),
    Sketch.node("Split", ["b"], ["left", "right"], ["split": [4, 7]], ["axis": .integer(3)]),
    Sketch.node("Gather", ["right", "order"], ["g"], [:], ["axis": .integer(1)]),
    Sketch.node("Conv", ["g", "kernel"], ["c"]), Sketch.node("Max", ["c", "least"], ["m"]),
    Sketch.node("Mul", ["m", "factors"], ["f"]),
    Sketch.node("ReduceMax", ["left"], ["z"], ["axes": [1, 2, 3]]),
    Sketch.node("Add", ["f", "z"], ["y"]),
  ]
  private static let weights = [
    TensorSketch("pads", [8], integers: [0, 0, 1, 2, 0, 0, 1, 1]),
    TensorSketch("order", [4], integers: [2, 0, 1, 1]),
    TensorSketch("kernel", [5, 4, 3, 3], Sketch.values(180)), TensorSketch("least", [1], [-.infinity]),
    TensorSketch("factors", [1, 5, 8, 5], Sketch.values(200)),
  ]

  private func backbone() throws -> Backbone {
    try Sketch.backbone(Self.nodes, Self.weights, opset: 12)
  }

  private func read(
    _ backbone: Backbone, _ taps: [String], _ structure: JSONValue, _ tensors: [String: Tensor]
  ) throws -> Backbone {
    try Backbone(
      name: backbone.name, preprocessing: backbone.preprocessing, weightsHash: backbone.weightsHash,
      graphHash: backbone.graphHash, taps: taps, document: structure, tensors: tensors)
  }

  private func document(_ backbone: Backbone, _ taps: [String]) throws -> (JSONValue, [String: Tensor]) {
    let (structure, tensors) = try backbone.cut(at: taps)
    return (structure, Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.tensor) }))
  }

  @Test func anImportedNetworkComesBackWithTheSameBits() throws {
    let backbone = try backbone()
    for taps in [["y"], ["a"], ["z", "c"], ["left", "right"]] {
      let taps = try taps.map { try backbone.resolve($0) }
      let (structure, tensors) = try document(backbone, taps)
      #expect(structure["format"] == .integer(2))
      let part = try read(backbone, taps, JSONValue.parse(structure.canonical), tensors)
      for tap in taps {
        let (found, expected) = (try Sketch.row(part, tap), try Sketch.row(backbone, tap))
        #expect(
          found.map(\.bitPattern) == expected.map(\.bitPattern) && expected.contains { $0 != 0 }, "\(tap)")
        #expect(expected.allSatisfy { $0.isFinite }, "\(tap)")
      }
    }
    // The whole network keeps its hashes.
    let taps = backbone.layers.map { (name: $0.name, kind: $0.kind) }
    let graph = try Graph(
      document: backbone.graph.document.structure,
      tensors: Dictionary(uniqueKeysWithValues: backbone.graph.document.tensors.map { ($0.name, $0.tensor) }))
    let again = try Backbone(
      name: backbone.name, preprocessing: backbone.preprocessing, graph: graph, taps: taps,
      aliases: backbone.aliases)
    #expect(again.graphHash == backbone.graphHash && again.weightsHash == backbone.weightsHash)
    #expect(again.table == backbone.table)
  }

  /// A network whose nodes all have kernels is written in format 1.
  @Test func networksWithoutSuchNodesStayInFormatOne() throws {
    let backbone = try Sketch.backbone(
      [Sketch.node("Conv", ["x", "k"], ["a"]), Sketch.node("Relu", ["a"], ["y"])],
      [TensorSketch("k", [2, 3, 3, 3], Sketch.values(54))])
    #expect(try document(backbone, ["y"]).0["format"] == .integer(1))
  }

  @Test func numbersThatNoFileHoldsAreRefusedAtOnce() throws {
    let backbone = try Sketch.backbone(
      [Sketch.node("Conv", ["x", "k"], ["y"])],
      [TensorSketch("k", [2, 3, 1, 1], [1, 2, 3, 4, .infinity, 5])])
    let error = #expect(throws: BackboneError.self) { try backbone.cut(at: ["y"]) }
    #expect("\(error!)".contains("its node 'y' are not all finite"), "\(error!)")
  }

  // MARK: - Hostile documents

  /// Changes the fields of a node and returns the error.
  private func refused(
    _ index: Int = 0,
    _ change: (inout [String: JSONValue], inout [String: Tensor]) -> Void
  ) throws -> String {
    let backbone = try backbone()
    let taps = ["y", "z"]
    var (structure, tensors) = try document(backbone, taps)
    var nodes = structure["nodes"]?.arrayValue ?? []
    let index = index < 0 ? nodes.count + index : index
    var fields = nodes[index].objectValue ?? [:]
    change(&fields, &tensors)
    nodes[index] = .object(fields)
    structure = .object(["format": fields["format"] ?? .integer(2), "nodes": .array(nodes)])
    let error = #expect(throws: BackboneError.self) { try read(backbone, taps, structure, tensors) }
    return error.map { "\($0)" } ?? ""
  }

  private func refused(_ words: String, _ field: String, _ value: JSONValue?, at index: Int = 0) throws {
    let text = try refused(index) { fields, _ in fields[field] = value }
    #expect(text.contains(words), "\(text)")
  }

  @Test func documentsThatLieAreRefused() throws {
    try refused("node 0: this program has no definition of its type 'Launch'", "type", .string("Launch"))
    try refused("no definition of its type ''", "type", nil)
    try refused("has version 29, and this program knows those up to 28", "opset", .integer(29))
    try refused("'opset' must be an integer from 1 up", "opset", .integer(0))
    try refused("the operator 'node' is unknown", "format", .integer(1))
    try refused("this program reads formats 1 to 2", "format", .integer(3))
    try refused("'attributes' must be", "attributes", .array([]))
    let attributes: [(String, [String: JSONValue])] = [
      ("one value of one kind", [:]),
      ("one value of one kind", ["float": .number(1), "integer": .integer(1)]),
      ("does not fit", ["integer": .string("3")]), ("does not fit", ["weird": .integer(3)]),
      ("must be of floats", ["float": .number(1e300)]), ("must be of floats", ["floats": .array([.null])]),
      ("64 bits", ["integers": .array([.number(0.5)])]), ("must be texts", ["texts": .array([.integer(1)])]),
      ("of the type ''", ["tensor": .object([:])]),
      // The node refuses the value of its attribute.
      ("cannot be computed", ["integer": .integer(.min)]), ("cannot be computed", ["text": .string("3")]),
    ]
    for (words, attribute) in attributes {
      try refused(words, "attributes", .object(["size": .object(attribute)]))
    }
    try refused("'operands' must be", "operands", nil)
    try refused("cannot take inputs", "operands", .array([.null]))
    let own: JSONValue = .array([.integer(3), .integer(8), .integer(8)])
    for (words, shape) in [
      ("cannot be seen as", [1, 3, 8, 9]), ("must be a list of extents", [1 << 40, 1 << 40]),
      ("must be a list of extents", [-1]), ("cannot be computed", [192]),
    ] {
      let operand = JSONValue.object(["value": own, "as": .array(shape.map(JSONValue.integer))])
      try refused(words, "operands", .array([operand]))
    }
    try refused("'results' must be", "results", .integer(0))
    try refused("'result' must be an integer from 0 to 0", "result", .integer(1))
    try refused("'shape' must be", "shape", .array([]))
    try refused("'shape' must be", "shape", .array([.integer(0)]))
    try refused("'identity' must be", "identity", nil)
    // The shape differs from the computed one.
    try refused(
      "cannot be computed: Add: the result should have the shape", "shape", .array([.integer(7)]), at: -1)
    let missing = try refused { fields, _ in
      (fields["results"], fields["result"]) = (.integer(2), .integer(1))
    }
    #expect(missing.contains("output 1 is missing"), "\(missing)")
  }

  @Test func constantsThatLieAreRefused() throws {
    let nodes = try document(backbone(), ["y", "z"]).0["nodes"]?.arrayValue ?? []
    func place(_ type: String) throws -> Int {
      try #require(nodes.firstIndex { $0["type"]?.stringValue == type })
    }
    let (gather, factors) = (try place("Gather"), try place("Mul"))
    let lost = try refused(factors) { _, tensors in tensors["\(factors).constant0"] = nil }
    #expect(lost.contains("node \(factors): the tensor 'constant0' of operand 1 is missing"), "\(lost)")
    let turned = try refused(factors) { _, tensors in
      tensors["\(factors).constant0"] = tensors["\(factors).constant0"]?.reshaped(to: [200])
    }
    #expect(turned.contains("has the shape [200], expected [1, 5, 8, 5]"), "\(turned)")
    let extra = try refused(factors) { _, tensors in
      tensors["\(factors).constant1"] = Tensor(shape: [1], elements: [1])
    }
    #expect(extra.contains("no node has the tensor"), "\(extra)")
    let image = try #require(nodes[gather]["operands"]?.arrayValue?.first)
    func constant(_ words: String, _ change: [String: JSONValue?]) throws {
      var fields: [String: JSONValue] = [
        "type": .string("int64"), "shape": .array([.integer(4)]),
        "elements": .array([2, 0, 1, 1].map(JSONValue.integer)),
      ]
      for (key, value) in change { fields[key] = value }
      let operands = JSONValue.array([image, .object(["constant": .object(fields)])])
      try refused(words, "operands", operands, at: gather)
    }
    try constant("of the type 'int128', which is unknown", ["type": .string("int128")])
    try constant("must have a 'tensor', or 5 'elements'", ["shape": .array([.integer(5)])])
    try constant("must have a 'tensor', or 4 'elements'", ["elements": nil])
    try constant("tensors are of floats", ["tensor": .string("constant0")])
    try constant("of integers of 64 bits", ["elements": .array([.null, .null, .null, .null])])
    try constant("an index of", ["elements": .array([9, 0, 1, 1].map(JSONValue.integer))])
    try constant(
      "the result should have the shape",
      ["shape": .array([.integer(2)]), "elements": .array([.integer(2), .integer(0)])])
    try constant("must be a list of extents", ["shape": .array([.integer(1 << 40)])])
  }

  /// Bytes are changed at random. Then the network is read and computed, or an error gives the reason.
  @Test func changedDocumentsAreReadOrRefused() throws {
    let backbone = try backbone()
    let (structure, tensors) = try document(backbone, ["y", "z"])
    let bytes = Array(structure.canonical.utf8)
    var numbers = Congruential(state: 2026)
    func next(_ bound: Int) -> Int { numbers.next(below: bound) }
    let likely = Array("0123456789-[]{},:\"e.".utf8)
    var readable = 0
    for _ in 0..<2000 {
      var changed = bytes
      for _ in 0...next(3) { changed[next(bytes.count)] = likely[next(likely.count)] }
      guard let json = try? JSONValue.parse(changed),
        let found = try? read(backbone, ["y", "z"], json, tensors)
      else { continue }
      readable += 1
      _ = try? Sketch.row(found, "y")
    }
    #expect(readable > 20 && readable < 1900, "\(readable)")
  }
}
