// Compares networks with ONNX Runtime. PyTorch's two exporters write some of them, and the others are those of the ONNX
// project's tests: Tests/Reference/onnx/generate_exports.py. Their weights are external data, which depend only on the
// tensors' names and shapes.

import TapBackbone
import TapFileSystem
import TapFormats
import TapONNX
import TapProvenance
import TapTensors
import TestSupport
import Testing

@Suite(.serialized) struct ExportTests {
  /// The limit of the normalized error, which is the largest difference divided by the largest score.
  private static let bar: Float = 2e-5
  private static let folder = "Tests/Reference/onnx/exports"
  private static let names = [
    "alexnet", "vgg11_bn", "resnet18", "squeezenet1_1", "mobilenet_v2", "mobilenet_v3_small", "densenet121",
    "efficientnet_b0", "convnext_tiny", "resnext50_32x4d", "shufflenet_v2_x1_0", "regnet_y_400mf",
    "mnasnet1_0",
    "googlenet", "inception_v3",
  ]

  /// Networks that Caffe2 exported in 2017, without their softmax. In the ONNX project's own tests of these networks
  /// (see BackendTests), all weights of a network have one value, so those tests show little.
  private static let project = [
    "bvlc_alexnet", "densenet121", "inception_v1", "inception_v2", "resnet50", "shufflenet", "squeezenet",
    "vgg19", "zfnet512",
  ]

  /// Writes the external data of the file.
  private func writeWeights(of file: String, into folder: String) throws {
    let bytes = try FileSystem.read(folder + "/" + file)
    let gain = try #require(try ExternalTensors.property("gain", of: bytes).flatMap { Float($0) })
    var data: [UInt8] = []
    for tensor in try ExternalTensors.listed(in: bytes) {
      var extents = tensor.extents
      while extents.count > 1, extents.last == 1 { extents.removeLast() }
      #expect(tensor.offset == data.count)
      data += ReferenceParameters.values(tensor.name, Shape(extents), gain: gain).littleEndianBytes
    }
    try AtomicWriter.replace(folder + "/\(file).bin", with: data)
  }

  /// Imports a file and compares its scores.
  private func check(_ file: String) throws {
    let references = try FileSystem.read(Repository.path("\(Self.folder)/references.safetensors"))
    let reference = try Safetensors(references.span).floats(file, in: references.span).elements
    try withTemporaryFolder { folder in
      try AtomicWriter.replace(
        folder + "/" + file, with: FileSystem.read(Repository.path("\(Self.folder)/\(file)")))
      try writeWeights(of: file, into: folder)
      let model = try ONNXModel(path: folder + "/" + file)
      var preprocessing = Preprocessing()
      preprocessing.size = try ONNXImporter.image(of: model).size ?? 0
      let backbone = try ONNXImporter.backbone(model, name: file, preprocessing: preprocessing)
      let plan = try backbone.plan(columns: [
        Column(tap: try backbone.resolve("scores"), pooling: .flatten)
      ])
      let image = ReferenceParameters.image(size: preprocessing.size)
      let scores = plan.rows(image)
      let error = normalizedError(scores, reference)
      #expect(error <= Self.bar, "\(file): \(error)")
      // Scores near 0, or equal for all images, would prove nothing.
      let largest = reference.map(abs).max() ?? 0
      #expect(largest > 0.1, "\(file): the largest score is \(largest)")
      let change = normalizedError(plan.rows(image.map { -$0 }), scores)
      #expect(change > 100 * Self.bar, "\(file): another image changes scores by \(change)")
      // A file of a classifier can contain a part of the network, also with nodes that no kernel computes.
      let taps = plan.columns.map(\.tap)
      let (structure, tensors) = try backbone.cut(at: taps)
      guard structure["format"] == .integer(2) else { return }
      let carried = try Backbone(
        name: file, preprocessing: preprocessing, weightsHash: backbone.weightsHash,
        graphHash: backbone.graphHash, taps: taps, document: JSONValue.parse(structure.canonical),
        tensors: Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.tensor) }))
      #expect(try carried.plan(columns: plan.columns).rows(image) == scores, "\(file)")
    }
  }

  @Test(arguments: names, ["torchscript", "dynamo"])
  func agreesWithONNXRuntime(name: String, exporter: String) throws {
    try check("\(name)_\(exporter).onnx")
  }

  /// The files use the first and the last opset that exporters still write.
  @Test(arguments: [
    "mobilenet_v3_small_opset7", "convnext_tiny_opset9", "mobilenet_v3_small_opset21",
    "convnext_tiny_opset21",
  ])
  func opsetsAgreeWithONNXRuntime(name: String) throws { try check("\(name).onnx") }

  @Test(arguments: project)
  func networksOfTheProjectAgreeWithONNXRuntime(name: String) throws { try check("\(name)_project.onnx") }
}

/// The names, shapes and offsets of a model's tensors with external data, read from the protobuf itself.
private enum ExternalTensors {
  static func listed(in bytes: [UInt8]) throws -> [(name: String, extents: [Int], offset: Int)] {
    var result: [(name: String, extents: [Int], offset: Int)] = []
    // ModelProto.graph is field 7, and GraphProto.initializer is field 5.
    for graph in try messages(7, in: bytes[...]) {
      for tensor in try messages(5, in: graph) {
        // In TensorProto, dims is field 1, name is field 8 and external_data is field 13. An entry of external_data has
        // its key in field 1 and its value in field 2.
        var entries: [String: String] = [:]
        for entry in try messages(13, in: tensor) {
          let (key, value) = (try messages(1, in: entry).first ?? [], try messages(2, in: entry).first ?? [])
          entries[String(decoding: key, as: UTF8.self)] = String(decoding: value, as: UTF8.self)
        }
        guard let offset = entries["offset"].flatMap({ Int($0) }) else { continue }
        let name = String(decoding: try messages(8, in: tensor).first ?? [], as: UTF8.self)
        result.append((name, try integers(1, in: tensor), offset))
      }
    }
    return result
  }

  /// A value of the model's metadata.
  static func property(_ key: String, of bytes: [UInt8]) throws -> String? {
    // ModelProto.metadata_props is field 14. An entry has its key in field 1 and its value in field 2.
    for entry in try messages(14, in: bytes[...])
    where try messages(1, in: entry).first?.elementsEqual(key.utf8) ?? false {
      return try messages(2, in: entry).first.map { String(decoding: $0, as: UTF8.self) }
    }
    return nil
  }

  private static func messages(_ number: Int, in bytes: ArraySlice<UInt8>) throws -> [ArraySlice<UInt8>] {
    var found: [ArraySlice<UInt8>] = []
    try walk(bytes) { field, value in
      if field == number, case .bytes(let range) = value { found.append(bytes[range]) }
    }
    return found
  }

  private static func integers(_ number: Int, in bytes: ArraySlice<UInt8>) throws -> [Int] {
    var found: [Int] = []
    try walk(bytes) { field, value in
      guard field == number else { return }
      switch value {
      case .integer(let integer): found.append(integer)
      case .bytes(let range):
        var position = range.lowerBound
        while position < range.upperBound { found.append(varint(bytes, &position)) }
      }
    }
    return found
  }

  private enum Value {
    case integer(Int)
    case bytes(Range<Int>)
  }

  private static func walk(_ bytes: ArraySlice<UInt8>, _ visit: (Int, Value) -> Void) throws {
    var position = bytes.startIndex
    while position < bytes.endIndex {
      let key = varint(bytes, &position)
      switch key & 7 {
      case 0: visit(key >> 3, .integer(varint(bytes, &position)))
      case 1: position += 8
      case 2:
        let count = varint(bytes, &position)
        visit(key >> 3, .bytes(position..<position + count))
        position += count
      default: position += 4
      }
    }
  }

  private static func varint(_ bytes: ArraySlice<UInt8>, _ position: inout Int) -> Int {
    var (value, shift) = (0, 0)
    while true {
      let byte = bytes[position]
      position += 1
      value |= Int(byte & 0x7F) << shift
      shift += 7
      if byte & 0x80 == 0 { return value }
    }
  }
}
