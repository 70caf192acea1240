// Thresholds that held-out images choose: their promise for new images, and the same choice by other means.

import Glibc
import TapClassifier
import TapFormats
import TapLinear
import TapMetrics
import TapSelection
import TapSettings
import TapTensors
import TapTraining
import TestSupport
import Testing

@Suite struct ThresholdFitTests {
  /// Rows of five overlapping classes in 30 columns.
  private static func data(
    _ count: Int, seed: UInt64, groups: Int? = nil, alone: Int? = nil
  ) -> LabeledFeatures {
    var numbers = XorShift(seed: seed)
    let columns = 30
    let centers = (0..<5).map { _ in (0..<columns).map { _ in 0.55 * numbers.normal() } }
    var elements: [Float] = []
    for row in 0..<count {
      for center in centers[row % 5] { elements.append(Float(center + numbers.normal())) }
    }
    return LabeledFeatures(
      candidates: [.init(column: nil, features: MatrixView(rows: count, columns: columns, elements: elements))],
      images: (0..<count).map { row in
        .init(path: "\(row)", label: row == alone ? "alone" : "class \(row % 5)", group: groups.map { "\(row % $0)" })
      },
      hashes: (0..<count).map { "\($0)" }, identity: nil, extraction: nil, backbone: nil)
  }

  private static func trainer(_ change: (inout TrainingSettings) -> Void = { _ in }) -> Trainer {
    var settings = TrainingSettings(c: 0.05)
    change(&settings)
    return Trainer(settings, threads: 2)
  }

  /// The mean coverage of new images over 20 splits is within two points of the promised coverage.
  @Test(arguments: [0.95, 0.8, 0.5]) func newImagesHaveThePromisedCoverage(wanted: Double) throws {
    let data = Self.data(1200, seed: 21)
    var (coverages, precisions): ([Double], [Double]) = ([], [])
    for seed in 0..<20 {
      let partition = try Partition(data.images, testFraction: 0.4, seed: UInt64(seed))
      let trainer = Self.trainer { $0.seed = UInt64(seed) }
      let trained = try trainer.train(data, partition)
      let classifier = try trained.classifier()
      let fit = try ThresholdFit(.coverage(wanted), trainer, trained, classifier, data)
      let threshold = try #require(fit.threshold)
      // While it was chosen, the coverage was reached exactly, because no probabilities are equal.
      #expect(threshold.images == 720 && threshold.chosen.count == Int((wanted * 720).rounded()))
      let test = try Evaluation(
        classifier, on: data, features: data.candidates[0].features, indices: partition.test)
      // The largest softmax of the scores, by hand.
      var (accepted, right) = (0, 0)
      for place in test.items.indices {
        let scores = test.scores[place * 5..<place * 5 + 5]
        let largest = scores.max() ?? 0
        let probability = 1 / scores.reduce(0) { $0 + exp($1 - largest) }
        guard probability >= threshold.leastProbability else { continue }
        accepted += 1
        if test.predictions[place] == test.labels[place] { right += 1 }
      }
      coverages.append(Double(accepted) / Double(test.items.count))
      precisions.append(Double(right) / Double(accepted) - threshold.chosen.accuracy.value)
    }
    let mean = coverages.reduce(0, +) / 20
    #expect(abs(mean - wanted) < 0.02, "\(mean)")
    // So is the precision that was estimated beside it.
    let difference = precisions.reduce(0, +) / 20
    #expect(abs(difference) < 0.02, "\(difference)")
  }

  /// The threshold follows from separate fits without the rows of each fold.
  @Test func separateFitsChooseTheSame() throws {
    let data = Self.data(300, seed: 5)
    let features = data.candidates[0].features
    let labels = (0..<300).map { $0 % 5 }
    let trainer = Self.trainer { $0.seed = 3 }
    let trained = try trainer.train(data, Partition(data.images))
    let fit = try ThresholdFit(.precision(0.8), trainer, trained, trained.classifier(), data)
    let threshold = try #require(fit.threshold)
    var surest: [(probability: Double, isRight: Bool)] = []
    for split in try Splits.stratifiedFolds(labels: labels, classCount: 5, folds: 20, seed: 3) {
      let model = try LogisticRegression(c: 0.05).fit(
        features, rows: split.training, labels: labels, classCount: 5)
      let scores = try model.scores(features, rows: split.validation)
      for (place, row) in split.validation.enumerated() {
        let own = Array(scores[place * 5..<place * 5 + 5])
        let largest = own.max() ?? 0
        surest.append(
          (1 / own.reduce(0) { $0 + exp($1 - largest) }, own.firstIndex(of: largest) == labels[row]))
      }
    }
    surest.sort { $0.probability > $1.probability }
    let right = surest.indices.map { last in surest[...last].count { $0.isRight } }
    let last = surest.indices.last { place in Double(right[place]) / Double(place + 1) >= 0.8 }
    let count = try #require(last) + 1
    #expect(threshold.chosen.count == count && threshold.chosen.correct == right[count - 1])
    #expect(abs(threshold.leastProbability - surest[count - 1].probability) < 1e-6)
    #expect(fit.accuracy == threshold.chosen.accuracy)
  }

  @Test func groupsWidenTheInterval() throws {
    let data = Self.data(300, seed: 5, groups: 30)
    let trained = try Self.trainer().train(data, Partition(data.images))
    let fit = try ThresholdFit(.coverage(0.7), Self.trainer(), trained, trained.classifier(), data)
    #expect(fit.accuracy?.resampled?.groups == 30)
  }

  /// A model that is fitted to the validation images too has folds of all images. Otherwise the validation images
  /// choose.
  @Test func aValidationPartIsUsed() throws {
    let data = Self.data(300, seed: 5)
    let partition = try Partition(data.images, validationFraction: 0.3, seed: 1)
    for (refits, images) in [(true, 300), (false, 90)] {
      let trainer = Self.trainer { $0.refits = refits }
      let trained = try trainer.train(data, partition)
      let fit = try ThresholdFit(.coverage(0.7), trainer, trained, trained.classifier(), data)
      #expect(fit.threshold?.images == images && fit.threshold?.chosen.count == images * 7 / 10)
    }
  }

  @Test func withoutAThresholdThereIsAReason() throws {
    let data = Self.data(60, seed: 5, alone: 7)
    let trained = try Self.trainer().train(data, Partition(data.images))
    let none = try ThresholdFit(.coverage(0.7), Self.trainer(), trained, trained.classifier(), data)
    #expect(none.threshold == nil && none.problem == "class 'alone' has 1 training image, and 2 are needed")
    let plain = Self.data(60, seed: 5)
    let svm = Self.trainer { $0.model = .svm() }
    let margins = try svm.train(plain, Partition(plain.images))
    let unsure = try ThresholdFit(.coverage(0.7), svm, margins, margins.classifier(), plain)
    #expect(unsure.threshold == nil && unsure.problem == "it gives no probabilities")
  }
}
