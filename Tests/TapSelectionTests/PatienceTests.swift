// Patience ends a path of C early. The values of C that the search then skips must be no better.

import TapLinear
import TapMetrics
import TapSelection
import TapTensors
import TestSupport
import Testing

struct PatienceTests {
  /// Rows of Gaussian noise around class means. The mean of each class lies at `shift` along an axis of its own.
  static func clouds(
    sizes: [Int], columns: Int, shift: Double, noise: Double = 1, mistakes: Double = 0, seed: UInt64
  ) -> (features: MatrixView, labels: [Int]) {
    var generator = SeededGenerator(seed: seed)
    func uniform() -> Double { Double(generator.next() >> 11) / 9_007_199_254_740_992 }
    func normal() -> Double { (0..<12).reduce(-6) { sum, _ in sum + uniform() } }
    let means = sizes.indices.map { label in
      (0..<columns).map {
        sizes.count <= columns ? ($0 % sizes.count == label ? shift : 0) : shift * normal()
      }
    }
    var (elements, labels): ([Float], [Int]) = ([], [])
    for (label, size) in sizes.enumerated() {
      for row in 0..<size {
        for j in 0..<columns { elements.append(Float(means[label][j] + noise * normal())) }
        let isMistaken = row >= 2 && uniform() < mistakes
        labels.append(isMistaken ? generator.next(below: sizes.count) : label)
      }
    }
    return (MatrixView(rows: labels.count, columns: columns, elements: elements), labels)
  }

  /// Models of every loss and penalty.
  static let models: [LinearModel] =
    [MultiClass.multinomial, .oneVersusRest].flatMap { multiClass in
      [Penalty.l2, .l1, .elasticNet(l1Ratio: 0.5)].map {
        LinearModel.logistic(LogisticRegression(multiClass: multiClass, penalty: $0, threads: 2))
      }
    } + [.logistic(LogisticRegression(classWeights: .balanced, threads: 2))]
    + HingeLoss.allCases.map { .svm(LinearSVM(loss: $0, threads: 2)) }
    + [Penalty.l1, .elasticNet(l1Ratio: 0.5)].map {
      .svm(LinearSVM(loss: .squaredHinge, penalty: $0, threads: 2))
    }

  /// A rare class is separable. The first values of C all predict the majority class, and an intercept alone fits
  /// nearly every row.
  @Test(arguments: models)
  func rareClassesAreFound(model: LinearModel) throws {
    for sizes in [[294, 6], [280, 10, 10], [150, 2]] {
      let (features, labels) = Self.clouds(sizes: sizes, columns: 12, shift: 8, seed: 1)
      let found = try RegularizationSearch(model: model, folds: 2).crossValidation(
        features, labels: labels, classCount: sizes.count)
      let wrong = found.chosen.accuracy.count - found.chosen.accuracy.successes
      #expect(
        wrong <= 1, "\(sizes): \(wrong) wrong with C \(found.chosen.c ?? 0) of \(found.candidates.count)")
    }
  }

  @Test(arguments: 0..<(TestData.runsLongTests ? 200 : 20))
  func theRestOfTheGridIsNoBetter(problem: Int) throws {
    var generator = SeededGenerator(seed: 77 &+ UInt64(problem))
    func pick<T>(_ values: [T]) -> T { values[generator.next(below: values.count)] }
    let classCount = pick([2, 2, 2, 3, 4, 7, 12, 25, 60, 100])
    let largest = classCount > 12 ? pick([4, 8]) : pick([20, 60, 200, 400]) / (classCount / 2)
    let rarest = max(2, Int(Double(largest) * pick([0.005, 0.02, 0.1, 1])))
    let sizes = (0..<classCount).map { $0 == 0 ? max(2, largest) : pick([max(2, largest), rarest, rarest]) }
    let columns = pick(classCount > 12 ? [2, 5, 20] : [2, 5, 20, 60])
    let (features, labels) = Self.clouds(
      sizes: sizes, columns: columns, shift: pick([0.3, 1, 2, 4, 8]), mistakes: pick([0, 0, 0.05]),
      seed: generator.next())
    let model = Self.models[problem % Self.models.count]
    var search = RegularizationSearch(model: model, folds: pick([2, 3, 5]), seed: UInt64(problem))
    let criteria = SelectionCriterion.allCases.filter { $0 != .logLoss || model.kind == .logistic }
    for criterion in [.accuracy, criteria[1 + problem % (criteria.count - 1)]] {
      search.criterion = criterion
      search.patience = 4
      let found = try search.crossValidation(features, labels: labels, classCount: classCount)
      search.patience = nil
      let full = try search.crossValidation(features, labels: labels, classCount: classCount)
      #expect(found.candidates == Array(full.candidates.prefix(found.candidates.count)))
      #expect(criterion == .logLoss || !full.chosen.hasBetterScore(than: found.chosen), "\(criterion)")
      if let loss = found.chosen.logLoss, let least = full.chosen.logLoss {
        #expect(loss <= least + 0.01, "\(criterion)")
      }
    }
  }
}
