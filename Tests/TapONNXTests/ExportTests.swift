// Networks as PyTorch's two exporters write them, against ONNX Runtime: Tests/Reference/onnx/generate_exports.py. The weights are
// external data that the generator makes from the tensors' names.

import TapBackbone
import TapFileSystem
import TapFormats
import TapONNX
import TapProvenance
import TapTensors
import TestSupport
import Testing

@Suite(.serialized) struct ExportTests {
  private static let folder = "Tests/Reference/onnx/exports"
  private static let names = [
    "alexnet", "vgg11_bn", "resnet18", "squeezenet1_1", "mobilenet_v2", "mobilenet_v3_small", "densenet121",
    "efficientnet_b0", "convnext_tiny", "resnext50_32x4d", "shufflenet_v2_x1_0", "regnet_y_400mf",
    "mnasnet1_0",
    "googlenet", "inception_v3",
  ]

  /// Writes what the file expects as external data.
  private func writeWeights(of file: String, into folder: String) throws {
    let bytes = try FileSystem.read(folder + "/" + file)
    var data: [UInt8] = []
    for tensor in try ExternalTensors.listed(in: bytes) {
      var extents = tensor.extents
      while extents.count > 1, extents.last == 1 { extents.removeLast() }
      #expect(tensor.offset == data.count)
      data += ReferenceParameters.values(tensor.name, Shape(extents), gain: 1).littleEndianBytes
    }
    try AtomicWriter.replace(folder + "/\(file).bin", with: data)
  }

  @Test(arguments: names, ["torchscript", "dynamo"])
  func agreesWithONNXRuntime(name: String, exporter: String) throws {
    let file = "\(name)_\(exporter).onnx"
    let references = try FileSystem.read(Repository.path("\(Self.folder)/references.safetensors"))
    let reference = try Safetensors(references.span).floats(file, in: references.span).elements
    try withTemporaryFolder { folder in
      try AtomicWriter.replace(
        folder + "/" + file, with: FileSystem.read(Repository.path("\(Self.folder)/\(file)")))
      try writeWeights(of: file, into: folder)
      let model = try ONNXModel(path: folder + "/" + file)
      var preprocessing = Preprocessing()
      preprocessing.size = try ONNXImporter.picture(of: model).size ?? 0
      let backbone = try ONNXImporter.backbone(model, name: name, preprocessing: preprocessing)
      let plan = try backbone.plan(columns: [Column(tap: try backbone.resolve("scores"), pooling: .none)])
      let scores = plan.rows(ReferenceParameters.picture(size: preprocessing.size))
      let largest = reference.map(abs).max() ?? 0
      let error = zip(scores, reference).map { abs($0 - $1) }.max() ?? .infinity
      #expect(scores.count == reference.count && largest > 0)
      #expect(error / largest <= 2e-5, "\(file): \(error / largest)")
    }
  }
}

/// Names, shapes and places of a model's tensors that are external data, read from the protobuf itself.
private enum ExternalTensors {
  static func listed(in bytes: [UInt8]) throws -> [(name: String, extents: [Int], offset: Int)] {
    var result: [(name: String, extents: [Int], offset: Int)] = []
    // ModelProto.graph is field 7, GraphProto.initializer field 5.
    for graph in try messages(7, in: bytes[...]) {
      for tensor in try messages(5, in: graph) {
        // TensorProto: dims 1, name 8, external_data 13 of key 1 and value 2.
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
