// Compares criteria with scikit-learn (see Tests/Reference/selection/generate_criteria.py), and choices by these
// criteria with plain fits.

import FoundationEssentials
import TapLinear
import TapMetrics
import TapSelection
import TapTensors
import TestSupport
import Testing

struct SelectionCriterionTests {
  struct Number: Decodable {
    let score: Double
    let standardError: Double
  }

  struct Case: Decodable {
    let classCount: Int
    let labels: [Int]
    let predictions: [Int]
    let losses: [Double]
    let numbers: [String: Number]
  }

  @Test func numbersAreThoseOfPython() throws {
    let path = Repository.path("Tests/Reference/selection/criteria.json")
    let cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: URL(filePath: path)))
    #expect(cases.count == 6)
    for item in cases {
      for criterion in SelectionCriterion.allCases {
        let expected = try #require(item.numbers[criterion.rawValue])
        let found = Judgment(
          criterion, labels: item.labels, predictions: item.predictions, losses: item.losses,
          classCount: item.classCount)
        #expect(abs(found.score - expected.score) <= 1e-12, "\(criterion)")
        // The reference computes standard errors from differences with a step of 1e-4. Their error is about the step's
        // square.
        #expect(
          abs(found.standardError - expected.standardError) <= 1e-6, "\(criterion) \(found) \(expected)")
      }
    }
  }

  static let models: [LinearModel] = [
    .logistic(LogisticRegression(threads: 2)), .svm(LinearSVM(threads: 2)),
  ]

  /// Rare classes overlap other classes. The criteria then choose different values of C, and each choice is the best by
  /// its own criterion.
  @Test(arguments: models)
  func theBestIsBestByTheCriterion(model: LinearModel) throws {
    let (features, labels) = PatienceTests.clouds(sizes: [120, 12, 20], columns: 8, shift: 1.5, seed: 5)
    var search = RegularizationSearch(model: model, patience: nil, folds: 4, seed: 3)
    search.searchTolerance = 1e-10
    let splits = try Splits.stratifiedFolds(labels: labels, classCount: 3, folds: 4, seed: 3)
    var chosen: Set<Double> = []
    for criterion in SelectionCriterion.allCases where criterion != .logLoss || model.kind == .logistic {
      search.criterion = criterion
      search.rule = .best
      let found = try search.crossValidation(features, labels: labels, classCount: 3)
      var best = -Double.infinity
      for candidate in found.candidates {
        var fitted = model
        fitted.c = candidate.c
        var (truth, predictions, folds): ([Int], [Int], [Double]) = ([], [], [])
        var losses: [Double] = []
        for split in splits {
          let fold = try fitted.fit(features, rows: split.training, labels: labels, classCount: 3)
          let own = split.validation.map { labels[$0] }
          let guessed = try fold.predictions(features, rows: split.validation)
          if criterion == .logLoss {
            let probabilities = try fold.probabilities(features, rows: split.validation)
            losses.append(
              ClassificationMetrics.logLoss(labels: own, probabilities: probabilities, classCount: 3))
          }
          folds.append(Self.number(criterion, own, guessed) ?? losses[losses.count - 1])
          truth += own
          predictions += guessed
        }
        let mean = zip(losses, splits).reduce(0) { $0 + $1.0 * Double($1.1.validation.count) } / 152
        let score = Self.number(criterion, truth, predictions) ?? mean
        // Log losses differ because the fits end with a gap.
        #expect(abs(candidate.score - score) <= 1e-5, "\(criterion)")
        let center = folds.reduce(0, +) / 4
        let error = (folds.reduce(0) { $0 + ($1 - center) * ($1 - center) } / 3 / 4).squareRoot()
        #expect(abs(candidate.standardError - error) <= 1e-5, "\(criterion)")
        best = max(best, criterion == .logLoss ? -candidate.score : candidate.score)
      }
      #expect((criterion == .logLoss ? -found.chosen.score : found.chosen.score) >= best - 1e-12)
      #expect(found.criterion == criterion)
      chosen.insert(try #require(found.chosen.c))
      // The one-standard-error rule chooses the smallest C whose score is within one standard error of the best score.
      search.rule = .oneStandardError
      let simple = try search.crossValidation(features, labels: labels, classCount: 3).chosen
      let within = found.candidates.first {
        abs($0.score - found.chosen.score) <= found.chosen.standardError + 1e-12
      }
      #expect(simple.c == within?.c)
    }
    #expect(chosen.count > 1 || model.kind == .svm)
  }

  private static func number(_ criterion: SelectionCriterion, _ labels: [Int], _ predictions: [Int])
    -> Double?
  {
    let confusion = ConfusionMatrix(labels: labels, predictions: predictions, classCount: 3)
    return switch criterion {
    case .accuracy: confusion.accuracy.value
    case .balancedAccuracy: confusion.balancedAccuracy
    case .macroF1: confusion.macroF1
    case .logLoss: nil
    }
  }

  @Test func aValidationPartIsJudgedByTheCriterionToo() throws {
    let (features, labels) = PatienceTests.clouds(sizes: [90, 9], columns: 6, shift: 1.5, seed: 2)
    let split = try Splits.holdOut(labels: labels, classCount: 2, fraction: 0.4, seed: 1)
    var search = RegularizationSearch()
    search.criterion = .balancedAccuracy
    let found = try search.validation(features, split: split, labels: labels, classCount: 2)
    let confusion = ConfusionMatrix(
      labels: found.heldOut.map { labels[$0] }, predictions: found.predictions, classCount: 2)
    #expect(abs(found.chosen.score - confusion.balancedAccuracy) <= 1e-12)
    #expect(found.candidates.allSatisfy { $0.score <= found.chosen.score + 1e-12 })
  }

  @Test func marginsHaveNoLogLoss() throws {
    let (features, labels) = PatienceTests.clouds(sizes: [20, 20], columns: 4, shift: 1, seed: 1)
    for model in [LinearModel.svm(LinearSVM()), .nearestMean(NearestMean())] {
      var search = RegularizationSearch(model: model)
      search.criterion = .logLoss
      #expect(throws: SelectionError.noProbabilities) {
        try search.crossValidation(features, labels: labels, classCount: 2)
      }
    }
  }

  /// The usual criterion depends only on the numbers of rows of the classes.
  @Test func theUsualCriterionIsThatOfTheCounts() {
    #expect(SelectionCriterion.usual(classCounts: [30, 10, 0]) == .accuracy)
    #expect(SelectionCriterion.usual(classCounts: [31, 10, 20]) == .balancedAccuracy)
    #expect(SelectionCriterion.usual(classCounts: [5, 5]) == .accuracy)
    #expect(SelectionCriterion.usual(classCounts: [300, 5]) == .balancedAccuracy)
  }
}
