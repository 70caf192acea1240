// Compares EfficientNet-Lite0 with PyTorch's output for ten photographs (Tests/Reference/lite0).

import TapArchitectures
import TapBackbone
import TapCheckpoints
import TapFileSystem
import TapFormats
import TapImages
import TapKernels
import TapProvenance
import TestSupport
import Testing

@Suite struct EfficientNetLiteParityTests {
  /// Limits of the normalized error, which is a tap's largest difference divided by the tap's largest value.
  static let fromTheSameTensor = 1e-5
  static let fromTheFile = 1e-4

  @Test(.needs(.lite0)) func everyTapAgreesWithPyTorch() throws {
    let reference = try Lite0Reference()
    let rank4 = reference.taps.filter { $0.shape.count == 3 }
    var columns = rank4.flatMap { tap in
      [Column(tap: tap.name, pooling: .flatten), Column(tap: tap.name, pooling: .avg)]
    }
    columns += [Column(tap: "avgpool", pooling: .none), Column(tap: "logits", pooling: .none)]
    let plan = try reference.backbone.plan(columns: columns)
    for (index, photo) in reference.photos.enumerated() {
      let image = try reference.pixels(photo)
      let row = plan.rows(image.map { (Float($0) - 127) / 128 })
      var offset = 0
      for (column, count) in zip(plan.columns, plan.dimensions) {
        let tap = try #require(reference.taps.first { $0.name == column.tap })
        let found = row[offset..<(offset + count)]
        let error = reference.largestDifference(tap, column.pooling, photo: index, found) / tap.maxima[index]
        #expect(error <= Self.fromTheSameTensor, "\(photo.file), \(column.name)")
        offset += count
      }
    }
  }

  @Test(.needs(.lite0)) func fromTheFileTheFeaturesAndTheClassAgree() throws {
    let reference = try Lite0Reference()
    let backbone = reference.backbone
    let columns = try backbone.columns(layers: ["head", "avgpool", "logits"], poolings: [.avg])
    let plan = try backbone.plan(columns: columns)
    let preprocessor = ImagePreprocessor(backbone.preprocessing)
    for (index, photo) in reference.photos.enumerated() {
      let image = try ImageDecoder.decode(try FileSystem.read(Repository.path("data/photos/\(photo.file)")))
      var input = [Float](repeating: 0, count: plan.inputCount)
      var span = input.mutableSpan
      try preprocessor.apply(image, into: &span)
      let row = plan.rows(input)
      for (tap, range) in [("avgpool", 0..<1280), ("avgpool", 1280..<2560), ("logits", 2560..<3560)] {
        let tap = try #require(reference.taps.first { $0.name == tap })
        let error = reference.largestDifference(tap, .none, photo: index, row[range]) / tap.maxima[index]
        #expect(error <= Self.fromTheFile, "\(photo.file), \(tap.name)")
      }
      let logits = row[2560...]
      #expect(logits.firstIndex(of: logits.max()!)! - 2560 == photo.top1, "\(photo.file)")
    }
  }
}

/// The committed reference. Its generator describes each file.
private struct Lite0Reference {
  struct Photo {
    let file: String
    let pixels: String
    let top1: Int
  }

  struct Tap {
    let name: String
    let shape: [Int]
    let maxima: [Double]
    /// The tap's first column in the means, and the tap's index among the sampled taps.
    let meansColumn: Int
    let index: Int
  }

  let backbone: Backbone
  let photos: [Photo]
  let taps: [Tap]
  private let positions: [Int]
  private let samples: [Float]
  private let means: (width: Int, elements: [Float])
  private let vectors: [String: (width: Int, elements: [Float])]

  init() throws {
    let path = try Weights.lite0Path()
    backbone = try Architectures.build("efficientnet_lite0", weights: try Checkpoint.load(path))
    func file(_ name: String) throws -> [UInt8] {
      try FileSystem.read(Repository.path("Tests/Reference/lite0/\(name)"))
    }
    func matrix(_ name: String) throws -> (width: Int, elements: [Float]) {
      let (shape, elements) = try NPY.readFloats(file(name))
      return (shape[1], elements)
    }
    let index = try JSONValue.parse(file("index.json"))
    photos = try #require(index["photos"]?.arrayValue).map { photo in
      Photo(
        file: try #require(photo["file"]?.stringValue), pixels: try #require(photo["pixels"]?.stringValue),
        top1: try #require(photo["top1"]?.intValue))
    }
    taps = try #require(index["taps"]?.arrayValue).enumerated().map { position, tap in
      Tap(
        name: try #require(tap["name"]?.stringValue),
        shape: try #require(tap["shape"]?.arrayValue).compactMap(\.intValue),
        maxima: try #require(tap["maxima"]?.arrayValue).compactMap(\.doubleValue),
        meansColumn: tap["meansColumn"]?.intValue ?? 0, index: position)
    }
    positions = try NPY.readInts(file("positions.npy")).elements
    samples = try NPY.readFloats(file("samples.npy")).elements
    means = try matrix("means.npy")
    vectors = ["avgpool": try matrix("avgpool.npy"), "logits": try matrix("logits.npy")]
  }

  /// The 224 x 224 pixels from which the reference was computed.
  func pixels(_ photo: Photo) throws -> [UInt8] {
    let path = Repository.path("Tests/Reference/lite0/\(photo.pixels)")
    return try ImageDecoder.decode(try FileSystem.read(path)).pixels
  }

  /// The largest difference between `found` and the reference. For `flatten`, only the sampled positions are compared.
  func largestDifference(_ tap: Tap, _ pooling: Pooling, photo: Int, _ found: ArraySlice<Float>) -> Double {
    func difference(_ value: Float, _ expected: Float) -> Double {
      let difference = abs(Double(value) - Double(expected))
      // `max()` would ignore a NaN.
      return difference.isFinite ? difference : .infinity
    }
    switch pooling {
    case .flatten:
      let count = 256
      let sampledTaps = samples.count / photos.count / count
      return (0..<count).map { sample in
        let position = (tap.index * count + sample) * 3
        let (channel, row, column) = (positions[position], positions[position + 1], positions[position + 2])
        let flat = (channel * tap.shape[1] + row) * tap.shape[2] + column
        return difference(
          found[found.startIndex + flat], samples[(photo * sampledTaps + tap.index) * count + sample])
      }.max() ?? .infinity
    case .avg:
      return found.indices.map { index in
        let column = tap.meansColumn + index - found.startIndex
        return difference(found[index], means.elements[photo * means.width + column])
      }.max() ?? .infinity
    default:
      guard let vector = vectors[tap.name] else { return .infinity }
      return found.indices.map { index in
        difference(found[index], vector.elements[photo * vector.width + index - found.startIndex])
      }.max() ?? .infinity
    }
  }
}
