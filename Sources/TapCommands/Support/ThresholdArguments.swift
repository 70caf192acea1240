// The options of `train` that choose a threshold, below which an image gets no class.

import LayerTap
import TapReports

/// The threshold that a training chooses.
struct ThresholdArguments {
  static let precision = share(
    "precision", "the share p of the images that get a class is right")

  static let coverage = share(
    "coverage", "the share p of the images gets a class")

  static let errorCost = Parameter<Double?>.optional(
    "error-cost", .cost, valueName: "cost", range: "1 up", topic: .output,
    help: "Choose the threshold of --precision by costs: a wrong class costs so much, and an image without a class 1.")

  static let declarations = [precision.declaration, coverage.declaration, errorCost.declaration]

  private static func share(_ name: String, _ goal: String) -> Parameter<Double?> {
    Parameter<Double?>.optional(
      name, .share, valueName: "p", range: "0 to 1", defaultText: "every image gets a class", topic: .output,
      help: """
        Also choose a smallest probability, so that \(goal), and keep it in the model: 'predict' gives no class to an image \
        below it. Images that 20 folds held out choose it.
        """)
  }

  private let goal: ThresholdGoal

  /// Returns nil if no threshold is wanted.
  ///
  /// - Throws: ``UsageError`` for several goals, and for a model without probabilities.
  init?(_ arguments: ParsedArguments, _ settings: TrainingSettings) throws(UsageError) {
    let goals: [(name: String, goal: ThresholdGoal?)] = [
      ("--precision", arguments[Self.precision].map { .precision($0) }),
      ("--coverage", arguments[Self.coverage].map { .coverage($0) }),
      ("--error-cost", arguments[Self.errorCost].map { .errorCost($0) }),
    ]
    let given = goals.filter { $0.goal != nil }
    guard let first = given.first, let goal = first.goal else { return nil }
    guard given.count == 1 else {
      throw .contradiction("'\(first.name)' and '\(given[1].name)' both choose the threshold: give one of them")
    }
    guard settings.model.kind == .logistic || settings.calibration != .none else {
      throw .contradiction("'\(first.name)' needs probabilities: a logistic regression, or --calibrate")
    }
    self.goal = goal
  }

  /// The classifier with the threshold. The threshold and its results are printed.
  func applied(
    to classifier: Classifier, _ trainer: Trainer, _ trained: TrainedModel, _ data: LabeledFeatures,
    _ console: Console
  ) throws -> Classifier {
    let fit = try ThresholdFit(goal, trainer, trained, classifier, data)
    guard let threshold = fit.threshold, let accuracy = fit.accuracy else {
      try console.warn("The model gets no threshold: \(fit.problem ?? "").")
      return classifier
    }
    console.print("threshold    \(threshold.text(accuracy))")
    console.print("coverage     \(threshold.coverageText)")
    return classifier.with(threshold: threshold)
  }
}

extension ValueType where Value == Double {
  /// The cost of an error.
  fileprivate static var cost: ValueType {
    ValueType(
      expectation: "a number of at least 1", choices: [],
      parse: { Double($0).flatMap { $0 >= 1 && $0.isFinite ? $0 : nil } }, show: { "\($0)" })
  }
}
