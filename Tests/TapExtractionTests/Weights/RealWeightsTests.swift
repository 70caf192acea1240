// Published weights of every format are loaded by path alone and compared with PyTorch and ONNX Runtime:
// Tests/Reference/backbones/generate.py.

import TapArchitectures
import TapBackbone
import TapClassifier
import TapFileSystem
import TapFormats
import TapImages
import TapProvenance
import TestSupport
import Testing

@Suite(.serialized) struct RealWeightsTests {
  private static let files = [
    "squeezenet1_1_zip.pth", "squeezenet1_1_legacy.pth", "resnet20-12fca82f.th", "mobilenetv2_tf.safetensors",
    "SqueezeNet_fp16.onnx",
  ]

  @Test(.needs(.data(files.map { "weights/" + $0 }), .data("images")), arguments: files)
  func twoHundredPhotographsGetTheSameClass(file: String) throws {
    let weights = try TestData.path("weights/\(file)")
    let images = try TestData.path("images")
    let backbone = try Backbone.load(weights)
    let count = try backbone.dimensions(of: Column(tap: backbone.resolve("logits"), pooling: .none))
    let classifier = try BackboneClassifier(backbone, classNames: PretrainedClassNames.of(backbone, count: count))
    let paths = try Self.paths()
    let expected = try #require(
      try JSONValue.parse(FileSystem.read(Repository.path("Tests/Reference/backbones/top1.json")))[file]?
        .arrayValue)
    #expect(paths.count == 200 && expected.count == 200)
    var scorer = ImageAnswerer(classifier, threads: 1)
    for (path, index) in zip(paths, expected) {
      let scores = try scorer.answer(.file("\(images)/\(path)"))
      #expect(classifier.ranking(scores: scores)[0].index == index.intValue, "\(file): \(path)")
    }
  }

  /// In the ONNX file, the last convolution gives scores at each position. Their mean over the image is compared.
  @Test(.needs(.data(files.map { "weights/" + $0 }), .data("images")), arguments: files)
  func featuresAreThoseOfTheReference(file: String) throws {
    let weights = try TestData.path("weights/\(file)")
    let images = try TestData.path("images")
    let backbone = try Backbone.load(weights)
    let bytes = try FileSystem.read(Repository.path("Tests/Reference/backbones/references.safetensors"))
    let reference = try Safetensors(bytes.span).floats(file, in: bytes.span)
    let plan = try backbone.plan(
      columns: [
        Column(
          tap: try backbone.resolve(file.hasSuffix(".onnx") ? "avgpool" : "penultimate"), pooling: .flatten)
      ])
    let preprocessor = ImagePreprocessor(backbone.preprocessing)
    let (rows, dimensions) = (reference.shape[0], reference.shape[1])
    #expect(rows == 10 && plan.rowLength == dimensions)
    let largest = reference.elements.map(abs).max() ?? 0
    for (row, path) in try Self.paths().prefix(rows).enumerated() {
      let image = try ImageDecoder.decode(try FileSystem.read("\(images)/\(path)"))
      var input = [Float](repeating: 0, count: plan.inputCount)
      var span = input.mutableSpan
      try preprocessor.apply(image, into: &span)
      let found = plan.rows(input)
      let error = largestDifference(found, reference.elements[row * dimensions..<(row + 1) * dimensions])
      #expect(error <= 1e-4 * largest, "\(file): \(path), \(error / largest)")
    }
  }

  /// Three pairs of an input and its scores before softmax were published with the weights.
  ///
  /// The largest scores are 270 to 296, and the last place of a float32 of this size is 3e-5. LayerTap differs by
  /// 1.37e-4, 1.22e-4 and 1.22e-4. PyTorch in float32 differs by 1.22e-4, 1.22e-4 and 1.37e-4. PyTorch in float64
  /// differs by 1.08e-4, which is the rounding of the published values.
  @Test(
    .needs(.data(files.prefix(2).map { "weights/" + $0 }), .data("reference/squeezenet1_1")),
    arguments: files.prefix(2))
  func publishedPairsAreReproduced(file: String) throws {
    let weights = try TestData.path("weights/\(file)")
    let folder = try TestData.path("reference/squeezenet1_1")
    let backbone = try Backbone.load(weights)
    let plan = try backbone.plan(columns: [Column(tap: try backbone.resolve("logits"), pooling: .none)])
    for pair in 0..<3 {
      let input = try NPY.readFloats(FileSystem.read("\(folder)/\(pair)/input_0.npy")).elements
      let output = try NPY.readFloats(FileSystem.read("\(folder)/\(pair)/output_0.npy")).elements
      let pixels = 224 * 224
      let image = (0..<pixels).flatMap { pixel in (0..<3).map { input[$0 * pixels + pixel] } }
      let scores = plan.rows(image)
      #expect(input.count == 3 * pixels && output.count == 1000)
      let error = largestDifference(scores, output)
      #expect(error <= 1.5e-4, "\(file), pair \(pair): \(error)")
    }
  }

  private static func paths() throws -> [String] {
    let list = try JSONValue.parse(FileSystem.read(Repository.path("Tests/Reference/classify/classify.json")))
    return list.arrayValue?.compactMap { $0["path"]?.stringValue } ?? []
  }
}
