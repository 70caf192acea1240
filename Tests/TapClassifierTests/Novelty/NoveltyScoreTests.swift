// The measure of novelty: its formula, and the extension of the model file that keeps it.

import TapClassifier
import TapFormats
import TestSupport
import Testing

@Suite struct NoveltyScoreTests {
  private let percentiles = (0...100).map { Float($0) / 10 }

  /// A measure for the rows of ``ClassifierFixtures``, which have six features.
  private func score() -> NoveltyScore {
    NoveltyScore(
      dimensions: 6, means: [0.6, 0, 0.5, 0.8, 0, 0, 0, 0, 0, 1, 0, 0.25], percentiles: percentiles)
  }

  @Test func theDistanceIsTheFormula() {
    // The normalized row is (0.6, 0, 0, 0.8, 0, 0). Its squared distances are 0.25 and 0.36 + 0.04 + 0.0625.
    let row: [Float] = [3, 0, 0, 4, 0, 0]
    #expect(abs(score().distance(row.span) - 0.25) < 1e-7)
    let other: [Float] = [0, 0, 0, 2, 0, 0]
    #expect(abs(score().distance(other.span) - 0.0625) < 1e-7)
    let nothing: [Float] = [0, 0, 0, 0, 0, 0]
    #expect(abs(score().distance(nothing.span) - 1.0625) < 1e-7)
    // A NaN is unlike everything.
    let notANumber: [Float] = [.nan, 0, 0, 8, 0, 0]
    let broken = score().distance(notANumber.span)
    #expect(broken.isNaN && score().isUnlike(broken))
  }

  @Test func percentilesCountSmallerDistances() {
    #expect(score().percentile(of: -1) == 0)
    #expect(score().percentile(of: 4.95) == 0.5)
    #expect(score().percentile(of: 100) == 1)
    #expect(!score().isUnlike(9.89) && score().isUnlike(9.91))
  }

  private func classifier() -> Classifier { ClassifierFixtures.classifier().with(novelty: score()) }

  @Test func theFileKeepsIt() throws {
    let bytes = classifier().encoded
    let read = try Classifier(bytes, path: "m")
    #expect(read == classifier() && read.novelty == score())
    #expect(read.encoded == bytes)
    let file = try Safetensors(bytes.span)
    #expect(
      file.metadata["extensions"] == #"{"novelty":{"required":false,"revision":1,"since":"0.2.0"}}"#)
    // Without the measure, the file is the file of the classifier alone.
    #expect(ClassifierFixtures.classifier().encoded.count < bytes.count)
    #expect(try Classifier(ClassifierFixtures.classifier().encoded, path: "m").novelty == nil)
  }

  /// The problem that the reader finds in a changed file.
  private func problem(
    metadata change: (inout [String: String]) -> Void = { _ in }, replacing tensor: Safetensors.Tensor? = nil
  ) throws -> String {
    let bytes = classifier().encoded
    let file = try Safetensors(bytes.span)
    var metadata = file.metadata
    change(&metadata)
    let tensors = try file.entries.keys.filter { $0 != tensor?.name }.map { name in
      let (shape, elements) = try file.floats(name, in: bytes.span)
      return Safetensors.Tensor(name: name, shape: shape, elements: elements)
    }
    do {
      let read = try Classifier(
        Safetensors.encode(tensors + [tensor].compactMap(\.self), metadata: metadata), path: "m")
      return read.novelty == nil ? "none" : ""
    } catch { return "\(error)" }
  }

  @Test func damagedMeasuresAreRefused() throws {
    func tensor(_ part: String, _ shape: [Int]) -> Safetensors.Tensor {
      Safetensors.Tensor(
        name: "novelty." + part, shape: shape, elements: [Float](repeating: 1, count: shape.reduce(1, *)))
    }
    #expect(try problem().isEmpty)
    for (part, shape) in [
      ("means", [2, 5]), ("means", [12]), ("means", [0, 6]), ("percentiles", [100]), ("percentiles", [1, 101]),
    ] {
      #expect(try problem(replacing: tensor(part, shape)).contains("'novelty.\(part)'"), "\(part) \(shape)")
    }
    let falling = Safetensors.Tensor(
      name: "novelty.percentiles", shape: [101], elements: percentiles.reversed())
    #expect(try problem(replacing: falling).contains("decrease"))
    let infinite = Safetensors.Tensor(name: "novelty.means", shape: [1, 6], elements: [.infinity, 0, 0, 0, 0, 0])
    #expect(try problem(replacing: infinite).contains("element 0 of tensor 'novelty.means'"))
    for text in ["{}", #"{"measure":"nearest"}"#, "[", "[]", #"{"measure":1}"#] {
      #expect(try problem(metadata: { $0["novelty"] = text }).contains("metadata 'novelty'"), "\(text)")
    }
    // A later revision may mean anything, and need not be read.
    let later = try problem(metadata: {
      $0["extensions"] = #"{"novelty":{"required":false,"revision":2,"since":"0.9.0"}}"#
      $0["novelty"] = "?"
    })
    #expect(later == "none")
  }
}
