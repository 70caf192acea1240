// The extension `thresholds` of the model file.

import TapClassifier
import TapFormats
import TapMetrics
import TapSettings
import TestSupport
import Testing

@Suite struct ThresholdFileTests {
  private static func threshold(_ goal: ThresholdGoal) throws -> ProbabilityThreshold {
    let confidences = (0..<40).map { 0.99 - 0.02 * Double($0) }
    let found = ProbabilityThreshold(goal, confidences: confidences, isRight: (0..<40).map { $0 % 7 != 3 })
    return try #require(found)
  }

  private static let goals: [ThresholdGoal] = [.precision(0.85), .coverage(0.9), .errorCost(12.5), .errorCost(1)]

  @Test(arguments: goals) func theFileKeepsIt(goal: ThresholdGoal) throws {
    let plain = ClassifierFixtures.classifier()
    let classifier = plain.with(threshold: try Self.threshold(goal))
    let bytes = classifier.encoded
    let read = try Classifier(bytes, path: "m")
    #expect(read == classifier && read.threshold?.goal == goal && read.encoded == bytes && read != plain)
    let file = try Safetensors(bytes.span)
    #expect(file.metadata["extensions"] == #"{"thresholds":{"required":false,"revision":1,"since":"0.3.0"}}"#)
    #expect(try Classifier(plain.encoded, path: "m").threshold == nil)
    let (words, vector): ([String: String], [Float]) = (file.metadata, [1, 0, 2, 0, 3, 0])
    #expect(words["thresholds"]?.contains(#""tenths":[{"correct":"#) == true)
    #expect(read.scores(vector.span) == plain.scores(vector.span))
  }

  @Test func bothExtensionsStayTogether() throws {
    let novelty = NoveltyScore(
      dimensions: 6, means: [1, 0, 0, 0, 0, 0], percentiles: [Float](repeating: 1, count: 101))
    let threshold = try Self.threshold(.coverage(0.5))
    let first = ClassifierFixtures.classifier().with(threshold: threshold).with(novelty: novelty)
    let second = ClassifierFixtures.classifier().with(novelty: novelty).with(threshold: threshold)
    #expect(first == second && first.novelty == novelty && first.threshold == threshold)
    #expect(try Classifier(first.encoded, path: "m") == first)
    #expect(first.with(threshold: nil) == ClassifierFixtures.classifier().with(novelty: novelty))
  }

  /// The problem that the reader finds in a file with a changed extension.
  private func problem(_ change: (inout [String: String]) throws -> Void) throws -> String {
    let bytes = ClassifierFixtures.classifier().with(threshold: try Self.threshold(.precision(0.85))).encoded
    let file = try Safetensors(bytes.span)
    var metadata = file.metadata
    try change(&metadata)
    let tensors = try file.entries.keys.map { name in
      let (shape, elements) = try file.floats(name, in: bytes.span)
      return Safetensors.Tensor(name: name, shape: shape, elements: elements)
    }
    do {
      let read = try Classifier(Safetensors.encode(tensors, metadata: metadata), path: "m")
      return read.threshold == nil ? "none" : ""
    } catch { return "\(error)" }
  }

  @Test func damagedThresholdsAreRefused() throws {
    #expect(try problem { _ in } == "")
    let part = #"{"correct":1,"leastProbability":0.5,"of":2}"#
    let tenths = "[" + [String](repeating: part, count: 10).joined(separator: ",") + "]"
    func text(_ goal: String, _ wanted: String, _ chosen: String, _ tenths: String) -> String {
      #"{"goal":"\#(goal)","wanted":\#(wanted),"chosen":\#(chosen),"tenths":\#(tenths)}"#
    }
    #expect(try problem { $0["thresholds"] = text("coverage", "0.5", part, tenths) } == "")
    for wrong in [
      "[", "[]", "{}", text("recall", "0.5", part, tenths), text("coverage", "1.5", part, tenths),
      text("precision", "-1", part, tenths), text("error-cost", "0.5", part, tenths),
      text("coverage", #""0.5""#, part, tenths), text("coverage", "0.5", part, "[\(part)]"),
      text("coverage", "0.5", "[]", tenths), text("coverage", "0.5", part, "[1,2,3,4,5,6,7,8,9,10]"),
      text("coverage", "0.5", #"{"correct":3,"leastProbability":0.5,"of":2}"#, tenths),
      text("coverage", "0.5", #"{"correct":-1,"leastProbability":0.5,"of":2}"#, tenths),
      text("coverage", "0.5", #"{"correct":0,"leastProbability":0.5,"of":0}"#, tenths),
      text("coverage", "0.5", #"{"correct":0,"leastProbability":0.5,"of":3}"#, tenths),
      text("coverage", "0.5", #"{"correct":0,"leastProbability":1.5,"of":2}"#, tenths),
      text("coverage", "0.5", #"{"correct":0,"of":2}"#, tenths),
    ] {
      #expect(try problem { $0["thresholds"] = wrong }.contains("metadata 'thresholds'"), "\(wrong)")
    }
    #expect(try problem { $0["thresholds"] = nil }.contains("the metadata lack 'thresholds'"))
    // A later revision may mean anything, and need not be read.
    let later = try problem {
      $0["extensions"] = #"{"thresholds":{"required":false,"revision":2,"since":"0.9.0"}}"#
      $0["thresholds"] = "?"
    }
    #expect(later == "none")
    // A model of margins has no probabilities to compare.
    let bytes = ClassifierFixtures.classifier(summary: ClassifierFixtures.summary(TrainingSettings(.svm()))).encoded
    let svm = try Safetensors(bytes.span).metadata
    let margins = try problem { metadata in metadata.merge(svm) { $1 } }
    #expect(margins.contains("gives no probabilities"), "\(margins)")
  }
}
