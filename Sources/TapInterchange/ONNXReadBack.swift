// Reads an exported file with the program's own importer and compares what it computes with the model.

import TapBackbone
import TapClassifier
import TapExtraction
import TapImages
import TapONNX
import TapProvenance
import TapTensors

/// The comparison of an exported file with its model, on generated images.
public struct ONNXReadBack: Hashable, Sendable {
  /// Whether all features have the same bits.
  public let hasSameBits: Bool
  /// The largest difference of a feature, divided by the largest feature of its column.
  public let featureDifference: Double
  /// The largest difference of a score, divided by the largest score; nil without a classifier.
  public let scoreDifference: Double?

  /// The largest difference that is allowed: twice the distance that the best engines keep from exact arithmetic.
  static let tolerance = 2e-5

  init(of export: ONNXExport, at path: String) throws(ExportError) {
    let backbone = export.backbone
    var file: Backbone
    do throws(ONNXError) {
      let model = try ONNXModel(path: path)
      do throws(ONNXError.Reason) {
        file = try ONNXImporter.backbone(
          model, name: backbone.name, preprocessing: Self.preprocessing(backbone.preprocessing, export.input))
      } catch { throw ONNXError(path: path, reason: error) }
    } catch { throw .unreadable(error) }
    file.algorithms = backbone.algorithms
    let outputs = export.columns.map(ONNXExport.outputName)
    let wanted = outputs + (export.classifier == nil ? [] : [HeadTranslation.scores])
    let theirs: any RowComputation
    let ours: any RowComputation
    var lengths: [Int] = []
    do throws(BackboneError) {
      let columns = try wanted.map { name throws(BackboneError) in Column(tap: try file.resolve(name), pooling: .none) }
      theirs = try BackboneRows(file).computation(of: columns)
      ours = try BackboneRows(backbone).computation(of: export.columns)
      for column in export.columns { lengths.append(try backbone.dimensions(of: column)) }
    } catch { throw .backbone(error) }
    var (isSame, features, scores) = (true, 0.0, 0.0)
    for image in [GoldenImage.image, Self.otherImage] {
      let (mine, other) = (try Self.row(ours, image), try Self.row(theirs, image))
      var start = 0
      for length in lengths {
        let (a, b) = (mine[start..<start + length], other[start..<start + length])
        isSame = isSame && zip(a, b).allSatisfy { $0.bitPattern == $1.bitPattern }
        features = max(features, Self.difference(a.map(Double.init), b.map(Double.init)))
        start += length
      }
      if let classifier = export.classifier {
        scores = max(scores, Self.difference(classifier.scores(mine.span), other[start...].map(Double.init)))
      }
    }
    hasSameBits = isSame
    featureDifference = features
    scoreDifference = export.classifier == nil ? nil : scores
    // A NaN fails these comparisons.
    for (part, difference) in [("features", features), ("scores", scores)] {
      guard difference <= Self.tolerance else {
        throw .differs(part: part, difference: difference, allowed: Self.tolerance)
      }
    }
  }

  /// The preprocessing that gives the file its input.
  private static func preprocessing(_ given: Preprocessing, _ input: ONNXExport.Input) -> Preprocessing {
    guard input == .pixels else { return given }
    var result = given
    (result.scale, result.mean, result.standardDeviation) = (1, [0, 0, 0], [1, 1, 1])
    result.channels = .rgb
    return result
  }

  /// The golden image, mirrored at its diagonal and inverted.
  private static let otherImage: RGBImage = {
    let image = GoldenImage.image
    var pixels: [UInt8] = []
    for y in 0..<image.height {
      for x in 0..<image.width {
        for channel in 0..<3 { pixels.append(255 - image.pixels[3 * (x * image.width + y) + channel]) }
      }
    }
    return RGBImage(width: image.width, height: image.height, pixels: pixels)
  }()

  private static func row(_ computation: any RowComputation, _ image: RGBImage) throws(ExportError) -> [Float] {
    let worker = computation.makeWorker(threads: 1)
    do { try worker.load(image, slot: 0) } catch { throw .image(error) }
    var row = [Float](repeating: 0, count: computation.rowLength)
    var span = row.mutableSpan
    worker.run(count: 1, into: &span)
    return row
  }

  /// The largest difference, divided by the largest value; 0 for zeros, and NaN if a value is NaN.
  private static func difference(_ expected: [Double], _ found: [Double]) -> Double {
    let largest = expected.map(abs).max() ?? 0
    var worst = 0.0
    for (a, b) in zip(expected, found) {
      let difference = abs(a - b)
      if !(difference <= worst) { worst = difference }
      if worst.isNaN { return .nan }
    }
    return worst == 0 ? 0 : worst / largest
  }
}
